//! MapLibre GL as this project uses it: the few calls, typed, and the module loaded only when a map is wanted.
//! What is drawn with it is decided elsewhere; nothing outside `map/` sees these types.

use js_sys::{Array, Function, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, HtmlImageElement};

use crate::bundle;

/// Imported at run time: a static import would hold the first paint back by a quarter of a megabyte.
const MODULE: &str = "/vendor/maplibre/maplibre-gl.mjs";

#[wasm_bindgen(inline_js = "export function import_module(address) { return import(address); }")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn import_module(address: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub type Map;

    #[wasm_bindgen(method)]
    pub fn on(this: &Map, event: &str, handler: &JsValue) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn remove(this: &Map);
    #[wasm_bindgen(method, js_name = setStyle)]
    pub fn set_style(this: &Map, style: &JsValue, options: &JsValue);
    #[wasm_bindgen(method, js_name = getSource)]
    pub fn source(this: &Map, id: &str) -> Option<RowSource>;
    /// Asks again for the given tiles as far as they are on screen; for every tile of the source where none is given.
    #[wasm_bindgen(method, js_name = refreshTiles, catch)]
    pub fn refresh_tiles(this: &Map, source: &str, tiles: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, js_name = hasImage)]
    pub fn has_image(this: &Map, name: &str) -> bool;
    #[wasm_bindgen(method, js_name = addImage)]
    pub fn add_image(this: &Map, name: &str, image: &HtmlImageElement, options: &JsValue);
    #[wasm_bindgen(method, js_name = updateImage)]
    pub fn update_image(this: &Map, name: &str, image: &HtmlImageElement);

    #[wasm_bindgen(method, js_name = getCenter)]
    pub fn center(this: &Map) -> LngLat;
    #[wasm_bindgen(method, js_name = getBounds)]
    pub fn bounds(this: &Map) -> Bounds;
    #[wasm_bindgen(method, js_name = getZoom)]
    pub fn zoom(this: &Map) -> f64;
    #[wasm_bindgen(method, js_name = getBearing)]
    pub fn bearing(this: &Map) -> f64;
    #[wasm_bindgen(method, js_name = getPitch)]
    pub fn pitch(this: &Map) -> f64;
    #[wasm_bindgen(method, js_name = isMoving)]
    pub fn is_moving(this: &Map) -> bool;
    #[wasm_bindgen(method, js_name = jumpTo)]
    pub fn jump_to(this: &Map, options: &JsValue);
    #[wasm_bindgen(method, js_name = easeTo)]
    pub fn ease_to(this: &Map, options: &JsValue);
    #[wasm_bindgen(method, js_name = flyTo)]
    pub fn fly_to(this: &Map, options: &JsValue);
    #[wasm_bindgen(method, js_name = fitBounds)]
    pub fn fit_bounds(this: &Map, bounds: &JsValue, options: &JsValue);
    #[wasm_bindgen(method, js_name = panBy)]
    pub fn pan_by(this: &Map, pixels: &JsValue, options: &JsValue);
    #[wasm_bindgen(method)]
    pub fn project(this: &Map, place: &JsValue) -> Pixel;
    #[wasm_bindgen(method)]
    pub fn unproject(this: &Map, pixel: &JsValue) -> LngLat;
    #[wasm_bindgen(method, js_name = addControl)]
    pub fn add_control(this: &Map, control: &JsValue, corner: &str);

    #[wasm_bindgen(method, js_name = queryRenderedFeatures)]
    pub fn features_in(this: &Map, pixels: &JsValue, options: &JsValue) -> Array;
    #[wasm_bindgen(method, js_name = getLayer)]
    pub fn layer(this: &Map, id: &str) -> JsValue;
    #[wasm_bindgen(method, js_name = getCanvas)]
    pub fn canvas(this: &Map) -> HtmlElement;

    pub type LngLat;
    #[wasm_bindgen(method, getter)]
    pub fn lng(this: &LngLat) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn lat(this: &LngLat) -> f64;

    pub type Bounds;
    #[wasm_bindgen(method, js_name = getWest)]
    pub fn west(this: &Bounds) -> f64;
    #[wasm_bindgen(method, js_name = getSouth)]
    pub fn south(this: &Bounds) -> f64;
    #[wasm_bindgen(method, js_name = getEast)]
    pub fn east(this: &Bounds) -> f64;
    #[wasm_bindgen(method, js_name = getNorth)]
    pub fn north(this: &Bounds) -> f64;

    /// A GeoJSON source; asked only of sources that are one.
    pub type RowSource;
    #[wasm_bindgen(method, js_name = setData)]
    pub fn set_data(this: &RowSource, data: &JsValue) -> Promise;

    /// What the map's events carry; each field exists on the events that have it.
    pub type MapEvent;
    #[wasm_bindgen(method, getter, js_name = sourceId)]
    pub fn source_id(this: &MapEvent) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn tile(this: &MapEvent) -> Option<Tile>;
    #[wasm_bindgen(method, getter)]
    pub fn id(this: &MapEvent) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub fn point(this: &MapEvent) -> Pixel;
    #[wasm_bindgen(method, getter, js_name = lngLat)]
    pub fn place(this: &MapEvent) -> LngLat;
    #[wasm_bindgen(method, getter)]
    pub fn error(this: &MapEvent) -> JsValue;
    /// Where each finger is; touch events alone have it.
    #[wasm_bindgen(method, getter)]
    pub fn points(this: &MapEvent) -> Option<Array>;
    /// The map does not do what it would by itself.
    #[wasm_bindgen(method, js_name = preventDefault)]
    pub fn prevent_default(this: &MapEvent);

    pub type Tile;
    #[wasm_bindgen(method, getter, js_name = tileID)]
    pub fn address(this: &Tile) -> TileAddress;
    pub type TileAddress;
    #[wasm_bindgen(method, getter)]
    pub fn canonical(this: &TileAddress) -> CanonicalTile;
    pub type CanonicalTile;
    #[wasm_bindgen(method, getter)]
    pub fn z(this: &CanonicalTile) -> u8;
    #[wasm_bindgen(method, getter)]
    pub fn x(this: &CanonicalTile) -> u32;
    #[wasm_bindgen(method, getter)]
    pub fn y(this: &CanonicalTile) -> u32;

    pub type Pixel;
    #[wasm_bindgen(method, getter)]
    pub fn x(this: &Pixel) -> f64;
    #[wasm_bindgen(method, getter)]
    pub fn y(this: &Pixel) -> f64;

    /// What a query found.
    pub type Found;
    #[wasm_bindgen(method, getter)]
    pub fn id(this: &Found) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    pub fn source(this: &Found) -> String;
}

