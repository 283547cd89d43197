//! `/operations`: the operations room: the whole ward live, on a wall or a desk.
//! The queue and hot spots join it when their domains do; until then nothing stands in for them.

use leptos::prelude::*;
use shared::area::AreaKind;
use shared::camera_alert::CameraAlert;
use shared::household::Population;
use shared::layer::Layer;
use shared::session::Permission;

use super::figures::Counts;
use super::missing::NotYours;
use crate::cameras::alerts::{
    AlertDay, AlertFeed, AlertFilters, AlertList, AlertTiles, AlertsListed, Announcer, BrushedAlerts, FloodNotice, GivenToMe, ListParts,
    Nothing, Said, ShelvedNotice, Shelves, SoundSwitch, WardCounts, by_need, kept_sound, me, ring_for, sound_for, with_floods,
};
use crate::cameras::{CameraList, Cameras};
use crate::geography::{DemoMark, WardChooser, WardName, ward};
use crate::http::Answer;
use crate::ingest::WrongClocksNotice;
use crate::map::{Command, FeatureRef, MapState, Padding};
use crate::session::{session, widest_area};
use crate::shell::{AccountMenu, DemoControl, LiveState, MapButtons, PaletteButton, viewport};
use crate::t;
use crate::text::{count, format};
use crate::ui::{Figure, Icon, now};

/// More open alerts than anybody looks through; the newest are what counts then.
const MOST_ALERTS: usize = 200;

#[component]
pub fn Operations() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeCameras) fallback=NotYours>
            <Room/>
        </Show>
    }
}

#[component]
fn Room() -> impl IntoView {
    let cameras = Cameras::follow();
    let is_loud = RwSignal::new(kept_sound());
    Said::provide();
    let sees_alerts = untrack(|| session().may(Permission::SeeCameraAlerts));
    show_less_on_a_wall();
    viewport().keep_clear(move |window, card| {
        if window.is_phone() {
            Padding { top: 68.0, right: 8.0, bottom: if card { window.height() / 2.0 } else { 140.0 }, left: 8.0 }
        } else if window.is_wall() {
            // The wall's panels stand beside the map, not on it; half of their size, for a root of twice the letters.
            Padding { top: 16.0, right: if card { 432.0 } else { 16.0 }, bottom: 16.0, left: 16.0 }
        } else {
            // As operations.css has it: a narrower list below 1600, a lower timeline below 1400.
            let left = if window.is_narrower_than(1600.0) { 372.0 } else { 432.0 };
            let timeline = if window.is_narrower_than(1400.0) { 128.0 } else { 172.0 };
            Padding { top: 172.0, right: if card { 432.0 } else { 72.0 }, bottom: if sees_alerts { timeline } else { 16.0 }, left }
        }
    });
    viewport().fit_home_again();
    view! {
        <Bar is_loud=sees_alerts.then_some(is_loud)/>
        <RoomList cameras is_loud/>
        <RoomFigures cameras sees_alerts/>
        {sees_alerts.then(|| view! { <AlertDay/> })}
        <MapButtons layers=true/>
    }
}

/// What the list of the room shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    Alerts,
    Cameras,
}

/// What somebody must answer for, and the cameras that do not answer.
#[component]
fn RoomList(cameras: Cameras, is_loud: RwSignal<bool>) -> impl IntoView {
    let may_see_alerts = untrack(|| session().may(Permission::SeeCameraAlerts));
    let may_see_clocks = untrack(|| session().may(Permission::SeeQuarantine));
    let listed = RwSignal::new(if may_see_alerts { Listed::Alerts } else { Listed::Cameras });
    let asked = ward().asked();
    let alerts = may_see_alerts.then(|| {
        let of_room = move || AlertFilters::default().in_ward(asked.get()).query();
        let feed = AlertFeed::follow(Signal::derive(of_room), MOST_ALERTS);
        sound_for(feed, is_loud);
        ring_for(feed);
        feed
    });
    let state: MapState = expect_context();
    let times = Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written)).times());
    let is_brushed = Memo::new(move |_| times.with(Option::is_some));
    let title = move || match listed.get() {
        Listed::Alerts if is_brushed.get() => t!("alerts"),
        Listed::Alerts => t!("alerts-open"),
        Listed::Cameras => t!("cameras"),
    };
    let choice = move |of: Listed, icon: &'static str, label: fn() -> String, name: &'static str| {
        view! {
            <button
                type="button"
                class="button quiet icon-only"
                data-testid=name
                title=label
                aria-label=label
                aria-pressed=move || (listed.get() == of).to_string()
                on:click=move |_| listed.set(of)
            >
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <section id="panel" class="panel room-list" data-testid="room-list" aria-label=title>
            <header class="panel-head">
                <h2>{title}</h2>
                <DemoMark/>
                {may_see_alerts.then(|| view! {
                    <div class="room-switch" role="group">
                        {choice(Listed::Alerts, "warning", || t!("alerts"), "show-alerts")}
                        {choice(Listed::Cameras, "security-camera", || t!("cameras"), "show-cameras")}
                    </div>
                })}
            </header>
            {may_see_clocks.then(|| view! { <WrongClocksNotice/> })}
            {move || match (listed.get(), alerts) {
                (Listed::Alerts, Some(_)) if is_brushed.get() => view! { <BrushedAlerts times/> }.into_any(),
                (Listed::Alerts, Some(alerts)) => view! { <OpenAlerts feed=alerts/> }.into_any(),
                _ => view! { <CameraList cameras/> }.into_any(),
            }}
        </section>
    }
}

