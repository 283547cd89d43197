//! An alert that nobody takes in time: before the eyes of the room it goes one step up, to somebody who is named and takes it.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use shared::camera_alert::{AlertStatus, AlertStep, CameraAlertCard, CameraAlertList, Severity};
use tests::{
    browser::Browser,
    device::{TestDevice, an_alert},
    small_ward::PASSWORD,
};

use crate::journey::Journey;

const LIVE: &str = r#"[data-testid="live-state"][data-state="connected"]"#;
const POLICE: &str = "Cán bộ police-a";
const LEADER: &str = "Cán bộ leader-a";

fn row(id: i64) -> String {
    format!(r#"[data-testid="alert"][data-id="{id}"]"#)
}

/// Waits for words anywhere within an element.
async fn says(browser: &Browser, selector: &str, words: &str) {
    browser
        .wait_for::<bool>(
            &format!("{words:?} in {selector}"),
            "return document.querySelector(arguments[0])?.innerText.includes(arguments[1]) ?? false",
            vec![json!(selector), json!(words)],
        )
        .await;
}

/// On from an hour ago, for eight hours.
async fn put_on(journey: &Journey, login: &str, step: &str) {
    let mut owner = journey.app.database.connect("ioc_owner").await;
    let account: i64 = sqlx::query_scalar("select id from account where login = $1").bind(login).fetch_one(&mut owner).await.unwrap();
    let from = Utc::now() - TimeDelta::hours(1);
    let duty = json!({"area_id": journey.app.ward().ward_a, "account_id": account, "from": from, "until": from + TimeDelta::hours(8),
        "step": step, "kinds": null});
    let answer = journey.app.sign_in("operator-a").await.post("/api/duty", &duty, None).await;
    assert!(answer.status().is_success(), "{login}: {}", answer.text().await.unwrap());
}

#[tokio::test]
async fn what_nobody_takes_in_time_goes_up_to_the_next_person_live_and_that_person_takes_it() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let device = TestDevice::add(&journey.app, "hop-1", "A").await;
    put_on(&journey, "police-a", "first").await;
    put_on(&journey, "leader-a", "shift_lead").await;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.element(LIVE).await;
    journey.mark_page().await;
    let leader = Browser::open(journey.app.url("").as_str()).await;
    leader.go_to("/").await;
    leader.click(r#"[data-testid="account-button"]"#).await;
    leader.click(r#"[data-testid="sign-in-button"]"#).await;
    leader.fill("#login", "leader-a").await;
    leader.fill("#password", PASSWORD).await;
    leader.click(r#"[data-testid="sign-in-submit"]"#).await;
    leader.wait_for::<bool>("the form to go", "return document.querySelector('[data-testid=\"sign-in-submit\"]') === null", vec![]).await;
    leader.go_to("/alerts").await;
    leader.element(LIVE).await;

    // The roster says whose it is.
    device.report(&an_alert("C-A1", "va-cham", "collision")).await;
    let room = journey.app.sign_in("operator-a").await;
    let alert = room.read::<CameraAlertList>("/api/camera-alerts?kind=collision").await.alerts.remove(0);
    let id = alert.id;
    assert_eq!((alert.severity, alert.handler_name.as_deref()), (Severity::High, Some(POLICE)));
    let who = format!("{} .alert-who", row(id));
    says(browser, &who, POLICE).await;
    browser.element(&format!(r#"{}[data-status="assigned"]"#, row(id))).await;
    assert!(!leader.is_there(r#"[data-testid="given-to-me"]"#).await, "nobody has asked the leader yet");

    // Ten minutes pass in which nobody takes it.
    sqlx::query("update camera_alert set answer_due_at = now() - interval '1 second' where id = $1")
        .bind(id)
        .execute(&mut journey.app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    says(browser, &who, &format!("Chuyển lên {LEADER}")).await;
    leader.reads(r#"[data-testid="given-to-me"]"#, "Giao cho ông/bà: 1").await;
    browser.click(&row(id)).await;
    says(browser, r#"[data-testid="alert-entries"]"#, &format!("Chưa ai nhận đúng hạn, chuyển cho {LEADER}")).await;

    // Whoever it went to takes it, and the room sees it.
    leader.click(r#"[data-testid="given-to-me"]"#).await;
    leader.click(&row(id)).await;
    leader.click(r#"[data-testid="alert-take"]"#).await;
    leader.element(r#"[data-testid="alert-status"][data-status="taken"]"#).await;
    leader.close().await;
    browser.element(&format!(r#"{}[data-status="taken"]"#, row(id))).await;
    says(browser, &who, LEADER).await;
    browser.element(r#"[data-testid="alert-status"][data-status="taken"]"#).await;
    assert!(journey.is_same_page().await, "the page was never loaded again");

    let card: CameraAlertCard = room.read(&format!("/api/camera-alerts/{id}")).await;
    assert_eq!((card.alert.status, card.alert.escalation, card.alert.overdue), (AlertStatus::Taken, 2, false));
    let steps: Vec<_> = card.entries.iter().map(|entry| (entry.step, entry.by.as_deref(), entry.to.as_deref())).collect();
    assert_eq!(
        steps,
        [(AlertStep::Assigned, None, Some(POLICE)), (AlertStep::Escalated, None, Some(LEADER)), (AlertStep::Taken, Some(LEADER), None),]
    );
    journey.end(&[]).await;
}
