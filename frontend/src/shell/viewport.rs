//! How large the window is, so that the map can keep what matters clear of the panels.
//! The layout itself is the style sheets'; only what the map must be told is computed here.

use leptos::ev;
use leptos::prelude::*;

use crate::lasting::Lasting;
use crate::map::{MapState, Padding, Tool};
use crate::number;

/// As in the style sheets.
const PHONE_BELOW: f64 = 600.0;
const WALL_FROM: f64 = 2560.0;
/// Of a phone's height.
const TOOL_PANEL_SHARE: f64 = 0.45;

#[derive(Clone, Copy)]
pub struct Viewport {
    size: Lasting<(f64, f64)>,
}

pub fn viewport() -> Viewport {
    expect_context()
}

impl Viewport {
    pub fn provide() -> Viewport {
        let viewport = Viewport { size: Lasting::new(measure()) };
        let resized = window_event_listener(ev::resize, move |_| viewport.size.set(measure()));
        on_cleanup(move || resized.remove());
        provide_context(viewport);
        viewport
    }

    pub fn is_phone(&self) -> bool {
        self.size.with(|(width, _)| *width < PHONE_BELOW)
    }

    pub fn is_wall(&self) -> bool {
        self.size.with(|(width, _)| *width >= WALL_FROM)
    }

    /// Where there is less room than the desk's plan is made for.
    pub fn is_narrower_than(&self, pixels: f64) -> bool {
        self.size.with(|(width, _)| *width < pixels)
    }

    pub fn height(&self) -> f64 {
        self.size.get().1
    }

    /// Tells the map what the panels of a page cover, in pixels of a 16-pixel root, with and without a card.
    pub fn keep_clear(&self, covered: impl Fn(&Viewport, bool) -> Padding + 'static) {
        let viewport = *self;
        let state: MapState = expect_context();
        Effect::new(move |before: Option<bool>| {
            let card = state.selected.with(Option::is_some);
            let mut padding = covered(&viewport, card);
            // On a phone a tool's panel lies over the lower part of the map, whatever the page (`.tool-panel` in screen.css).
            let is_under_tool =
                viewport.is_phone() && state.tool.get().is_some_and(|tool| matches!(tool, Tool::Measure | Tool::Draw | Tool::Compare));
            if is_under_tool {
                padding.bottom = padding.bottom.max(viewport.height() * TOOL_PANEL_SHARE);
            }
            let scale = root_font_px() / 16.0;
            state.scale.set(scale.max(1.0));
            state.padding.set(Padding {
                top: padding.top * scale,
                right: padding.right * scale,
                bottom: padding.bottom * scale,
                left: padding.left * scale,
            });
            if before.is_some_and(|before| before != is_under_tool) {
                state.settle_again();
            }
            is_under_tool
        });
    }

    /// A page that came after the map finds its home in the middle of the whole window, half of it under the page's panels. Unless
    /// somebody has moved the map, it is fitted again, to what the page leaves free. After `keep_clear`.
    pub fn fit_home_again(&self) {
        let state: MapState = expect_context();
        Effect::new(move |_| state.settle_again());
    }
}

fn measure() -> (f64, f64) {
    let pixels = |side: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>, usual: f64| {
        side.ok().and_then(|value| value.as_f64()).unwrap_or(usual)
    };
    (pixels(window().inner_width(), 1280.0), pixels(window().inner_height(), 800.0))
}

/// A wall enlarges the root's letters, and everything measured in them.
fn root_font_px() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|size| number::read(size.trim_end_matches("px"))).unwrap_or(16.0)
}