/// Loads the module; the browser keeps it, so that a second map starts at once.
pub async fn load() -> Result<JsValue, JsValue> {
    import_module(&bundle::address(MODULE)).await
}

/// How the map asks for something, by its address: see [`request`].
pub type Asks = Closure<dyn Fn(JsValue) -> JsValue>;

/// A new map in `container`, which calls `asks` as long as it lives. Fails where the browser has no WebGL.
pub fn create(module: &JsValue, container: &Element, options: &Value, asks: &Asks) -> Result<Map, JsValue> {
    let constructor: Function = Reflect::get(module, &"Map".into())?.dyn_into()?;
    let options = to_js(options);
    Reflect::set(&options, &"container".into(), container)?;
    Reflect::set(&options, &"transformRequest".into(), asks.as_ref())?;
    Ok(Reflect::construct(&constructor, &Array::of1(&options))?.unchecked_into())
}

/// A request of the map. `kept_will_do`: what this browser has kept is answer enough, however old; only what it lacks is
/// asked of the server.
pub fn request(address: &JsValue, kept_will_do: bool) -> JsValue {
    let request = Object::new();
    let cache = if kept_will_do { "force-cache" } else { "default" };
    for (name, value) in [("url", address), ("cache", &cache.into())] {
        // An object that was just made takes any field.
        _ = Reflect::set(&request, &name.into(), value);
    }
    request.into()
}

/// A bar that says how long a distance is.
pub fn create_scale(module: &JsValue, enlarged: f64) -> Result<JsValue, JsValue> {
    let constructor: Function = Reflect::get(module, &"ScaleControl".into())?.dyn_into()?;
    let options = to_js(&serde_json::json!({"maxWidth": 96.0 * enlarged, "unit": "metric"}));
    Reflect::construct(&constructor, &Array::of1(&options))
}

/// JSON as the library's own objects.
pub fn to_js(value: &Value) -> JsValue {
    // What serde_json wrote is JSON, so parsing cannot fail.
    js_sys::JSON::parse(&value.to_string()).unwrap_or_else(|_| Object::new().into())
}
