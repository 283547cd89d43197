//! An alert from the camera to the operator who closes it, by keyboard, while a colleague looks on.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::json;
use server::demo::synthetic_snapshot::synthetic_snapshot;
use shared::{
    camera_alert::{AlertKind, AlertOutcome, AlertStatus, AlertStep, CameraAlertCard, CameraAlertList},
    session::Visitor,
};
use tests::{
    app::TestClient,
    browser::Browser,
    device::{TestDevice, an_alert},
    small_ward::PASSWORD,
};

use crate::journey::Journey;

const LIVE: &str = r#"[data-testid="live-state"][data-state="connected"]"#;
const WORDS: &str = r#"[data-testid="alert-words"] textarea"#;
const WORDS_SAVE: &str = r#"[data-testid="alert-words-save"]:not(:disabled)"#;
const GIVE_BACK: &str = r#"[data-testid="alert-give-back"]:not(:disabled)"#;
const CARD: &str = r#"[data-testid="card-camera_alert"]"#;

fn row(id: i64) -> String {
    format!(r#"[data-testid="alert"][data-id="{id}"]"#)
}

/// Presses a key wherever the page is, as hands that rest on the keyboard do.
async fn press(browser: &Browser, key: &str) {
    browser.press("body", key).await;
}

async fn status_becomes(browser: &Browser, status: &str) {
    browser.element(&format!(r#"[data-testid="alert-status"][data-status="{status}"]"#)).await;
}

async fn goes(browser: &Browser, selector: &str) {
    browser
        .wait_for::<bool>(&format!("{selector} to go"), "return document.querySelector(arguments[0]) === null", vec![json!(selector)])
        .await;
}

async fn newest_collision(client: &TestClient) -> i64 {
    client.read::<CameraAlertList>("/api/camera-alerts?kind=collision").await.alerts[0].id
}

#[tokio::test]
async fn an_operator_takes_an_alert_from_the_camera_to_its_end_by_keyboard() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let device = TestDevice::add(&journey.app, "hop-1", "A").await;
    let police = journey.app.sign_in("police-a").await;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.element(LIVE).await;
    browser.reads(r#"[data-testid="figure-alerts-open"] .figure-value"#, "2").await;

    // It comes by itself, before those that are less grave.
    device.report(&an_alert("C-A1", "va-cham", "collision")).await;
    let id = newest_collision(&police).await;
    browser.element(&row(id)).await;
    browser.reads(r#"[data-testid="figure-alerts-open"] .figure-value"#, "3").await;

    // J goes to the first, which is the gravest; its card says where.
    press(browser, "j").await;
    browser.element(&format!(r#"{}[aria-current="true"]"#, row(id))).await;
    let address = browser.text(r#".card-body [data-testid="alert-address"]"#).await;
    assert!(address.contains("Gần số 12 phố Thử A1"), "{address}");
    press(browser, "t").await;

    // What is typed is words, though every letter of them is a key; and they stay, though the answer to the key before them comes later.
    press(browser, "n").await;
    browser.fill(WORDS, "Tổ tuần tra đến cổng chợ, rất đông").await;
    status_becomes(browser, "taken").await;
    browser.element(&format!(r#"{}[data-status="taken"]"#, row(id))).await;
    // Nothing is under way any more that it would have to wait for.
    browser.element(WORDS_SAVE).await;
    let typed: String = browser.ask("return document.querySelector(arguments[0])?.value ?? ''", vec![json!(WORDS)]).await;
    assert_eq!(typed, "Tổ tuần tra đến cổng chợ, rất đông");
    // The form's two buttons are the only ones: no other is pressed for them.
    assert!(!browser.is_shown(GIVE_BACK).await);
    browser.click(WORDS_SAVE).await;
    browser.reads(r#"[data-testid="alert-entries"] .note"#, "Tổ tuần tra đến cổng chợ, rất đông").await;
    // Which others may see before the answer is here.
    goes(browser, WORDS).await;
    status_becomes(browser, "taken").await;

    press(browser, "c").await;
    // The form takes the focus to its first field as it opens; who types elsewhere before that types into it.
    let _: bool = browser.wait_for("the form to take the focus", "return document.activeElement.id === 'close-note'", vec![]).await;
    browser.fill("#close-basis", "Nghị định 168/2024/NĐ-CP").await;
    browser.fill("#close-fine", "1.000.000").await;
    browser.click(r#"[data-testid="alert-close-save"]"#).await;
    status_becomes(browser, "closed").await;
    browser.reads(r#"[data-testid="figure-alerts-open"] .figure-value"#, "2").await;
    // Closed: no key takes it again.
    press(browser, "t").await;
    press(browser, "\u{E00C}").await;
    goes(browser, CARD).await;

    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{id}")).await;
    assert_eq!((card.alert.status, card.alert.outcome), (AlertStatus::Closed, Some(AlertOutcome::Handled)));
    assert_eq!((card.alert.legal_basis.as_deref(), card.alert.fine_vnd), (Some("Nghị định 168/2024/NĐ-CP"), Some(1_000_000)));
    let steps: Vec<_> = card.entries.iter().map(|entry| entry.step).collect();
    assert_eq!(steps, [AlertStep::Taken, AlertStep::Noted, AlertStep::Closed]);
    journey.end(&[]).await;
}

#[tokio::test]
async fn a_colleague_sees_live_who_has_it_and_who_lost_the_race_is_told() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let device = TestDevice::add(&journey.app, "hop-1", "A").await;
    let police = journey.app.sign_in("police-a").await;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/alerts").await;
    browser.element(LIVE).await;
    device.report(&an_alert("C-A1", "va-cham", "collision")).await;
    let id = newest_collision(&police).await;
    browser.element(&row(id)).await;
    journey.mark_page().await;

    // The colleague takes it in a browser of their own.
    let colleague = Browser::open(journey.app.url("").as_str()).await;
    colleague.go_to("/").await;
    colleague.click(r#"[data-testid="account-button"]"#).await;
    colleague.click(r#"[data-testid="sign-in-button"]"#).await;
    colleague.fill("#login", "police-a").await;
    colleague.fill("#password", PASSWORD).await;
    colleague.click(r#"[data-testid="sign-in-submit"]"#).await;
    goes(&colleague, r#"[data-testid="sign-in-submit"]"#).await;
    colleague.go_to(&format!("/alerts?select=camera_alert:{id}")).await;
    colleague.element(r#"[data-testid="alert-take"]"#).await;
    let told = colleague.text(r#"[data-testid="alert-picture-none"]"#).await;
    assert!(told.contains("Không có ảnh"), "the police are told that none was sent: {told}");
    press(&colleague, "t").await;
    status_becomes(&colleague, "taken").await;
    browser.element(&format!(r#"{}[data-status="taken"]"#, row(id))).await;
    let words = browser.text(&format!("{} .alert-who", row(id))).await;
    assert!(words.contains("Cán bộ police-a"), "{words}");
    colleague.close().await;

    // One that is given to the operator says so in the bar, and leads to it.
    let me = journey.app.sign_in("operator-a").await.read::<Visitor>("/api/who").await.session.expect("signed in").account_id;
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{id}")).await;
    let assign =
        police.request(Method::POST, &format!("/api/camera-alerts/{id}/assign")).header("if-match", format!("\"{}\"", card.alert.version));
    assert!(police.send(assign.json(&json!({"account_id": me}))).await.status().is_success());
    browser.reads(r#"[data-testid="given-to-me"]"#, "Giao cho ông/bà: 1").await;
    browser.click(r#"[data-testid="given-to-me"]"#).await;
    browser.element(r#"[data-testid="standing-mine"][aria-pressed="true"]"#).await;
    browser.element(&row(id)).await;
    assert!(journey.is_same_page().await, "the page was never loaded again");

    // Two at once: one wins, and both screens say who.
    browser.click(r#"[data-testid="standing-all"]"#).await;
    let other = journey.app.ward().a1.camera_alert;
    browser.click(&row(other)).await;
    browser.element(r#"[data-testid="alert-take"]"#).await;
    let take = police.request(Method::POST, &format!("/api/camera-alerts/{other}/take"));
    let click = browser.ask::<()>("document.querySelector('[data-testid=\"alert-take\"]')?.click()", vec![]);
    let (taken, ()) = tokio::join!(police.send(take), click);
    let words = browser.text(&format!("{} .alert-who", row(other))).await;
    let won = taken.status().is_success();
    let name = if won { "Cán bộ police-a" } else { "Cán bộ operator-a" };
    browser
        .wait_for::<bool>(
            &format!("{name} on the row, which said {words:?}"),
            "return document.querySelector(arguments[0])?.innerText.includes(arguments[1]) ?? false",
            vec![json!(format!("{} .alert-who", row(other))), json!(name)],
        )
        .await;
    // The refusal of the one who lost may stand in the console, which is how browsers log a 409.
    journey.end(&["409"]).await;
}

#[tokio::test]
async fn filters_stand_in_the_address_and_a_brush_cuts_the_list() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let ward = journey.app.ward().clone();
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/alerts").await;
    browser.element(&row(ward.a1.camera_alert)).await;
    browser.element(&row(ward.a2.camera_alert)).await;
    browser.fill(r#"[data-testid="alert-words-filter"]"#, "nga tu a2").await;
    goes(browser, &row(ward.a1.camera_alert)).await;
    browser.element(&row(ward.a2.camera_alert)).await;
    browser.wait_for::<bool>("the words in the address", "return location.search.includes('alerts=words:nga')", vec![]).await;
    browser.click(r#"[data-testid="filters-button"]"#).await;
    browser.click(r#"[data-testid="kind-theft"]"#).await;
    browser.element(r#"[data-testid="alerts-none"]"#).await;
    let address: String = browser
        .wait_for(
            "the kind in the address",
            "return location.search.includes('kind:theft') ? location.pathname + location.search : null",
            vec![],
        )
        .await;

    // A colleague opens the same address and sees the same.
    browser.go_to(&address).await;
    browser.element(r#"[data-testid="alerts-none"]"#).await;
    browser.element(r#"[data-testid="kind-theft"][aria-pressed="true"]"#).await;
    browser.click(r#"[data-testid="filters-clear"]"#).await;
    browser.element(&row(ward.a1.camera_alert)).await;

    // In the room: the last quarter of an hour has none of them, which began an hour ago.
    browser.go_to("/operations").await;
    browser.element(&row(ward.a1.camera_alert)).await;
    browser.press(r#"[data-testid="day-bars"]"#, "\u{E014}").await;
    browser.element(r#"[data-testid="day-clear"]"#).await;
    goes(browser, &row(ward.a1.camera_alert)).await;
    browser.element(r#"[data-testid="alerts-brushed"]"#).await;
    browser.press(r#"[data-testid="day-bars"]"#, "\u{E00C}").await;
    browser.element(&row(ward.a1.camera_alert)).await;
    goes(browser, r#"[data-testid="alerts-brushed"]"#).await;

    // One that is closed leaves what needs action, and stands among all of its time, as in the bars.
    let police = journey.app.sign_in("police-a").await;
    let id = ward.a1.camera_alert;
    assert!(police.send(police.request(Method::POST, &format!("/api/camera-alerts/{id}/take"))).await.status().is_success());
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{id}")).await;
    let close = police
        .request(Method::POST, &format!("/api/camera-alerts/{id}/close"))
        .header("if-match", format!("\"{}\"", card.alert.version))
        .json(&json!({"outcome": "handled"}));
    let closed = police.send(close).await;
    assert!(closed.status().is_success(), "{}", closed.text().await.unwrap());
    goes(browser, &row(id)).await;
    // From three hours ago until before the last three quarters: what began an hour before the tests did lies in it.
    let (left, wider) = ("\u{E012}".repeat(12), format!("\u{E008}{}\u{E000}", "\u{E014}".repeat(8)));
    browser.press(r#"[data-testid="day-bars"]"#, &format!("{left}{wider}")).await;
    browser.element(&format!(r#"{}[data-status="closed"]"#, row(id))).await;
    browser.reads(r#"[data-testid="alerts-open"] .num"#, "2").await;
    browser.click(r#"[data-testid="alerts-brushed-clear"]"#).await;
    goes(browser, &row(id)).await;
    browser.reads(r#"[data-testid="alerts-open"] .num"#, "1").await;
    browser.element(&row(ward.a2.camera_alert)).await;
    journey.end(&[]).await;
}

#[tokio::test]
async fn a_picture_that_comes_later_is_on_the_open_card_and_what_is_typed_stays() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let device = TestDevice::add(&journey.app, "hop-1", "A").await;
    let police = journey.app.sign_in("police-a").await;
    browser.go_to("/").await;
    journey.sign_in("police-a").await;
    goes(browser, "dialog[open]").await;
    let mut alert = an_alert("C-A1", "va-cham", "collision");
    device.report(&alert).await;
    let id = newest_collision(&police).await;
    browser.go_to(&format!("/alerts?select=camera_alert:{id}")).await;
    browser.element(LIVE).await;
    browser.element(r#"[data-testid="alert-picture-none"]"#).await;
    press(browser, "n").await;
    browser.fill(WORDS, "Tổ tuần tra đến cổng chợ").await;
    journey.mark_page().await;

    // Nothing but the picture is new.
    let picture = synthetic_snapshot(AlertKind::Collision, "C-A1", chrono::DateTime::UNIX_EPOCH, 1);
    alert["snapshot_base64"] = json!(BASE64_STANDARD.encode(picture));
    device.report(&alert).await;
    browser.element(r#"[data-testid="alert-picture"][data-state="here"]"#).await;
    let is_typed =
        "const field = document.querySelector(arguments[0]); return field.value === arguments[1] && document.activeElement === field";
    let is_kept: bool = browser.ask(is_typed, vec![json!(WORDS), json!("Tổ tuần tra đến cổng chợ")]).await;
    assert!(is_kept, "what is typed stays, and the focus on it");
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}

#[tokio::test]
async fn what_was_taken_is_given_back_by_one_key_and_what_is_in_the_list_is_shelved_from_it() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let police = journey.app.sign_in("police-a").await;
    let (first, second) = (journey.app.ward().a1.camera_alert, journey.app.ward().a2.camera_alert);
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.element(LIVE).await;

    browser.click(&row(first)).await;
    browser.element(r#"[data-testid="alert-take"]"#).await;
    assert!(!browser.is_there(r#"[data-testid="alert-give-back"]"#).await, "nobody has it");
    press(browser, "t").await;
    status_becomes(browser, "taken").await;
    browser.element(GIVE_BACK).await;
    press(browser, "b").await;
    status_becomes(browser, "new").await;
    browser.element(&format!(r#"{}[data-status="new"]"#, row(first))).await;
    browser.element(r#"[data-testid="alert-take"]"#).await;
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{first}")).await;
    let last = card.entries.last().unwrap();
    assert_eq!((last.step, last.by.as_deref(), card.alert.handler_id), (AlertStep::GivenBack, Some("Cán bộ operator-a"), None));

    // With the card away, the key shelves the row that has the focus.
    press(browser, "\u{E00C}").await;
    goes(browser, CARD).await;
    browser.press(&row(first), "s").await;
    browser.fill(r#"[data-testid="shelve-dialog"] textarea"#, "Đang sửa đường trước cổng chợ").await;
    browser.click(r#"[data-testid="shelve-dialog"] [data-testid="shelve-save"]"#).await;
    goes(browser, &row(first)).await;
    // Until the dialog is away, the list behind it takes no click.
    goes(browser, r#"[data-testid="shelve-dialog"][open]"#).await;
    browser.element(r#"[data-testid="shelved-notice"]"#).await;

    // And the button beside a row does the same.
    browser.click(&format!(r#".alert-item:has({}) [data-testid="alert-row-shelve"]"#, row(second))).await;
    browser.fill(r#"[data-testid="shelve-dialog"] textarea"#, "Đám cưới, đã có người điều tiết").await;
    browser.click(r#"[data-testid="shelve-dialog"] [data-testid="shelve-save"]"#).await;
    goes(browser, &row(second)).await;
    assert!(!browser.is_there(CARD).await, "no card was needed");

    // The page of alerts leaves both out as the room does, and says so; one step leads to them, one back.
    browser.go_to("/alerts").await;
    browser.element(r#"[data-testid="alerts-none"]"#).await;
    let left_out = browser.text(r#"[data-testid="left-out"]"#).await;
    assert!(left_out.contains("2 cảnh báo đang tạm ẩn"), "{left_out}");
    browser.click(r#"[data-testid="left-out-show"]"#).await;
    browser.element(&row(first)).await;
    browser.element(&row(second)).await;
    browser.wait_for::<bool>("the choice in the address", "return location.search.includes('alerts=shelved:only')", vec![]).await;
    browser.click(r#"[data-testid="left-out-back"]"#).await;
    goes(browser, &row(first)).await;
    browser.element(r#"[data-testid="left-out-show"]"#).await;
    journey.end(&[]).await;
}
