//! What devices report: each alert once however often it comes, bad neighbours kept aside in the quarantine and back, and whose the
//! quarantine is. Who may report, and how fast, stands in `ingest_doors`; much at once and much too late in `ingest_backlog`.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::ingest::keeping::forget_old;
use shared::{
    camera::{Camera, CameraStatus},
    camera_alert::{CameraAlertCard, CameraAlertList, CameraAlertPlate, Severity},
    ingest::QuarantineList,
};
use sqlx::{Executor, PgPool};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert, said},
};

const REASON: &str = "Xác minh xe theo đơn số 12";

#[tokio::test]
async fn a_report_that_comes_again_is_known_and_one_that_changed_updates() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let (mut first, second) = (an_alert("C-A1", "e1", "theft"), an_alert("c-a2", "e1", "crowd"));
    assert_eq!(said(&device.report(&json!([first, second])).await), (2, 0, vec![]));
    assert_eq!(said(&device.report(&json!([first, second])).await), (0, 2, vec![]), "identical");
    assert_eq!(said(&device.report(&first).await), (0, 1, vec![]), "one object by itself");

    first["ended_at"] = json!(Utc::now());
    first["box"] = json!([0.1, 0.2, 0.5, 0.75]);
    assert_eq!(said(&device.report(&json!([first, second])).await), (1, 1, vec![]));
    // What a later report leaves out stays known.
    first.as_object_mut().unwrap().remove("ended_at");
    assert_eq!(said(&device.report(&first).await), (0, 1, vec![]));

    // A beginning that is corrected past a known end: the end goes, and nothing fails.
    let mut later = second.clone();
    later["ended_at"] = json!(Utc::now() - TimeDelta::minutes(5));
    assert_eq!(said(&device.report(&later).await), (1, 0, vec![]));
    later.as_object_mut().unwrap().remove("ended_at");
    later["started_at"] = json!(Utc::now() - TimeDelta::minutes(2));
    assert_eq!(said(&device.report(&json!([later, an_alert("C-A1", "e2", "collision")])).await), (2, 0, vec![]));

    let list: CameraAlertList = operator.read("/api/camera-alerts?status=new&kind=theft,crowd").await;
    assert_eq!(list.alerts.len(), 2, "each once, by camera and external id");
    let theft = list.alerts.iter().find(|alert| alert.camera_code == "C-A1").unwrap();
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", theft.id)).await;
    assert_eq!((card.external_id.as_str(), card.in_picture), ("e1", Some([0.1, 0.2, 0.5, 0.75])));
    assert!(card.alert.ended_at.is_some() && card.entries.is_empty());
    assert_eq!((card.alert.severity, card.alert.area_id), (Severity::High, app.ward().a1.area));
    app.stop().await;
}

#[tokio::test]
async fn the_same_alert_several_times_in_one_batch_is_one_alert() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alert = an_alert("C-A1", "e1", "theft");
    let mut ended = alert.clone();
    ended["ended_at"] = json!(Utc::now());
    assert_eq!(said(&device.report(&json!([alert, alert, ended, ended])).await), (2, 2, vec![]));
    assert_eq!(said(&device.report(&json!([ended])).await), (0, 1, vec![]));
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?kind=theft").await;
    assert_eq!(list.alerts.len(), 1);
    assert!(list.alerts[0].ended_at.is_some());
    app.stop().await;
}