/// What somebody must answer for, in order of need; all of it, what nobody has taken, or one's own.
#[component]
fn OpenAlerts(feed: AlertFeed) -> impl IntoView {
    let state: MapState = expect_context();
    let me = me();
    let filters = Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written)));
    // The list is cut here and not by the door: what is cut away still sounds and rings.
    let is_shown = move |alert: &CameraAlert| filters.with(|filters| filters.standing.is_part(alert, me.get()));
    let minute = now().by_the_minute();
    let asked = ward().asked();
    let of = Memo::new(move |_| filters.get().in_ward(asked.get()).written());
    // A flood ends later than it begins, so what was is part of the answer; of another list it was something else.
    let listed = Memo::new(move |before: Option<&Option<(String, Answer<AlertsListed>)>>| {
        let of = of.get();
        let was_flood = matches!(before, Some(Some((before, Ok(listed)))) if *before == of && listed.flood.is_some());
        let answer = feed.answer.get()?;
        let rows = |alerts: Vec<CameraAlert>| by_need(alerts.into_iter().filter(is_shown).collect());
        Some((of, answer.map(|alerts| with_floods(rows(alerts), minute.get(), was_flood))))
    });
    let flood = Signal::derive(move || listed.with(|listed| listed.as_ref()?.1.as_ref().ok()?.flood));
    let rows = Signal::derive(move || listed.get().map(|(_, listed)| listed.map(|listed| listed.rows)));
    let shelves = Shelves::follow(Callback::new(move |()| feed.ask()));
    let nothing = Signal::derive(move || if filters.with(|filters| filters.written().is_empty()) { Nothing::ToDo } else { Nothing::Found });
    view! {
        <ListParts feed/>
        <ShelvedNotice shelves/>
        <FloodNotice flood/>
        <AlertList feed rows of nothing/>
        <Announcer/>
    }
}

/// From six metres single houses and shops are dust: a wall opens with what an officer acts on. The drawer has the rest.
fn show_less_on_a_wall() {
    let state: MapState = expect_context();
    let untouched = state.layers.with_untracked(|layers| layers.len() == Layer::ALL.len());
    if untrack(|| viewport().is_wall()) && untouched {
        let too_small = [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place];
        state.layers.update(|layers| layers.retain(|layer| !too_small.contains(layer)));
    }
}

#[component]
fn Bar(
    /// None for whoever sees no alerts: nothing would be heard.
    is_loud: Option<RwSignal<bool>>,
) -> impl IntoView {
    let (now, ward) = (now(), ward());
    // Whoever sees no alerts has nothing to count.
    let counts = is_loud.map(|_| WardCounts::follow(Signal::derive(|| true)).beside());
    let has_choice = Memo::new(move |_| ward.has_choice());
    let about = move || match has_choice.get() {
        true => view! { <h1 class="visually-hidden">{move || ward.name()}</h1><WardChooser beside=counts/> }.into_any(),
        false => view! { <h1><WardName/></h1> }.into_any(),
    };
    view! {
        <header class="bar" data-testid="operations">
            <div class="bar-start">
                {about}
                <AreaChoice/>
                <DemoControl/>
            </div>
            <PaletteButton/>
            <div class="bar-end">
                {is_loud.map(|is_loud| view! {
                    <GivenToMe/>
                    <SoundSwitch is_on=is_loud/>
                })}
                <LiveState/>
                <time class="bar-clock num" data-testid="clock">{move || format::clock_with_seconds(now.get())}</time>
                <span class="bar-date">{move || format::weekday(now.by_the_minute().get())}</span>
                <AccountMenu/>
            </div>
        </header>
    }
}

