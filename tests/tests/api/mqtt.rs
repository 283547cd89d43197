//! Recorders over MQTT, with a real mosquitto in between: each thing one alert, nothing lost and nothing twice whatever ends and
//! begins again, and what cannot be read kept aside.

use std::sync::Arc;
use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::{
    accounts::SignInLimits,
    app::{
        Running,
        doctor::{self, State},
    },
    demo::synthetic_snapshot::synthetic_snapshot,
    platform::{
        clock::SystemClock,
        database::Database,
        mqtt_settings::{MqttSettings, TokenSource},
        mqtt_tls::TlsFiles,
    },
};
use shared::{
    camera::{Camera, CameraStatus},
    camera_alert::{AlertKind, CameraAlert, CameraAlertList, CameraAlertPlate},
    health::Readiness,
    ingest::QuarantineList,
};
use sqlx::Executor;
use tests::{
    app::{TestApp, summary},
    device::an_alert,
    mosquitto::{Mosquitto, Publisher},
    shared_data,
};

/// The token of the device that speaks over MQTT.
pub(super) const TOKEN: &str = "mqtt-device-token-of-the-tests-0123456789-a";
pub(super) const LONG_ENOUGH: Duration = Duration::from_secs(30);

fn settings(broker: &Mosquitto) -> MqttSettings {
    MqttSettings::read(&broker.url(), TokenSource::Given(TOKEN.into()), TlsFiles::default()).unwrap()
}

/// A server that listens at the broker, for the cameras of ward A.
pub(super) async fn listening(broker: &Mosquitto) -> TestApp {
    let app = with_device(settings(broker)).await;
    until("the server listens", async || is_connected(&app).await).await;
    app
}

/// A server that tries to.
pub(super) async fn with_device(settings: MqttSettings) -> TestApp {
    let app = TestApp::start_configured(|config, _| config.mqtt = Some(settings)).await;
    assert!(!is_connected(&app).await, "no device has the token yet");
    let mut owner = app.database.connect("ioc_owner").await;
    let add = "insert into device (name, area_id, token_hash) values ('frigate', $1, sha256(convert_to($2, 'UTF8')))";
    sqlx::query(add).bind(app.ward().ward_a).bind(TOKEN).execute(&mut owner).await.unwrap();
    app
}

/// The same server again, on the same database.
pub(super) async fn started_again(app: TestApp, broker: &Mosquitto, meanwhile: impl AsyncFnOnce(&TestApp)) -> TestApp {
    let TestApp { database, ward, running, dir } = app;
    running.stop().await;
    let mut config = database.config(dir.path());
    config.mqtt = Some(settings(broker));
    // Something to hold on to while no server runs: its own, without a broker.
    let quiet = database.config(dir.path());
    let opened = Database::open(&quiet).await.unwrap();
    let running = Running::start(&quiet, &opened, Arc::new(SystemClock), SignInLimits::default()).await.unwrap();
    let app = TestApp { database, ward, running, dir };
    meanwhile(&app).await;
    let TestApp { database, ward, running, dir } = app;
    running.stop().await;
    let opened = Database::open(&config).await.unwrap();
    let running = Running::start(&config, &opened, Arc::new(SystemClock), SignInLimits::default()).await.unwrap();
    TestApp { database, ward, running, dir }
}

pub(super) async fn is_connected(app: &TestApp) -> bool {
    let ready: Readiness = app.public().read("/readyz").await;
    ready.mqtt.expect("a broker is set").connected
}

pub(super) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waited = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(LONG_ENOUGH, waited).await.unwrap_or_else(|_| panic!("{what}: not within {LONG_ENOUGH:?}"));
}

/// External ids of ward A's alerts that came over MQTT: all that the small wards do not begin with.
pub(super) async fn external_ids(app: &TestApp) -> Vec<String> {
    let mut owner = app.database.connect("ioc_owner").await;
    let known = "select external_id from camera_alert where id not in ($1, $2, $3) order by external_id";
    let ward = app.ward();
    sqlx::query_scalar(known)
        .bind(ward.a1.camera_alert)
        .bind(ward.a2.camera_alert)
        .bind(ward.b1.camera_alert)
        .fetch_all(&mut owner)
        .await
        .unwrap()
}

