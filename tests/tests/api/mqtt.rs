//! Recorders over MQTT, with a real mosquitto in between: each thing that is told is one alert, however often and by whichever topic,
//! and what cannot be read costs itself only. What ends and begins again meanwhile stands in `mqtt_outages`.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::demo::synthetic_snapshot::synthetic_snapshot;
use shared::camera_alert::{AlertKind, CameraAlertPlate};
use tests::{
    app::{TestApp, summary},
    device::an_alert,
    frigate::{object, review},
    listening::{alert_of, alerts, external_ids, listening, numbered, until_all_is_read, waiting},
    mosquitto::{Mosquitto, Publisher},
    shared_data,
    waiting::until,
};

async fn add_camera(app: &TestApp, code: &str) {
    let mut owner = app.database.connect("ioc_owner").await;
    let add = "insert into camera (code, name, geom) select $1::text, 'Cổng chợ ' || $1::text, geom from camera where code = 'C-A1'";
    sqlx::query(add).bind(code).execute(&mut owner).await.unwrap();
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