/// Brings one tổ dân phố, or the whole ward, before the eyes. Not there while the room is about several wards.
#[component]
fn AreaChoice() -> impl IntoView {
    let state: MapState = expect_context();
    let ward = ward();
    let choose = move |id: String| {
        let area = id.parse().ok().and_then(|id| ward.area(id)).or_else(|| untrack(|| ward.about()));
        if let Some(area) = area {
            let is_part = area.kind == AreaKind::Tdp;
            let stays = is_part || untrack(|| ward.has_choice());
            state.area.set(stays.then(|| area.id.0.into()));
            state.selected.set(is_part.then(|| FeatureRef { layer: Layer::Area, id: area.id.0.into() }));
            state.command(Command::FitBounds(area.bounds));
        }
    };
    let whole = move || match ward.about() {
        Some(area) if area.kind == AreaKind::Province => area.name,
        _ => t!("whole-ward"),
    };
    let is_of_many = Memo::new(move |_| ward.has_choice() && ward.chosen().is_none());
    let options = move || {
        let areas = ward.parts().into_iter();
        areas
            .map(|area| {
                let id = i64::from(area.id.0);
                view! { <option value=id.to_string() selected=move || state.area.get() == Some(id)>{area.name}</option> }
            })
            .collect_view()
    };
    view! {
        <select class="area-choice" hidden=move || is_of_many.get() aria-label=move || t!("area-choice") data-testid="area-choice" on:change:target=move |event| choose(event.target().value())>
            <option value="">{whole}</option>
            {options}
        </select>
    }
}

#[component]
fn RoomFigures(cameras: Cameras, sees_alerts: bool) -> impl IntoView {
    let ward = ward();
    let counts = Counts::follow(move || ward.chosen().map(|area| area.id.0));
    let (session, now) = (session(), now());
    // Only what somebody may count stands here; a TDP's head counts the own TDP.
    let [counts_people, counts_boarding] = untrack(|| {
        let may = |permission| session.may(permission);
        [may(Permission::SeePopulationPerTdp) || may(Permission::SeeExactPopulation), may(Permission::SeeBoardingHouses)]
    });
    let counted = move || match session.info().as_ref().and_then(widest_area) {
        Some(own) if own.kind == AreaKind::Tdp => Some(own.id),
        _ => ward.about().map(|area| area.id),
    };
    let population = counts.population(move || counted().filter(|_| counts_people));
    let stale = Signal::derive(move || counts.stale_since().is_some());
    let camera_value = move || {
        let rows = cameras.rows.get()?;
        let online = rows.iter().filter(|row| row.is_online()).count();
        Some(format!("{}/{}", count(online as i64), count(rows.len() as i64)))
    };
    // Those that are offline are what somebody asks about next: since when, before when this was heard.
    let camera_caption = move || match (counts.stale_since(), cameras.offline(), cameras.heard_at.get()) {
        (Some(since), ..) => t!("stale-since", time = format::since(since, now.get_untracked())),
        (None, Some((1, since)), _) => t!("cameras-offline-one", time = format::since(since, now.get_untracked())),
        (None, Some((offline, since)), _) => {
            t!("cameras-offline-since", count = count(offline as i64), time = format::since(since, now.get_untracked()))
        }
        (None, None, Some(at)) => t!("heard-at", time = crate::text::clock(at)),
        (None, None, None) => t!("loading"),
    };
    let people = move |pick: fn(&Population) -> i64| {
        Signal::derive(move || match population.get() {
            Some(Some(Ok(population))) => Some(count(pick(&population))),
            _ => None,
        })
    };
    let people_caption = Signal::derive(move || match population.get() {
        Some(Some(Ok(population))) => counts.caption_at(population.at),
        Some(Some(Err(_))) => t!("figure-failed"),
        _ => t!("loading"),
    });
    let layer = move |layer: Layer| Signal::derive(move || counts.of(layer).map(count));
    let caption = Signal::derive(move || counts.caption());
    view! {
        <dl class="panel room-figures" data-testid="figures">
            {sees_alerts.then(|| view! { <AlertTiles/> })}
            <Figure name="cameras" label=Signal::derive(|| t!("cameras-online")) value=Signal::derive(camera_value) caption=Signal::derive(camera_caption) stale/>
            {counts_people.then(|| view! {
                <Figure name="households" label=Signal::derive(|| t!("households")) value=people(|population| population.households) caption=people_caption stale/>
                <Figure name="residents" label=Signal::derive(|| t!("residents")) value=people(|population| population.residents) caption=people_caption stale/>
            })}
            {counts_boarding.then(|| view! {
                <Figure name="boarding-houses" label=Signal::derive(|| t!("boarding-houses")) value=layer(Layer::BoardingHouse) caption stale/>
            })}
            <Figure name="businesses" label=Signal::derive(|| t!("businesses")) value=layer(Layer::Business) caption stale/>
            <Figure name="places" label=Signal::derive(|| t!("places")) value=layer(Layer::Place) caption stale/>
        </dl>
    }
}
