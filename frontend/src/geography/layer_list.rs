//! The layers with icon, name, count and switch: what lies on the map, and what may be put away.
//! Which layers there are is the catalogue's; how they are drawn the map's.

use leptos::prelude::*;
use shared::layer::{Layer, LayerSummary};

use crate::map::MapState;
use crate::t;
use crate::text::{Language, count, kinds, language};
use crate::ui::Icon;

#[component]
pub fn LayerList() -> impl IntoView {
    let state: MapState = expect_context();
    let reach = state.catalogue.reach;
    let rows = move |base: bool| {
        reach.with(|reach| {
            let layers = reach.layers.iter().filter(|(_, summary)| summary.base == base);
            layers.map(|(layer, summary)| view! { <LayerRow layer=*layer summary=summary.clone()/> }).collect_view()
        })
    };
    view! {
        <ul class="layers" data-testid="layers">{move || rows(false)}</ul>
        <details class="base-layers">
            <summary>{move || t!("base-map")}</summary>
            <ul class="layers">{move || rows(true)}</ul>
        </details>
        {move || state.catalogue.failure.get().map(|_| view! { <p class="panel-note" role="alert">{t!("layers-failed")}</p> })}
    }
}

#[component]
fn LayerRow(layer: Layer, summary: LayerSummary) -> impl IntoView {
    let state: MapState = expect_context();
    let is_on = move || state.layers.with(|layers| layers.contains(&layer));
    let too_far = Memo::new(move |_| state.view.with(|view| view.is_some_and(|view| view.zoom < readable_from(layer))));
    let title = summary.title;
    let name = move || match language() {
        Language::Vietnamese => title.vi.clone(),
        Language::English => title.en.clone(),
    };
    let switch = move |_| {
        state.layers.update(|layers| {
            if !layers.remove(&layer) {
                layers.insert(layer);
            }
        });
    };
    view! {
        <li>
            <button
                type="button"
                class="layer-row"
                role="switch"
                data-testid=format!("layer-{layer}")
                aria-checked=move || is_on().to_string()
                on:click=switch
            >
                <span class="layer-mark" data-layer=layer.name()><Icon name=kinds::layer_icon(layer)/></span>
                <span class="layer-name">
                    <span>{name}</span>
                    {move || (is_on() && too_far.get()).then(|| view! { <small>{t!("zoom-to-see")}</small> })}
                </span>
                {summary.count.map(|number| view! { <span class="layer-count num">{move || count(number as i64)}</span> })}
                <span class="switch" aria-hidden="true"></span>
            </button>
        </li>
    }
}

/// From which zoom `style/map.json` draws a layer so that a person can make it out; below, the drawer says to come nearer.
fn readable_from(layer: Layer) -> f64 {
    match layer {
        Layer::Household => 13.0,
        Layer::BoardingHouse | Layer::Business | Layer::Place | Layer::Camera => 13.5,
        Layer::Building => 14.4,
        _ => 0.0,
    }
}
