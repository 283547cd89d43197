//! Putting away what nobody needs of what devices sent: one item or all alike, with who and why, found again, heard by colleagues;
//! and what is wrong with it, as a code that screens have words for.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::{
    ingest::{Fault, PUT_AWAY_TOPIC, PutAwayCount, QuarantineList, Quarantined},
    live::ServerFrame,
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    screen::Screen,
};
use tokio::time::timeout;

const REASON: &str = "Camera của phường bên";

async fn put_away(client: &TestClient, id: i64, request: Value) -> Response {
    client.post(&format!("/api/ingest/quarantine/{id}/put-away"), &request, None).await
}

async fn replay(client: &TestClient, id: i64) -> Response {
    client.post(&format!("/api/ingest/quarantine/{id}/replay"), &json!({}), None).await
}

/// Those of the device under test, newest first; the small wards begin with some of their own.
async fn listed(client: &TestClient, part: &str) -> Vec<Quarantined> {
    let list: QuarantineList = client.read(&format!("/api/ingest/quarantine?limit=200{part}")).await;
    list.items.into_iter().filter(|item| item.device_name.as_deref() == Some("hop-1")).collect()
}

fn cameras(items: &[Quarantined]) -> Vec<&str> {
    items.iter().map(|item| item.payload["camera"].as_str().unwrap_or("none")).collect()
}

#[tokio::test]
async fn what_nobody_needs_is_put_away_with_who_and_why_and_found_again() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (operator, colleague) = (app.sign_in("operator-a").await, app.sign_in("operator-b").await);
    let foreign = an_alert("C-next", "e1", "theft");
    device.report(&json!([foreign, an_alert("C-new", "e2", "crowd")])).await;
    let waiting = listed(&operator, "").await;
    let id = waiting.iter().find(|item| item.payload["camera"] == "C-next").unwrap().id;

    for nothing in [json!({"reason": "thôi"}), json!({"reason": "        "}), json!({"reason": "x".repeat(301)})] {
        assert_eq!(summary(put_away(&operator, id, nothing).await).await, "422 edit.invalid");
    }
    assert_eq!(summary(put_away(&colleague, id, json!({"reason": REASON})).await).await, "404 not_found", "another ward's");
    for (login, expected) in
        [("leader-a", "403 forbidden"), ("police-a", "403 forbidden"), ("tdp_head-a1", "403 forbidden"), ("admin-a", "403 forbidden")]
    {
        assert_eq!(summary(put_away(&app.sign_in(login).await, id, json!({"reason": REASON})).await).await, expected, "{login}");
    }
    assert_eq!(summary(put_away(&app.public(), id, json!({"reason": REASON})).await).await, "401 sign_in_required");
    assert_eq!(summary(put_away(&operator, i64::MAX, json!({"reason": REASON})).await).await, "404 not_found");

    let answer = put_away(&operator, id, json!({"reason": format!("  {REASON} ")})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json::<PutAwayCount>().await.unwrap().items, 1);
    assert_eq!(summary(put_away(&operator, id, json!({"reason": REASON})).await).await, "409 ingest.already_put_away");
    assert_eq!(cameras(&listed(&operator, "").await), ["C-new"], "it waits no more");
    let away = listed(&operator, "&put_away=true").await;
    assert_eq!(cameras(&away), ["C-next"]);
    let note = away[0].put_away.as_ref().unwrap();
    assert_eq!((note.by.as_deref(), note.reason.as_str()), (Some("Cán bộ operator-a"), REASON));
    assert_eq!(listed(&operator, "&all=true").await.len(), 2);

    // The very same again stays put away, and is counted there.
    device.report(&foreign).await;
    assert_eq!(cameras(&listed(&operator, "").await), ["C-new"]);
    assert_eq!(listed(&operator, "&put_away=true").await[0].times, 2);

    // Whoever was wrong takes it in after all.
    assert_eq!(summary(replay(&operator, id).await).await, "422 ingest.unknown_camera");
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("insert into camera (code, name, geom) select 'C-next', 'Cổng chợ', geom from camera where code = 'C-A2'")
        .execute(&mut owner)
        .await
        .unwrap();
    assert_eq!(replay(&operator, id).await.status(), StatusCode::OK);
    assert_eq!(summary(put_away(&operator, id, json!({"reason": REASON})).await).await, "409 ingest.already_replayed");
    app.stop().await;
}

#[tokio::test]
async fn all_that_wait_alike_go_at_once_and_nothing_else() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let other = TestDevice::add(&app, "hop-2", "A").await;
    let operator = app.sign_in("operator-a").await;
    let mut tomorrow = an_alert("C-A1", "e4", "theft");
    tomorrow["started_at"] = json!(chrono::Utc::now() + chrono::TimeDelta::days(1));
    let alike = [an_alert("C-next", "e1", "theft"), an_alert("C-next", "e2", "crowd"), an_alert("C-next", "e3", "theft")];
    device.report(&json!([alike[0], alike[1], alike[2], an_alert("C-new", "e1", "theft"), tomorrow])).await;
    other.report(&alike[0]).await;
    for nonsense in ["xin chào", "{", "camera=C01"] {
        assert_eq!(device.send("/ingest/camera-alerts", nonsense).await.status(), StatusCode::BAD_REQUEST);
    }

    let waiting = listed(&operator, "").await;
    assert_eq!(waiting.len(), 8);
    let of = |reason: &str, camera: Option<&str>| {
        let is_it = |item: &&Quarantined| item.reason == reason && item.payload["camera"].as_str() == camera;
        waiting.iter().find(is_it).unwrap().id
    };
    let all_alike = json!({"reason": REASON, "alike": true});
    let answer = put_away(&operator, of("ingest.unknown_camera", Some("C-next")), all_alike.clone()).await;
    assert_eq!(answer.json::<PutAwayCount>().await.unwrap().items, 3, "of that device, camera and reason");
    let answer = put_away(&operator, of("ingest.unreadable", None), all_alike).await;
    assert_eq!(answer.json::<PutAwayCount>().await.unwrap().items, 3, "what nobody can read names no camera");
    let left = listed(&operator, "").await;
    assert_eq!((left.len(), left.iter().filter(|item| item.reason == "ingest.bad_time").count()), (2, 1));
    let list: QuarantineList = operator.read("/api/ingest/quarantine?limit=200").await;
    assert!(list.items.iter().any(|item| item.device_name.as_deref() == Some("hop-2")), "another device's tray is its own");
    app.stop().await;
}

