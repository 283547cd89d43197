//! The open map, for whoever comes by.

use std::time::Duration;

use crate::journey::Journey;

#[tokio::test]
async fn a_visitor_finds_a_shop_and_sees_a_market_move_but_nothing_personal() {
    let journey = Journey::begin().await;
    let (browser, ward) = (&journey.browser, journey.app.ward().clone());
    let shop = format!("business {}", ward.a1.business);
    browser.go_to("/").await;
    journey.mark_page().await;
    journey.map_settled().await;

    // Everything that is open to everybody, and nothing else.
    let layers: Vec<String> = browser
        .wait_for(
            "the layers to be listed",
            r#"const rows = [...document.querySelectorAll('[data-testid^="layer-"][role="switch"]')].map(row => row.dataset.testid).sort();
               return rows.length > 0 ? rows : null"#,
            vec![],
        )
        .await;
    let open = ["layer-area", "layer-building", "layer-business", "layer-land_use", "layer-place", "layer-road", "layer-water"];
    assert_eq!(layers, open);

    // Half-remembered words lead to the shop, its card, and its place on the map.
    let found = journey.search("tap hoa a1").await;
    assert_eq!(found[0], shop, "{found:?}");
    journey.choose_result(&shop).await;
    browser.reads(r#"[data-testid="card-business"] [data-testid="card-title"]"#, "Tạp hóa A1").await;
    journey.map_settled().await;
    journey.drawn("business", &[ward.a1.business]).await;

    // A layer is put away and taken out again.
    browser.click(r#"[data-testid="layer-business"]"#).await;
    journey.drawn("business", &[]).await;
    browser.click(r#"[data-testid="layer-business"]"#).await;
    journey.drawn("business", &[ward.a1.business]).await;

    // A click on the map opens the card as well.
    browser.click(r#"[data-testid="card-close"]"#).await;
    assert!(!browser.is_there(r#"[data-testid="card-business"]"#).await, "the card is closed");
    journey.click_on_map(105.0045, 21.005).await;
    browser.reads(r#"[data-testid="card-business"] [data-testid="card-title"]"#, "Tạp hóa A1").await;

    // Nobody is found by name.
    assert_eq!(journey.search("hanh canaryname").await, [""; 0]);
    for words in ["so 12 pho thu a1", "nha tro a1", "nga tu a1"] {
        let found = journey.search(words).await;
        let closed = found.iter().find(|result| ["household", "boarding_house", "camera"].iter().any(|kind| result.starts_with(kind)));
        assert_eq!(closed, None, "{words}: {found:?}");
    }

    // A market moved in SQL moves here.
    journey.map_settled().await;
    let tiles_before = journey.tile_requests().await;
    let places = [[105.005, 21.0047], [105.0047, 21.0047], [105.005, 21.0048]];
    let took = journey.move_in_sql_quickest("place", ward.a1.place, &places).await;
    println!("a place moved in SQL was on the open map {took:?} after the commit");
    assert!(took < Duration::from_secs(1), "within a second of the commit, not {took:?}");
    journey.map_settled().await;
    assert_eq!(journey.tile_requests().await, tiles_before, "no tile is asked for again");

    journey.assert_nothing_personal().await;
    assert!(journey.is_same_page().await, "the page was never loaded again");
    journey.end(&[]).await;
}

#[tokio::test]
async fn the_browser_refuses_to_ask_another_server() {
    let journey = Journey::begin().await;
    journey.browser.go_to("/").await;
    journey.map_settled().await;
    let refused: String = journey
        .browser
        .wait_for(
            "the browser to refuse",
            r#"if (!window.journeyAsked) {
                 window.journeyAsked = true;
                 document.addEventListener("securitypolicyviolation", event => { window.journeyRefused = `${event.effectiveDirective} ${event.blockedURI}`; });
                 fetch("http://tiles.example/1").catch(() => {});
               }
               return window.journeyRefused;"#,
            vec![],
        )
        .await;
    assert_eq!(refused, "connect-src http://tiles.example/1");
    journey.end(&["http://tiles.example/1"]).await;
}