/// Messages are taken in by their order: once this one is there, so is what became of all before it.
pub(super) async fn until_all_is_read(app: &TestApp, publisher: &mut Publisher) {
    let last = format!("last-{}", uuid::Uuid::new_v4().simple());
    publisher.publish("ioc/camera-alerts", an_alert("C-A1", &last, "crowd")).await;
    until("the last message", async || external_ids(app).await.contains(&last)).await;
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("delete from camera_alert where external_id = $1").bind(&last).execute(&mut owner).await.unwrap();
}

pub(super) async fn alert_of(app: &TestApp, external_id: &str) -> Option<CameraAlert> {
    let mut owner = app.database.connect("ioc_owner").await;
    let id: Option<i64> = sqlx::query_scalar("select id from camera_alert where external_id = $1")
        .bind(external_id)
        .fetch_optional(&mut owner)
        .await
        .unwrap();
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?limit=200").await;
    list.alerts.into_iter().find(|alert| Some(alert.id) == id)
}

pub(super) async fn waiting(app: &TestApp) -> QuarantineList {
    let mut list: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine").await;
    list.items.retain(|item| item.device_name.as_deref() == Some("frigate"));
    list
}

async fn add_camera(app: &TestApp, code: &str) {
    let mut owner = app.database.connect("ioc_owner").await;
    let add = "insert into camera (code, name, geom) select $1::text, 'Cổng chợ ' || $1::text, geom from camera where code = 'C-A1'";
    sqlx::query(add).bind(code).execute(&mut owner).await.unwrap();
}

fn seconds(ago: i64) -> f64 {
    (Utc::now() - TimeDelta::seconds(ago)).timestamp_micros() as f64 / 1e6
}

pub(super) fn object(step: &str, id: &str, camera: &str, label: &str) -> Value {
    let ended = if step == "end" { json!(seconds(30)) } else { Value::Null };
    let after = json!({"id": id, "camera": camera, "label": label, "sub_label": ["John", 0.79], "start_time": seconds(60), "end_time": ended,
        "top_score": 0.9, "false_positive": false, "box": [1, 2, 3, 4], "entered_zones": ["yard"], "key_of_next_year": [{}]});
    json!({"type": step, "before": after, "after": after})
}

pub(super) fn review(step: &str, id: &str, camera: &str, objects: &[&str]) -> Value {
    let ended = if step == "end" { json!(seconds(30)) } else { Value::Null };
    let after = json!({"id": id, "camera": camera, "start_time": seconds(60), "end_time": ended, "severity": "alert",
        "data": {"objects": ["car"], "detections": objects, "zones": [], "sub_labels": ["Bob"], "audio": []}});
    json!({"type": step, "before": after, "after": after})
}

fn alerts(numbers: std::ops::Range<usize>) -> Vec<(String, Vec<u8>)> {
    let message = |number: usize| {
        let alert = an_alert(["C-A1", "C-A2"][number % 2], &format!("m-{number:04}"), "crowd");
        ("ioc/camera-alerts".to_owned(), alert.to_string().into_bytes())
    };
    numbers.map(message).collect()
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("m-{number:04}")).collect()
}

#[tokio::test]
async fn what_frigate_sends_line_by_line() {
    let Some(path) = shared_data::file("events/frigate_mqtt_samples.ndjson") else { return };
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    for camera in ["front_door", "front_cam"] {
        add_camera(&app, camera).await;
    }
    let mut publisher = Publisher::connect(&broker);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        publisher.publish(line["topic"].as_str().unwrap(), &line["payload"]).await;
    }
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["1607123955.475377-mxklsc", "1718987129.308396-fqk5ka"]);
    assert_eq!(waiting(&app).await.items, [], "all of it was understood");
    let mut owner = app.database.connect("ioc_owner").await;
    for name in ["John", "Bob", "ABC12345", "sedan"] {
        let kept = "select count(*) from camera_alert a left join camera_alert_plate p on p.alert_id = a.id where row_to_json(a)::text like $1 or p.plate like $1";
        let kept: i64 = sqlx::query_scalar(kept).bind(format!("%{name}%")).fetch_one(&mut owner).await.unwrap();
        assert_eq!(kept, 0, "{name} is not ours to keep");
    }
    app.stop().await;
}

