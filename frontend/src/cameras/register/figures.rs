//! The register in figures: what was found and what became of it, fines, how long people took; by month, and by kind.
//! They are counted again when the feed tells of a change; every number says when it was counted, and counting is the server's.

use std::time::Duration;

use chrono::{Datelike, NaiveDate, TimeDelta};
use leptos::prelude::*;
use shared::chart::{ChartBar, Growing};
use shared::violation::{ViolationCounts, ViolationFigures};

use super::choice::Choice;
use crate::cameras::alerts::changes_of_alerts;
use crate::http::{self, Answer};
use crate::map::MapState;
use crate::t;
use crate::text::{clock, count, format, kinds};
use crate::ui::{Bars, Figure, Refused, known, now};

/// Counted longer ago than this, a figure looks it.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// Alerts come in bursts: they are counted once for each.
const COUNT_AFTER: Duration = Duration::from_secs(2);
const MONTHS_WIDTH: u32 = 640;
const KINDS_WIDTH: u32 = 420;

/// What the figures are of, and the figures.
type Counted = (Choice, ViolationFigures);

#[component]
pub fn RegisterFigures(choice: Memo<Choice>) -> impl IntoView {
    let state: MapState = expect_context();
    let changes = changes_of_alerts(state, COUNT_AFTER);
    let answer = LocalResource::new(move || {
        changes.track();
        let chosen = choice.get();
        let address = format!("/api/violations/figures?{}", chosen.query());
        async move { http::get::<ViolationFigures>(&address).await.map(|figures| (chosen, figures)) }
    });
    // What is known stays while it is counted again, and says since when it is old where that fails.
    let known = known(answer, move |(chosen, _): &Counted| *chosen == choice.get_untracked());
    let failure = move || known.with(|known| known.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
    view! {
        <Counts known/>
        {move || failure().map(|failure| view! { <Refused failure on_retry=move || answer.refetch()/> })}
        <Charts known/>
    }
}

fn of<T>(known: Memo<Option<Answer<Counted>>>, pick: impl FnOnce(&ViolationFigures) -> T) -> Option<T> {
    known.with(|known| known.as_ref().and_then(|answer| answer.as_ref().ok()).map(|(_, figures)| pick(figures)))
}

#[component]
fn Counts(known: Memo<Option<Answer<Counted>>>) -> impl IntoView {
    let minute = now().by_the_minute();
    let as_of = move || of(known, |figures| figures.as_of);
    let stale = Signal::derive(move || as_of().is_some_and(|as_of| minute.get() - as_of > FRESH));
    let when = move || match as_of() {
        Some(at) if stale.get() => t!("stale-since", time = format::since(at, minute.get())),
        Some(at) => t!("counted-at", time = clock(at)),
        None => t!("loading"),
    };
    let total = move || of(known, |figures| figures.total);
    let value = move |say: fn(&ViolationCounts) -> Option<String>| Signal::derive(move || total().and_then(|total| say(&total)));
    let caption = Signal::derive(when);
    let minutes = |minutes: Option<f64>| minutes.map(|minutes| t!("register-minutes", count = minutes.round() as i64));
    let fined = Signal::derive(move || match total() {
        Some(total) => t!("register-fined", count = total.fines, when = when()),
        None => when(),
    });
    let reminded = Signal::derive(move || match total() {
        Some(total) => t!("register-reminded", count = total.handled - total.violations, when = when()),
        None => when(),
    });
    let open = Signal::derive(move || match total() {
        Some(total) => t!("register-open", count = total.open, when = when()),
        None => when(),
    });
    view! {
        <dl class="register-figures" data-testid="register-figures">
            <Figure name="violations" label=Signal::derive(|| t!("register-violations")) value=value(|total| Some(count(total.violations))) caption stale/>
            <Figure name="found" label=Signal::derive(|| t!("register-found")) value=value(|total| Some(count(total.found))) caption=open stale/>
            <Figure name="handled" label=Signal::derive(|| t!("alert-outcome-handled")) value=value(|total| Some(count(total.handled))) caption=reminded stale/>
            <Figure name="false-alarms" label=Signal::derive(|| t!("alert-outcome-false_alarm")) value=value(|total| Some(count(total.false_alarms))) caption stale/>
            <Figure name="duplicates" label=Signal::derive(|| t!("alert-outcome-duplicate")) value=value(|total| Some(count(total.duplicates))) caption stale/>
            <Figure name="fines" label=Signal::derive(|| t!("register-fines")) value=value(|total| Some(format::dong(total.fines_vnd))) caption=fined stale/>
            <Figure name="to-take" label=Signal::derive(|| t!("register-to-take")) value=Signal::derive(move || total().and_then(|total| minutes(total.median_to_take_min))) caption stale/>
            <Figure name="to-close" label=Signal::derive(|| t!("register-to-close")) value=Signal::derive(move || total().and_then(|total| minutes(total.median_to_close_min))) caption stale/>
        </dl>
    }
}

/// Twelve whole dates do not fit side by side: the year stands at the first month and where it begins.
fn month_label(month: NaiveDate, is_first: bool) -> String {
    let number = month.month();
    if is_first || number == 1 { format!("{number:02}/{:02}", month.year() % 100) } else { format!("{number:02}") }
}

/// Violations by month, and by kind: most first.
#[component]
fn Charts(known: Memo<Option<Answer<Counted>>>) -> impl IntoView {
    let bar = |label: String, violations: i64| ChartBar { label, value: violations.unsigned_abs(), said: count(violations) };
    let months = Signal::derive(move || {
        of(known, |figures| {
            figures.months.iter().enumerate().map(|(at, of)| bar(month_label(of.month, at == 0), of.counts.violations)).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let kinds = Signal::derive(move || {
        let mut kinds = of(known, |figures| figures.kinds.clone()).unwrap_or_default();
        kinds.retain(|of| of.counts.violations > 0);
        kinds.sort_by_key(|of| std::cmp::Reverse(of.counts.violations));
        kinds.into_iter().map(|of| bar(kinds::named("alert-kind", of.kind), of.counts.violations)).collect::<Vec<_>>()
    });
    view! {
        <div class="register-charts">
            <Bars name="months".to_owned() caption=Signal::derive(|| t!("register-by-month")) bars=months growing=Growing::Upwards width=MONTHS_WIDTH/>
            <Bars name="kinds".to_owned() caption=Signal::derive(|| t!("register-by-kind")) bars=kinds growing=Growing::Rightwards width=KINDS_WIDTH/>
        </div>
    }
}
