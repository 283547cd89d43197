//! A page that stays open for weeks: what looking around, selecting and changing pages leaves behind in the browser.
//! How quick each of these is, is measured elsewhere (`make bench`).

use serde_json::json;
use tests::browser::Held;

use crate::journey::Journey;

/// Rounds before anything is counted: caches fill, the WebAssembly's memory finds its size.
const WARM_UP: u32 = 60;
const ROUNDS: u32 = 500;
/// What WebAssembly memory grows by. A leak of 132 bytes a round, one short text, is more.
const WASM_PAGE: u64 = 65_536;
/// A call to the page must end within WebDriver's 30 s, on a busy machine too.
const ROUNDS_PER_CALL: u32 = 2;

/// One round: a pan and back, a click on a shop and its card closed, the other page and back.
const ROUND: &str = r#"
    const [rounds, lon, lat] = arguments;
    const element = document.querySelector('[data-testid="map"]'), map = element.map;
    const pause = () => new Promise(done => setTimeout(() => requestAnimationFrame(() => setTimeout(done)), 10));
    const until = async what => {
        for (let waited = 0; waited < 500; waited += 1) { if (what()) return; await pause(); }
        throw new Error(`waited in vain for ${what}`);
    };
    const go = path => { history.pushState(null, '', path + location.search); dispatchEvent(new PopStateEvent('popstate')); };
    const page = name => document.querySelector(`[data-page="${name}"]`);
    return (async () => {
        for (let round = 0; round < rounds; round += 1) {
            const there = [200 - 100 * (round % 5), 150 - 75 * (round % 3)];
            for (const pixels of [there, there.map(way => -way)]) {
                map.panBy(pixels, {duration: 0});
                await pause();
            }
            map.jumpTo({center: [lon, lat], zoom: 17});
            const point = map.project([lon, lat]);
            await until(() => map.queryRenderedFeatures(point, {layers: ['business']}).length > 0);
            const box = element.getBoundingClientRect();
            const at = {bubbles: true, cancelable: true, view: window, clientX: box.x + point.x, clientY: box.y + point.y};
            for (const kind of ['mousedown', 'mouseup', 'click']) map.getCanvas().dispatchEvent(new MouseEvent(kind, at));
            await until(() => document.querySelector('[data-testid="card-business"] [data-testid="card-title"]'));
            go('/households');
            await until(() => page('households'));
            document.querySelector('[data-testid="card-close"]').click();
            await until(() => !document.querySelector('[data-testid="card-business"]'));
            go('/operations');
            await until(() => page('operations'));
        }
    })();"#;

#[tokio::test]
#[ignore = "too slow where software draws the map; by hand: cargo test -p tests --test browser leaks -- --ignored"]
async fn five_hundred_pans_pages_and_selections_leave_nothing_behind() {
    let journey = Journey::begin().await;
    let browser = &journey.browser;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-page="operations"]"#).await;
    journey.map_settled().await;

    rounds(&journey, WARM_UP).await;
    let before = settled(&journey).await;
    rounds(&journey, ROUNDS).await;
    let after = settled(&journey).await;
    println!("after {WARM_UP} rounds:  {before:?}");
    println!("after {ROUNDS} more: {after:?}");

    assert_eq!(after.elements, before.elements, "elements in the page");
    assert_grew_less(after.nodes, before.nodes, "nodes");
    assert_grew_less(after.listeners, before.listeners, "listeners");
    // It grows with the most that was ever held at once, which two answers that come in together can raise by a page.
    assert!(
        after.wasm_bytes <= before.wasm_bytes + WASM_PAGE,
        "WebAssembly memory grew from {} to {}",
        before.wasm_bytes,
        after.wasm_bytes
    );
    journey.end(&[]).await;
}

async fn rounds(journey: &Journey, rounds: u32) {
    for _ in 0..rounds / ROUNDS_PER_CALL {
        journey.browser.ask::<()>(ROUND, vec![json!(ROUNDS_PER_CALL), json!(105.0045), json!(21.005)]).await;
    }
}

/// What is held once the map stands still.
async fn settled(journey: &Journey) -> Held {
    journey.map_settled().await;
    journey.browser.held().await
}

/// A leak of one a round would be hundreds; what comes and goes with the clock and the map's own housekeeping is a few.
fn assert_grew_less(after: u64, before: u64, of_what: &str) {
    let most = u64::from(ROUNDS / 10);
    assert!(after < before + most, "{of_what} grew from {before} to {after} in {ROUNDS} rounds");
}
