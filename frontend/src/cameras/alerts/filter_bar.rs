//! What cuts the list of `/alerts`: standing and words in sight, the rest behind one button that says how much of it is set.
//! What is chosen stands in the page's address; what it leaves is the list's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;
use shared::camera_alert::{AlertKind, AlertOutcome, Severity};

use super::filters::{AlertFilters, Shelved, Standing, toggled};
use super::marks::SeverityMark;
use crate::cameras::Cameras;
use crate::geography::ward;
use crate::map::MapState;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Icon, now};

/// While somebody types nothing is asked.
const ASK_AFTER: Duration = Duration::from_millis(300);
/// Hours back from now that one touch chooses.
const SPANS_H: [i64; 4] = [1, 24, 7 * 24, 30 * 24];
/// What may be asked for instead of the usual list.
const SHELVED: [Shelved; 2] = [Shelved::Any, Shelved::Only];

/// What is chosen, and how it changes.
#[derive(Clone, Copy)]
struct Choice {
    state: MapState,
    now: Memo<AlertFilters>,
}

impl Choice {
    fn change(self, change: impl FnOnce(&mut AlertFilters)) {
        let mut filters = self.now.get_untracked();
        change(&mut filters);
        self.state.alerts.set(filters.written());
    }
}

#[component]
pub fn FilterBar() -> impl IntoView {
    let state: MapState = expect_context();
    let choice = Choice { state, now: Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written))) };
    let is_open = RwSignal::new(choice.now.with_untracked(|filters| filters.count() > 0));
    let asked = ward().asked();
    // A part of one ward, or a camera of it, is nothing of the next.
    Effect::new(move |before: Option<Option<i32>>| {
        let now = asked.get();
        if before.flatten().is_some_and(|before| Some(before) != now) {
            choice.change(|filters| (filters.area, filters.camera) = (None, None));
        }
        now
    });
    let tab = move |of: Standing| {
        view! {
            <button
                type="button"
                class="tab"
                data-testid=format!("standing-{}", of.name())
                aria-pressed=move || choice.now.with(|filters| filters.standing == of).to_string()
                on:click=move |_| choice.change(|filters| filters.standing = of)
            >
                {move || kinds::word("standing", of.name())}
            </button>
        }
    };
    let more = move || match choice.now.with(AlertFilters::count) {
        0 => t!("filters"),
        count => t!("filters-on", count = count),
    };
    view! {
        <div class="alert-filters" data-testid="alert-filters">
            <div class="tabs" role="group" aria-label=move || t!("status")>{Standing::ALL.map(tab).collect_view()}</div>
            <div class="alert-search">
                <Words choice/>
                <button type="button" class="button" data-testid="filters-button" aria-expanded=move || is_open.get().to_string() on:click=move |_| is_open.update(|open| *open = !*open)>
                    <Icon name="funnel"/>
                    {more}
                </button>
            </div>
            <Show when=move || is_open.get()><More choice/></Show>
        </div>
    }
}

#[component]
fn Words(choice: Choice) -> impl IntoView {
    let typed = RwSignal::new(choice.now.with_untracked(|filters| filters.words.clone()));
    // Another list, chosen elsewhere, has words of its own.
    Effect::new(move |_| {
        let words = choice.now.with(|filters| filters.words.clone());
        if typed.with_untracked(|typed| typed.trim() != words) {
            typed.set(words);
        }
    });
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let type_on = move |words: String| {
        typed.set(words);
        if let Some(timeout) = pending.get_value() {
            timeout.clear();
        }
        let ask = move || {
            // None: the page is gone.
            if let Some(words) = typed.try_get_untracked() {
                choice.change(|filters| filters.words = words);
            }
        };
        pending.set_value(set_timeout_with_handle(ask, ASK_AFTER).ok());
    };
    on_cleanup(move || {
        if let Some(Some(timeout)) = pending.try_get_value() {
            timeout.clear();
        }
    });
    view! {
        <label class="alert-words">
            <Icon name="magnifying-glass"/>
            <span class="visually-hidden">{move || t!("alerts-search")}</span>
            <input
                type="search"
                data-testid="alert-words-filter"
                placeholder=move || t!("alerts-search")
                prop:value=typed
                on:input:target=move |event| type_on(event.target().value())
            />
        </label>
    }
}