#[tokio::test]
async fn bad_items_cost_themselves_only_and_wait_in_the_quarantine() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let mut plated = an_alert("C-nowhere", "e2", "theft");
    plated["plate"] = json!("29A-999.99");
    let mut wrong_plate = an_alert("C-A1", "e3", "theft");
    wrong_plate["plate"] = json!(2_999_999);
    let mut tomorrow = an_alert("C-A1", "e4", "theft");
    tomorrow["started_at"] = json!(Utc::now() + TimeDelta::days(1));
    let batch = json!([
        an_alert("C-A1", "e1", "theft"),
        plated,
        an_alert("C-A1", "e5", "jaywalking"),
        null,
        wrong_plate,
        tomorrow,
        {"camera": "C-A1\u{0}", "external_id": "\u{0}", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"},
        an_alert("C-A2", "e1", "crowd"),
    ]);
    let rejected = vec![
        (1, "ingest.unknown_camera"),
        (2, "ingest.unknown_kind"),
        (3, "ingest.unreadable_item"),
        (4, "ingest.unreadable_item"),
        (5, "ingest.bad_time"),
        (6, "ingest.unreadable_item"),
    ];
    assert_eq!(said(&device.report(&batch).await), (2, 0, rejected.clone()));
    assert_eq!(said(&device.report(&batch).await), (0, 2, rejected), "a device that tries again");

    let answer = operator.get("/api/ingest/quarantine").await;
    let text = answer.text().await.unwrap();
    assert!(!text.contains("29A") && !text.contains("2999999"), "the operator may not see plates: {text}");
    let waiting: QuarantineList = serde_json::from_str(&text).unwrap();
    let of_device: Vec<_> = waiting.items.iter().filter(|item| item.payload["camera"] != "C-none").collect();
    assert_eq!(of_device.len(), 6, "each once");
    assert!(of_device.iter().all(|item| item.times == 2), "{of_device:?}");
    for (login, sees) in [("operator-b", 1), ("operator-a", 8)] {
        let list: QuarantineList = app.sign_in(login).await.read("/api/ingest/quarantine").await;
        assert_eq!(list.items.len(), sees, "{login}: its own ward's, those of the small wards among them");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_id_of_any_size_costs_itself_only() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let mut odd = an_alert("C-A1", "e1", "theft");
    // More than an index row holds, however it is packed.
    odd["external_id"] = Value::from_iter((0..220).map(|_| uuid::Uuid::new_v4().simple().to_string()));
    let batch = json!([odd, an_alert("C-A2", "e2", "crowd")]);
    let rejected = vec![(0, "ingest.unreadable_item")];
    assert_eq!(said(&device.report(&batch).await), (1, 0, rejected.clone()));
    assert_eq!(said(&device.report(&batch).await), (0, 1, rejected), "and again when it comes again");
    let waiting: QuarantineList = operator.read("/api/ingest/quarantine?limit=1").await;
    assert_eq!((waiting.items[0].reason.as_str(), waiting.items[0].times), ("ingest.unreadable_item", 2));
    assert!(waiting.items[0].payload.to_string().len() < 1000, "what is shown is short");
    assert_eq!(summary(replay(&operator, waiting.items[0].id).await).await, "422 ingest.unreadable_item", "a list is no id");
    app.stop().await;
}

#[tokio::test]
async fn what_nobody_takes_in_for_three_months_is_deleted() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (mut owner, pool) = (app.database.connect("ioc_owner").await, PgPool::connect(&app.database.url("ioc_job")).await.unwrap());
    let waiting =
        "select payload ->> 'camera' from ingest_quarantine q join device d on d.id = q.device_id where d.name = 'hop-1' order by 1";
    device.report(&json!([an_alert("C-old", "e1", "theft"), an_alert("C-older", "e2", "theft"), an_alert("C-young", "e3", "theft")])).await;
    for (camera, days) in [("C-old", 89), ("C-older", 91)] {
        let age = "update ingest_quarantine set received_at = received_at - make_interval(days => $2) where payload ->> 'camera' = $1";
        sqlx::query(age).bind(camera).bind(days).execute(&mut owner).await.unwrap();
    }
    assert_eq!(forget_old(&pool, Utc::now()).await.unwrap(), 1);
    let left: Vec<String> = sqlx::query_scalar(waiting).fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, ["C-old", "C-young"]);
    // Whatever moment is given, the database itself keeps what is younger than a month.
    assert_eq!(forget_old(&pool, Utc::now() + TimeDelta::days(3650)).await.unwrap(), 1);
    let left: Vec<String> = sqlx::query_scalar(waiting).fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, ["C-young"]);
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn of_one_device_so_many_wait_and_what_comes_beyond_is_counted() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let waits = an_alert("C-none", "e0", "theft");
    device.report(&waits).await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            "insert into ingest_quarantine (area_id, device_id, source, reason, detail, payload, fingerprint)
             select d.area_id, d.id, 'camera_alerts', 'ingest.unknown_camera', '', '{}', sha256(convert_to(n::text, 'UTF8'))
             from device d, generate_series(1, 49999) n where d.name = 'hop-1'",
        )
        .await
        .unwrap();
    let batch = json!([an_alert("C-none", "e1", "theft"), an_alert("C-none", "e2", "theft"), an_alert("C-A1", "e3", "theft")]);
    let rejected = vec![(0, "ingest.unknown_camera"), (1, "ingest.unknown_camera")];
    assert_eq!(said(&device.report(&batch).await), (1, 0, rejected.clone()), "the others are taken in");
    assert_eq!(said(&device.report(&batch).await), (0, 1, rejected));
    device.report(&waits).await;
    let told: Vec<(String, i32)> = sqlx::query_as(
        "select q.reason, q.times from ingest_quarantine q join device d on d.id = q.device_id
         where d.name = 'hop-1' and (q.raw is not null or q.reason = 'ingest.too_many_waiting') order by q.id",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(told, [("ingest.unknown_camera".to_owned(), 2), ("ingest.too_many_waiting".to_owned(), 4)]);
    let other = TestDevice::add(&app, "hop-2", "A").await;
    other.report(&waits).await;
    let list: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine?limit=1").await;
    assert_eq!(list.items[0].reason, "ingest.unknown_camera", "another device's tray is its own");
    app.stop().await;
}

