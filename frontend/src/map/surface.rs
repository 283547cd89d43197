//! One map on the page: opening it, drawing the style of the moment, moving, and taking it away with all it holds.
//! When each of these happens is decided in `mod.rs`, what a style holds in `style.rs`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use futures_util::future::join4;
use leptos::prelude::*;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlImageElement};

use super::library::{self, Map, MapEvent, to_js};
use super::refresh::Refresher;
use super::style::{Moment, Template};
use super::tiles::TileId;
use super::{Command, MapState, Padding, Pointer, PointerKind, View, areas, icons, pick};
use crate::theme::{Theme, matches_media};
use crate::{bundle, http, number};

/// Where the map opens when nobody knows where the wards are: Hà Nội.
const NOWHERE: View = View { lon: 105.85, lat: 21.03, zoom: 11.0, bearing: 0.0, pitch: 0.0 };
const ZOOMS: (f64, f64) = (8.0, 20.0);
pub const STEEPEST_PITCH_DEG: f64 = 60.0;
pub const TILT_DEG: f64 = 50.0;
/// LOOK's duration of movements of the map.
const MOVEMENT_MS: u32 = 600;
/// Around what the map is fitted to.
const MARGIN_PX: f64 = 24.0;

type Handler = Closure<dyn FnMut(MapEvent)>;
type Images = Vec<(String, HtmlImageElement)>;

pub struct Surface {
    pub map: Map,
    pub refresher: Refresher,
    template: Template,
    sprite: String,
    images: RefCell<Images>,
    /// The answer of the layer catalogue that the sources on the map were made for.
    generation: Cell<u32>,
    handlers: RefCell<Vec<Handler>>,
    _asks: library::Asks,
}

impl Drop for Surface {
    fn drop(&mut self) {
        // Before the handlers go, or the map would call what is no more.
        self.map.remove();
    }
}

impl Surface {
    pub async fn open(container: Element, state: MapState) -> Result<Surface, String> {
        let (style, icons) = (bundle::address("/style/map.json"), bundle::address("/vendor/icons.svg"));
        let fetched = join4(library::load(), http::get_text(&style), http::get_text(&icons), areas::fetch(state));
        let (module, template, sprite, ()) = fetched.await;
        let module = module.map_err(|error| explain(&error))?;
        let template = template.map_err(|error| error.to_string())?;
        let template = Template::parse(&template).map_err(|error| error.to_string())?;
        // The map of the last visit, at once; as soon as changes are heard every tile is asked for again (`touched_by`).
        let live = state.live;
        let asks: library::Asks = Closure::new(move |address: JsValue| library::request(&address, !live.has_begun()));
        let map = library::create(&module, &container, &options(state), &asks).map_err(|error| explain(&error))?;
        if let Ok(scale) = library::create_scale(&module, state.scale.get_untracked()) {
            map.add_control(&scale, "bottom-left");
        }
        // For whoever looks into a running page: a browser test, or a developer's console.
        _ = js_sys::Reflect::set(&container, &"map".into(), &map);
        Ok(Surface {
            refresher: Refresher::new(map.clone()),
            map,
            template,
            sprite: sprite.unwrap_or_default(),
            images: RefCell::default(),
            generation: Cell::new(0),
            handlers: RefCell::default(),
            _asks: asks,
        })
    }

    pub fn on(&self, event: &str, handler: impl FnMut(MapEvent) + 'static) {
        let handler: Handler = Closure::new(handler);
        self.map.on(event, handler.as_ref());
        self.handlers.borrow_mut().push(handler);
    }

    /// Draws the style of this moment; the library changes only what differs.
    pub fn draw(&self, moment: &Moment) {
        if self.generation.replace(moment.reach.generation) != moment.reach.generation {
            // What was read for somebody else is not shown to this caller: its sources go and come anew.
            self.set_style(&Moment { overlays: false, ..*moment });
        }
        self.set_style(moment);
    }

