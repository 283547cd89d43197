//! The map: everything that speaks to MapLibre, behind signals that say where it looks and what it shows.
//! It keeps no facts of its own: tiles and live frames bring them, and what a selected thing means is the cards' business.

mod areas;
mod browser;
mod catalogue;
mod edit;
mod filters;
pub mod ground;
mod icons;
mod library;
mod pick;
mod refresh;
mod rings;
mod rows;
mod second;
mod style;
mod surface;
mod tiles;
mod tool;

use std::collections::{BTreeSet, HashMap};

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use shared::area::AreaList;
use shared::drawn_area::DrawnArea;
use shared::layer::Layer;
use wasm_bindgen::JsCast;

pub use areas::{follow_households, own_area};
pub use browser::{Here, copy, is_full_screen, locate, save_bytes, save_file, toggle_full_screen};
pub use catalogue::{Catalogue, Reach};
pub use edit::{Draft, Drafting, Handles, Looks};
pub use filters::Filters;
pub use rings::{Ring, Rings};
pub use rows::past_points;
pub use second::{Second, SecondMap};
pub use style::Past;
pub use tool::{Pointer, PointerKind, Pointers, Tool, drawn, empty, sketch};

use crate::bundle;
use crate::lasting::Lasting;
use crate::later::{Later, Part};
use crate::live::{Connection, Live, News};
use crate::number;
use crate::session::Session;
use crate::theme::Theme;
use surface::Surface;
use tiles::Touched;

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
    fn is_about(self, other: View) -> bool {
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
enum Settled {
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
    command: Lasting<Option<Command>>,
    settled: Lasting<Settled>,
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
        if is_unmoved && self.selected.with_untracked(Option::is_none) {
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

/// A surface that may not be there yet, or no more.
type Stage = StoredValue<Option<Surface>, LocalStorage>;

/// The map itself, for what is drawn over it.
#[derive(Clone, Copy)]
struct Ground {
    stage: Stage,
    ready: RwSignal<bool>,
}

/// The map, filling its parent.
#[component]
pub fn MapCanvas(state: MapState) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    // Dropped with this component, which takes the map off the page.
    let stage: Stage = StoredValue::new_local(None);
    let ready = RwSignal::new(false);
    // A link may open the map leaning, which no event tells.
    let tilted = RwSignal::new(state.view.with_untracked(|view| view.is_some_and(|view| view.pitch > 1.0)));
    let clicked = RwSignal::new(None);
    Effect::new(move |opening: Option<bool>| {
        let (Some(container), None | Some(false)) = (node.get(), opening) else { return opening.unwrap_or(false) };
        spawn_local(async move {
            match Surface::open(container.into(), state).await {
                Ok(surface) => {
                    watch(&surface, state, stage, tilted, clicked);
                    // Styles before the first (empty) one has settled would be built from nothing each time.
                    surface.on("style.load", move |_| {
                        if !ready.get_untracked() {
                            ready.set(true);
                        }
                    });
                    // Handed back when the page has moved on meanwhile: then the map is dropped here.
                    _ = stage.try_set_value(Some(surface));
                }
                Err(reason) => _ = state.broken.try_set(Some(reason)),
            }
        });
        true
    });
    Effect::new(move || {
        if ready.get() {
            open_at_home(state, stage);
            areas::follow(state);
        }
    });
    follow_home(state, ready);
    draw_moments(state, stage, ready, tilted);
    listen(state, stage, ready);
    follow_commands(state, stage, ready);
    keep_clear(state, stage, clicked);
    Effect::new(move || {
        let (Some(container), padding) = (node.get(), state.padding.get()) else { return };
        // The scale, and what stands beside the map in its corner, keep clear of what covers it.
        let Some(around) = container.parent_element().and_then(|parent| parent.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
        let style = around.style();
        for (name, pixels) in [("--covered-left", padding.left), ("--covered-bottom", padding.bottom)] {
            _ = style.set_property(name, &format!("{}px", number::written(pixels)));
        }
    });
    provide_context(Ground { stage, ready });
    let edited = Memo::new(move |_| state.drafting.draft.with(Option::is_some));
    let ringed = Memo::new(move |_| state.rings.with(|rings| !rings.is_empty()));
    view! {
        <div class="map" node_ref=node data-testid="map" data-ready=move || ready.get().to_string()></div>
        {move || ringed.get().then(|| view! { <Later part=Part::Rings/> })}
        {move || edited.get().then(|| view! { <Later part=Part::Handles/> })}
    }
}

fn on_stage(stage: Stage, act: impl FnOnce(&Surface)) {
    // None: the component is gone.
    _ = stage.try_with_value(|surface| surface.as_ref().map(act));
}

/// What the map says of itself.
fn watch(surface: &Surface, state: MapState, stage: Stage, tilted: RwSignal<bool>, clicked: RwSignal<Option<[f64; 2]>>) {
    surface.watch_tiles();
    surface.watch_pointer(state, clicked);
    surface.on("styleimagemissing", move |event| {
        if let Some(name) = event.id() {
            on_stage(stage, |surface| surface.give_image(&name));
        }
    });
    surface.on("moveend", move |_| {
        on_stage(stage, |surface| {
            let view = surface.view();
            if state.settled.get_untracked() == Settled::OnTheWay {
                state.settled.set(Settled::At(view));
            }
            state.view.set(Some(view));
            state.bounds.set(Some(surface.bounds()));
        });
    });
    surface.on("move", move |_| {
        let is_followed = state.drafting.draft.with_untracked(Option::is_some) || state.rings.with_untracked(|rings| !rings.is_empty());
        if is_followed || state.tool.get_untracked() == Some(Tool::Compare) {
            on_stage(stage, |surface| state.glide.set(Some(surface.view())));
        }
    });
    surface.on("pitch", move |_| {
        on_stage(stage, |surface| {
            let leans = surface.map.pitch() > 1.0;
            if tilted.get_untracked() != leans {
                tilted.set(leans);
            }
        });
    });
    surface.on("error", move |event| {
        let error = event.error();
        leptos::logging::warn!("map: {:?}", error);
    });
}

fn open_at_home(state: MapState, stage: Stage) {
    let (view, home) = (state.view.get_untracked(), untrack(|| state.home()));
    on_stage(stage, |surface| {
        match (view, home) {
            (None, Some(home)) => surface.fit(home, state.padding.get_untracked(), false),
            // Nothing moves there, so nothing else would say what is in view.
            _ => state.bounds.set(Some(surface.bounds())),
        }
        if view.is_none() {
            state.settled.set(Settled::At(surface.view()));
        }
    });
}

/// Whoever signs in answers for other ground than the public; and areas may become known, or change, after the map is there.
fn follow_home(state: MapState, ready: RwSignal<bool>) {
    Effect::new(move |before: Option<Option<[f64; 4]>>| {
        let home = state.home();
        if before.is_some_and(|before| before != home) && ready.get_untracked() {
            state.settle_again();
        }
        home
    });
}

/// Draws anew whenever something changes that the style depends on.
fn draw_moments(state: MapState, stage: Stage, ready: RwSignal<bool>, tilted: RwSignal<bool>) {
    let speaks = Memo::new(move |_| state.live.connection.get() != Connection::Connecting);
    let (origin, bundle) = (window().location().origin().unwrap_or_default(), bundle::address(""));
    let wards_counted = Memo::new(move |_| state.ward_alerts.with(|counted| *counted != empty()));
    Effect::new(move || {
        wards_counted.track();
        if !ready.get() {
            return;
        }
        let rows = surface::rows_of(state);
        let (reach, shown, filters) = (state.catalogue.reach.get(), state.layers.get(), state.filters.get());
        let moment = style::Moment {
            theme: state.theme.get(),
            origin: &origin,
            bundle: &bundle,
            reach: &reach,
            overlays: speaks.get(),
            shown: &shown,
            filters: &filters,
            area: state.area.get(),
            density: state.density.get(),
            scale: state.scale.get(),
            selected: state.selected.get(),
            tilted: tilted.get(),
            rows: &rows,
            past: None,
        };
        on_stage(stage, |surface| surface.draw(&moment));
    });
    Effect::new(move || {
        let (drawing, here) = (state.sketch.get(), state.here.get());
        if ready.get() {
            on_stage(stage, |surface| {
                surface.set_rows(style::SKETCH, &drawing);
                surface.set_rows(style::HERE, &rows::here(here));
            });
        }
    });
    Effect::new(move || {
        let (cells, wards) = (state.cells.get(), state.ward_alerts.get());
        if ready.get() {
            on_stage(stage, |surface| {
                surface.set_rows(style::COUNTED_CELLS, &cells);
                surface.set_rows(style::WARD_ALERTS, &wards);
            });
        }
    });
    Effect::new(move || {
        let theme = state.theme.get();
        let wanted = stage.with_value(|surface| surface.as_ref().map(|surface| surface.images_wanted(theme)));
        let (true, Some((sprite, images))) = (ready.get(), wanted) else { return };
        spawn_local(async move {
            match icons::draw(&sprite, &images).await {
                Ok(images) if state.theme.try_get_untracked() == Some(theme) => {
                    on_stage(stage, |surface| surface.use_images(images));
                }
                Ok(_) => {}
                Err(error) => leptos::logging::warn!("map icons: {error:?}"),
            }
        });
    });
}

/// Carries live changes to the map: small layers whole, of the others the tiles that changed.
fn listen(state: MapState, stage: Stage, ready: RwSignal<bool>) {
    Effect::new(move || {
        if !ready.get() {
            return;
        }
        for (layer, summary) in state.catalogue.reach.get().layers {
            let topic = layer.name();
            if matches!(layer, Layer::Area | Layer::Water) {
                state.live.listen(topic, move |news| {
                    on_stage(stage, |surface| surface.refresher.changed(style::BACKDROP, touched_by(news, style::BACKDROP_ZOOMS)));
                });
            }
            if !summary.base {
                state.live.listen(topic, move |_| {
                    if state.density.get_untracked() == Some(layer) {
                        // Few tiles, each a few kilobytes; an unchanged one costs an ETag comparison.
                        on_stage(stage, |surface| surface.refresher.changed(style::CELLS, Touched::Everything));
                    }
                });
            }
            if summary.tiled {
                state.live.listen(topic, move |news| {
                    let touched = touched_by(news, (summary.min_zoom, summary.max_zoom));
                    on_stage(stage, |surface| surface.refresher.changed(topic, touched));
                });
            } else {
                state.live.listen(topic, move |_| {
                    for (source, features) in surface::features_of(state, topic) {
                        on_stage(stage, |surface| surface.set_rows(&source, &features));
                    }
                });
            }
        }
    });
}

fn touched_by(news: &News, zooms: (u8, u8)) -> Touched {
    match news {
        News::Delta { upsert, remove } => tiles::touched(upsert, remove, zooms),
        // Tiles asked for before this moment may be older than it. Those that are not cost an ETag comparison.
        News::Snapshot(_) | News::Resync => Touched::Everything,
    }
}

fn follow_commands(state: MapState, stage: Stage, ready: RwSignal<bool>) {
    Effect::new(move || {
        let (true, Some(command)) = (ready.get(), state.command.get()) else { return };
        state.command.set(None);
        let padding = state.padding.get_untracked();
        on_stage(stage, |surface| match (command, untrack(|| state.home())) {
            (Command::GoHome, Some(home)) => {
                surface.fit(home, padding, true);
                let settled = if surface.map.is_moving() { Settled::OnTheWay } else { Settled::At(surface.view()) };
                state.settled.set(settled);
            }
            _ => surface.obey(command, padding),
        });
    });
    Effect::new(move || {
        let (true, Some(view)) = (ready.get(), state.view.get()) else { return };
        on_stage(stage, |surface| {
            if !surface.view().is_about(view) {
                surface.jump_to(view);
            }
        });
    });
}

/// A card that opens over what was clicked moves the map from under it.
fn keep_clear(state: MapState, stage: Stage, clicked: RwSignal<Option<[f64; 2]>>) {
    Effect::new(move || {
        let padding = state.padding.get();
        let selected = state.selected.with_untracked(Option::is_some);
        if let (true, Some(place)) = (selected, clicked.get_untracked()) {
            clicked.set(None);
            on_stage(stage, |surface| surface.uncover(place, padding));
        }
    });
}
