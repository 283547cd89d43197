//! Visits without a network: the screens open on what the browser kept, and say since when they know no better.
//! What a lost connection looks like on a page that is open is tried in `operations`.

use serde_json::json;
use tests::{app::TestApp, browser::Browser};

use crate::journey::Journey;

const SHELL_IS_KEPT: &str = "return navigator.serviceWorker.ready.then(kept => kept.active?.state === 'activated')";

#[tokio::test]
async fn a_visit_without_the_server_has_the_map_of_the_visit_before_and_says_since_when() {
    let journey = Journey::begin().await;
    journey.browser.go_to("/").await;
    journey.map_settled().await;
    journey.browser.wait_for::<bool>("the shell to be kept", SHELL_IS_KEPT, vec![]).await;
    let Journey { app: TestApp { running, database: _database, dir: _dir, .. }, browser, _turn } = journey;
    running.stop().await;

    browser.go_to("/").await;
    let says = "return document.querySelector(arguments[0])?.innerText.includes(arguments[1]) === true";
    let lost = vec![json!(r#"[data-testid="connection-lost"]"#), json!("Mất kết nối từ")];
    browser.wait_for::<bool>("the screen to say that the server is away", says, lost).await;
    // The map of the visit before, from what the browser kept.
    let drawn = "const map = document.querySelector('[data-testid=\"map\"][data-ready=\"true\"]')?.map;
                 return Boolean(map?.getLayer('business') && map.queryRenderedFeatures({layers: ['business']}).length > 0);";
    browser.wait_for::<bool>("the shops of the visit before", drawn, vec![]).await;
    let missing: bool = browser.ask("return document.body.innerText.includes('Chưa tải được các lớp bản đồ.')", vec![]).await;
    assert!(!missing, "the layers are known from the visit before");
    browser.close().await;
}

#[tokio::test]
async fn nothing_of_a_signed_in_visit_is_kept_with_the_shell() {
    let journey = Journey::begin().await;
    let browser: &Browser = &journey.browser;
    browser.go_to("/").await;
    journey.sign_in("operator-a").await;
    browser.element(r#"[data-page="operations"]"#).await;
    browser.wait_for::<bool>("the shell to be kept", SHELL_IS_KEPT, vec![]).await;
    // Once more, now through the service worker.
    browser.go_to("/operations").await;
    journey.map_settled().await;
    let kept: Vec<String> = browser
        .ask(
            "return (async () => {
                 const kept = [];
                 for (const name of await caches.keys()) {
                     for (const request of await (await caches.open(name)).keys()) kept.push(new URL(request.url).pathname);
                 }
                 return kept;
             })()",
            vec![],
        )
        .await;
    assert!(kept.iter().any(|path| path == "/") && kept.iter().any(|path| path.ends_with("/frontend_bg.wasm")), "{kept:?}");
    let more: Vec<_> = kept.iter().filter(|path| *path != "/" && !path.starts_with("/v/")).collect();
    assert!(more.is_empty(), "kept beside the shell: {more:?}");
    journey.end(&[]).await;
}
