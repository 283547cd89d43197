//! `/households`: the tổ dân phố head's screen: find a household by what is remembered of it, see the house, open it.
//! Which households there are to find is the head's own area, cut by the server.

use leptos::prelude::*;
use shared::area::AreaId;
use shared::session::Permission;

use super::figures::Counts;
use super::missing::NotYours;
use super::sides::{Side, SideTabs};
use crate::geography::{DemoMark, SearchBox};
use crate::map::{MapState, Padding};
use crate::residents::NearHouseholds;
use crate::session::{own_area, session};
use crate::shell::{AccountMenu, MapButtons, viewport};
use crate::t;
use crate::text::count;
use crate::ui::Figure;

#[component]
pub fn Households() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::OpenHouseholds) fallback=NotYours>
            <FindHousehold/>
        </Show>
    }
}

#[component]
fn FindHousehold() -> impl IntoView {
    let state: MapState = expect_context();
    let session = session();
    let side = RwSignal::new(if state.selected.get_untracked().is_some() { Side::Map } else { Side::Panel });
    let searching = RwSignal::new(false);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 68.0, right: 8.0, bottom: if card { 90.0 + window.height() * 0.44 } else { 98.0 }, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 432.0 }
        }
    });
    viewport().fit_home_again();
    let area = move || session.info().and_then(|info| own_area(&info)).unwrap_or_default();
    view! {
        <div
            id="panel"
            class="side households-side"
            class:searching=move || searching.get()
            class:map-side=move || side.get() == Side::Map
            data-testid="households"
        >
            <div class="top-search">
                <SearchBox
                    name="search"
                    active=searching
                    hint=Signal::derive(|| t!("search-hint-households"))
                    on_chosen=move |()| { searching.set(false); side.set(Side::Map) }
                />
                <AccountMenu/>
            </div>
            <section class="panel find-panel" aria-label=move || t!("find-household")>
                <header class="side-head">
                    <div class="side-titles">
                        <h1 data-testid="own-area">{area}</h1>
                        <p class="quiet-text">{move || t!("find-household")} <DemoMark/></p>
                    </div>
                </header>
                <div class="sheet-body">
                    <OwnFigures/>
                    <p class="hint">{move || t!("find-household-hint")}</p>
                    <NearHouseholds on_chosen=move |()| side.set(Side::Map)/>
                </div>
            </section>
        </div>
        <MapButtons layers=true/>
        <SideTabs side page=|| t!("page-households") panel=("magnifying-glass", || t!("tab-find"), "tab-find")/>
    }
}

/// How many the head answers for.
#[component]
fn OwnFigures() -> impl IntoView {
    let session = session();
    let counts = Counts::follow(|| None);
    let area = move || session.info().and_then(|info| info.areas.first().map(|area| AreaId(area.id.0)));
    let population = counts.population(area);
    let figure = move |pick: fn(&shared::household::Population) -> i64| {
        Signal::derive(move || match population.get() {
            Some(Some(Ok(population))) => Some(count(pick(&population))),
            _ => None,
        })
    };
    let caption = Signal::derive(move || match population.get() {
        Some(Some(Ok(population))) => counts.caption_at(population.at),
        Some(Some(Err(_))) => t!("figure-failed"),
        Some(None) => String::new(),
        None => t!("loading"),
    });
    let stale = Signal::derive(move || counts.stale_since().is_some());
    view! {
        <dl class="figures">
            <Figure name="households" label=Signal::derive(|| t!("households")) value=figure(|population| population.households) caption stale/>
            <Figure name="residents" label=Signal::derive(|| t!("residents")) value=figure(|population| population.residents) caption stale/>
        </dl>
    }
}
