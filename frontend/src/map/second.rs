//! A second map beside the one on screen, which nobody drags: for paper, or as it was on an earlier day.
//! What is drawn on it is the map style's, as for the first; where it looks, whoever puts it up says.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use shared::layer::Layer;
use wasm_bindgen::prelude::*;
use web_sys::Element;

use super::library::{self, Map, MapEvent, to_js};
use super::style::{Moment, Past, Template};
use super::{MapState, View, icons, surface};
use crate::theme::Theme;
use crate::{bundle, http};
use leptos::prelude::*;

/// What makes it another map than the first.
#[derive(Debug, Clone)]
pub struct Second {
    pub theme: Theme,
    pub view: View,
    /// Dots per CSS pixel: paper shows finer lines than a screen.
    pub pixel_ratio: Option<f64>,
    pub past: Option<Past>,
    pub with_scale: bool,
}

type Handler = Closure<dyn FnMut(MapEvent)>;

/// Taken off the page when dropped.
pub struct SecondMap {
    map: Map,
    handlers: RefCell<Vec<Handler>>,
    /// Called by the map for every request.
    _asks: library::Asks,
}

impl Drop for SecondMap {
    fn drop(&mut self) {
        // Before the handlers go, or the map would call what is no more.
        self.map.remove();
    }
}

impl SecondMap {
    /// Draws what the first map shows; `on_idle` is called whenever all of it is there.
    pub async fn open(container: Element, state: MapState, second: Second, on_idle: impl Fn() + 'static) -> Result<SecondMap, JsValue> {
        let module = library::load().await?;
        let text = http::get_text(&bundle::address("/style/map.json")).await.map_err(|failure| JsValue::from(failure.to_string()))?;
        let sprite = http::get_text(&bundle::address("/vendor/icons.svg")).await.unwrap_or_default();
        let template = Template::parse(&text).map_err(|error| JsValue::from(error.to_string()))?;
        let images = icons::draw(&sprite, &template.images(second.theme)).await.unwrap_or_default();
        let style = untrack(|| style(&template, state, &second));
        // Asked of the server, or compared with what the browser keeps: paper shows what is true.
        let asks: library::Asks = Closure::new(move |address: JsValue| library::request(&address, false));
        let map = library::create(&module, &container, &options(&second, style), &asks)?;
        if second.with_scale
            && let Ok(scale) = library::create_scale(&module, 1.0)
        {
            map.add_control(&scale, "bottom-left");
        }
        let second = SecondMap { map, handlers: RefCell::default(), _asks: asks };
        let map = second.map.clone();
        // Before the first tile is laid out: what is added once it is missed comes too late for that tile.
        second.on("style.load", move |_| {
            for (name, image) in images.iter().filter(|(name, _)| !map.has_image(name)) {
                map.add_image(name, image, &to_js(&json!({"pixelRatio": icons::PIXEL_RATIO})));
            }
        });
        second.on("idle", move |_| on_idle());
        Ok(second)
    }

    pub fn look_at(&self, view: View) {
        self.map.jump_to(&to_js(&surface::camera(view)));
    }

    fn on(&self, event: &str, handler: impl FnMut(MapEvent) + 'static) {
        let handler: Handler = Closure::new(handler);
        self.map.on(event, handler.as_ref());
        self.handlers.borrow_mut().push(handler);
    }
}

fn style(template: &Template, state: MapState, second: &Second) -> Value {
    let (origin, bundle) = (window().location().origin().unwrap_or_default(), bundle::address(""));
    let rows: HashMap<String, Value> = surface::rows_of(state);
    let (reach, shown): (_, BTreeSet<Layer>) = (state.catalogue.reach.get(), state.layers.get());
    template.style(&Moment {
        theme: second.theme,
        origin: &origin,
        bundle: &bundle,
        reach: &reach,
        overlays: true,
        shown: &shown,
        filters: &state.filters.get(),
        area: state.area.get(),
        density: state.density.get(),
        scale: 1.0,
        selected: state.selected.get().filter(|_| second.past.is_none()),
        tilted: second.view.pitch > 1.0,
        rows: &rows,
        past: second.past.as_ref(),
    })
}

fn options(second: &Second, style: Value) -> Value {
    let mut options = surface::camera(second.view);
    let more = json!({
        "style": style,
        "interactive": false,
        "attributionControl": false,
        "renderWorldCopies": false,
        "fadeDuration": 0,
        "maxPitch": surface::STEEPEST_PITCH_DEG,
        // Paper asks for the picture after it was drawn.
        "canvasContextAttributes": {"preserveDrawingBuffer": second.pixel_ratio.is_some()},
    });
    if let (Value::Object(options), Value::Object(more)) = (&mut options, more) {
        options.extend(more);
    }
    if let Some(ratio) = second.pixel_ratio {
        options["pixelRatio"] = json!(ratio);
    }
    options
}
