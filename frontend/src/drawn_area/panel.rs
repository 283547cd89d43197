//! The tool that draws an area and counts in it: by pointer or finger on the map, or by keyboard in this panel.
//! Esc puts the tool down and takes the area away.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use shared::area::{AreaKind, AreaSummary};
use shared::drawn_area::{AlongRoad, AreaFigures, AreaOnMap, Circle, DrawnArea, LARGEST_RADIUS_M, WIDEST_ALONG_ROAD_M};
use shared::layer::Layer;
use shared::search::{SearchKind, SearchResults};

use super::drawing::{Draft, Way, outline};
use super::figures::Figures;
use crate::geography::ward;
use crate::http;
use crate::map::{Command, MapState, drawn, empty, sketch};
use crate::number;
use crate::shell::ToolPanel;
use crate::t;
use crate::ui::Icon;

const USUAL_RADIUS_M: f64 = 200.0;
const USUAL_ALONG_M: f64 = 30.0;

#[component]
pub fn DrawPanel() -> impl IntoView {
    let state: MapState = expect_context();
    let way = RwSignal::new(state.drawn.with_untracked(|area| area.as_ref().map_or(Way::Circle, way_of)));
    let draft = RwSignal::new(Draft::default());
    listen(state, way, draft);
    let counted = RwSignal::new(None::<AreaFigures>);
    Effect::new(move |_| {
        let sketch = state.drawn.with(|area| shown(area.as_ref(), counted.get(), way.get(), &draft.get()));
        // Counted again, it lies where it lay.
        if state.sketch.with_untracked(|before| *before != sketch) {
            state.sketch.set(sketch);
        }
    });
    on_cleanup(move || {
        _ = state.sketch.try_set(empty());
        _ = state.drawn.try_set(None);
    });
    let draw_anew = move |_| {
        draft.set(Draft::default());
        state.drawn.set(None);
    };
    let choice = move |choice: Way, name: &'static str, label: fn() -> String| {
        let choose = move |_| {
            way.set(choice);
            draft.set(Draft::default());
            state.drawn.set(None);
        };
        view! {
            <button type="button" class="segment" data-testid=name aria-pressed=move || (way.get() == choice).to_string() on:click=choose>{label}</button>
        }
    };
    let is_drawn = Memo::new(move |_| state.drawn.with(Option::is_some));
    view! {
        <ToolPanel title=Signal::derive(|| t!("draw")) name="draw-panel">
            <div class="tool-body draw-body">
                <div class="segments" role="group" aria-label=move || t!("draw")>
                    {choice(Way::Circle, "draw-circle", || t!("draw-circle"))}
                    {choice(Way::Lasso, "draw-lasso", || t!("draw-lasso"))}
                    {choice(Way::Area, "draw-area", || t!("draw-area"))}
                    {choice(Way::AlongRoad, "draw-road", || t!("draw-road"))}
                </div>
                {move || match way.get() {
                    Way::Circle => view! { <CircleForm/> }.into_any(),
                    Way::Lasso => view! { <LassoForm draft/> }.into_any(),
                    Way::Area => view! { <AreaForm/> }.into_any(),
                    Way::AlongRoad => view! { <RoadForm/> }.into_any(),
                }}
                <Show when=move || is_drawn.get()>
                    <button type="button" class="button" data-testid="draw-anew" on:click=draw_anew>
                        <Icon name="arrow-counter-clockwise"/>
                        {move || t!("draw-anew")}
                    </button>
                </Show>
                <div aria-live="polite">
                    {move || state.drawn.get().map(|area| view! { <Figures area counted/> })}
                </div>
            </div>
        </ToolPanel>
    }
}

fn way_of(area: &DrawnArea) -> Way {
    match area {
        DrawnArea::Circle(_) => Way::Circle,
        DrawnArea::Polygon(_) => Way::Lasso,
        DrawnArea::Area(_) => Way::Area,
        DrawnArea::AlongRoad(_) => Way::AlongRoad,
    }
}

