//! The tools of the map: the layer drawer with its numbers and filters, measuring, and the address that keeps all of it.

use crate::journey::Journey;

const A1: &str = "/operations?lon=105.005&lat=21.005&z=16.2";

#[tokio::test]
async fn an_operator_filters_a_layer_sends_the_link_and_measures() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to(A1).await;
    journey.map_settled().await;
    journey.drawn("camera", &[ward.a1.camera]).await;

    // The drawer counts what is in view, not what there is.
    browser.click(r#"[data-testid="layers-button"]"#).await;
    browser.reads(r#"[data-testid="count-camera"]"#, "1").await;
    browser.reads(r#"[data-testid="count-household"]"#, "1").await;

    // A filter takes effect on the map, in the count and in the address.
    browser.click(r#"[data-testid="unfold-camera"]"#).await;
    browser.click(r#"[data-testid="filter-camera-status-offline"]"#).await;
    journey.drawn("camera", &[]).await;
    browser.reads(r#"[data-testid="count-camera"]"#, "0").await;
    browser.click(r#"[data-testid="unfold-household"]"#).await;
    browser.click(r#"[data-testid="filter-household-house_households-2..3"]"#).await;
    journey.drawn("household", &[]).await;
    let address: String = browser
        .wait_for(
            "both filters in the address",
            "const query = decodeURIComponent(location.search);
             return query.includes('camera.status:offline') && query.includes('household.house_households:2..3') ? location.pathname + location.search : null;",
            vec![],
        )
        .await;

    // The address opens the same view: filtered, and no longer once the filters are lifted.
    browser.go_to(&address).await;
    journey.map_settled().await;
    journey.drawn("camera", &[]).await;
    journey.drawn("household", &[]).await;
    browser.click(r#"[data-testid="layers-button"]"#).await;
    for layer in ["camera", "household"] {
        browser.click(&format!(r#"[data-testid="unfold-{layer}"]"#)).await;
        browser.click(&format!(r#"[data-testid="clear-{layer}"]"#)).await;
    }
    journey.drawn("camera", &[ward.a1.camera]).await;
    journey.drawn("household", &[ward.a1.household]).await;
    browser.click(r#"[data-testid="layers-button"]"#).await;

    // While something is measured a click sets a corner and opens nothing: 0.001 degrees of longitude here are 103.8 m.
    browser.click(r#"[data-testid="tool-measure"]"#).await;
    // To the right of the tool's panel.
    journey.click_on_map(105.0075, 21.005).await;
    journey.click_on_map(105.0085, 21.005).await;
    let length: String = browser
        .wait_for(
            "a length",
            r#"const text = document.querySelector('[data-testid="measure-result"]').textContent; return text.startsWith("10") ? text : null;"#,
            vec![],
        )
        .await;
    let metres: f64 = length.trim_end_matches(|letter: char| !letter.is_ascii_digit()).parse().expect("whole metres");
    assert!((102.0..=106.0).contains(&metres), "{length}");
    assert!(!browser.is_there(r#"[data-testid="card-household"]"#).await, "the click selects nothing");
    browser.click(r#"[data-testid="tool-close"]"#).await;
    journey.click_on_map(105.005, 21.005).await;
    browser.element(r#"[data-testid="card-household"]"#).await;
    journey.end(&[]).await;
}
