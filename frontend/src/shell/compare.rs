//! Two days on one map: the earlier one left of a line that can be moved, today right of it.
//! What is known of an earlier day is the server's answer; how it is drawn the map's.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::layer::{Layer, LayerOn};

use super::map_tools::ToolPanel;
use crate::http::{self, Answer, Failure};
use crate::map::{MapState, Past, Second, SecondMap, past_points};
use crate::t;
use crate::text::{count, format, kinds};
use crate::ui::{Loading, now};

#[component]
pub fn ComparePanel() -> impl IntoView {
    let state: MapState = expect_context();
    let today = format::local(now().get_untracked()).date_naive();
    let day = RwSignal::new(today.checked_sub_days(Days::new(1)).unwrap_or(today));
    let share = RwSignal::new(50.0_f64);
    let past = LocalResource::new(move || {
        let (day, layers) = (day.get(), comparable(state));
        async move { fetch(day, layers).await }
    });
    let choose = move |text: String| {
        if let Ok(chosen) = text.parse::<NaiveDate>() {
            day.set(chosen.min(today));
        }
    };
    let iso = |day: NaiveDate| day.to_string();
    view! {
        <ToolPanel title=Signal::derive(|| t!("compare")) name="compare-panel">
            <div class="tool-body">
                <div class="field">
                    <label for="compare-day">{move || t!("compare-day")}</label>
                    <input id="compare-day" type="date" max=iso(today) prop:value=move || iso(day.get()) on:change:target=move |event| choose(event.target().value())/>
                </div>
                <input
                    type="range"
                    class="curtain-slider"
                    data-testid="compare-slider"
                    min="0"
                    max="100"
                    step="1"
                    aria-label=move || t!("compare-line")
                    prop:value=move || share.get().to_string()
                    on:input:target=move |event| if let Ok(value) = event.target().value().parse() { share.set(value) }
                />
                <Loading answer=past lines=2 let:past>
                    <dl class="facts" data-testid="compare-counts">{differences(state, &past)}</dl>
                    {past.is_cut.then(|| view! { <p class="quiet-text">{move || t!("compare-cut")}</p> })}
                </Loading>
                <p class="quiet-text">{move || t!("compare-how")}</p>
            </div>
        </ToolPanel>
        {move || match past.get() {
            Some(Ok(past)) => Some(view! { <Curtain past=past.drawn day=day.get() share/> }),
            _ => None,
        }}
    }
}

/// What is known of the day.
#[derive(Clone, PartialEq)]
struct Earlier {
    drawn: Past,
    counts: Vec<(Layer, usize)>,
    /// Some layer holds more than is shown.
    is_cut: bool,
}

/// Point layers that are switched on and within reach.
fn comparable(state: MapState) -> Vec<Layer> {
    let shown = state.layers.get();
    state.catalogue.reach.with(|reach| {
        reach.layers.iter().filter(|(layer, summary)| !summary.base && shown.contains(layer)).map(|(layer, _)| *layer).collect()
    })
}

async fn fetch(day: NaiveDate, layers: Vec<Layer>) -> Answer<Earlier> {
    let day = day.to_string();
    let (mut rows, mut counts, mut is_cut) = (HashMap::new(), Vec::new(), false);
    for layer in layers {
        let answer: Result<LayerOn, Failure> = http::get(&format!("/api/layers/{layer}/on/{day}")).await;
        let then = answer?;
        is_cut |= then.is_cut;
        counts.push((layer, then.points.len()));
        rows.insert(layer, past_points(&then.points));
    }
    Ok(Earlier { drawn: Past { day, rows }, counts, is_cut })
}

/// Then and now, side by side in numbers too. Alerts come and go: how many there ever were is no number of a day. None at all is
/// what history says of the time before a load.
fn differences(state: MapState, past: &Earlier) -> AnyView {
    let reach = state.catalogue.reach.get_untracked();
    let known = |number: usize| if number == 0 { "—".to_owned() } else { count(number as i64) };
    let rows = past.counts.iter().filter(|(layer, _)| *layer != Layer::CameraAlert).map(|(layer, then)| {
        let now = reach.layers.iter().find(|(other, _)| other == layer).and_then(|(_, summary)| summary.count);
        let words = t!("compare-then-now", then = known(*then), now = now.map_or_else(|| "—".to_owned(), |now| count(now as i64)));
        view! { <div class="fact"><dt>{kinds::word("one", layer.name())}</dt><dd class="num">{words}</dd></div> }
    });
    rows.collect_view().into_any()
}

/// The earlier map over today's, as far as the line has been drawn.
#[component]
fn Curtain(past: Past, day: NaiveDate, share: RwSignal<f64>) -> impl IntoView {
    let state: MapState = expect_context();
    let frame: NodeRef<html::Div> = NodeRef::new();
    let map: StoredValue<Option<SecondMap>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |opened: Option<bool>| {
        let (Some(frame), None | Some(false)) = (frame.get(), opened) else { return opened.unwrap_or(false) };
        let Some(view) = state.view.get_untracked() else { return false };
        let second = Second { theme: state.theme.get_untracked(), view, pixel_ratio: None, past: Some(past.clone()), with_scale: false };
        spawn_local(async move {
            match SecondMap::open(frame.into(), state, second, || {}).await {
                // Handed back when the tool was put down meanwhile: then the map is dropped here.
                Ok(drawn) => _ = map.try_set_value(Some(drawn)),
                Err(error) => leptos::logging::warn!("compare: {error:?}"),
            }
        });
        true
    });
    Effect::new(move |_| {
        if let Some(view) = state.glide.get() {
            map.with_value(|map| _ = map.as_ref().map(|map| map.look_at(view)));
        }
    });
    view! {
        <div class="curtain" data-testid="compare-map" style=("--share", move || (share.get() / 100.0).to_string())>
            <div class="curtain-map" node_ref=frame></div>
            <div class="curtain-line">
                <span class="curtain-then num">{format::day(day)}</span>
                <span class="curtain-now">{move || t!("compare-now")}</span>
            </div>
        </div>
    }
}
