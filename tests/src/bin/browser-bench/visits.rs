//! A first visit with an empty browser, and a second one after the browser was closed: when the map is painted.
//! The network is this machine's own, so what is compared is work, not distance.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::browser::Browser;

use super::median;

/// Runs before the page does: notes the first frame of the map that shows something, and the first with every tile.
const WATCH: &str = r#"
    window.visit = {};
    const find = () => {
        const map = document.querySelector('[data-testid="map"]')?.map;
        if (!map) { requestAnimationFrame(find); return; }
        const look = () => {
            if (visit.whole) return;
            if (!visit.painted && map.getStyle()?.layers.length > 0 && map.queryRenderedFeatures().length > 0) visit.painted = performance.now();
            if (visit.painted && map.areTilesLoaded()) visit.whole = performance.now();
        };
        map.on('render', look);
        // Its last frame may have been drawn before anybody looked.
        map.on('idle', look);
        look();
    };
    requestAnimationFrame(find);"#;

/// Milliseconds from the start of the navigation.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Visit {
    /// Something of the map is there.
    painted: f64,
    /// Every tile in view is there.
    whole: f64,
    /// Bytes that the page's own requests brought over the network; those of the map's workers are not among them.
    bytes: f64,
}

#[derive(Serialize)]
pub struct Visits {
    first: Vec<Visit>,
    second: Vec<Visit>,
}

pub async fn measure(url: &str, runs: usize) -> Visits {
    let mut visits = Visits { first: Vec::new(), second: Vec::new() };
    for _ in 0..runs {
        let browser = Browser::open(url).await;
        visits.first.push(visit(&browser).await);
        browser
            .wait_for::<bool>(
                "the shell to be kept",
                "return navigator.serviceWorker.ready.then(kept => kept.active?.state === 'activated')",
                vec![],
            )
            .await;
        let browser = browser.reopen().await;
        visits.second.push(visit(&browser).await);
        browser.close().await;
    }
    visits
}

async fn visit(browser: &Browser) -> Visit {
    browser.devtools::<Value>("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH})).await;
    browser.go_to("/").await;
    browser
        .wait_for(
            "the map to be whole",
            "if (!window.visit.whole) return null;
             const bytes = performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0);
             return {...window.visit, bytes};",
            vec![],
        )
        .await
}

impl fmt::Display for Visits {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let of = |visits: &[Visit], figure: fn(&Visit) -> f64| median(visits.iter().map(figure).collect());
        writeln!(f, "{:<28} {:>12} {:>12} {:>8}", format!("open map, {} runs", self.first.len()), "first visit", "second", "ratio")?;
        type Line = (&'static str, fn(&Visit) -> f64);
        let rows: [Line; 3] = [
            ("map painted, ms", |visit| visit.painted),
            ("map whole, ms", |visit| visit.whole),
            ("page loaded, KB", |visit| visit.bytes / 1000.0),
        ];
        for (name, figure) in rows {
            let (first, second) = (of(&self.first, figure), of(&self.second, figure));
            writeln!(f, "{name:<28} {first:>12.0} {second:>12.0} {:>8.2}", second / first)?;
        }
        Ok(())
    }
}