    fn set_style(&self, moment: &Moment) {
        let style = self.template.style(moment);
        self.map.set_style(&to_js(&style), &to_js(&json!({"diff": true})));
    }

    /// Puts a small layer's features on the map, if it is there.
    pub fn set_rows(&self, source: &str, features: &Value) {
        if let Some(source) = self.map.source(source) {
            // The promise says when it is drawn, which nobody waits for.
            _ = source.set_data(&to_js(features));
        }
    }

    /// The icons in the colours of a theme, ready for [`Surface::use_images`].
    pub fn images_wanted(&self, theme: Theme) -> (String, Vec<super::style::TemplateImage>) {
        (self.sprite.clone(), self.template.images(theme))
    }

    pub fn use_images(&self, images: Images) {
        for (name, image) in &images {
            if self.map.has_image(name) {
                self.map.update_image(name, image);
            } else {
                self.add_image(name, image);
            }
        }
        *self.images.borrow_mut() = images;
    }

    /// Gives an image that the style asks for, if it is drawn already; else `use_images` will bring it.
    pub fn give_image(&self, name: &str) {
        if let Some((name, image)) = self.images.borrow().iter().find(|(other, _)| other == name) {
            self.add_image(name, image);
        }
    }

    fn add_image(&self, name: &str, image: &HtmlImageElement) {
        self.map.add_image(name, image, &to_js(&json!({"pixelRatio": icons::PIXEL_RATIO})));
    }

    pub fn view(&self) -> View {
        let center = self.map.center();
        View { lon: center.lng(), lat: center.lat(), zoom: self.map.zoom(), bearing: self.map.bearing(), pitch: self.map.pitch() }
    }

    /// West, south, east, north of what is on screen.
    pub fn bounds(&self) -> [f64; 4] {
        let bounds = self.map.bounds();
        [bounds.west(), bounds.south(), bounds.east(), bounds.north()]
    }

    pub fn jump_to(&self, view: View) {
        self.map.jump_to(&to_js(&camera(view)));
    }

    pub fn obey(&self, command: Command, padding: Padding) {
        let zoom = self.map.zoom();
        match command {
            Command::FlyTo { lon, lat, zoom } => self.map.fly_to(&to_js(&json!({
                "center": [lon, lat], "zoom": zoom, "padding": pixels(padding), "duration": MOVEMENT_MS,
            }))),
            Command::FitBounds(bounds) => self.fit(bounds, padding, true),
            // Home is known where the command is heard, or there is nowhere to go.
            Command::GoHome => {}
            Command::ZoomIn => self.ease(json!({"zoom": zoom + 1.0})),
            Command::ZoomOut => self.ease(json!({"zoom": zoom - 1.0})),
            Command::ToggleTilt if self.map.pitch() > 1.0 => self.ease(json!({"pitch": 0, "bearing": 0})),
            Command::ToggleTilt => self.ease(json!({"pitch": TILT_DEG})),
        }
    }

    pub fn fit(&self, [west, south, east, north]: [f64; 4], padding: Padding, animate: bool) {
        let room = |edge: f64| edge + MARGIN_PX;
        let around = Padding { top: room(padding.top), right: room(padding.right), bottom: room(padding.bottom), left: room(padding.left) };
        let options = json!({
            "padding": pixels(around), "animate": animate, "duration": MOVEMENT_MS, "maxZoom": 18,
        });
        self.map.fit_bounds(&to_js(&json!([[west, south], [east, north]])), &to_js(&options));
    }

    /// Moves the map just so far that a place lies clear of the panels.
    pub fn uncover(&self, [lon, lat]: [f64; 2], padding: Padding) {
        let canvas = self.map.canvas();
        let point = self.map.project(&to_js(&json!([lon, lat])));
        let (width, height) = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        let across = overlap(point.x(), padding.left, width - padding.right);
        let down = overlap(point.y(), padding.top, height - padding.bottom);
        if across != 0.0 || down != 0.0 {
            self.map.pan_by(&to_js(&json!([across, down])), &to_js(&json!({"duration": MOVEMENT_MS / 2})));
        }
    }