#[tokio::test]
async fn new_update_and_end_are_one_alert() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    for step in ["new", "update", "update", "end", "end"] {
        publisher.publish("frigate/events", object(step, "o1", "c-a1", "person")).await;
    }
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["o1"]);
    let alert = alert_of(&app, "o1").await.unwrap();
    assert!(alert.ended_at.is_some());
    assert_eq!((alert.kind, alert.camera_code.as_str()), (AlertKind::Intrusion, "C-A1"));
    let metrics = app.public().get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("ioc_mqtt_connected") && metrics.contains("ioc_mqtt_since_seconds"), "{metrics}");
    app.stop().await;
}

#[tokio::test]
async fn whoever_passes_by_outside_every_zone_alarms_nobody_until_frigate_says_so_in_a_review() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    let passing = |step: &str, id: &str, label: &str| {
        let mut passing = object(step, id, "C-A1", label);
        passing["after"]["entered_zones"] = json!([]);
        passing
    };
    for step in ["new", "update", "end"] {
        publisher.publish("frigate/events", passing(step, "o1", "person")).await;
    }
    publisher.publish("frigate/events", passing("new", "o2", "car")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, Vec::<String>::new());
    publisher.publish("frigate/reviews", review("new", "r2", "C-A1", &["o2"])).await;
    until("the review", async || external_ids(&app).await == ["r2"]).await;
    let mut plated = passing("update", "o2", "car");
    plated["after"]["recognized_license_plate"] = json!("29A-999.99");
    publisher.publish("frigate/events", plated).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["r2"]);
    let id = alert_of(&app, "r2").await.unwrap().id;
    let police = app.sign_in("police-a").await;
    let plate = police.get_because(&format!("/api/camera-alerts/{id}/plate"), "Xác minh xe theo đơn số 12").await;
    assert_eq!(plate.json::<CameraAlertPlate>().await.unwrap().plate.as_deref(), Some("29A-999.99"));
    assert_eq!(waiting(&app).await.items, [], "nothing of it is kept aside");
    app.stop().await;
}

#[tokio::test]
async fn an_object_and_the_review_that_contains_it_are_one_alert() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    // The object first, and its review in a message of its own.
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "car")).await;
    publisher.publish("frigate/reviews", review("new", "r1", "C-A1", &["o1"])).await;
    // The review first.
    publisher.publish("frigate/reviews", review("new", "r2", "C-A2", &["o2"])).await;
    until("the review", async || external_ids(&app).await.contains(&"r2".to_owned())).await;
    let mut plated = object("update", "o2", "C-A2", "car");
    plated["after"]["recognized_license_plate"] = json!("29A-999.99");
    publisher.publish("frigate/events", object("new", "o2", "C-A2", "car")).await;
    publisher.publish("frigate/events", plated).await;
    publisher.publish("frigate/reviews", review("end", "r2", "C-A2", &["o2"])).await;
    publisher.publish("frigate/reviews", review("end", "r1", "C-A1", &["o1"])).await;
    publisher
        .publish(
            "frigate/tracked_object_update",
            json!({"type": "lpr", "id": "o1", "camera": "C-A1", "name": "John's Car", "plate": "30K-111.11"}),
        )
        .await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["o1", "r2"]);
    let of_review = alert_of(&app, "r2").await.unwrap();
    assert!(of_review.ended_at.is_some());
    let police = app.sign_in("police-a").await;
    for (external_id, expected) in [("r2", "29A-999.99"), ("o1", "30K-111.11")] {
        let id = alert_of(&app, external_id).await.unwrap().id;
        let plate = police.get_because(&format!("/api/camera-alerts/{id}/plate"), "Xác minh xe theo đơn số 12").await;
        assert_eq!(plate.json::<CameraAlertPlate>().await.unwrap().plate.as_deref(), Some(expected), "{external_id}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_broker_that_is_restarted_loses_nothing_and_doubles_nothing() {
    let mut broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    publisher.publish_all(alerts(0..300)).await;
    broker.stop().await;
    until("the loss is noticed", async || !is_connected(&app).await).await;
    broker.start_again().await;
    publisher.publish_all(alerts(300..400)).await;
    until("all 400", async || external_ids(&app).await.len() >= 400).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, numbered(0..400));
    app.stop().await;
}

