//! Cameras that fall silent: told once for each silence, by rules like any alert, and put right by themselves. Time is what the
//! tests say: the job's one look takes the moment as of which it looks.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use server::cameras::look_for_silences;
use shared::camera_alert::{AlertKind, AlertOutcome, AlertStatus, AlertStep, CameraAlert, CameraAlertCard, CameraAlertList, Severity};
use sqlx::Executor;
use tests::{
    app::{TestApp, TestClient},
    device::{TestDevice, an_alert},
};

/// As of `now`, by a server that has been there for long.
async fn look(app: &TestApp, now: DateTime<Utc>) -> (i32, u32) {
    look_since(app, now, now - TimeDelta::days(60)).await
}

async fn look_since(app: &TestApp, now: DateTime<Utc>, listening_since: DateTime<Utc>) -> (i32, u32) {
    look_for_silences(&mut app.database.connect("ioc_job").await, now, listening_since).await.expect("the look succeeds")
}

async fn silences(client: &TestClient) -> Vec<CameraAlert> {
    client.read::<CameraAlertList>("/api/camera-alerts?kind=camera_silent").await.alerts
}

/// Everything that is known of heartbeats, so much longer ago.
async fn age(app: &TestApp, by: &str) {
    let statement = format!(
        "update camera_heartbeat set first_heard_at = first_heard_at - interval '{by}', last_heard_at = last_heard_at - interval '{by}'"
    );
    app.database.connect("ioc_owner").await.execute(statement.as_str()).await.unwrap();
}

/// The camera is known for weeks, with this as its longest gap.
async fn known_with_gap(app: &TestApp, gap_s: i32) {
    sqlx::query("update camera_heartbeat set first_heard_at = first_heard_at - interval '20 days', longest_gap_s = $1")
        .bind(gap_s as f32)
        .execute(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
}

fn online(camera: &str) -> serde_json::Value {
    json!({"camera": camera, "status": "online", "at": Utc::now()})
}

#[tokio::test]
async fn a_silence_is_told_once_and_put_right_when_the_camera_is_heard() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    look(&app, Utc::now() + TimeDelta::days(30)).await;
    assert_eq!(silences(&operator).await.len(), 0, "cameras that were never heard may not be connected at all");

    device.report(&an_alert("C-A1", "e1", "theft")).await;
    look(&app, Utc::now() + TimeDelta::hours(23)).await;
    assert_eq!(silences(&operator).await.len(), 0, "for two days it is only learnt how it usually is");
    let later = Utc::now() + TimeDelta::hours(25);
    assert_eq!(look(&app, later).await, (0, 1));
    assert_eq!(look(&app, later + TimeDelta::hours(1)).await, (0, 0), "told once");
    let told = silences(&operator).await;
    assert_eq!(told.len(), 1, "the other camera was never heard");
    let silent = &told[0];
    assert_eq!((silent.kind, silent.severity, silent.status), (AlertKind::CameraSilent, Severity::Medium, AlertStatus::New));
    assert_eq!((silent.camera_code.as_str(), silent.ended_at), ("C-A1", None));
    assert!((Utc::now() - silent.started_at).num_minutes() < 5, "since it was last heard");
    assert!(silent.lon.is_some() && silent.area_id == app.ward().a1.area);

    // A recorder that says so itself has not heard it either.
    age(&app, "25 hours").await;
    device.report(&an_alert("C-A1", "lost", "camera_silent")).await;
    let reported = silences(&operator).await;
    assert_eq!(reported.len(), 2);
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update camera_alert set started_at = started_at - interval '25 hours' where external_id like 'silent-%'").await.unwrap();
    assert_eq!(look(&app, Utc::now()).await, (0, 0));

    device.report_status(&json!([online("C-A1")])).await;
    assert_eq!(look(&app, Utc::now()).await, (2, 0));
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", silent.id)).await;
    assert_eq!((card.alert.status, card.alert.outcome), (AlertStatus::Closed, Some(AlertOutcome::Handled)));
    assert!(card.alert.ended_at.is_some() && card.alert.handler_id.is_none());
    let last = card.entries.last().unwrap();
    assert_eq!((last.step, last.by.as_deref()), (AlertStep::Closed, None), "by nobody's hand");
    assert!(last.note.as_deref().unwrap().starts_with("Có tín hiệu lại lúc "), "{:?}", last.note);
    app.stop().await;
}

