//! The map: everything that speaks to MapLibre, behind signals that say where it looks and what it shows.
//! It keeps no facts of its own: tiles and live frames bring them, and what a selected thing means is the cards' business.

mod catalogue;

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::layer::Layer;

pub use catalogue::{Catalogue, Reach};

use crate::live::Live;
use crate::theme::Theme;

/// Where the map looks. Degrees; `zoom` as in web maps (each step halves the ground).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub lon: f64,
    pub lat: f64,
    pub zoom: f64,
    pub bearing: f64,
    pub pitch: f64,
}

/// A thing on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FeatureRef {
    pub layer: Layer,
    pub id: i64,
}

/// Pixels at each edge that floating panels cover: what is flown to stays in what is left.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Padding {
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub left: f64,
}

/// Something the map is asked to do once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    FlyTo {
        lon: f64,
        lat: f64,
        zoom: f64,
    },
    /// West, south, east, north.
    FitBounds([f64; 4]),
    ZoomIn,
    ZoomOut,
    /// Between looking straight down and leaning by 50°.
    ToggleTilt,
}

/// What the screens and the map know of each other.
#[derive(Clone, Copy)]
pub struct MapState {
    /// Follows the map; setting it moves the map there without animation. None until something says where to look:
    /// then the map opens on the ward.
    pub view: RwSignal<Option<View>>,
    /// The layers that are switched on; those out of reach are not shown whatever this says.
    pub layers: RwSignal<BTreeSet<Layer>>,
    /// Set by a click on the map, or by a screen; the map rings it.
    pub selected: RwSignal<Option<FeatureRef>>,
    pub padding: RwSignal<Padding>,
    pub theme: Signal<Theme>,
    pub catalogue: Catalogue,
    pub live: Live,
    /// The map library could not start (no WebGL): the reason, in its own words.
    pub broken: RwSignal<Option<String>>,
    command: RwSignal<Option<Command>>,
}

impl MapState {
    pub fn new(catalogue: Catalogue, live: Live, theme: Signal<Theme>) -> MapState {
        MapState {
            view: RwSignal::new(None),
            layers: RwSignal::new(Layer::ALL.into_iter().collect()),
            selected: RwSignal::new(None),
            padding: RwSignal::new(Padding::default()),
            theme,
            catalogue,
            live,
            broken: RwSignal::new(None),
            command: RwSignal::new(None),
        }
    }

    pub fn fly_to(&self, lon: f64, lat: f64, zoom: f64) {
        self.command(Command::FlyTo { lon, lat, zoom });
    }

    pub fn command(&self, command: Command) {
        self.command.set(Some(command));
    }
}

/// The map, filling its parent.
#[component]
pub fn MapCanvas(state: MapState) -> impl IntoView {
    let _ = state;
    view! { <div class="map"></div> }
}