/// A chip that is pressed or not.
#[component]
fn Toggle(
    choice: Choice,
    name: String,
    is_on: fn(&AlertFilters, usize) -> bool,
    toggle: fn(&mut AlertFilters, usize),
    /// Which of its kind.
    at: usize,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="chip"
            data-testid=name
            aria-pressed=move || choice.now.with(|filters| is_on(filters, at)).to_string()
            on:click=move |_| choice.change(|filters| toggle(filters, at))
        >
            {children()}
        </button>
    }
}

#[component]
fn More(choice: Choice) -> impl IntoView {
    let severities = Severity::ALL.into_iter().enumerate().map(|(at, of)| {
        view! {
            <Toggle
                choice name=format!("severity-{}", of.name()) at
                is_on=|filters, at| filters.severities.contains(&Severity::ALL[at])
                toggle=|filters, at| filters.severities = toggled(&filters.severities, Severity::ALL[at])
            >
                <SeverityMark severity=of/>" "{move || kinds::named("severity", of)}
            </Toggle>
        }
    });
    let alert_kinds = AlertKind::ALL.into_iter().enumerate().map(|(at, of)| {
        view! {
            <Toggle
                choice name=format!("kind-{}", of.name()) at
                is_on=|filters, at| filters.kinds.contains(&AlertKind::ALL[at])
                toggle=|filters, at| filters.kinds = toggled(&filters.kinds, AlertKind::ALL[at])
            >
                {move || kinds::named("alert-kind", of)}
            </Toggle>
        }
    });
    let outcome = move |(at, of): (usize, AlertOutcome)| {
        view! {
            <Toggle
                choice name=format!("outcome-filter-{}", of.name()) at
                is_on=|filters, at| filters.outcomes.contains(&AlertOutcome::ALL[at])
                toggle=|filters, at| filters.outcomes = toggled(&filters.outcomes, AlertOutcome::ALL[at])
            >
                {move || kinds::named("alert-outcome", of)}
            </Toggle>
        }
    };
    let shelved = move |(at, of): (usize, Shelved)| {
        view! {
            <Toggle
                choice name=format!("{}-shelved-filter", of.name()) at
                is_on=|filters, at| filters.shelved == SHELVED[at]
                toggle=|filters, at| filters.shelved = if filters.shelved == SHELVED[at] { Shelved::default() } else { SHELVED[at] }
            >
                {move || if of == Shelved::Only { t!("alerts-only-shelved") } else { t!("alerts-with-shelved") }}
            </Toggle>
        }
    };
    view! {
        <div class="alert-more" data-testid="filters">
            <fieldset class="filter">
                <legend>{move || t!("severity")}</legend>
                <div class="chips">{severities.collect_view()}</div>
            </fieldset>
            <fieldset class="filter">
                <legend>{move || t!("alert-kind")}</legend>
                <div class="chips">{alert_kinds.collect_view()}</div>
            </fieldset>
            <Show when=move || choice.now.with(|filters| matches!(filters.standing, Standing::Closed | Standing::All))>
                <fieldset class="filter">
                    <legend>{move || t!("alert-outcome")}</legend>
                    <div class="chips">{AlertOutcome::ALL.into_iter().enumerate().map(outcome).collect_view()}</div>
                </fieldset>
            </Show>
            <Times choice/>
            <Places choice/>
            <div class="chips">
                <Toggle choice name="overdue-filter".to_owned() at=0 is_on=|filters, _| filters.overdue toggle=|filters, _| filters.overdue = !filters.overdue>
                    {move || t!("alerts-overdue")}
                </Toggle>
                {SHELVED.into_iter().enumerate().map(shelved).collect_view()}
                <button type="button" class="link" data-testid="filters-clear" on:click=move |_| choice.change(|filters| *filters = AlertFilters::of(filters.standing))>
                    {move || t!("filters-clear")}
                </button>
            </div>
        </div>
    }
}