#[tokio::test]
async fn whoever_has_taken_a_silence_closes_it() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&online("C-A1")).await;
    age(&app, "25 hours").await;
    look(&app, Utc::now()).await;
    let id = silences(&operator).await[0].id;
    operator.post(&format!("/api/camera-alerts/{id}/take"), &json!({}), None).await;
    device.report_status(&online("C-A1")).await;
    assert_eq!(look(&app, Utc::now()).await, (0, 0));
    assert_eq!(silences(&operator).await[0].status, AlertStatus::Taken);
    app.stop().await;
}

#[tokio::test]
async fn a_silence_to_which_somebody_was_sent_is_not_closed_under_their_name() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&json!([online("C-A1"), online("C-A2")])).await;
    age(&app, "25 hours").await;
    assert_eq!(look(&app, Utc::now()).await, (0, 2));
    let of = async |camera: &str| silences(&operator).await.into_iter().find(|alert| alert.camera_code == camera).unwrap();
    let (sent, alone) = (of("C-A1").await, of("C-A2").await);
    let police = app.account("police-a").await;
    let assign = operator.request(Method::POST, &format!("/api/camera-alerts/{}/assign", sent.id)).header("if-match", "\"0\"");
    assert!(operator.send(assign.json(&json!({"account_id": police}))).await.status().is_success());
    device.report_status(&json!([online("C-A1"), online("C-A2")])).await;
    assert_eq!(look(&app, Utc::now()).await, (1, 0));
    assert_eq!((of("C-A1").await.status, of("C-A1").await.handler_id), (AlertStatus::Assigned, Some(police)));
    let closed = of("C-A2").await;
    assert_eq!((closed.id, closed.status), (alone.id, AlertStatus::Closed));
    app.stop().await;
}

#[tokio::test]
async fn said_to_be_offline_is_silent_after_ten_minutes() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&json!([online("C-A1"), online("C-A2")])).await;
    age(&app, "1 hour").await;
    let since = Utc::now();
    device.report_status(&json!({"camera": "C-A1", "status": "offline", "at": since})).await;
    device.report_status(&json!({"camera": "C-A1", "status": "offline", "at": Utc::now()})).await;
    assert_eq!(look(&app, since + TimeDelta::minutes(9)).await, (0, 0));
    assert_eq!(look(&app, since + TimeDelta::minutes(11)).await, (0, 1));
    assert_eq!(look(&app, since + TimeDelta::minutes(30)).await, (0, 0));
    let told = silences(&operator).await;
    assert_eq!((told.len(), told[0].camera_code.as_str()), (1, "C-A1"));
    assert_eq!(told[0].started_at.timestamp_millis(), since.timestamp_millis(), "since it was said to be");
    app.stop().await;
}

#[tokio::test]
async fn how_long_is_too_long_is_what_the_camera_itself_has_shown() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&online("C-A1")).await;
    let heard = Utc::now();
    known_with_gap(&app, 3600).await;
    assert_eq!(look(&app, heard + TimeDelta::minutes(85)).await, (0, 0), "an hour, and half as much again");
    assert_eq!(look(&app, heard + TimeDelta::minutes(95)).await, (0, 1));

    // However lively or quiet a camera is: not under ten minutes, not over a day.
    let mut owner = app.database.connect("ioc_owner").await;
    for (gap_s, quiet, silent) in
        [(20, TimeDelta::minutes(9), TimeDelta::minutes(11)), (80_000, TimeDelta::hours(23), TimeDelta::hours(25))]
    {
        owner.execute("delete from camera_alert where kind = 'camera_silent'").await.unwrap();
        sqlx::query("update camera_heartbeat set longest_gap_s = $1").bind(gap_s as f32).execute(&mut owner).await.unwrap();
        assert_eq!(look(&app, heard + quiet).await, (0, 0), "{gap_s} s");
        assert_eq!(look(&app, heard + silent).await, (0, 1), "{gap_s} s");
    }
    app.stop().await;
}