/// Draws while nothing is drawn; afterwards the map pans again until it is drawn anew.
fn listen(state: MapState, way: RwSignal<Way>, draft: RwSignal<Draft>) {
    state.on_pointer(move |pointer| {
        if state.drawn.with_untracked(Option::is_some) {
            return false;
        }
        let mut next = draft.get_untracked();
        let (taken, area) = next.take(way.get_untracked(), pointer);
        if next != draft.get_untracked() {
            draft.set(next);
        }
        if area.is_some() {
            draft.set(Draft::default());
            state.drawn.set(area);
        }
        taken
    });
}

/// The ground that was counted in, once the server has said; until then what was drawn, or is being drawn.
fn shown(area: Option<&DrawnArea>, counted: Option<AreaFigures>, way: Way, draft: &Draft) -> Value {
    match (area, counted) {
        (None, _) => draft.sketch(way),
        (Some(DrawnArea::Area(_) | DrawnArea::AlongRoad(_)), Some(counted)) => {
            sketch(vec![drawn("MultiPolygon", json!(counted.outline), "", None)])
        }
        (Some(area), _) => outline(area),
    }
}

/// A number of metres to type: the keyboard's way to a circle's rim and a road's sides.
#[component]
fn Metres(#[prop(into)] label: Signal<String>, metres: RwSignal<f64>, most: f64, name: &'static str) -> impl IntoView {
    let typed = move |text: String| {
        if let Some(number) = number::read(&text).filter(|number| (1.0..=most).contains(number)) {
            metres.set(number.round());
        }
    };
    view! {
        <label class="field">
            <span>{label}</span>
            <input type="number" inputmode="numeric" min="1" max=most.to_string() step="5" data-testid=name prop:value=move || metres.get().to_string() on:change:target=move |event| typed(event.target().value())/>
        </label>
    }
}

#[component]
fn CircleForm() -> impl IntoView {
    let state: MapState = expect_context();
    let drawn = move || match state.drawn.get() {
        Some(DrawnArea::Circle(circle)) => Some(circle),
        _ => None,
    };
    let radius_m = RwSignal::new(untrack(drawn).map_or(USUAL_RADIUS_M, |circle| circle.radius_m));
    // The field follows the circle, and the circle the field.
    Effect::new(move |_| {
        if let Some(circle) = drawn() {
            radius_m.set(circle.radius_m);
        }
    });
    Effect::new(move |_| {
        let radius_m = radius_m.get();
        if let Some(circle) = untrack(drawn).filter(|circle| circle.radius_m != radius_m) {
            state.drawn.set(Some(DrawnArea::Circle(Circle { radius_m, ..circle })));
        }
    });
    let at_middle = move |_| {
        if let Some(view) = state.view.get_untracked() {
            state.drawn.set(Some(DrawnArea::Circle(Circle { lon: view.lon, lat: view.lat, radius_m: radius_m.get_untracked() })));
        }
    };
    view! {
        <p class="quiet-text">{move || t!("draw-circle-how")}</p>
        <Metres label=Signal::derive(|| t!("draw-radius")) metres=radius_m most=LARGEST_RADIUS_M name="draw-radius"/>
        <button type="button" class="button" data-testid="draw-at-middle" on:click=at_middle>{move || t!("draw-at-middle")}</button>
    }
}

#[component]
fn LassoForm(draft: RwSignal<Draft>) -> impl IntoView {
    let state: MapState = expect_context();
    let corners = move || draft.with(|draft| draft.corners.len());
    let add = move |_| {
        if let Some(view) = state.view.get_untracked() {
            draft.update(|draft| draft.corners.push([view.lon, view.lat]));
        }
    };
    let finish = move |_| {
        let area = draft.try_update(Draft::close).flatten();
        if area.is_some() {
            state.drawn.set(area);
        }
    };
    view! {
        <p class="quiet-text">{move || t!("draw-lasso-how")}</p>
        <Show when=move || state.drawn.with(Option::is_none)>
            <div class="tool-actions">
                <button type="button" class="button" data-testid="draw-corner" on:click=add>{move || t!("measure-add-middle")}</button>
                <button type="button" class="button icon-only" title=move || t!("undo") aria-label=move || t!("undo") disabled=move || corners() == 0 on:click=move |_| draft.update(|draft| _ = draft.corners.pop())>
                    <Icon name="arrow-counter-clockwise"/>
                </button>
                <button type="button" class="button primary" data-testid="draw-finish" disabled=move || corners() < 3 on:click=finish>{move || t!("draw-finish")}</button>
            </div>
        </Show>
    }
}

