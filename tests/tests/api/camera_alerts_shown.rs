//! What is shown of camera alerts: the list cut and paged, a plate to the police with a reason, and what screens hear of an alert and its
//! steps.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera_alert::{CameraAlertList, CameraAlertPlate},
    layer::LayerOn,
};
use tests::{
    app::{TestApp, summary},
    device::{TestDevice, an_alert},
    handling::{card, done, step, take},
    screen::Screen,
    small_ward::CANARY,
    tile_reader,
};
use tokio::time::timeout;

const REASON: &str = "Xác minh xe theo đơn số 12";

#[tokio::test]
async fn the_list_is_cut_and_paged_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    // Several of the same moment: the id decides among them.
    let at = chrono::Utc::now() - chrono::TimeDelta::minutes(30);
    let alerts = (0..25).map(|n| {
        let mut alert = an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), ["theft", "crowd", "collision"][n % 3]);
        alert["started_at"] = json!(at - chrono::TimeDelta::seconds((n / 5) as i64));
        alert
    });
    assert_eq!(device.report(&Value::from_iter(alerts)).await.accepted, 25);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: CameraAlertList = operator.read(&format!("/api/camera-alerts?limit=4{cursor}")).await;
        seen.extend(page.alerts.iter().map(|alert| (alert.started_at, alert.id)));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 27, "with the two of the small ward");
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, each once: {seen:?}");

    let count = async |query: &str| operator.read::<CameraAlertList>(&format!("/api/camera-alerts?limit=200&{query}")).await.alerts.len();
    assert_eq!(count("kind=theft").await, 9);
    assert_eq!(count("severity=high,critical").await, 17);
    assert_eq!(count(&format!("camera={}", app.ward().a2.camera)).await, 13);
    assert_eq!(count("mine=true").await, 0);
    let since = (at - chrono::TimeDelta::seconds(1)).to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    assert_eq!(count(&format!("since={since}")).await, 10);
    assert_eq!(count(&format!("until={since}&status=new")).await, 17);
    done(step(&operator, seen[0].1, "take", None, json!({})).await).await;
    assert_eq!((count("mine=true").await, count("status=new").await, count("status=taken,closed").await), (1, 26, 1));
    for wrong in ["status=open", "kind=x", "severity=low", "limit=0", "limit=201", "cursor=x"] {
        assert_eq!(summary(operator.get(&format!("/api/camera-alerts?{wrong}")).await).await, "400 bad_request", "{wrong}");
    }

    let of_camera = card(&operator, seen[0].1).await.same_camera;
    assert!(!of_camera.is_empty() && of_camera.iter().all(|other| other.id != seen[0].1 && other.camera_id == of_camera[0].camera_id));
    app.stop().await;
}

#[tokio::test]
async fn a_plate_is_for_the_police_with_a_reason_and_leaves_an_entry() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let id = app.ward().a1.camera_alert;
    let door = format!("/api/camera-alerts/{id}/plate");
    assert_eq!(card(&operator, id).await.has_plate, None);
    assert_eq!(card(&police, id).await.has_plate, Some(true));
    assert_eq!(summary(operator.get_because(&door, REASON).await).await, "403 forbidden");
    assert_eq!(summary(police.get(&door).await).await, "422 camera_alerts.reason_required");
    let elsewhere = format!("/api/camera-alerts/{}/plate", app.ward().b1.camera_alert);
    assert_eq!(summary(police.get_because(&elsewhere, REASON).await).await, "404 not_found");
    let shown: CameraAlertPlate = police.get_because(&door, REASON).await.json().await.unwrap();
    assert_eq!(shown.plate, Some(format!("{CANARY}plateA1")));

    let trail: AuditTrail = police.read("/api/audit").await;
    let looks: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "reveal_plate").collect();
    let outcomes: Vec<_> = looks.iter().map(|entry| (entry.subject_id, entry.outcome)).collect();
    let b1 = Some(app.ward().b1.camera_alert);
    assert_eq!(outcomes, [(Some(id), AuditOutcome::Allowed), (b1, AuditOutcome::Refused), (Some(id), AuditOutcome::Refused)]);
    assert_eq!(looks[0].reason.as_deref(), Some(REASON));
    let trail: AuditTrail = operator.read("/api/audit").await;
    assert!(trail.entries.iter().any(|entry| entry.action == "reveal_plate" && entry.login.as_deref() == Some("operator-a")));
    app.stop().await;
}