    fn ease(&self, mut options: Value) {
        options["duration"] = json!(MOVEMENT_MS / 2);
        self.map.ease_to(&to_js(&options));
    }

    /// Keeps count of tiles on their first way, so that no change is lost between asking and arriving.
    pub fn watch_tiles(&self) {
        let refresher = self.refresher.clone();
        self.on("sourcedataloading", move |event| {
            if let Some((source, tile)) = tile_of(&event) {
                refresher.asked(&source, tile);
            }
        });
        for event in ["sourcedata", "sourcedataabort", "error"] {
            let refresher = self.refresher.clone();
            self.on(event, move |event| {
                if let Some((source, tile)) = tile_of(&event) {
                    refresher.arrived(&source, tile);
                }
            });
        }
    }

    /// A click selects; a pointer over something that can be selected says so.
    pub fn watch_pointer(&self, state: MapState, clicked: RwSignal<Option<[f64; 2]>>) {
        self.watch_tools(state);
        let map = self.map.clone();
        self.on("click", move |event| {
            if state.pointers.tell(&pointer(PointerKind::Click, &event)) {
                return;
            }
            let coarse = matches_media("(pointer: coarse)");
            let place = event.place();
            clicked.set(Some([place.lng(), place.lat()]));
            state.selected.set(pick::at(&map, &event.point(), coarse));
        });
        let map = self.map.clone();
        let last_look_ms = Cell::new(0.0);
        self.on("mousemove", move |event| {
            // Looking costs a query of everything drawn there: ten times a second is enough for a pointer.
            let now_ms = js_sys::Date::now();
            if now_ms - last_look_ms.replace(now_ms) < 100.0 {
                return;
            }
            let class = map.canvas().class_list();
            // Fails only for a malformed class name.
            _ = class.toggle_with_force("over-feature", pick::is_point(&map, &event.point()));
        });
    }
}

impl Surface {
    /// Tells tools of the pointer; what they take, the map lets go.
    fn watch_tools(&self, state: MapState) {
        let told = [
            ("mousedown", PointerKind::Down),
            ("touchstart", PointerKind::Down),
            ("mousemove", PointerKind::Move),
            ("touchmove", PointerKind::Move),
            ("mouseup", PointerKind::Up),
            ("touchend", PointerKind::Up),
            ("dblclick", PointerKind::DoubleClick),
        ];
        for (name, kind) in told {
            self.on(name, move |event| {
                // Two fingers move the map, whatever is in hand.
                let fingers = event.points().map_or(1, |points| points.length());
                if fingers == 1 && state.pointers.is_heard() && state.pointers.tell(&pointer(kind, &event)) {
                    event.prevent_default();
                }
            });
        }
    }
}

fn pointer(kind: PointerKind, event: &MapEvent) -> Pointer {
    let (place, pixel) = (event.place(), event.point());
    Pointer { kind, place: [place.lng(), place.lat()], pixel: [pixel.x(), pixel.y()] }
}

/// How far a point must move to lie between two edges with some room to each; 0 where it does, or where there is none.
fn overlap(point: f64, from: f64, to: f64) -> f64 {
    let (nearest, farthest) = (from + 2.0 * MARGIN_PX, to - 2.0 * MARGIN_PX);
    if nearest >= farthest { 0.0 } else { point - number::within(point, nearest, farthest) }
}

fn tile_of(event: &MapEvent) -> Option<(String, TileId)> {
    let tile = event.tile()?.address().canonical();
    Some((event.source_id()?, TileId { z: tile.z(), x: tile.x(), y: tile.y() }))
}