#[component]
fn AreaForm() -> impl IntoView {
    let state: MapState = expect_context();
    let ward = ward();
    let choose = move |id: String| {
        let area = id.parse().ok().and_then(|id| ward.area(id));
        if let Some(area) = &area {
            state.command(Command::FitBounds(area.bounds));
        }
        state.drawn.set(area.map(|area| DrawnArea::Area(AreaOnMap { id: area.id.0 })));
    };
    let chosen = move || match state.drawn.get() {
        Some(DrawnArea::Area(area)) => area.id.to_string(),
        _ => String::new(),
    };
    let option = |area: AreaSummary| view! { <option value=area.id.0.to_string()>{area.name}</option> };
    let options = move || {
        let kinds = [AreaKind::Tdp, AreaKind::Ward];
        kinds.into_iter().flat_map(|kind| ward.of_kind(kind)).map(option).collect_view()
    };
    view! {
        <label class="field">
            <span>{move || t!("area-choice")}</span>
            <select data-testid="draw-area-choice" prop:value=chosen on:change:target=move |event| choose(event.target().value())>
                <option value="">{move || t!("draw-choose")}</option>
                {options}
            </select>
        </label>
    }
}

#[component]
fn RoadForm() -> impl IntoView {
    let state: MapState = expect_context();
    let metres = RwSignal::new(match state.drawn.get_untracked() {
        Some(DrawnArea::AlongRoad(along)) => along.metres,
        _ => USUAL_ALONG_M,
    });
    let found = RwSignal::new(Vec::<(i64, String)>::new());
    let look = move |words: String| {
        spawn_local(async move {
            let path = format!("/api/search?q={}&limit=20", String::from(js_sys::encode_uri_component(words.trim())));
            if let Ok(answer) = http::get::<SearchResults>(&path).await {
                let roads = answer.results.into_iter().filter(|result| result.kind == SearchKind::Road);
                let named = |road: shared::search::SearchResult| {
                    (road.id, [Some(road.title), road.subtitle].into_iter().flatten().collect::<Vec<_>>().join(" · "))
                };
                found.try_set(roads.map(named).collect());
            }
        });
    };
    let draw = move |road_id: i64| state.drawn.set(Some(DrawnArea::AlongRoad(AlongRoad { road_id, metres: metres.get_untracked() })));
    Effect::new(move |_| {
        let metres = metres.get();
        if let Some(DrawnArea::AlongRoad(along)) = state.drawn.get_untracked()
            && along.metres != metres
        {
            state.drawn.set(Some(DrawnArea::AlongRoad(AlongRoad { metres, ..along })));
        }
    });
    // The road whose card is open needs no looking for.
    let selected = move || state.selected.get().filter(|selected| selected.layer == Layer::Road).map(|selected| selected.id);
    let road = move |(id, name): (i64, String)| {
        let is_drawn = move || matches!(state.drawn.get(), Some(DrawnArea::AlongRoad(along)) if along.road_id == id);
        view! {
            <li>
                <button type="button" class="row" data-testid="draw-road-choice" data-id=id.to_string() aria-pressed=move || is_drawn().to_string() on:click=move |_| draw(id)>
                    <span class="row-words">{name}</span>
                </button>
            </li>
        }
    };
    view! {
        <label class="field">
            <span>{move || t!("draw-road-name")}</span>
            <input type="search" data-testid="draw-road-name" on:change:target=move |event| look(event.target().value())/>
        </label>
        {move || selected().map(|id| view! {
            <button type="button" class="button" data-testid="draw-selected-road" on:click=move |_| draw(id)>{t!("draw-selected-road")}</button>
        })}
        <ul class="rows draw-roads">{move || found.get().into_iter().map(road).collect_view()}</ul>
        <Metres label=Signal::derive(|| t!("draw-metres")) metres most=WIDEST_ALONG_ROAD_M name="draw-metres"/>
    }
}