#[tokio::test]
async fn what_is_published_while_no_server_runs_arrives_later() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    publisher.publish_all(alerts(0..20)).await;
    until("the first", async || external_ids(&app).await.len() == 20).await;
    let app = started_again(app, &broker, async |app| {
        publisher.publish_all(alerts(20..170)).await;
        assert_eq!(external_ids(app).await.len(), 20, "nobody listens");
    })
    .await;
    until("the rest", async || external_ids(&app).await.len() >= 170).await;
    assert_eq!(external_ids(&app).await, numbered(0..170));
    app.stop().await;
}

#[tokio::test]
async fn what_was_not_committed_was_not_acknowledged() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    // Messages arrive, and cannot be written.
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("begin; lock table camera_alert in exclusive mode").await.unwrap();
    publisher.publish_all(alerts(0..10)).await;
    let mut superuser = app.database.connect("postgres").await;
    let stuck = "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%record_camera_alerts%')";
    until("a transaction waits", async || sqlx::query_scalar(stuck).fetch_one(&mut superuser).await.unwrap()).await;
    // A server that ends waits for its connections, so the lock goes while it ends; by then nobody is there to commit.
    let unlocked = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        owner.execute("rollback").await.unwrap();
    });
    let app = started_again(app, &broker, async |app| assert_eq!(external_ids(app).await, Vec::<String>::new())).await;
    unlocked.await.unwrap();
    until("all ten", async || external_ids(&app).await.len() >= 10).await;
    assert_eq!(external_ids(&app).await, numbered(0..10));
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_waits_with_its_topic_and_its_camera_is_added_later() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let operator = app.sign_in("operator-a").await;
    let mut publisher = Publisher::connect(&broker);
    publisher.publish("frigate/events", "{\"type\": \"new\", plate 29A").await;
    publisher.publish("ioc/camera-alerts", json!([an_alert("C-A1", "m-0001", "jaywalking"), an_alert("C-A1", "m-0002", "theft")])).await;
    publisher.publish("frigate/C-nowhere/status/detect", "offline").await;
    publisher.publish("frigate/C-A1/status/detect", "perhaps").await;
    let mut plated = object("new", "o1", "cong_moi", "car");
    plated["after"]["recognized_license_plate"] = json!("29A-999.99");
    publisher.publish("frigate/events", &plated).await;
    plated["after"]["top_score"] = json!(0.95);
    publisher.publish("frigate/events", &plated).await;
    publisher.publish("frigate/reviews", review("new", "r1", "cong_moi", &["o1"])).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["m-0002"], "a bad item costs itself only");

    let list = waiting(&app).await;
    assert!(!serde_json::to_string(&list).unwrap().contains("29A"), "the operator may not see plates: {list:?}");
    let mut kept: Vec<_> = list.items.iter().map(|item| (item.topic.as_deref().unwrap_or("HTTP"), item.reason.as_str())).collect();
    kept.sort_unstable();
    assert_eq!(
        kept,
        [
            ("frigate/C-A1/status/detect", "ingest.unreadable"),
            ("frigate/C-nowhere/status/detect", "ingest.unknown_camera"),
            ("frigate/events", "ingest.unknown_camera"),
            ("frigate/events", "ingest.unreadable"),
            ("ioc/camera-alerts", "ingest.unknown_kind"),
        ],
        "the review is the same thing as the object that waits"
    );

    let of_camera = list.items.iter().find(|item| item.payload["camera"] == "cong_moi").unwrap();
    assert_eq!(of_camera.times, 2, "once, as it was told last: {of_camera:?}");
    let door = format!("/api/ingest/quarantine/{}/replay", of_camera.id);
    let replay = async || operator.send(operator.request(Method::POST, &door)).await;
    assert_eq!(summary(replay().await).await, "422 ingest.unknown_camera");
    add_camera(&app, "cong_moi").await;
    assert_eq!(replay().await.status(), StatusCode::OK);
    assert_eq!(external_ids(&app).await, ["m-0002", "o1"]);
    let id = alert_of(&app, "o1").await.unwrap().id;
    let police = app.sign_in("police-a").await;
    let plate = police.get_because(&format!("/api/camera-alerts/{id}/plate"), "Xác minh xe theo đơn số 12").await;
    assert_eq!(plate.json::<CameraAlertPlate>().await.unwrap().plate.as_deref(), Some("29A-999.99"), "not lost on the way");
    publisher.publish("frigate/events", object("end", "o1", "cong_moi", "car")).await;
    publisher.publish("frigate/reviews", review("end", "r1", "cong_moi", &["o1"])).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["m-0002", "o1"]);
    app.stop().await;
}

