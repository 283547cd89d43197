//! The page: the map, and what floats on it.
//! Each floating part lives in its own module; this one only brings them together.

use leptos::prelude::*;

use crate::live::Live;
use crate::map::{Catalogue, MapCanvas, MapState};
use crate::theme;

#[component]
pub fn App() -> impl IntoView {
    let theme = theme::provide();
    let audience = RwSignal::new("public".to_owned());
    let catalogue = Catalogue::follow(audience.into());
    let live = Live::start(catalogue.topics());
    let state = MapState::new(catalogue, live, theme.into());
    view! { <MapCanvas state/> }
}