#[tokio::test]
async fn what_waited_for_its_camera_is_taken_in_once_the_camera_is_there() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let mut alert = an_alert("C-new", "e1", "wanted_vehicle");
    alert["plate"] = json!("29A-999.99");
    assert_eq!(said(&device.report(&alert).await), (0, 0, vec![(0, "ingest.unknown_camera")]));
    let waiting: QuarantineList = operator.read("/api/ingest/quarantine?limit=1").await;
    let id = waiting.items[0].id;
    assert_eq!((waiting.items[0].reason.as_str(), waiting.next_cursor.is_some()), ("ingest.unknown_camera", true));

    assert_eq!(summary(replay(&operator, id).await).await, "422 ingest.unknown_camera");
    app.database
        .connect("ioc_owner")
        .await
        .execute("insert into camera (code, name, geom) select 'C-new', 'Cổng chợ', geom from camera where code = 'C-A2'")
        .await
        .unwrap();
    assert_eq!(replay(&operator, id).await.status(), StatusCode::OK);
    let raw: Option<Value> = sqlx::query_scalar("select raw from ingest_quarantine where id = $1")
        .bind(id)
        .fetch_one(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(raw, None, "the plate stands with the alert now, and nowhere else");
    assert_eq!(summary(replay(&operator, id).await).await, "409 ingest.already_replayed");
    assert_eq!(said(&device.report(&alert).await), (0, 1, vec![]), "the device's own retry doubles nothing");

    let list: CameraAlertList = police.read("/api/camera-alerts?kind=wanted_vehicle").await;
    assert_eq!((list.alerts.len(), list.alerts[0].camera_code.as_str()), (1, "C-new"));
    let door = format!("/api/camera-alerts/{}/plate", list.alerts[0].id);
    let plate: CameraAlertPlate = police.get_because(&door, REASON).await.json().await.unwrap();
    assert_eq!(plate.plate.as_deref(), Some("29A-999.99"), "the plate was not lost on the way");
    let rest: QuarantineList = operator.read("/api/ingest/quarantine").await;
    assert!(rest.items.iter().all(|item| item.id != id));
    let all: QuarantineList = operator.read("/api/ingest/quarantine?all=true").await;
    assert!(all.items.iter().any(|item| item.id == id && item.replayed_at.is_some()));
    app.stop().await;
}

async fn replay(client: &TestClient, id: i64) -> reqwest::Response {
    client.send(client.request(Method::POST, &format!("/api/ingest/quarantine/{id}/replay"))).await
}

#[tokio::test]
async fn the_quarantine_is_the_operators_of_the_ward() {
    let app = TestApp::start().await;
    let waiting: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine").await;
    let id = waiting.items[0].id;
    for (login, expected) in [
        ("leader-a", "403 forbidden"),
        ("police-a", "403 forbidden"),
        ("tdp_head-a1", "403 forbidden"),
        ("admin-a", "403 forbidden"),
        ("operator-b", "404 not_found"),
    ] {
        assert_eq!(summary(replay(&app.sign_in(login).await, id).await).await, expected, "{login}");
    }
    assert_eq!(summary(replay(&app.public(), id).await).await, "401 sign_in_required");
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_kept() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    for body in ["", "{", "camera=C-A1&plate=29A", "7", "\u{0}"] {
        assert_eq!(summary(device.send("/ingest/camera-alerts", body).await).await, "400 ingest.unreadable", "{body:?}");
    }
    assert_eq!(said(&device.report(&json!([])).await), (0, 0, vec![]));
    let answer = app.sign_in("operator-a").await.get("/api/ingest/quarantine").await.text().await.unwrap();
    assert!(!answer.contains("29A"), "{answer}");
    let waiting: QuarantineList = serde_json::from_str(&answer).unwrap();
    assert_eq!(waiting.items.iter().filter(|item| item.reason == "ingest.unreadable").count(), 5);
    let mut owner = app.database.connect("ioc_owner").await;
    let kept: i64 =
        sqlx::query_scalar("select count(*) from ingest_quarantine where raw::text like '%29A%'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(kept, 1, "the owner can still find out what it was");
    app.stop().await;
}

#[tokio::test]
async fn a_camera_is_offline_since_it_was_first_said_to_be() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let camera = format!("/api/cameras/{}", app.ward().a1.camera);
    let at = |second: i64| Utc::now() + TimeDelta::seconds(second);
    let since = at(2);
    let state = |status: &str, at: DateTime<Utc>| json!({"camera": "C-A1", "status": status, "at": at});
    assert_eq!(said(&device.report_status(&state("offline", since)).await), (1, 0, vec![]));
    assert_eq!(said(&device.report_status(&state("offline", at(5))).await), (0, 1, vec![]), "it still is");
    let seen: Camera = operator.read(&camera).await;
    assert_eq!((seen.status, seen.status_at.unwrap().timestamp()), (CameraStatus::Offline, since.timestamp()));
    assert_eq!(said(&device.report_status(&state("online", at(-3600))).await), (0, 1, vec![]), "older than what is known");
    let batch = json!([state("online", at(60)), {"camera": "C-none", "status": "online", "at": at(0)}, {"camera": "C-A1", "status": "broken", "at": at(0)}]);
    let rejected = vec![(1, "ingest.unknown_camera"), (2, "ingest.unreadable_item")];
    assert_eq!(said(&device.report_status(&batch).await), (1, 0, rejected));
    let seen: Camera = operator.read(&camera).await;
    assert_eq!(seen.status, CameraStatus::Online);
    app.stop().await;
}