#[tokio::test]
async fn a_picture_comes_with_its_alert_and_a_bad_one_costs_itself_only() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    let with_picture = |id: &str, picture: &[u8]| {
        let mut alert = an_alert("C-A1", id, "theft");
        alert["snapshot_base64"] = json!(BASE64_STANDARD.encode(picture));
        alert
    };
    let whole = synthetic_snapshot(AlertKind::Theft, "C-A1", chrono::DateTime::UNIX_EPOCH, 1);
    // In front of it an item that cannot be read, so that places differ; beside it what brings no picture at all.
    let batch = json!([an_alert("C-A1", "m-0001", "jaywalking"), with_picture("m-0002", &whole), an_alert("C-A2", "m-0003", "theft")]);
    publisher.publish("ioc/camera-alerts", batch).await;
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "person")).await;
    publisher.publish("ioc/camera-alerts", with_picture("m-0004", b"no picture")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["m-0002", "m-0003", "m-0004", "o1"]);
    let police = app.sign_in("police-a").await;
    for (external_id, has_picture) in [("m-0002", true), ("m-0003", false), ("m-0004", false), ("o1", false)] {
        let id = alert_of(&app, external_id).await.unwrap().id;
        let answer = police.get(&format!("/api/camera-alerts/{id}/snapshot")).await;
        assert_eq!(answer.status() == StatusCode::OK, has_picture, "{external_id}: {}", answer.status());
    }

    // More than a request may bring: nobody would send the rest again.
    let many = (0..34_u64).map(|nth| {
        let picture = synthetic_snapshot(AlertKind::Theft, "C-A1", chrono::DateTime::UNIX_EPOCH, nth);
        with_picture(&format!("p-{nth}"), &picture)
    });
    publisher.publish("ioc/camera-alerts", Value::from_iter(many)).await;
    until_all_is_read(&app, &mut publisher).await;
    let mut owner = app.database.connect("ioc_owner").await;
    let kept: i64 = sqlx::query_scalar("select count(*) from camera_alert_snapshot").fetch_one(&mut owner).await.unwrap();
    assert_eq!(kept, 35);
    app.stop().await;
}

#[tokio::test]
async fn a_message_that_the_database_cannot_keep_costs_itself_only() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    let mut messages = alerts(0..5);
    messages.insert(2, ("frigate/events".to_owned(), object("new", "o\u{0}1", "C-A1", "person").to_string().into_bytes()));
    messages.push(("ioc/camera-alerts".to_owned(), vec![0xff; 17 * 1024 * 1024]));
    messages.extend(alerts(5..8));
    publisher.publish_all(messages).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, numbered(0..8));
    let list = waiting(&app).await;
    let mut reasons: Vec<_> = list.items.iter().map(|item| item.reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["ingest.unreadable", "ingest.unreadable_item"]);
    app.stop().await;
}

#[tokio::test]
async fn an_id_of_any_size_stops_nothing() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    // More than an index row holds, however it is packed.
    let long: Vec<String> = (0..220).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
    let mut odd = an_alert("C-A1", "m-0000", "theft");
    odd["external_id"] = json!(long);
    publisher.publish("ioc/camera-alerts", json!([odd, an_alert("C-A1", "m-0001", "crowd")])).await;
    publisher.publish("frigate/reviews", review("new", "r1", "C-A1", &["o1", &long.concat()])).await;
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "car")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["m-0001", "r1"], "the review stands for the object that has an id");
    let list = waiting(&app).await;
    assert_eq!(list.items.iter().map(|item| item.reason.as_str()).collect::<Vec<_>>(), ["ingest.unreadable_item"]);
    app.stop().await;
}

