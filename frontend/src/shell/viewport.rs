//! How large the window is, so that the map can keep what matters clear of the panels.
//! The layout itself is the style sheets'; only what the map must be told is computed here.

use leptos::ev;
use leptos::prelude::*;

use crate::lasting::Lasting;
use crate::map::{Command, MapState, Padding};
use crate::number;

/// As in the style sheets.
const PHONE_BELOW: f64 = 600.0;
const WALL_FROM: f64 = 2560.0;

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

    pub fn height(&self) -> f64 {
        self.size.get().1
    }

    /// Tells the map what the panels of a page cover, in pixels of a 16-pixel root, with and without a card.
    pub fn keep_clear(&self, covered: impl Fn(&Viewport, bool) -> Padding + 'static) {
        let viewport = *self;
        let state: MapState = expect_context();
        Effect::new(move |_| {
            let card = state.selected.with(Option::is_some);
            let padding = covered(&viewport, card);
            let scale = root_font_px() / 16.0;
            state.scale.set(scale.max(1.0));
            state.padding.set(Padding {
                top: padding.top * scale,
                right: padding.right * scale,
                bottom: padding.bottom * scale,
                left: padding.left * scale,
            });
        });
    }

    /// A page that came after the map finds the wards in the middle of the whole window, half of them under its panels. Unless
    /// somebody has moved the map, they are fitted again, to what the page leaves free. After `keep_clear`.
    pub fn fit_home_again(&self) {
        let state: MapState = expect_context();
        Effect::new(move |_| {
            let (Some(home), Some(shown)) = (state.home(), state.bounds.get_untracked()) else { return };
            if state.selected.with_untracked(Option::is_none) && is_in_the_middle(home, shown) {
                state.command(Command::FitBounds(home));
            }
        });
    }
}

/// Whether all of an area is to be seen, with as much beside it on either hand. West, south, east, north.
fn is_in_the_middle(area: [f64; 4], shown: [f64; 4]) -> bool {
    let [west, south, east, north] = [area[0] - shown[0], area[1] - shown[1], shown[2] - area[2], shown[3] - area[3]];
    let is_even = |one: f64, other: f64, side: f64| one >= 0.0 && other >= 0.0 && (one - other).abs() < side / 100.0;
    is_even(west, east, area[2] - area[0]) && is_even(south, north, area[3] - area[1])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_in_the_middle_only_while_nobody_has_moved_the_map() {
        let ward = [105.73, 21.03, 105.76, 21.05];
        assert!(is_in_the_middle(ward, [105.72, 21.029, 105.77, 21.051]), "as it opens");
        assert!(!is_in_the_middle(ward, [105.70, 21.029, 105.77, 21.051]), "clear of a panel at the left");
        assert!(!is_in_the_middle(ward, [105.74, 21.035, 105.75, 21.045]), "closer, and what is there was chosen");
    }
}
