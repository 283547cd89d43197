//! A leader of a whole province: which ward the screens are about, chosen once for all of them.

use serde_json::json;
use tests::small_ward::{self, password_hash};

use crate::journey::Journey;

const CHOOSER: &str = r#"[data-testid="ward-choice"]"#;
const WORDS: &str = r#"[data-testid="ward-choice-words"]"#;
const OPEN: &str = r#"[data-testid="figure-alerts-open"] .figure-value"#;
const ENTER: &str = "\u{E007}";

/// Waits until so many alerts are listed.
async fn alerts_listed(journey: &Journey, number: usize) {
    journey
        .browser
        .wait_for::<bool>(
            &format!("{number} alerts in the list"),
            r#"return document.querySelectorAll('[data-testid="alert"]').length === arguments[0]"#,
            vec![json!(number)],
        )
        .await;
}

#[tokio::test]
async fn a_leader_of_a_province_turns_all_screens_to_one_ward_and_back() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let mut owner = journey.app.database.connect("ioc_owner").await;
    small_ward::account(&mut owner, "leader-p", "leader", ward.province, &password_hash()).await.expect("the owner may");
    browser.go_to("/").await;
    journey.sign_in("leader-p").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.reads(CHOOSER, "Tỉnh Thử").await;
    browser.reads(OPEN, "3").await;
    alerts_listed(&journey, 3).await;

    // By keyboard, without marks.
    browser.click(CHOOSER).await;
    browser.fill(WORDS, "phuong b").await;
    browser.press(WORDS, ENTER).await;
    browser.reads(CHOOSER, "Phường B").await;
    browser.reads(OPEN, "1").await;
    alerts_listed(&journey, 1).await;
    let chosen = format!("area={}", ward.ward_b);
    let in_address = "return location.search.includes(arguments[0])";
    browser.wait_for::<bool>("the ward in the address", in_address, vec![json!(chosen)]).await;

    // It holds on the pages that links lead to, and in their addresses.
    for (page, there) in [
        ("/alerts", r#"[data-testid="alerts-page"]"#),
        ("/duty", r#"[data-testid="duty-page"]"#),
        ("/violations", r#"[data-testid="violations-page"]"#),
        ("/alert-rules", r#"[data-testid="alert-rules-page"]"#),
    ] {
        browser.click(r#"[data-testid="account-button"]"#).await;
        browser.click(&format!(r#".menu-pages a[href="{page}"]"#)).await;
        browser.element(there).await;
        browser.reads(CHOOSER, "Phường B").await;
        browser.wait_for::<bool>(&format!("the ward in the address of {page}"), in_address, vec![json!(chosen)]).await;
        if page == "/alerts" {
            alerts_listed(&journey, 1).await;
        }
    }

    // A colleague who is sent the address sees the same ward; the first line is all of them.
    browser.go_to(&format!("/operations?{chosen}")).await;
    browser.reads(CHOOSER, "Phường B").await;
    browser.reads(OPEN, "1").await;
    browser.click(CHOOSER).await;
    browser.click(r#"[data-testid="ward-choice-row"][data-id=""]"#).await;
    browser.reads(CHOOSER, "Tỉnh Thử").await;
    browser.reads(OPEN, "3").await;
    journey.end(&[]).await;
}

#[tokio::test]
async fn from_afar_each_ward_says_how_many_alerts_stand_open() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let mut owner = journey.app.database.connect("ioc_owner").await;
    small_ward::account(&mut owner, "leader-p", "leader", ward.province, &password_hash()).await.expect("the owner may");
    browser.go_to("/").await;
    journey.sign_in("leader-p").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/operations?lon=105.02&lat=21.005&z=10.8").await;
    journey.map_settled().await;
    journey.drawn("ward_alerts", &[ward.ward_a.into(), ward.ward_b.into()]).await;

    // A click on a ward's number chooses it, and there alerts stand one by one.
    let label: [f64; 2] = browser
        .ask(
            r#"const map = document.querySelector('[data-testid="map"]').map;
               const mark = map.queryRenderedFeatures({layers: ['ward_alerts']}).find(mark => mark.id === arguments[0]);
               return mark.geometry.coordinates;"#,
            vec![json!(ward.ward_a)],
        )
        .await;
    journey.click_on_map(label[0], label[1]).await;
    browser.reads(CHOOSER, "Phường A").await;
    journey.map_settled().await;
    // What lies beside the ward stays on the map, as the ground does.
    journey.drawn("camera_alert-icon", &[ward.a1.camera_alert, ward.a2.camera_alert, ward.b1.camera_alert]).await;
    journey.end(&[]).await;
}
