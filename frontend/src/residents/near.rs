//! The households around whoever walks from door to door: without names, nearest first, before a word is typed.
//! Finding one by what is remembered of it is the search box's; opening one is its card's.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use shared::household::{HouseholdNear, HouseholdsNear};
use shared::layer::Layer;

use crate::http;
use crate::map::{FeatureRef, MapState};
use crate::number::fixed;
use crate::t;
use crate::text::format;
use crate::ui::Loading;

/// A map that glides is asked for once it stands.
const SETTLES_MS: u32 = 400;
const NEAR_ZOOM: f64 = 18.0;
const LIMIT: usize = 40;

#[component]
pub fn NearHouseholds(
    /// A row was chosen: a phone now shows the map.
    #[prop(into)]
    on_chosen: Callback<()>,
) -> impl IntoView {
    let state: MapState = expect_context();
    // Four digits are some ten metres: enough to order doors by, and no finer than it must be in an address.
    let from = Memo::new(move |_| {
        let place = state.here.get().map(|here| (here.lon, here.lat)).or_else(|| state.view.get().map(|view| (view.lon, view.lat)));
        place.map(|(lon, lat)| format!("{},{}", fixed(lon, 4), fixed(lat, 4)))
    });
    let is_here = move || state.here.with(Option::is_some);
    let near = LocalResource::new(move || {
        let from = from.get();
        async move {
            TimeoutFuture::new(SETTLES_MS).await;
            match from {
                Some(from) => http::get::<HouseholdsNear>(&format!("/api/households?near={from}&limit={LIMIT}")).await,
                None => Ok(HouseholdsNear { households: Vec::new() }),
            }
        }
    });
    let heading = move || if is_here() { t!("near-you") } else { t!("near-middle") };
    view! {
        <h2 class="section-title">{heading}</h2>
        <Loading answer=near lines=6 let:near>
            {if near.households.is_empty() {
                view! { <p class="hint">{move || t!("none-near")}</p> }.into_any()
            } else {
                let rows = near.households.into_iter().map(|household| view! { <NearRow household is_here=is_here() on_chosen/> }).collect_view();
                view! { <ul class="rows near-rows" data-testid="near-households">{rows}</ul> }.into_any()
            }}
        </Loading>
    }
}

#[component]
fn NearRow(household: HouseholdNear, is_here: bool, #[prop(into)] on_chosen: Callback<()>) -> impl IntoView {
    let state: MapState = expect_context();
    let HouseholdNear { id, address, unit, area_name, member_count, storeys, lon, lat, distance_m } = household;
    let open = move |_| {
        state.selected.set(Some(FeatureRef { layer: Layer::Household, id }));
        state.fly_to(lon, lat, NEAR_ZOOM);
        on_chosen.run(());
    };
    let size = move || {
        let people = t!("people", count = member_count);
        match storeys {
            Some(storeys) => format!("{people} · {}", t!("storeys-count", count = i32::from(storeys))),
            None => people,
        }
    };
    let place = unit.map_or_else(|| area_name.clone(), |unit| format!("{unit} · {area_name}"));
    view! {
        <li>
            <button type="button" class="row near-row" data-testid="near-household" data-id=id.to_string() on:click=open>
                <span class="row-words">
                    <strong class="truncate">{address}</strong>
                    <span class="truncate">{place}</span>
                </span>
                <span class="row-end near-end">
                    // From the middle of a map nobody walks.
                    {is_here.then(|| view! { <span class="num">{move || format::distance(distance_m)}</span> })}
                    <span>{size}</span>
                </span>
            </button>
        </li>
    }
}
