//! Frames while panning: our page beside plain MapLibre with the same style, images and tiles, in turns in one browser.
//! Plain MapLibre is a page with nothing but the library, built here; no such page is ever served to anybody.

use std::fmt;

use serde::Serialize;
use serde_json::{Value, json};
use tests::browser::Browser;

use super::median;

/// What our page has put on its map: the style, and the icons as pixels.
const TAKE: &str = r#"
    const map = document.querySelector('[data-testid="map"]').map;
    const images = map.listImages().map(name => {
        const {data, pixelRatio} = map.getImage(name);
        return {name, pixelRatio, width: data.width, height: data.height, pixels: [...data.data]};
    });
    const box = map.getContainer().getBoundingClientRect();
    const c = map.getCenter();
    return {bundle: document.documentElement.dataset.bundle, style: map.getStyle(), images,
            width: box.width, height: box.height, center: [c.lng, c.lat], zoom: map.getZoom()};"#;

/// Builds the plain page in an empty document of the same origin.
const BUILD: &str = r#"
    const taken = arguments[0], options = arguments[1];
    const sheet = document.createElement('link');
    Object.assign(sheet, {rel: 'stylesheet', href: `${taken.bundle}/vendor/maplibre/maplibre-gl.css`});
    document.head.append(sheet);
    const element = document.createElement('div');
    Object.assign(element.style, {position: 'fixed', left: 0, top: 0, width: `${taken.width}px`, height: `${taken.height}px`});
    document.body.replaceChildren(element);
    return import(`${taken.bundle}/vendor/maplibre/maplibre-gl.mjs`).then(library => {
        const map = new library.Map({container: element, style: taken.style, center: taken.center, zoom: taken.zoom, ...options});
        map.on('styleimagemissing', ({id}) => {
            const image = taken.images.find(image => image.name === id);
            if (image) map.addImage(id, {width: image.width, height: image.height, data: new Uint8Array(image.pixels)}, {pixelRatio: image.pixelRatio});
        });
        element.dataset.testid = 'map';
        element.map = map;
    });"#;

/// As our page sets up its map (`frontend/src/map/surface.rs`), so that only our own work differs.
fn same_options() -> Value {
    json!({"attributionControl": false, "renderWorldCopies": false, "maxTileCacheSize": 0, "zoomLevelsToOverscale": 20, "fadeDuration": 200})
}

/// Pans there and back in strokes of a second, as a hand does, and notes when each frame began.
const PAN: &str = r#"
    const map = document.querySelector('[data-testid="map"]').map;
    const strokes = [[400, 0], [0, 300], [-800, 0], [0, -600], [800, 0], [-400, 300]];
    return (async () => {
        const frames = [], drawn = {count: 0};
        let panning = true;
        const count = () => { drawn.count += 1; };
        map.on('render', count);
        const note = now => { frames.push(now); if (panning) requestAnimationFrame(note); };
        requestAnimationFrame(note);
        for (const stroke of strokes) {
            await new Promise(done => { map.once('moveend', done); map.panBy(stroke, {duration: 1000, easing: time => time}); });
        }
        panning = false;
        map.off('render', count);
        const lengths = frames.slice(1).map((at, index) => at - frames[index]);
        return {lengths, rendered: drawn.count};
    })();"#;

#[derive(Serialize, serde::Deserialize)]
struct Pan {
    /// Milliseconds of each frame.
    lengths: Vec<f64>,
    /// How many of them the map drew.
    rendered: u32,
}

#[derive(Serialize)]
pub struct Frames {
    view: String,
    points_in_view: u64,
    ours: Vec<Pan>,
    plain: Vec<Pan>,
}

pub async fn measure(browser: &Browser, view: &str, layer: &str, runs: usize) -> Frames {
    let mut parts = view.split(',');
    let mut part = || parts.next().unwrap_or_else(|| panic!("{view} is no longitude, latitude and zoom")).to_owned();
    let (lon, lat, zoom) = (part(), part(), part());
    let address = format!("/operations?lon={lon}&lat={lat}&z={zoom}");
    let mut frames = Frames { view: view.to_owned(), points_in_view: 0, ours: Vec::new(), plain: Vec::new() };
    for _ in 0..runs {
        browser.go_to(&address).await;
        settle(browser).await;
        frames.points_in_view = browser
            .ask(
                "const map = document.querySelector('[data-testid=\"map\"]').map;
                 return map.querySourceFeatures(arguments[0], {sourceLayer: arguments[0]}).reduce((sum, {properties}) => sum + (properties.point_count ?? 1), 0)",
                vec![json!(layer)],
            )
            .await;
        let taken: Value = browser.ask(TAKE, vec![]).await;
        frames.ours.push(browser.ask(PAN, vec![]).await);

        browser.go_to("/healthz").await;
        browser.ask::<()>(BUILD, vec![taken, same_options()]).await;
        settle(browser).await;
        frames.plain.push(browser.ask(PAN, vec![]).await);
    }
    frames
}

async fn settle(browser: &Browser) {
    let still = r#"const map = document.querySelector('[data-testid="map"]')?.map;
        return Boolean(map && map.getStyle()?.layers.length > 0 && map.loaded() && map.areTilesLoaded() && !map.isMoving());"#;
    let mut quiet = 0;
    // A settled map may still learn of more layers: only one that stays settled is.
    while quiet < 10 {
        browser.wait_for::<bool>("the map to settle", still, vec![]).await;
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        quiet = if browser.ask::<bool>(still, vec![]).await { quiet + 1 } else { 0 };
    }
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let share = |lengths: &[f64], share: f64| {
            let mut sorted = lengths.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted[((sorted.len() - 1) as f64 * share) as usize]
        };
        let of = |pans: &[Pan], figure: &dyn Fn(&Pan) -> f64| median(pans.iter().map(figure).collect());
        writeln!(f, "panning at {}, {} points in the tiles of the view", self.view, self.points_in_view)?;
        writeln!(f, "{:<28} {:>12} {:>12} {:>8}", format!("frame, {} runs in turns", self.ours.len()), "our page", "plain", "ratio")?;
        let mean = |pan: &Pan| pan.lengths.iter().sum::<f64>() / pan.lengths.len() as f64;
        type Line<'a> = (&'a str, &'a dyn Fn(&Pan) -> f64);
        let rows: [Line; 4] = [
            ("mean, ms", &mean),
            // In steps of a display's 16.7 ms, as each frame is.
            ("median, ms", &|pan| share(&pan.lengths, 0.5)),
            ("95 %, ms", &|pan| share(&pan.lengths, 0.95)),
            ("drawn a second", &|pan| f64::from(pan.rendered) * 1000.0 / pan.lengths.iter().sum::<f64>()),
        ];
        for (name, figure) in rows {
            let (ours, plain) = (of(&self.ours, figure), of(&self.plain, figure));
            writeln!(f, "{name:<28} {ours:>12.1} {plain:>12.1} {:>8.2}", ours / plain)?;
        }
        Ok(())
    }
}