#[component]
fn Times(choice: Choice) -> impl IntoView {
    let now = now();
    let span = move |hours: i64| {
        let begin = move |_| {
            let since = to_the_minute(now.get_untracked() - TimeDelta::hours(hours));
            choice.change(|filters| (filters.since, filters.until) = (since, None));
        };
        let label = move || if hours < 48 { t!("last-hours", count = hours) } else { t!("last-days", count = hours / 24) };
        view! { <button type="button" class="chip" data-testid=format!("last-{hours}h") on:click=begin>{label}</button> }
    };
    let moment = move |of: fn(&AlertFilters) -> Option<DateTime<Utc>>| move || choice.now.with(of).map(written_here).unwrap_or_default();
    view! {
        <fieldset class="filter">
            <legend>{move || t!("alert-began")}</legend>
            <div class="chips">{SPANS_H.map(span).collect_view()}</div>
            <div class="alert-choices">
                <label>
                    {move || t!("time-from")}
                    <input type="datetime-local" data-testid="since" prop:value=moment(|filters| filters.since) on:change:target=move |event| {
                        choice.change(|filters| filters.since = read_here(&event.target().value()))
                    }/>
                </label>
                <label>
                    {move || t!("time-until")}
                    <input type="datetime-local" data-testid="until" prop:value=moment(|filters| filters.until) on:change:target=move |event| {
                        choice.change(|filters| filters.until = read_here(&event.target().value()))
                    }/>
                </label>
            </div>
        </fieldset>
    }
}

#[component]
fn Places(choice: Choice) -> impl IntoView {
    let ward = ward();
    let cameras = Cameras::follow();
    // Thousands of cameras are no choice: a leader of many wards chooses a ward first.
    let is_one_ward = Memo::new(move |_| !ward.has_choice() || ward.chosen().is_some());
    let option = move |(id, name): (i64, String), of: fn(&AlertFilters) -> Option<i64>| {
        view! { <option value=id.to_string() selected=move || choice.now.with(of) == Some(id)>{name}</option> }
    };
    let areas = move || ward.parts().into_iter().map(|area| option((area.id.0.into(), area.name), |filters| filters.area)).collect_view();
    let rows = move || {
        let mut rows = cameras.rows.get().unwrap_or_default();
        rows.sort_by(|one, other| one.code.cmp(&other.code));
        rows.into_iter().map(|row| option((row.id, format!("{} · {}", row.code, row.name)), |filters| filters.camera)).collect_view()
    };
    let selects = move || {
        view! {
            <div class="alert-choices">
                <label>
                    {move || t!("one-camera")}
                    <select data-testid="camera-filter" on:change:target=move |event| {
                        choice.change(|filters| filters.camera = event.target().value().parse().ok())
                    }>
                        <option value="">{move || t!("cameras-all")}</option>
                        {rows}
                    </select>
                </label>
                <label>
                    {move || t!("area-choice")}
                    <select data-testid="area-filter" on:change:target=move |event| {
                        choice.change(|filters| filters.area = event.target().value().parse().ok())
                    }>
                        <option value="">{move || t!("whole-ward")}</option>
                        {areas}
                    </select>
                </label>
            </div>
        }
    };
    move || match is_one_ward.get() {
        true => selects().into_any(),
        false => view! { <p class="quiet-text">{t!("ward-choose-to-filter")}</p> }.into_any(),
    }
}

fn to_the_minute(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60, 0)
}

/// As a field of a date and a time wants it, by the ward's clock: "2026-11-22T14:05".
fn written_here(at: DateTime<Utc>) -> String {
    format::local(at).to_rfc3339().chars().take("2026-11-22T14:05".len()).collect()
}

fn read_here(text: &str) -> Option<DateTime<Utc>> {
    format!("{text}:00+07:00").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_in_a_field_is_the_wards() {
        let at: DateTime<Utc> = "2026-11-22T17:05:00Z".parse().unwrap();
        assert_eq!(written_here(at), "2026-11-23T00:05");
        assert_eq!(read_here("2026-11-23T00:05"), Some(at));
        assert_eq!(read_here(""), None);
    }

    #[test]
    fn a_span_begins_at_a_whole_minute() {
        let at: DateTime<Utc> = "2026-11-22T17:05:59Z".parse().unwrap();
        assert_eq!(to_the_minute(at), "2026-11-22T17:05:00Z".parse().ok());
    }
}
