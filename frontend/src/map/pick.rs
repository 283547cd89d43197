//! What lies under a click: points before houses, houses before roads.
//! What is then said about it is the cards' business.

use serde_json::json;
use shared::layer::Layer;
use wasm_bindgen::{JsCast, JsValue};

use super::FeatureRef;
use super::library::{Found, Map, Pixel, to_js};

/// Layers of the style that answer a click, by their names in `style/map.json`; the first that is hit wins.
const POINTS: [&str; 5] = ["camera", "place", "business", "boarding_house", "household"];
const GROUND: [&str; 4] = ["building", "building-storeys", "road", "road-casing"];

/// Says how many alerts a ward has; whoever counts takes the click.
const COUNTS: [&str; 1] = ["ward_alerts"];

/// A dot is smaller than the tip of a pointer, and much smaller than a finger.
const REACH_PX: f64 = 6.0;
const FINGER_REACH_PX: f64 = 16.0;

pub fn at(map: &Map, point: &Pixel, coarse_pointer: bool) -> Option<FeatureRef> {
    let reach = if coarse_pointer { FINGER_REACH_PX } else { REACH_PX };
    // Exactly there before nearby, so that a large disc beside it does not win over the dot that was meant.
    first(map, point, 0.0, &POINTS).or_else(|| first(map, point, reach, &POINTS)).or_else(|| first(map, point, 0.0, &GROUND))
}

/// Whether something answers a click here.
pub fn is_point(map: &Map, point: &Pixel) -> bool {
    first(map, point, 2.0, &POINTS).is_some() || drawn_at(map, point, 0.0, &COUNTS).is_some_and(|found| found.length() > 0)
}

fn first(map: &Map, point: &Pixel, reach: f64, names: &[&str]) -> Option<FeatureRef> {
    drawn_at(map, point, reach, names)?.iter().find_map(|feature| {
        let feature: Found = feature.unchecked_into();
        let layer: Layer = feature.source().parse().ok()?;
        // Ids are below 2^53, so a JavaScript number holds them exactly.
        Some(FeatureRef { layer, id: feature.id()? as i64 })
    })
}

/// What these layers have drawn there; none: the style of the moment has none of them.
fn drawn_at(map: &Map, point: &Pixel, reach: f64, names: &[&str]) -> Option<js_sys::Array> {
    // The library refuses names that are not there.
    let layers: Vec<&str> = names.iter().copied().filter(|name| is_there(&map.layer(name))).collect();
    if layers.is_empty() {
        return None;
    }
    let area = json!([[point.x() - reach, point.y() - reach], [point.x() + reach, point.y() + reach]]);
    Some(map.features_in(&to_js(&area), &to_js(&json!({"layers": layers}))))
}

fn is_there(layer: &JsValue) -> bool {
    !layer.is_undefined() && !layer.is_null()
}
