//! The register of violations while colleagues work: what they close comes, what they reopen goes, and never from under a hand.

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::camera_alert::CameraAlertCard;
use tests::{app::TestClient, browser::Browser};

use crate::journey::Journey;

const LIVE: &str = r#"[data-testid="live-state"][data-state="connected"]"#;

fn row(id: i64) -> String {
    format!(r#"[data-testid="violations"] tr[data-id="{id}"]"#)
}

async fn step(client: &TestClient, id: i64, name: &str, body: Value) {
    let card: CameraAlertCard = client.read(&format!("/api/camera-alerts/{id}")).await;
    let request = client.request(Method::POST, &format!("/api/camera-alerts/{id}/{name}"));
    let request = request.header("if-match", format!("\"{}\"", card.alert.version)).json(&body);
    let answer = client.send(request).await;
    assert!(answer.status().is_success(), "{name} {id}: {}", answer.text().await.unwrap());
}

async fn goes(browser: &Browser, selector: &str) {
    browser
        .wait_for::<bool>(&format!("{selector} to go"), "return document.querySelector(arguments[0]) === null", vec![json!(selector)])
        .await;
}

#[tokio::test]
async fn what_colleagues_close_and_reopen_comes_and_goes_and_no_row_moves_under_a_hand() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let police = journey.app.sign_in("police-a").await;
    let (first, second) = (journey.app.ward().a1.camera_alert, journey.app.ward().a2.camera_alert);
    // The second began later, so its place is above the first.
    let mut owner = journey.app.database.connect("ioc_owner").await;
    for (id, minutes) in [(first, 50), (second, 10)] {
        sqlx::query("update camera_alert set started_at = $2 where id = $1")
            .bind(id)
            .bind(Utc::now() - TimeDelta::minutes(minutes))
            .execute(&mut owner)
            .await
            .unwrap();
    }
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.element(LIVE).await;
    browser.go_to("/violations").await;
    browser.element(r#"[data-testid="violations-empty"]"#).await;
    browser.reads(r#"[data-testid="figure-violations"] .figure-value"#, "0").await;
    journey.mark_page().await;

    step(&police, first, "close", json!({"outcome": "handled", "fine_vnd": 900_000})).await;
    browser.element(&row(first)).await;
    browser.reads(r#"[data-testid="figure-violations"] .figure-value"#, "1").await;

    // Somebody is at the row: the next one, which belongs above it, waits; what goes stays where it was and says so.
    let hold = format!(r#"{} [data-testid="violation-open"]"#, row(first));
    browser.ask::<()>("document.querySelector(arguments[0]).focus()", vec![json!(hold)]).await;
    step(&police, second, "close", json!({"outcome": "handled", "legal_basis": "Nghị định 168/2024/NĐ-CP"})).await;
    browser.reads(r#"[data-testid="violations-waiting"]"#, "1 việc mới").await;
    assert!(!browser.is_there(&row(second)).await, "it waits");
    step(&police, first, "reopen", json!({"reason": "xe quay lại chỗ cũ"})).await;
    browser.element(&format!("{}.gone", row(first))).await;

    browser.click(r#"[data-testid="violations-waiting"]"#).await;
    browser.element(&row(second)).await;
    goes(browser, &row(first)).await;
    browser.reads(r#"[data-testid="figure-violations"] .figure-value"#, "1").await;
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}