#[tokio::test]
async fn cameras_go_with_their_streams_and_with_their_recorder() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let operator = app.sign_in("operator-a").await;
    let mut publisher = Publisher::connect(&broker);
    let ward = app.ward();
    let status = async |camera: i64| operator.read::<Camera>(&format!("/api/cameras/{camera}")).await.status;
    for camera in ["C-A1", "C-A2"] {
        publisher.publish(&format!("frigate/{camera}/status/detect"), "online").await;
    }
    publisher.publish("frigate/C-A2/status/detect", "disabled").await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!((status(ward.a1.camera).await, status(ward.a2.camera).await), (CameraStatus::Online, CameraStatus::Offline));
    publisher.publish("frigate/C-A2/status/detect", "online").await;
    publisher.publish("frigate/available", "offline").await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!((status(ward.a1.camera).await, status(ward.a2.camera).await), (CameraStatus::Offline, CameraStatus::Offline));
    let at = Utc::now() + TimeDelta::seconds(2);
    publisher.publish("frigate/available", "online").await;
    publisher.publish("ioc/camera-status", json!({"camera": "C-A1", "status": "online", "at": at})).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(status(ward.a1.camera).await, CameraStatus::Online);
    app.stop().await;
}

#[tokio::test]
async fn a_recorder_that_goes_while_we_start_takes_its_cameras_along() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    for camera in ["C-A1", "c-a2", "C-nowhere"] {
        publisher.publish(&format!("frigate/{camera}/status/detect"), "online").await;
    }
    until_all_is_read(&app, &mut publisher).await;
    let states = async |app: &TestApp| {
        let (operator, mut states) = (app.sign_in("operator-a").await, Vec::new());
        for camera in [app.ward().a1.camera, app.ward().a2.camera] {
            states.push(operator.read::<Camera>(&format!("/api/cameras/{camera}")).await.status);
        }
        states
    };
    assert_eq!(states(&app).await, [CameraStatus::Online, CameraStatus::Online]);
    let app = started_again(app, &broker, async |_| publisher.publish("frigate/available", "offline").await).await;
    until("the server listens", async || is_connected(&app).await).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(states(&app).await, [CameraStatus::Offline, CameraStatus::Offline]);
    let kept = waiting(&app).await.items;
    assert_eq!(
        kept.iter().map(|item| item.times).collect::<Vec<_>>(),
        [1],
        "what is none of our cameras is not asked about again: {kept:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_revoked_device_is_not_listened_to_and_what_it_says_waits() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update device set revoked_at = now() where name = 'frigate'").await.unwrap();
    publisher.publish_all(alerts(0..3)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(external_ids(&app).await, Vec::<String>::new());
    owner.execute("update device set revoked_at = null where name = 'frigate'").await.unwrap();
    until("all three", async || external_ids(&app).await.len() >= 3).await;
    assert_eq!(external_ids(&app).await, numbered(0..3));
    app.stop().await;
}

#[tokio::test]
async fn the_doctor_says_whether_the_broker_answers_and_who_speaks_there() {
    let mut broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut config = app.database.config(app.dir.path());
    let examine = async |config: &server::platform::config::Config| {
        let database = Database::open(config).await.unwrap();
        let findings = doctor::examine(config, Ok(&database), Utc::now()).await;
        let found = findings.into_iter().find(|finding| finding.what == "mqtt").unwrap();
        (found.state, found.line())
    };
    assert_eq!(examine(&config).await.0, State::Good, "without a broker nothing is wrong");
    config.mqtt = Some(settings(&broker));
    let (state, line) = examine(&config).await;
    assert!(state == State::Good && line.contains("device frigate") && !line.contains(TOKEN), "{line}");
    config.mqtt = Some(MqttSettings::read(&broker.url(), TokenSource::Given("A".repeat(43)), TlsFiles::default()).unwrap());
    assert_eq!(examine(&config).await.0, State::Bad);
    config.mqtt = Some(settings(&broker));
    broker.stop().await;
    let (state, line) = examine(&config).await;
    assert!(state == State::Bad && line.contains("is the broker running"), "{line}");
    app.stop().await;
}
