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
mod state;
mod style;
mod surface;
mod tiles;
mod tool;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
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
pub use state::{Command, FeatureRef, MapState, Padding, View};
pub use style::Past;
pub use tool::{Pointer, PointerKind, Pointers, Tool, drawn, empty, sketch};

use crate::bundle;
use crate::later::{Later, Part};
use crate::live::{Connection, News};
use crate::number;
use state::Settled;
use surface::Surface;
use tiles::Touched;

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
        for (name, pixels) in [("--covered-left", padding.left), ("--covered-right", padding.right), ("--covered-bottom", padding.bottom)] {
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
            _ => {
                state.settled.set(Settled::Elsewhere);
                surface.obey(command, padding);
            }
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
