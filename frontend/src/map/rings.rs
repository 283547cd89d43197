//! Rings around places that somebody should look at, as elements over the map: to beat in the style would paint the map anew.
//! Which places these are, and when they stop, is whoever sets them.

use leptos::prelude::*;

use super::edit::{pixel_of, translate};
use super::{Ground, MapState};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ring {
    pub id: i64,
    pub at: [f64; 2],
    /// Comes back until it is taken away; else it is there once.
    pub beats: bool,
}

#[component]
pub fn Rings() -> impl IntoView {
    let (state, Ground { stage, ready }): (MapState, Ground) = (expect_context(), expect_context());
    let ring = move |ring: Ring| {
        let place = move || {
            ready.track();
            state.glide.track();
            state.view.track();
            pixel_of(stage, ring.at).map_or_else(|| "scale(0)".to_owned(), translate)
        };
        view! {
            <div class="ring" class:beats=ring.beats style:transform=place data-testid="ring" data-id=ring.id.to_string()><i></i><i></i><i></i></div>
        }
    };
    view! {
        <div class="rings" aria-hidden="true">
            <For each=move || state.rings.get() key=|ring| ring.id children=ring/>
        </div>
    }
}
