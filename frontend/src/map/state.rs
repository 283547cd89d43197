//! Where a screen and the map meet: what each says to the other, as signals that live as long as the page.
//! Nothing is drawn here and nothing asked of a server; the canvas (`super`) follows these signals.

use std::collections::{BTreeSet, HashMap};

use leptos::prelude::*;
use serde_json::Value;
use shared::area::AreaList;
use shared::drawn_area::DrawnArea;
use shared::layer::Layer;

use super::{Catalogue, Drafting, Filters, Here, Pointer, Pointers, Ring, Tool, areas, empty};
use crate::lasting::Lasting;
use crate::live::Live;
use crate::number;
use crate::session::Session;
use crate::theme::Theme;

/// Near enough to recognise a thing among its neighbours.
const SOUGHT_ZOOM: f64 = 17.0;

/// Where the map looks. Degrees; `zoom` as in web maps (each step halves the ground).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    pub lon: f64,
    pub lat: f64,
    pub zoom: f64,
    pub bearing: f64,
    pub pitch: f64,
}

impl View {
    /// The same to the eye: within a pixel, which is what addresses keep.
    pub(super) fn is_about(self, other: View) -> bool {
        let pixel_deg = 360.0 / (512.0 * number::exp2(self.zoom));
        (self.lon - other.lon).abs() < pixel_deg
            && (self.lat - other.lat).abs() < pixel_deg
            && (self.zoom - other.zoom).abs() < 0.01
            && (self.bearing - other.bearing).abs() < 0.5
            && (self.pitch - other.pitch).abs() < 0.5
    }
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
    /// To what the map opens on, in the room that the panels leave free now.
    GoHome,
    /// Between looking straight down and leaning by 50°.
    ToggleTilt,
}

/// Where the map has brought itself. While it still looks there, nobody has moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Settled {
    /// The address, or a person, says where to look.
    Elsewhere,
    OnTheWay,
    At(View),
}

/// What the screens and the map know of each other.
#[derive(Clone, Copy)]
pub struct MapState {
    /// Follows the map; setting it moves the map there without animation. None until something says where to look:
    /// then the map opens on the ward.
    pub view: Lasting<Option<View>>,
    /// The layers that are switched on; those out of reach are not shown whatever this says.
    pub layers: Lasting<BTreeSet<Layer>>,
    /// Set by a click on the map, or by a screen; the map rings it.
    pub selected: Lasting<Option<FeatureRef>>,
    /// What of each layer is shown.
    pub filters: Lasting<Filters>,
    /// Which area the eye is on; the map outlines it.
    pub area: Lasting<Option<i64>>,
    /// Which layer is drawn as counts per cell.
    pub density: Lasting<Option<Layer>>,
    /// How much larger the map's words and marks are than on a desk.
    pub scale: Lasting<f64>,
    /// Where the map looks while it moves; told only while two maps move together, or something lies over it.
    pub glide: Lasting<Option<View>>,
    /// What is on screen: west, south, east, north.
    pub bounds: Lasting<Option<[f64; 4]>>,
    /// How many households areas have, by id, for who may know.
    pub households: Lasting<HashMap<i32, u64>>,
    /// Which tool has the map in hand; none: a click selects.
    pub tool: Lasting<Option<Tool>>,
    /// What a tool draws over everything, GeoJSON; the properties are those of [`drawn`].
    pub sketch: Lasting<Value>,
    /// Cells shaded by how many live there, GeoJSON with `shade` 0 to 4, −1 for what is withheld; empty while they are put away.
    pub cells: Lasting<Value>,
    /// What a link names without saying where to look: whoever learns its place brings the map there, once.
    pub sought: Lasting<Option<FeatureRef>>,
    /// The area that was drawn to be counted in.
    pub drawn: Lasting<Option<DrawnArea>>,
    /// Which alerts the page's lists show, as `cameras::alerts` writes it; empty: what the page opens with.
    pub alerts: Lasting<String>,
    /// Places that somebody should look at.
    pub rings: Lasting<Vec<Ring>>,
    /// How many alerts stand open in each ward, GeoJSON; empty where alerts are drawn one by one at every zoom.
    pub ward_alerts: Lasting<Value>,
    pub pointers: Pointers,
    /// What is being edited.
    pub drafting: Drafting,
    /// Where this device is, once the person asked.
    pub here: Lasting<Option<Here>>,
    pub padding: Lasting<Padding>,
    /// The areas, once they are known.
    pub areas: Lasting<Option<AreaList>>,
    pub theme: Signal<Theme>,
    pub session: Session,
    pub catalogue: Catalogue,
    pub live: Live,
    /// The map library could not start (no WebGL): the reason, in its own words.
    pub broken: Lasting<Option<String>>,
    pub(super) command: Lasting<Option<Command>>,
    pub(super) settled: Lasting<Settled>,
}

