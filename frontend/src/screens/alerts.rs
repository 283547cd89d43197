//! `/alerts`: camera alerts as a list that can be cut and searched, the map beside it, the card over it; on a telephone one at
//! a time. What an alert is and what is done with it stands in `cameras::alerts`.

use leptos::prelude::*;
use shared::layer::Layer;
use shared::session::Permission;

use super::missing::NotYours;
use super::sides::{Side, SideTabs};
use crate::cameras::alerts::{
    AlertFeed, AlertFilters, AlertList, Announcer, FilterBar, GivenToMe, LeftOut, Nothing, Said, Shelves, SoundSwitch, WardCounts,
    kept_sound, one_by_one, sound_for,
};
use crate::geography::{WorkArea, ward};
use crate::map::{MapState, Padding};
use crate::session::session;
use crate::shell::{AccountMenu, LiveState, MapButtons, viewport};
use crate::t;

/// So many at first, and so many more each time somebody reaches the end.
const PAGE: usize = 50;

#[component]
pub fn AlertsPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeCameraAlerts) fallback=NotYours>
            <Alerts/>
        </Show>
    }
}

#[component]
fn Alerts() -> impl IntoView {
    let state: MapState = expect_context();
    Said::provide();
    let asked = ward().asked();
    let filters = Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written)));
    let query = Memo::new(move |_| filters.get().in_ward(asked.get()).query());
    // Numbers of all that is open would contradict a list that is cut otherwise.
    let is_all_open = Signal::derive(move || filters.with(|filters| filters.written().is_empty()));
    let counts = WardCounts::follow(is_all_open);
    let feed = AlertFeed::follow(query.into(), PAGE);
    let rows = Signal::derive(move || feed.answer.get().map(|answer| answer.map(one_by_one)));
    let is_loud = RwSignal::new(kept_sound());
    sound_for(feed, is_loud);
    // A shelf leaves rows out, or says on them until when, and writes on none of them.
    let shelves = Shelves::follow(Callback::new(move |()| feed.ask()));
    show_the_same_on_the_map(state, filters);
    let side = RwSignal::new(Side::Panel);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 68.0, right: 8.0, bottom: if card { window.height() / 2.0 } else { 98.0 }, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 480.0 }
        }
    });
    viewport().fit_home_again();
    let nothing = Signal::derive(move || if filters.with(|filters| filters.written().is_empty()) { Nothing::ToDo } else { Nothing::Found });
    view! {
        <div id="panel" class="side alerts-side" class:map-side=move || side.get() == Side::Map data-testid="alerts-page">
            <section class="panel alerts-panel" aria-label=move || t!("page-alerts")>
                <header class="side-head">
                    <div class="side-titles">
                        <h1>{move || t!("page-alerts")}</h1>
                        <WorkArea beside=counts.beside()/>
                    </div>
                    <div class="alerts-tools">
                        <LiveState/>
                        <SoundSwitch is_on=is_loud/>
                        <AccountMenu/>
                    </div>
                </header>
                <GivenToMe/>
                <FilterBar/>
                <LeftOut shelves/>
                <AlertList feed rows of=query nothing/>
                <Announcer/>
            </section>
        </div>
        <MapButtons layers=true/>
        <SideTabs side page=|| t!("page-alerts") panel=("list", || t!("tab-list"), "tab-list")/>
    }
}

/// As long as the page is there the map shows the alerts that the list shows, whatever was chosen on the map before.
fn show_the_same_on_the_map(state: MapState, filters: Memo<AlertFilters>) {
    Effect::new(move |_| {
        let filters = filters.get();
        state.filters.update(|on_map| filters.on_map(on_map));
        if state.layers.with_untracked(|layers| !layers.contains(&Layer::CameraAlert)) {
            state.layers.update(|layers| _ = layers.insert(Layer::CameraAlert));
        }
    });
    on_cleanup(move || _ = state.filters.try_update(|filters| filters.clear(Layer::CameraAlert)));
}