#[tokio::test]
async fn what_is_wrong_has_a_code_and_a_field_and_never_what_stood_there() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let with = |id: &str, key: &str, value: Value| {
        let mut item = an_alert("C-A1", id, "theft");
        item[key] = value;
        item
    };
    let mut nameless = an_alert("C-A1", "e1", "theft");
    nameless.as_object_mut().unwrap().remove("external_id");
    let batch = json!([
        nameless,
        with("e2", "started_at", json!("2026-11-22T08:00:00")),
        with("e3", "confidence", json!(7)),
        with("e4", "plate", json!(["29A-999.99"])),
        with("e5", "camera", json!(" ")),
        an_alert("C-none", "e6", "theft"),
    ]);
    assert_eq!(device.report(&batch).await.rejected.len(), 6);
    assert_eq!(device.send("/ingest/camera-alerts", "xin chào").await.status(), StatusCode::BAD_REQUEST);
    let mut items = listed(&operator, "").await;
    items.sort_by(|one, other| (one.fault.map(Fault::name), &one.field).cmp(&(other.fault.map(Fault::name), &other.field)));
    let faults: Vec<_> = items.iter().map(|item| (item.fault, item.field.as_deref())).collect();
    let expected = [
        (None, None),
        (Some(Fault::Empty), Some("camera")),
        (Some(Fault::Missing), Some("external_id")),
        (Some(Fault::NoTime), Some("started_at")),
        (Some(Fault::NotJson), None),
        (Some(Fault::OutOfRange), Some("confidence")),
        (Some(Fault::Unexpected), Some("plate")),
    ];
    assert_eq!(faults, expected);
    assert!(items.iter().all(|item| !item.detail.contains("29A")), "{items:?}");
    app.stop().await;
}

#[tokio::test]
async fn screens_of_who_sees_the_quarantine_hear_that_something_was_put_away() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    device.report(&an_alert("C-next", "e1", "theft")).await;
    let id = listed(&operator, "").await[0].id;
    let mut screens = Vec::new();
    for login in ["operator-a", "operator-b", "police-a", "leader-a"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &[PUT_AWAY_TOPIC], [104.999, 20.999, 105.043, 21.011]);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    assert_eq!(put_away(&operator, id, json!({"reason": REASON})).await.status(), StatusCode::OK);
    let told = async {
        while screens[0].heard.is_empty() {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("a colleague hears of it");
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        let hears = screen.name == "operator-a";
        assert_eq!(!screen.heard.is_empty(), hears, "{}: {:?}", screen.name, screen.heard);
        for frame in &screen.heard {
            let ServerFrame::Delta { upsert, .. } = frame else { panic!("{}: {frame:?}", screen.name) };
            assert!(upsert.iter().all(|row| row.properties.is_empty()), "an id and nothing else: {frame:?}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn what_found_no_room_comes_anew_when_it_was_put_away() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    device.report(&an_alert("C-none", "e0", "theft")).await;
    let mut owner = app.database.connect("ioc_owner").await;
    let fill = "insert into ingest_quarantine (area_id, device_id, device_name, source, reason, detail, payload, fingerprint)
        select d.area_id, d.id, d.name, 'camera_alerts', 'ingest.unknown_camera', '', '{\"camera\": \"C-none\"}', sha256(convert_to(n::text, 'UTF8'))
        from device d, generate_series(1, 49999) n where d.name = 'hop-1'";
    sqlx::query(fill).execute(&mut owner).await.unwrap();
    device.report(&an_alert("C-none", "e1", "theft")).await;
    let counted = || async {
        let count = "select count(*) from ingest_quarantine where reason = 'ingest.too_many_waiting'";
        sqlx::query_scalar::<_, i64>(count).fetch_one(&mut app.database.connect("ioc_owner").await).await.unwrap()
    };
    let waiting = listed(&operator, "").await;
    let full = &waiting[0];
    assert_eq!((full.reason.as_str(), counted().await), ("ingest.too_many_waiting", 1));
    assert_eq!(put_away(&operator, full.id, json!({"reason": REASON})).await.status(), StatusCode::OK);
    device.report(&an_alert("C-none", "e2", "theft")).await;
    assert_eq!(counted().await, 2, "nobody has said that what comes now is not needed");

    // Putting the others away makes room.
    let one = listed(&operator, "").await.into_iter().find(|item| item.reason == "ingest.unknown_camera").unwrap();
    let answer = put_away(&operator, one.id, json!({"reason": REASON, "alike": true})).await;
    assert_eq!(answer.json::<PutAwayCount>().await.unwrap().items, 50_000);
    device.report(&an_alert("C-none", "e3", "theft")).await;
    let now = listed(&operator, "").await;
    assert_eq!(now.iter().filter(|item| item.reason == "ingest.unknown_camera").count(), 1);
    app.stop().await;
}
