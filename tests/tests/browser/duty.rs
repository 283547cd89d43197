//! The duty page: somebody is put on, the week is repeated, the shift is handed over.

use std::time::Duration;

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

/// As a person would: whose click met a row that was just drawn anew clicks again.
async fn open_form(browser: &Browser) {
    for _ in 0..20 {
        browser.click(r#"tr[aria-current="date"] [data-testid="duty-add"]"#).await;
        sleep(Duration::from_millis(500)).await;
        if browser.is_there(r#"[data-testid="duty-save"]"#).await {
            return;
        }
    }
}
