//! Pictures that Frigate sends with a camera and a label alone: each with the alert that it shows, or with none.

use reqwest::StatusCode;
use server::demo::synthetic_snapshot::synthetic_snapshot;
use shared::camera_alert::AlertKind;
use tests::{
    app::TestApp,
    frigate::{object, review},
    listening::{alert_of, external_ids, listening, started_again, until_all_is_read, waiting},
    mosquitto::{Mosquitto, Publisher},
    waiting::until,
};

const PERSON: &str = "frigate/C-A1/person/snapshot";
const CAR: &str = "frigate/C-A2/car/snapshot";

fn drawn(number: u64) -> Vec<u8> {
    synthetic_snapshot(AlertKind::Intrusion, "C-A1", chrono::DateTime::UNIX_EPOCH, number)
}

/// The picture of an alert, as the police are shown it; none where there is none.
async fn picture_of(app: &TestApp, external_id: &str) -> Option<Vec<u8>> {
    let id = alert_of(app, external_id).await.expect("the alert is in").id;
    let answer = app.sign_in("police-a").await.get(&format!("/api/camera-alerts/{id}/snapshot")).await;
    match answer.status() {
        StatusCode::OK => Some(answer.bytes().await.unwrap().to_vec()),
        StatusCode::NOT_FOUND => None,
        other => panic!("{external_id}: {other}"),
    }
}

async fn tell(publisher: &mut Publisher, topic: &str, picture: Vec<u8>) {
    publisher.publish_all([(topic.to_owned(), picture)]).await;
}

#[tokio::test]
async fn a_picture_goes_to_the_one_thing_in_view_and_to_nothing_where_there_are_two() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    tell(&mut publisher, PERSON, drawn(1)).await;
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "person")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(picture_of(&app, "o1").await, None, "nobody was in view when it came");

    tell(&mut publisher, PERSON, drawn(2)).await;
    tell(&mut publisher, PERSON, drawn(3)).await;
    until_all_is_read(&app, &mut publisher).await;
    let of_first = picture_of(&app, "o1").await.expect("it is the one in view");

    publisher.publish("frigate/events", object("new", "o2", "C-A1", "person")).await;
    tell(&mut publisher, PERSON, drawn(4)).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(picture_of(&app, "o1").await.as_ref(), Some(&of_first), "it may be the other");
    assert_eq!(picture_of(&app, "o2").await, None);

    publisher.publish("frigate/events", object("end", "o1", "C-A1", "person")).await;
    tell(&mut publisher, PERSON, drawn(5)).await;
    publisher.publish("frigate/events", object("end", "o2", "C-A1", "person")).await;
    until_all_is_read(&app, &mut publisher).await;
    let of_second = picture_of(&app, "o2").await.expect("it was alone by then");
    assert_ne!(of_first, of_second);
    tell(&mut publisher, PERSON, drawn(2)).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(picture_of(&app, "o2").await, Some(of_second), "the best of all that were there is nobody's");
    app.stop().await;
}

#[tokio::test]
async fn a_picture_of_an_object_is_its_reviews_and_one_that_is_none_costs_itself_only() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    publisher.publish("frigate/reviews", review("new", "r1", "C-A2", &["o1"])).await;
    publisher.publish("frigate/events", object("new", "o1", "C-A2", "car")).await;
    let mut parked = object("update", "o9", "C-A2", "car");
    parked["after"]["stationary"] = true.into();
    publisher.publish("frigate/events", parked).await;
    tell(&mut publisher, CAR, b"no picture".to_vec()).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["o9", "r1"]);
    assert_eq!(picture_of(&app, "r1").await, None);
    tell(&mut publisher, CAR, drawn(1)).await;
    until("the picture", async || picture_of(&app, "r1").await.is_some()).await;
    assert_eq!(picture_of(&app, "o9").await, None, "of what stands still Frigate sends none");
    // Of a camera that is none of ours, and of something that is no alert.
    publisher.publish("frigate/events", object("new", "o2", "C-A1", "dog")).await;
    tell(&mut publisher, "frigate/C-A1/dog/snapshot", drawn(2)).await;
    tell(&mut publisher, "frigate/C-nowhere/person/snapshot", drawn(3)).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(waiting(&app).await.items, [], "nobody could do anything about any of them");
    let mut owner = app.database.connect("ioc_owner").await;
    let kept: i64 = sqlx::query_scalar("select count(*) from camera_alert_snapshot").fetch_one(&mut owner).await.unwrap();
    assert_eq!(kept, 1);
    let metrics = app.public().get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("ioc_frigate_snapshots_total{became=\"ingest.snapshot_refused\"}"), "{metrics}");
    app.stop().await;
}

#[tokio::test]
async fn a_picture_that_the_broker_kept_is_of_somebody_who_has_gone() {
    let broker = Mosquitto::start().await;
    let app = listening(&broker).await;
    let mut publisher = Publisher::connect(&broker);
    let app = started_again(app, &broker, async |_| {
        publisher.keep(PERSON, &drawn(1)).await;
        publisher.publish("frigate/events", object("new", "o1", "C-A1", "person")).await;
    })
    .await;
    until("the event", async || external_ids(&app).await == ["o1"]).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(picture_of(&app, "o1").await, None);
    // Frigate keeps each; as it comes, it is as good as any.
    publisher.keep(PERSON, &drawn(2)).await;
    until("the next", async || picture_of(&app, "o1").await.is_some()).await;
    app.stop().await;
}
