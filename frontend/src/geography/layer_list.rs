//! The layers with icon, name, count in view and switch; what unfolds below each is `layer_details`'.
//! Which layers there are is the catalogue's; how they are drawn the map's.

use leptos::prelude::*;
use shared::layer::{Layer, LayerSummary};

use super::in_view::InViewCounts;
use crate::later::{Later, Part};
use crate::map::MapState;
use crate::t;
use crate::text::{Language, count, kinds, language};
use crate::ui::Icon;

#[component]
pub fn LayerList() -> impl IntoView {
    let state: MapState = expect_context();
    let reach = state.catalogue.reach;
    let in_view = InViewCounts::follow();
    let rows = move |base: bool| {
        reach.with(|reach| {
            let layers = reach.layers.iter().filter(|(_, summary)| summary.base == base);
            layers.map(|(layer, summary)| view! { <LayerRow layer=*layer summary=summary.clone() in_view/> }).collect_view()
        })
    };
    view! {
        <p class="layers-note">{move || t!("layers-in-view")}</p>
        <ul class="layers" data-testid="layers">{move || rows(false)}</ul>
        <details class="base-layers">
            <summary>{move || t!("base-map")}</summary>
            <ul class="layers">{move || rows(true)}</ul>
        </details>
        {move || state.catalogue.failure.get().map(|_| view! { <p class="panel-note" role="alert">{t!("layers-failed")}</p> })}
    }
}

#[component]
fn LayerRow(layer: Layer, summary: LayerSummary, in_view: InViewCounts) -> impl IntoView {
    let state: MapState = expect_context();
    let is_on = move || state.layers.with(|layers| layers.contains(&layer));
    let too_far = Memo::new(move |_| {
        let counted = state.density.get() == Some(layer);
        !counted && state.view.with(|view| view.is_some_and(|view| view.zoom < readable_from(layer)))
    });
    let unfolded = RwSignal::new(false);
    let filters = move || state.filters.with(|filters| filters.count(layer));
    let title = summary.title;
    let name = move || match language() {
        Language::Vietnamese => title.vi.clone(),
        Language::English => title.en.clone(),
    };
    let unfold = {
        let name = name.clone();
        move || t!("layer-details", layer = name())
    };
    let switch = move |_| {
        state.layers.update(|layers| {
            if !layers.remove(&layer) {
                layers.insert(layer);
            }
        });
    };
    // Of all that is reached; while the view is still being counted, and where it is the same, one number is enough.
    // Of alerts the sum has those that are closed too, which the map does not draw.
    let total = summary.count.filter(|_| layer != Layer::CameraAlert);
    let number = move || in_view.of(layer).or(total).map(|number| count(number as i64));
    let of_total = move || total.map(|total| t!("of-total", count = total as i64));
    view! {
        <li class="layer">
            <div class="layer-line">
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
                        {move || (filters() > 0).then(|| view! { <small class="filtered"><Icon name="funnel"/>{t!("filters-on", count = filters())}</small> })}
                    </span>
                    <span class="layer-count num" title=of_total data-testid=format!("count-{layer}")>{number}</span>
                    <span class="switch" aria-hidden="true"></span>
                </button>
                <button
                    type="button"
                    class="button quiet icon-only unfold"
                    aria-label=unfold
                    aria-expanded=move || unfolded.get().to_string()
                    data-testid=format!("unfold-{layer}")
                    on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
                >
                    <Icon name=Signal::derive(move || if unfolded.get() { "caret-down" } else { "caret-right" })/>
                </button>
            </div>
            <Show when=move || unfolded.get()>
                <div class="layer-details" data-testid=format!("details-{layer}")>
                    <Later part=Part::LayerDetails(layer)/>
                </div>
            </Show>
        </li>
    }
}

/// From which zoom `style/map.json` draws a layer so that a person can make it out; below, the drawer says to come nearer.
fn readable_from(layer: Layer) -> f64 {
    match layer {
        Layer::Household => 14.0,
        Layer::BoardingHouse | Layer::Business | Layer::Place | Layer::Camera => 13.5,
        Layer::Building => 14.4,
        _ => 0.0,
    }
}
