//! What lies in the drawn area: a line for each kind, people, rooms, the charts; counted again whenever the map changes.
//! It deliberately keeps the last answer on screen while the next is on its way.

use std::time::Duration;

use leptos::prelude::*;
use shared::area::AreaId;
use shared::drawn_area::{AreaFigures, DrawnArea, KindCount};
use shared::layer::Layer;

use super::charts::Chart;
use super::rows::Rows;
use crate::geography::ward;
use crate::http::{self, Answer};
use crate::map::MapState;
use crate::t;
use crate::text::{count, format, kinds, names};
use crate::ui::{Fact, Icon, Loading, Updated};

/// A seed or an import changes thousands of rows; the figures are counted once they rest.
const COUNT_AFTER: Duration = Duration::from_millis(250);
const COUNTED: [Layer; 6] = [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place, Layer::Camera, Layer::Building];

/// The figures of an area, counted again after every change of a layer that is counted.
fn follow(state: MapState, area: DrawnArea) -> LocalResource<Answer<AreaFigures>> {
    let changes = RwSignal::new(0_u32);
    let pending = StoredValue::new(None::<TimeoutHandle>);
    for layer in COUNTED {
        state.live.listen(layer.name(), move |_| {
            if let Some(timeout) = pending.get_value() {
                timeout.clear();
            }
            let again = move || _ = changes.try_update(|changes| *changes += 1);
            pending.set_value(set_timeout_with_handle(again, COUNT_AFTER).ok());
        });
    }
    LocalResource::new(move || {
        changes.track();
        let area = area.clone();
        async move { http::post("/api/areas/summary", &area).await }
    })
}

#[component]
pub fn Figures(
    area: DrawnArea,
    /// Told what was counted, and where.
    counted: RwSignal<Option<AreaFigures>>,
) -> impl IntoView {
    let figures = follow(expect_context(), area.clone());
    Effect::new(move |_| counted.set(figures.get().and_then(Result::ok)));
    on_cleanup(move || _ = counted.try_set(None));
    // Which kind's list is open below the counts.
    let listed = RwSignal::new(None::<Layer>);
    view! {
        <Loading answer=figures lines=6 let:figures>
            <h3 class="area-name" data-testid="area-name">{
                let (name, square_metres) = (figures.name.clone(), figures.area_m2);
                move || match &name {
                    Some(name) => format!("{name} · {}", format::surface(square_metres)),
                    None => format::surface(square_metres),
                }
            }</h3>
            <ul class="area-counts" data-testid="area-counts">
                {figures.kinds.iter().map(|kind| view! { <KindRow kind=*kind listed/> }).collect_view()}
            </ul>
            <More figures=figures.clone()/>
            {figures.breakdowns.iter().map(|breakdown| view! { <Chart breakdown=breakdown.clone()/> }).collect_view()}
            <Within areas=figures.within/>
            <Updated at=figures.at/>
        </Loading>
        {move || listed.get().map(|kind| view! { <Rows area=area.clone() kind/> })}
    }
}

/// A kind, how many, and the way to their list.
#[component]
fn KindRow(kind: KindCount, listed: RwSignal<Option<Layer>>) -> impl IntoView {
    let KindCount { kind, count: number } = kind;
    let is_listed = move || listed.get() == Some(kind);
    let toggle = move |_| listed.update(|listed| *listed = if *listed == Some(kind) { None } else { Some(kind) });
    view! {
        <li>
            <button type="button" class="layer-row" data-testid=format!("count-{kind}") aria-expanded=move || is_listed().to_string() disabled=number == 0 on:click=toggle>
                <span class="layer-mark" data-layer=kind.name()><Icon name=kinds::layer_icon(kind)/></span>
                <span class="layer-name">{move || kinds::word("one", kind.name())}</span>
                <span class="layer-count num" data-testid=format!("number-{kind}")>{move || count(number as i64)}</span>
                <Icon name="caret-right"/>
            </button>
        </li>
    }
}

/// People in the households, rooms in the boarding houses.
#[component]
fn More(figures: AreaFigures) -> impl IntoView {
    let fact = |label: fn() -> String, name: &'static str, number: u64| {
        view! { <Fact label=Signal::derive(label)><span class="num" data-testid=name>{move || count(number as i64)}</span></Fact> }
    };
    let boarding = figures.boarding.filter(|boarding| boarding.rooms > 0);
    view! {
        <dl class="facts">
            {figures.residents.map(|residents| fact(|| t!("residents"), "area-residents", residents))}
            {boarding.map(|boarding| view! {
                {fact(|| t!("rooms-let"), "area-rooms", boarding.rooms)}
                {fact(|| t!("rooms-vacant"), "area-vacant-rooms", boarding.vacant_rooms)}
                {fact(|| t!("tenants"), "area-tenants", boarding.tenants)}
            })}
        </dl>
    }
}

/// Where people are counted: an area drawn beyond the own TDP counts the own TDP's people only, and says so.
#[component]
fn Within(areas: Vec<i32>) -> impl IntoView {
    let ward = ward();
    let names = move || {
        let named = areas.iter().filter_map(|id| ward.areas().into_iter().find(|area| area.id == AreaId(*id)));
        named.map(|area| names::inside(&area.name)).collect::<Vec<_>>().join(", ")
    };
    move || {
        Some(names())
            .filter(|names| !names.is_empty())
            .map(|names| view! { <p class="quiet-text">{t!("counted-within", areas = names)}</p> })
    }
}
