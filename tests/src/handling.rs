//! Camera alerts in the hands of officers: steps at one through its doors, and its card.
//! It deliberately expects nothing of a step but that it is done where `done` is asked.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use shared::camera_alert::{AlertStep, CameraAlertCard};

use crate::app::{TestClient, body_of};

/// A step at an alert; `seen`: the version in `If-Match`.
pub async fn step(client: &TestClient, id: i64, step: &str, seen: Option<i32>, body: Value) -> Response {
    client.write(Method::POST, &format!("/api/camera-alerts/{id}/{step}"), seen, &body).await
}

/// The alert after a step that was done.
pub async fn done(answer: Response) -> CameraAlertCard {
    body_of(answer).await
}

pub async fn take(client: &TestClient, id: i64) -> CameraAlertCard {
    done(step(client, id, "take", None, json!({})).await).await
}

/// Gives an alert back, as seen in this version.
pub async fn give_back(client: &TestClient, id: i64, seen: Option<i32>) -> Response {
    step(client, id, "assign", seen, json!({"account_id": null})).await
}

pub async fn card(client: &TestClient, id: i64) -> CameraAlertCard {
    client.read(&format!("/api/camera-alerts/{id}")).await
}

/// Who has the alert.
pub fn handler(card: &CameraAlertCard) -> Option<&str> {
    card.alert.handler_name.as_deref()
}

/// What happened last: step, by whom, from whom, to whom.
pub fn last(card: &CameraAlertCard) -> (AlertStep, Option<&str>, Option<&str>, Option<&str>) {
    let entry = card.entries.last().expect("something has happened");
    (entry.step, entry.by.as_deref(), entry.from.as_deref(), entry.to.as_deref())
}