#[tokio::test]
async fn screens_hear_of_an_alert_and_its_steps_and_never_of_a_plate() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let bounds = [104.999, 20.999, 105.043, 21.011];
    let mut screens = Vec::new();
    for login in ["operator-a", "police-a", "leader-b", "tdp_head-a1"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &["camera_alert", "business"], bounds);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    let mut alert = an_alert("C-A1", "e1", "wanted_vehicle");
    alert["plate"] = json!(format!("{CANARY}xe"));
    let began = chrono::Utc::now();
    alert["started_at"] = json!(began);
    device.report(&alert).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=wanted_vehicle").await;
    let id = list.alerts[0].id;
    let arrived = async {
        while screens[0].tables.get("camera_alert").is_none_or(|table| !table.contains_key(&id)) {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), arrived).await.expect("the alert is on the operator's screen");
    let shown = &screens[0].tables["camera_alert"][&id];
    assert_eq!((&shown.properties["kind"], &shown.properties["severity"]), (&json!("wanted_vehicle"), &json!("critical")));
    assert_eq!(shown.at, Some([105.005, 21.0045]));

    take(&operator, id).await;
    done(step(&operator, id, "note", None, json!({"note": "đang đến"})).await).await;
    let taken = async {
        while screens[0].tables["camera_alert"][&id].properties["status"] != "taken" {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), taken).await.expect("that it was taken is on the screen");
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        let heard = serde_json::to_string(&screen.heard).unwrap();
        assert!(!heard.contains(CANARY), "{}: {heard}", screen.name);
        let hears = ["operator-a", "police-a"].contains(&screen.name.as_str());
        assert_eq!(screen.tables.get("camera_alert").is_some_and(|table| table.contains_key(&id)), hears, "{}", screen.name);
    }
    // What came within one reading of the feed comes as one.
    let deltas = serde_json::to_string(&screens[1].heard).unwrap().matches(&format!("\"id\":{id},")).count();
    assert!(deltas >= 2, "{deltas} frames");

    let (x, y) = tile_reader::tile_of(16, 105.005, 21.0045);
    let tile = screens[1].client.get(&format!("/tiles/camera_alert/16/{x}/{y}.mvt")).await.bytes().await.unwrap();
    assert!(tile_reader::points(&tile, 16, x, y).iter().any(|point| point.id == id));
    assert!(!String::from_utf8_lossy(&tile).contains(CANARY));
    let taken = screens[0].client.get(&format!("/tiles/camera_alert/16/{x}/{y}.mvt?status=new")).await.bytes().await.unwrap();
    assert!(tile_reader::points(&taken, 16, x, y).iter().all(|point| point.id != id), "tiles are cut by status");
    // The map of its day has it too, for whoever may see it.
    let day = (began + chrono::TimeDelta::hours(7)).date_naive();
    let past: LayerOn = screens[1].client.read(&format!("/api/layers/camera_alert/on/{day}")).await;
    assert!(past.points.iter().any(|point| point.id == id && point.properties["status"] == "taken"), "{past:?}");
    let elsewhere: LayerOn = screens[2].client.read(&format!("/api/layers/camera_alert/on/{day}")).await;
    assert!(elsewhere.points.iter().all(|point| point.id != id));

    let leaks: i64 = sqlx::query_scalar(
        "select (select count(*) from change where coalesce(before, '{}')::text || coalesce(after, '{}')::text like '%canary%')
              + (select count(*) from history where topic = 'camera_alert' and coalesce(before, '{}')::text || coalesce(after, '{}')::text like '%canary%')",
    )
    .fetch_one(&mut app.database.connect("ioc_owner").await)
    .await
    .unwrap();
    assert_eq!(leaks, 0, "a plate in the feed or in the past of alerts");
    app.stop().await;
}
