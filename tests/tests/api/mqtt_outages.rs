//! What ends and begins again around an MQTT broker: the broker, the server, the database's patience, cameras and their recorder, a
//! device that is revoked. Nothing is lost, nothing comes twice, and the doctor says how it stands.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::json;
use server::{
    app::doctor::{self, State},
    platform::database::Database,
};
use shared::camera::{Camera, CameraStatus};
use sqlx::Executor;
use tests::{
    app::TestApp,
    listening::{
        TOKEN, alerts, external_ids, is_connected, listening, numbered, settings, settings_with, started_again, until_all_is_read, waiting,
    },
    mosquitto::{Mosquitto, Publisher},
    waiting::until,
};

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
    config.mqtt = Some(settings_with(&broker, "A".repeat(43)));
    assert_eq!(examine(&config).await.0, State::Bad);
    config.mqtt = Some(settings(&broker));
    broker.stop().await;
    let (state, line) = examine(&config).await;
    assert!(state == State::Bad && line.contains("is the broker running"), "{line}");
    app.stop().await;
}