fn options(state: MapState) -> Value {
    let mut options = camera(state.view.get_untracked().unwrap_or(NOWHERE));
    let more = json!({
        // The first real style follows as soon as it is known which layers are in reach.
        "style": {"version": 8, "sources": {}, "layers": []},
        "minZoom": ZOOMS.0,
        "maxZoom": ZOOMS.1,
        "maxPitch": STEEPEST_PITCH_DEG,
        // Beyond a source's last zoom its tiles are magnified, never split: `refresh` names the tiles that were asked for.
        "zoomLevelsToOverscale": ZOOMS.1,
        "renderWorldCopies": false,
        "locale": {"Map.Title": untrack(|| crate::t!("map"))},
        "attributionControl": false,
        // A tile kept out of sight would miss the changes that happen meanwhile; asking again is cheap (ETag).
        "maxTileCacheSize": 0,
        "fadeDuration": if matches_media("(prefers-reduced-motion: reduce)") { 0 } else { 200 },
    });
    if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
        options.extend(more);
    }
    options
}

pub fn camera(view: View) -> Value {
    json!({"center": [view.lon, view.lat], "zoom": view.zoom, "bearing": view.bearing, "pitch": view.pitch})
}

fn pixels(padding: Padding) -> Value {
    json!({"top": padding.top, "right": padding.right, "bottom": padding.bottom, "left": padding.left})
}

/// What JavaScript threw, in its own words.
fn explain(error: &JsValue) -> String {
    let error: &js_sys::Error = error.unchecked_ref();
    error.to_string().into()
}

/// The features of every layer that does not come as tiles.
pub fn rows_of(state: MapState) -> HashMap<String, Value> {
    let mut rows = HashMap::new();
    state.catalogue.reach.with(|reach| {
        for (layer, summary) in &reach.layers {
            if !summary.tiled {
                rows.extend(features_of(state, layer.name()));
            }
        }
    });
    rows.insert(super::style::SKETCH.to_owned(), state.sketch.get_untracked());
    rows.insert(super::style::COUNTED_CELLS.to_owned(), state.cells.get_untracked());
    rows.insert(super::style::HERE.to_owned(), super::rows::here(state.here.get_untracked()));
    let counted = state.ward_alerts.get_untracked();
    if counted != super::empty() {
        rows.insert(super::style::WARD_ALERTS.to_owned(), counted);
    }
    state.areas.with(|areas| {
        if let Some(areas) = areas {
            rows.insert(super::style::AREA_LABEL.to_owned(), super::rows::area_labels(areas, &state.households.get()));
        }
    });
    rows
}

/// The features of one small layer, and of what is drawn from it.
pub fn features_of(state: MapState, topic: &str) -> Vec<(String, Value)> {
    let mut rows = state.live.rows(topic).unwrap_or_default();
    if let Ok(layer) = topic.parse() {
        // Whoever draws anew for other filters says so; a live change is no reason to.
        state.filters.with_untracked(|filters| rows.retain(|row| filters.accept(layer, &row.properties)));
    }
    let mut features = vec![(topic.to_owned(), super::rows::points(&rows))];
    if topic == "camera" {
        let selected = state.selected.get_untracked().filter(|selected| selected.layer.name() == topic);
        let views = super::rows::camera_views(&rows, selected.map(|selected| selected.id));
        features.push((super::style::CAMERA_VIEW.to_owned(), views));
    }
    features
}

#[cfg(test)]
mod tests {
    use super::overlap;

    #[test]
    fn a_covered_point_moves_just_into_the_open() {
        assert_eq!(overlap(500.0, 432.0, 1488.0), 0.0);
        assert_eq!(overlap(100.0, 432.0, 1488.0), -380.0);
        assert_eq!(overlap(1500.0, 432.0, 1488.0), 60.0);
        // Panels that leave no room between them are no reason to jump.
        assert_eq!(overlap(10.0, 200.0, 250.0), 0.0);
    }
}
