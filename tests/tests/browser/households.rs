//! The screen of a tổ dân phố's head.

use serde_json::json;

use crate::journey::Journey;

/// West and east of TDP A1, degrees, and a width that shows it without showing its ward whole.
const OWN_TDP: [f64; 2] = [105.0, 105.01];
const MUCH_WIDER: f64 = 0.025;
const SEES_OWN_TDP: &str = r#"
    const map = document.querySelector('[data-testid="map"]')?.map;
    if (!map || map.isMoving()) return false;
    const [west, east] = [map.getBounds().getWest(), map.getBounds().getEast()];
    return west < arguments[0] && east > arguments[1] && east - west < arguments[2];"#;

#[tokio::test]
async fn a_head_finds_and_opens_a_household_of_the_own_tdp_and_nothing_of_the_next() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let own = format!("household {}", ward.a1.household);
    browser.go_to("/").await;
    journey.sign_in("tdp_head-a1").await;
    browser.element(r#"[data-testid="households"]"#).await;
    browser.reads(r#"[data-testid="own-area"]"#, "TDP A1").await;

    // The map opens on the head's own TDP and no more, whatever the public sees.
    let own_tdp = [OWN_TDP[0], OWN_TDP[1], MUCH_WIDER].map(|degrees| json!(degrees)).to_vec();
    browser.wait_for::<bool>("the own TDP to fill the map", SEES_OWN_TDP, own_tdp.clone()).await;
    // And so it does for whoever comes to the page directly.
    browser.go_to("/households").await;
    browser.element(r#"[data-testid="households"]"#).await;
    browser.wait_for::<bool>("the own TDP to fill the map again", SEES_OWN_TDP, own_tdp).await;

    // By the name, without marks; who else is called so lives elsewhere.
    assert_eq!(journey.search("hanh").await, [own.as_str()]);
    let foreign: Vec<String> = [&ward.a2, &ward.b1]
        .iter()
        .flat_map(|tdp| {
            let ids = [("household", tdp.household), ("boarding_house", tdp.boarding_house), ("camera", tdp.camera)];
            ids.map(|(kind, id)| format!("{kind} {id}"))
        })
        .collect();
    for words in ["hanh canaryname", "so 12 pho thu a2", "nha tro a2", "nga tu a2", "so 12 pho thu b1", "nha tro b1", "H-A2"] {
        let found = journey.search(words).await;
        assert!(!found.iter().any(|result| foreign.contains(result)), "{words}: {found:?}");
    }

    // The house first; its people once the head opens it. A head states no reason.
    assert_eq!(journey.search("hanh").await, [own.as_str()]);
    journey.choose_result(&own).await;
    let card = r#"[data-testid="card-household"]"#;
    browser.reads(&format!(r#"{card} [data-testid="card-title"]"#), "Số 12 phố Thử A1").await;
    browser.click(r#"[data-testid="open-household"]"#).await;
    let residents = browser.text(r#"[data-testid="residents"]"#).await;
    assert!(residents.contains("Hạnh canarynameA1"), "{residents}");
    browser.reads(&format!(r#"{card} [data-testid="card-title"]"#), "Hộ bà Hạnh canarynameA1").await;
    journey.map_settled().await;
    journey.drawn("household", &[ward.a1.household]).await;

    // Both TDPs before the eyes: only the own household is there.
    browser.go_to("/households?lon=105.01&lat=21.005&z=14.5").await;
    journey.map_settled().await;
    journey.drawn("household", &[ward.a1.household]).await;
    journey.drawn("camera", &[ward.a1.camera]).await;

    // An address that somebody else sent leads nowhere, in the words of one that does not exist.
    browser.go_to(&format!("/households?select=household:{}", ward.a2.household)).await;
    browser
        .wait_for::<bool>(
            "the refusal on the card",
            r#"return document.querySelector('[data-testid="card"]')?.innerText.includes("Không tìm thấy hoặc ngoài phạm vi.") ?? false"#,
            vec![],
        )
        .await;
    assert!(!browser.is_there(r#"[data-testid="open-household"]"#).await, "there is nothing to open");
    let refused =
        format!("/api/households/{}/summary - Failed to load resource: the server responded with a status of 404", ward.a2.household);
    journey.map_settled().await;
    journey.end(&[&refused]).await;
}
