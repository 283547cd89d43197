//! Much at once and much too late: large batches, several senders of the same, what a recorder kept for days, a day of Frigate's.
//! What becomes of a single report stands in `ingest`.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::ingest::frigate;
use shared::{
    alert_figures::AlertFigures,
    camera_alert::{CameraAlertCard, CameraAlertList, Severity},
    ingest::IngestAnswer,
};
use tests::{
    app::TestApp,
    device::{TestDevice, an_alert, said},
    shared_data,
};

#[tokio::test]
async fn a_large_batch_is_taken_in_whole_and_other_doors_stay_small() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let path: Vec<[f64; 2]> = (0..40).map(|n| [f64::from(n) / 7.0, f64::from(n) / 3.0]).collect();
    let alerts: Vec<Value> = (0..3000)
        .map(|n| {
            let mut alert = an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), "crowd");
            alert["path"] = json!(path);
            alert
        })
        .collect();
    let body = Value::from(alerts).to_string();
    assert!(body.len() > 2 * 1024 * 1024, "{}", body.len());
    let begun = std::time::Instant::now();
    let answer = device.send("/ingest/camera-alerts", body.clone()).await;
    let took = begun.elapsed();
    let answer: IngestAnswer = answer.json().await.unwrap();
    assert_eq!(said(&answer), (3000, 0, vec![]));
    println!("3000 alerts of {} MB in {took:?}", body.len() / 1_000_000);
    assert_eq!(device.send("/ingest/camera-alerts", "x".repeat(17 * 1024 * 1024)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let public = app.public();
    let large = json!({"q": "x".repeat(2 * 1024 * 1024), "limit": 5});
    assert_eq!(public.post("/api/search", &large, None).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    app.stop().await;
}

#[tokio::test]
async fn several_senders_of_the_same_alerts_in_another_order_make_each_once() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alerts: Vec<Value> = (0..200).map(|n| an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), "crowd")).collect();
    let batches = (0..8).map(|turn| {
        let mut batch = alerts.clone();
        batch.rotate_left(turn * 25);
        if turn % 2 == 1 {
            batch.reverse();
        }
        Value::from(batch)
    });
    let batches: Vec<Value> = batches.collect();
    let answers = futures_util::future::join_all(batches.iter().map(|batch| device.report(batch))).await;
    assert_eq!(answers.iter().map(|answer| answer.accepted).sum::<usize>(), 200, "each was new to one of them");
    assert!(answers.iter().all(|answer| answer.accepted + answer.duplicate == 200));
    app.stop().await;
}

/// A recorder that was cut off sends a backlog: what is a few days old asks for an answer, what is older is kept and asks nobody.
#[tokio::test]
async fn what_began_more_than_a_week_ago_is_kept_and_asks_for_nobody() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let figures = async || operator.read::<AlertFigures>("/api/camera-alerts/figures").await;
    let before = figures().await;
    let begun = |external_id: &str, days: i64| {
        let mut alert = an_alert("C-A1", external_id, "theft");
        alert["started_at"] = json!(Utc::now() - TimeDelta::days(days));
        alert
    };
    assert_eq!(said(&device.report(&json!([begun("six-days", 6), begun("eight-days", 8), begun("years", 4000)])).await), (3, 0, vec![]));

    let after = figures().await;
    assert_eq!(after.unclaimed, before.unclaimed + 1, "of the three, one waits for somebody");
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=theft&status=new&limit=200").await;
    let days_ago = |days: i64| {
        let near = |at: DateTime<Utc>| (Utc::now() - TimeDelta::days(days) - at).abs() < TimeDelta::hours(1);
        list.alerts.iter().find(|alert| near(alert.started_at)).unwrap_or_else(|| panic!("none began {days} days ago"))
    };
    assert!(days_ago(6).answer_due_at.is_some());
    for days in [8, 4000] {
        let late = days_ago(days);
        assert_eq!((late.answer_due_at, late.handler_id, late.overdue), (None, None, false), "{days} days");
    }

    // Graver after all: still nobody's time.
    let mut graver = begun("eight-days", 8);
    graver["severity"] = json!("critical");
    assert_eq!(said(&device.report(&graver).await), (1, 0, vec![]));
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", days_ago(8).id)).await;
    assert_eq!((card.alert.severity, card.alert.answer_due_at), (Severity::Critical, None));
    app.stop().await;
}

/// Frigate's own examples through the mapping, shifted over a day, into the door: each object and review once at its end.
#[tokio::test]
async fn a_day_of_what_frigate_sends_ends_with_each_alert_once() {
    let Some(path) = shared_data::file("events/frigate_mqtt_samples.ndjson") else { return };
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "frigate", "A").await;
    let samples = std::fs::read_to_string(path).unwrap();
    let samples: Vec<Value> = samples.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut read, mut reports) = (0, Vec::new());
    for sample in &samples {
        for hour in 0..24_u32 {
            for step in ["new", "update", "end"] {
                let mut payload = sample["payload"].clone();
                let mapped = match sample["topic"].as_str().unwrap() {
                    "frigate/events" => frigate::event(shifted(&mut payload, hour, step)),
                    "frigate/reviews" => frigate::review(shifted(&mut payload, hour, step)),
                    // What else Frigate tells is no alert of ours.
                    _ => continue,
                };
                read += 1;
                if let frigate::Message::Alert(alert) = mapped.unwrap_or_else(|cause| panic!("{cause}: {payload}")) {
                    reports.push(serde_json::to_value(*alert).unwrap());
                }
            }
        }
    }
    assert!(read >= 2 * 24 * 3 && reports.len() == read, "{read} messages, {} alerts", reports.len());
    let answer = device.report(&Value::from(reports.clone())).await;
    // New, and its end; the update between says nothing new.
    assert_eq!(said(&answer), (reports.len() * 2 / 3, reports.len() / 3, vec![]));
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?kind=intrusion&limit=200").await;
    assert_eq!(list.alerts.len(), reports.len() / 3);
    assert!(list.alerts.iter().all(|alert| alert.ended_at.is_some() && alert.camera_code == "C-A1"));
    let text = serde_json::to_string(&list).unwrap();
    assert!(!text.contains("John") && !text.contains("Bob") && !text.contains("ABC12345"), "whom a face was taken for, a plate");
    app.stop().await;
}

/// The sample as another object of the same camera, an hour later.
fn shifted<'a>(payload: &'a mut Value, hour: u32, step: &str) -> &'a Value {
    payload["type"] = json!(step);
    let after = &mut payload["after"];
    after["camera"] = json!("C-A1");
    after["id"] = json!(format!("{}-{hour}", after["id"].as_str().unwrap()));
    let start = after["start_time"].as_f64().unwrap() + f64::from(hour) * 3600.0;
    after["start_time"] = json!(start);
    after["end_time"] = if step == "end" { json!(start + 30.0) } else { Value::Null };
    payload
}