#[tokio::test]
async fn while_no_server_ran_nobody_listened() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&online("C-A1")).await;
    known_with_gap(&app, 1200).await;
    age(&app, "3 days").await;
    let started = Utc::now();
    assert_eq!(look_since(&app, started + TimeDelta::minutes(29), started).await, (0, 0));
    assert_eq!(look_since(&app, started + TimeDelta::minutes(31), started).await, (0, 1));
    app.stop().await;
}

#[tokio::test]
async fn one_outage_does_not_teach_to_sleep_through_the_next() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&online("C-A1")).await;
    known_with_gap(&app, 1200).await;
    age(&app, "10 hours").await;
    device.report_status(&online("C-A1")).await;
    let longest: f32 = sqlx::query_scalar("select greatest(longest_gap_s, longest_gap_before_s) from camera_heartbeat")
        .fetch_one(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(longest, 1800.0, "ten hours count as the half hour after which somebody was told");
    app.stop().await;
}

#[tokio::test]
async fn rules_grade_and_route_a_silence_like_any_alert() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let police = app.account("police-a").await;
    sqlx::query("update alert_rule set rules = $2 where area_id = $1")
        .bind(app.ward().a1.area)
        .bind(json!([{"kind": "camera_silent", "severity": "high", "handler_id": police}]))
        .execute(&mut owner)
        .await
        .unwrap();
    device.report_status(&online("C-A1")).await;
    age(&app, "25 hours").await;
    look(&app, Utc::now()).await;
    let told = &silences(&operator).await[0];
    assert_eq!((told.severity, told.status, told.handler_id), (Severity::High, AlertStatus::Assigned, Some(police)));
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", told.id)).await;
    assert_eq!((card.entries[0].step, card.entries[0].to.as_deref()), (AlertStep::Assigned, Some("Cán bộ police-a")));
    // Given by a rule and taken by nobody: it is put right by itself all the same.
    device.report_status(&online("C-A1")).await;
    assert_eq!(look(&app, Utc::now()).await, (1, 0));
    app.stop().await;
}

#[tokio::test]
async fn a_heartbeat_is_no_change_and_nobody_reads_it_through_a_door() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    device.report_status(&online("C-A1")).await;
    let mut owner = app.database.connect("ioc_owner").await;
    let changes = "select count(*) from change";
    let before: i64 = sqlx::query_scalar(changes).fetch_one(&mut owner).await.unwrap();
    for _ in 0..5 {
        age(&app, "1 minute").await;
        device.report_status(&online("C-A1")).await;
    }
    let after: i64 = sqlx::query_scalar(changes).fetch_one(&mut owner).await.unwrap();
    assert_eq!(after, before);
    let heard: i64 = sqlx::query_scalar("select count(*) from camera_heartbeat where last_heard_at > now() - interval '20 seconds'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(heard, 1);
    let mut requests = app.database.connect("ioc_app").await;
    assert!(requests.execute("select * from camera_heartbeat").await.is_err());
    assert!(
        requests.execute("select * from find_rules_of_areas('{1}')").await.is_err(),
        "rules are a job's to read at once, not a request's"
    );
    // A device hears only for its own area.
    let stranger = TestDevice::add(&app, "hop-2", "B").await;
    stranger.report_status(&online("C-A2")).await;
    let known: i64 = sqlx::query_scalar("select count(*) from camera_heartbeat").fetch_one(&mut owner).await.unwrap();
    assert_eq!(known, 1);
    app.stop().await;
}
