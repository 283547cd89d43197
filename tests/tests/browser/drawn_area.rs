//! Areas drawn on the map, and the counts that everybody may have.

use serde_json::json;

use crate::journey::Journey;

const COUNTED: &str = r#"const number = document.querySelector('[data-testid="number-household"]')?.textContent;
    return number === arguments[0] ? true : null;"#;

#[tokio::test]
async fn an_operator_circles_houses_and_sees_a_household_move_in() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-testid="operations"]"#).await;
    browser.go_to("/operations?lon=105.0028&lat=21.005&z=16.2").await;
    browser.element(r#"[data-testid="live-state"][data-state="connected"]"#).await;
    journey.map_settled().await;
    journey.mark_page().await;
    browser.click(r#"[data-testid="tool-draw"]"#).await;

    // Pulled from the middle outwards, as with a mouse.
    journey.drag_on_map([105.005, 21.005], [105.0062, 21.005]).await;
    browser.wait_for::<bool>("one household in the circle", COUNTED, vec![json!("1")]).await;
    let address: String = browser.ask("return location.search", vec![]).await;
    assert_eq!(browser.text(r#"[data-testid="number-building"]"#).await, "1");
    browser.element(r#"[data-testid="chart-household_sizes"] svg"#).await;

    // Somebody moves in: the figure follows the database, nothing is loaded again.
    let mut owner = journey.app.database.connect("ioc_owner").await;
    sqlx::query("insert into household (code, building_id, address, geom) values ('H-new', $1, 'Số 12B', st_setsrid(st_point(105.0051, 21.0051), 4326))")
        .bind(ward.a1.building)
        .execute(&mut owner)
        .await
        .expect("a household is added");
    browser.wait_for::<bool>("two households in the circle", COUNTED, vec![json!("2")]).await;
    assert!(journey.is_same_page().await, "the page was never loaded again");

    // The list behind it names nobody without a reason.
    browser.click(r#"[data-testid="count-household"]"#).await;
    let list = browser.text(r#"[data-testid="area-list"] .rows"#).await;
    assert!(list.contains("Số 12 phố Thử A1") && list.contains("Số 12B"), "{list}");
    journey.assert_nothing_personal().await;

    // A colleague who opens the address sees the same circle; Esc puts it away.
    let drawn: String = browser
        .wait_for("the circle in the address", "return location.search.includes('draw=circle') ? location.search : null", vec![])
        .await;
    assert!(drawn.contains("draw=circle:105.00500,21.00500,"), "{drawn}, before: {address}");
    browser.go_to(&format!("/operations{drawn}")).await;
    browser.wait_for::<bool>("the circle of the address is counted", COUNTED, vec![json!("2")]).await;
    browser.press_escape().await;
    browser
        .wait_for::<bool>(
            "the circle is gone",
            "return !document.querySelector('[data-testid=\"draw-panel\"]') && !location.search.includes('draw=') || null",
            vec![],
        )
        .await;
    journey.end(&[]).await;
}

#[tokio::test]
async fn anybody_reads_the_months_counts_and_draws_without_counting_people() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    let mut owner = journey.app.database.connect("ioc_owner").await;
    for ward in [journey.app.ward().ward_a, journey.app.ward().ward_b] {
        server::residents::publication::publish_ward(&mut owner, ward, chrono::Utc::now()).await.expect("the month is published");
    }
    browser.go_to("/?lon=105.005&lat=21.005&z=16.2").await;
    journey.map_settled().await;
    // One household in each TDP: everything is withheld, and said to be.
    let table = browser.text(r#"[data-testid="published-table"]"#).await;
    assert!(table.contains("Phường A") && table.contains("không công bố") && !table.contains('1'), "{table}");
    browser.click(r#"[data-testid="tool-draw"]"#).await;
    browser.click(r#"[data-testid="draw-at-middle"]"#).await;
    browser
        .wait_for::<bool>(
            "open kinds are counted",
            r#"return document.querySelector('[data-testid="number-business"]')?.textContent === '1' || null"#,
            vec![],
        )
        .await;
    assert!(!browser.is_there(r#"[data-testid="number-household"]"#).await && !browser.is_there(r#"[data-testid="area-residents"]"#).await);
    journey.end(&[]).await;
}
