//! The duty page: somebody is put on, the week is repeated, the shift is handed over.

use std::time::Duration;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use shared::duty::Duty;
use tests::browser::Browser;
use tokio::time::sleep;

use crate::journey::Journey;

#[tokio::test]
async fn an_operator_keeps_the_roster_and_hands_the_shift_over() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/duty").await;
    browser.reads(r#"[data-testid="nobody-on"]"#, "Chưa có ai trực lúc này. Cảnh báo mới chưa có người nhận.").await;

    // Today's first shift, and the leader, who stands first among those who answer.
    open_form(browser).await;
    browser.click(r#"[data-testid="duty-save"]"#).await;
    browser.reads(r#"tr[aria-current="date"] [data-testid="duty"] strong"#, "Cán bộ leader-a").await;

    // The same once more is refused where it was tried, and nothing typed is lost.
    open_form(browser).await;
    browser.click(r#"[data-testid="duty-save"]"#).await;
    browser.element(r#"[data-testid="duty-form"] [data-code="duty.answered_by_another"]"#).await;
    browser.press_escape().await;

    browser.click(r#"[data-testid="week-after"]"#).await;
    browser.click(r#"[data-testid="repeat-week"]"#).await;
    let said = "Đã thêm 1 ca trực; bỏ qua 0 ca đã có người hoặc người trực không còn xử lý cảnh báo.";
    browser.reads(r#"[data-testid="week-repeated"]"#, said).await;
    browser.reads(r#"[data-testid="duty"] strong"#, "Cán bộ leader-a").await;

    browser.fill("#handover-note", "Camera C07 mờ, đã báo kỹ thuật.").await;
    browser.click(r#"[data-testid="hand-over"]"#).await;
    browser.reads(r#"[data-testid="handover"] .handover-words"#, "Camera C07 mờ, đã báo kỹ thuật.").await;
    assert!(!browser.is_there(r#"[data-testid="take-over"]"#).await, "whoever comes on takes it over, not who writes it");
    // The refusal of the second try.
    journey.end(&["409"]).await;
}

#[tokio::test]
async fn what_a_colleague_edits_comes_by_itself_and_takes_nothing_from_who_is_typing() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let colleague = journey.app.sign_in("operator-a").await;
    let ward = journey.app.ward().ward_a;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.element(r#"[data-testid="live-state"][data-state="connected"]"#).await;
    browser.go_to("/duty").await;
    browser.element(r#"[data-testid="nobody-on"]"#).await;
    journey.mark_page().await;
    browser.fill("#handover-note", "Camera C07 mờ").await;
    browser.click(r#"[data-testid="edit-answer-times"]"#).await;
    browser.fill(r#"[data-testid="answer-critical"]"#, "3").await;

    let leader: i64 = sqlx::query_scalar("select id from account where login = 'leader-a'")
        .fetch_one(&mut journey.app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    let from = shift_begins();
    let duty =
        json!({"area_id": ward, "account_id": leader, "from": from, "until": from + TimeDelta::hours(8), "step": "first", "kinds": null});
    let added = colleague.post("/api/duty", &duty, None).await;
    assert!(added.status().is_success(), "{}", added.text().await.unwrap());
    let duty: Duty = added.json().await.unwrap();
    browser.reads(r#"[data-testid="on-now"] strong"#, "Cán bộ leader-a").await;
    browser.element(r#"[data-testid="duty-table"] [data-testid="duty"]"#).await;

    let note = json!({"area_id": ward, "shift_from": from, "shift_until": from + TimeDelta::hours(8), "note": "Ca sáng yên."});
    assert!(colleague.post("/api/duty/handovers", &note, None).await.status().is_success());
    browser.reads(r#"[data-testid="handover"] .handover-words"#, "Ca sáng yên.").await;

    let end = colleague.request(Method::DELETE, &format!("/api/duty/{}", duty.id)).header("if-match", format!("\"{}\"", duty.version));
    assert!(colleague.send(end.json(&json!(null))).await.status().is_success());
    browser.element(r#"[data-testid="nobody-on"]"#).await;

    let typed: (String, String) = browser
        .ask(
            "return [document.querySelector('#handover-note').value, document.querySelector('[data-testid=\"answer-critical\"]').value]",
            vec![],
        )
        .await;
    assert_eq!(typed, ("Camera C07 mờ".to_owned(), "3".to_owned()));
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}

#[tokio::test]
async fn who_is_rostered_but_answers_no_more_stands_in_the_form_and_is_not_replaced_by_saving() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let colleague = journey.app.sign_in("operator-a").await;
    let mut database = journey.app.database.connect("ioc_owner").await;
    let police: i64 = sqlx::query_scalar("select id from account where login = 'police-a'").fetch_one(&mut database).await.unwrap();
    let (ward, from) = (journey.app.ward().ward_a, shift_begins());
    let duty =
        json!({"area_id": ward, "account_id": police, "from": from, "until": from + TimeDelta::hours(8), "step": "first", "kinds": null});
    let added = colleague.post("/api/duty", &duty, None).await;
    assert!(added.status().is_success(), "{}", added.text().await.unwrap());
    let added: Duty = added.json().await.unwrap();
    sqlx::query("delete from appointment where account_id = $1").bind(police).execute(&mut database).await.unwrap();

    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/duty").await;
    browser.click(r#"button[data-testid="duty"]"#).await;
    let chosen = "return document.querySelector('#duty-person')?.selectedOptions[0]?.textContent || null";
    let chosen: String = browser.wait_for("somebody in the form", chosen, vec![]).await;
    assert_eq!(chosen, "Cán bộ police-a (không còn trực cảnh báo)");
    browser.click(r#"[data-testid="duty-save"]"#).await;
    browser.element(r#"[data-testid="duty-form"] [data-code="duty.does_not_answer"]"#).await;
    let stands: i64 =
        sqlx::query_scalar("select account_id from duty where id = $1").bind(added.id).fetch_one(&mut database).await.unwrap();
    assert_eq!(stands, police);
    // The refusal to save.
    journey.end(&["422"]).await;
}

/// A shift that goes on now and is one of this week's, in the first minutes of a Monday too: weeks begin on the hour.
fn shift_begins() -> DateTime<Utc> {
    Utc::now().duration_trunc(TimeDelta::hours(1)).expect("an hour")
}

/// As a person would: whose click met a row that was just drawn anew clicks again.
async fn open_form(browser: &Browser) {
    for _ in 0..20 {
        browser.click(r#"tr[aria-current="date"] [data-testid="duty-add"]"#).await;
        for _ in 0..100 {
            if browser.is_there(r#"[data-testid="duty-save"]"#).await {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}