impl MapState {
    pub fn new(session: Session, catalogue: Catalogue, live: Live, theme: Signal<Theme>) -> MapState {
        MapState {
            session,
            view: Lasting::new(None),
            layers: Lasting::new(Layer::ALL.into_iter().collect()),
            selected: Lasting::new(None),
            filters: Lasting::new(Filters::default()),
            area: Lasting::new(None),
            density: Lasting::new(None),
            scale: Lasting::new(1.0),
            glide: Lasting::new(None),
            bounds: Lasting::new(None),
            households: Lasting::new(HashMap::new()),
            tool: Lasting::new(None),
            sketch: Lasting::new(empty()),
            cells: Lasting::new(empty()),
            sought: Lasting::new(None),
            drawn: Lasting::new(None),
            alerts: Lasting::new(String::new()),
            rings: Lasting::new(Vec::new()),
            ward_alerts: Lasting::new(empty()),
            pointers: Pointers::new(),
            drafting: Drafting::nothing(),
            here: Lasting::new(None),
            padding: Lasting::new(Padding::default()),
            areas: Lasting::new(None),
            theme,
            catalogue,
            live,
            broken: Lasting::new(None),
            command: Lasting::new(None),
            settled: Lasting::new(Settled::Elsewhere),
        }
    }

    /// What the map opens on, once it is known; another for whoever signs in.
    pub fn home(&self) -> Option<[f64; 4]> {
        let info = self.session.info();
        self.areas.with(|areas| areas.as_ref().and_then(|areas| areas::home(areas, info.as_ref())))
    }

    /// The whole of what the screens are about, once it is known.
    pub fn whole(&self) -> Option<[f64; 4]> {
        let info = self.session.info_untracked();
        self.areas.with_untracked(|areas| areas.as_ref().and_then(|areas| areas::whole(areas, info.as_ref())))
    }

    /// Brings the map home again, because its home, or what covers it, is another now; unless somebody has moved it, or
    /// looks at something.
    pub fn settle_again(&self) {
        let is_unmoved = match self.settled.get_untracked() {
            Settled::Elsewhere => false,
            Settled::OnTheWay => true,
            Settled::At(place) => self.view.get_untracked().is_none_or(|view| view.is_about(place)),
        };
        // Where somebody is about to be led, they are led.
        let is_called = self.command.with_untracked(Option::is_some);
        if is_unmoved && !is_called && self.selected.with_untracked(Option::is_none) {
            self.command(Command::GoHome);
        }
    }

    /// Brings what a link named before the eyes, where its card has just learnt its place.
    pub fn show_sought(&self, [lon, lat]: [f64; 2]) {
        if self.take_sought() {
            self.fly_to(lon, lat, SOUGHT_ZOOM);
        }
    }

    /// Whether what is selected was named by a link that did not say where to look; once.
    pub fn take_sought(&self) -> bool {
        let sought = self.sought.get_untracked();
        if sought.is_some() {
            self.sought.set(None);
        }
        sought.is_some() && sought == self.selected.get_untracked()
    }

    pub fn fly_to(&self, lon: f64, lat: f64, zoom: f64) {
        self.command(Command::FlyTo { lon, lat, zoom });
    }

    pub fn command(&self, command: Command) {
        self.command.set(Some(command));
    }

    /// Tells of the pointer until the surrounding owner is cleaned up; true takes the event from the map.
    pub fn on_pointer(&self, listener: impl Fn(&Pointer) -> bool + 'static) {
        self.pointers.listen(listener);
    }

    /// Takes the tool in hand, or puts it down.
    pub fn toggle_tool(&self, tool: Tool) {
        self.tool.update(|held| *held = if *held == Some(tool) { None } else { Some(tool) });
    }
}
