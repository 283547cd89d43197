//! What unfolds below a layer: how it is drawn, what its marks mean, what of it is shown.
//! It deliberately stands apart from the list: nobody needs it before the first layer is unfolded.

use leptos::prelude::*;
use shared::layer::Layer;

use super::layer_filters::{LayerFilters, has_filters};
use super::layer_legend::LayerLegend;
use crate::map::MapState;
use crate::t;

#[component]
pub fn LayerDetails(layer: Layer) -> impl IntoView {
    let can_be_counted = matches!(layer, Layer::Household | Layer::BoardingHouse | Layer::Business);
    view! {
        {can_be_counted.then(|| view! { <DrawnAs layer/> })}
        <LayerLegend layer/>
        {has_filters(layer).then(|| view! { <LayerFilters layer/> })}
    }
}

/// Each one, or how many there are in each cell of a grid.
#[component]
fn DrawnAs(layer: Layer) -> impl IntoView {
    let state: MapState = expect_context();
    let choice = move |as_cells: bool, name: &'static str, label: fn() -> String| {
        let choose = move |_| state.density.set(as_cells.then_some(layer));
        view! {
            <button
                type="button"
                class="segment"
                data-testid=format!("{name}-{layer}")
                aria-pressed=move || ((state.density.get() == Some(layer)) == as_cells).to_string()
                on:click=choose
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label=move || t!("drawn-as")>
            {choice(false, "points", || t!("drawn-as-points"))}
            {choice(true, "cells", || t!("drawn-as-cells"))}
        </div>
    }
}
