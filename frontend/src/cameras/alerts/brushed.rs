//! The room's list while somebody looks at a time of the last day: every alert that its bars count, closed and shelved ones too.
//! The bars and the brush are `timeline`'s; what needs somebody now goes on sounding beside this list, from the page's own feed.

use std::time::Duration;

use leptos::prelude::*;

use super::alert_list::{AlertList, Announcer, Nothing};
use super::arrivals::one_by_one;
use super::feed::AlertFeed;
use super::filters::{AlertFilters, Times};
use super::keys;
use super::parts::{ListParts, me};
use super::shelving::on_changes;
use super::timeline::cut;
use crate::geography::ward;
use crate::map::MapState;
use crate::t;
use crate::text::clock;

/// A hand that still pulls at the brush is not asked for in between.
const ASK_AFTER: Duration = Duration::from_millis(200);
/// So many are read at once: a busy day of a ward. Below them the list reads on.
const MOST_AT_ONCE: usize = 600;

#[component]
pub fn BrushedAlerts(
    /// None only for the moment in which the list goes.
    times: Memo<Option<Times>>,
) -> impl IntoView {
    let state: MapState = expect_context();
    let me = me();
    let times = once_settled(times);
    let asked = ward().asked();
    let of_time = Memo::new(move |_| AlertFilters::begun_within(times.get()).in_ward(asked.get()).query());
    let feed = AlertFeed::follow(of_time.into(), MOST_AT_ONCE);
    // A shelf writes on none of them; each row says whether one leaves it out.
    on_changes(state, move || feed.ask());
    let standing = Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written)).standing);
    // Each in a row of its own, newest first: as many rows as the bars count.
    let rows = Signal::derive(move || {
        let answer = feed.answer.get()?;
        let (standing, me) = (standing.get(), me.get());
        Some(answer.map(|alerts| one_by_one(alerts.into_iter().filter(|alert| standing.is_part(alert, me)).collect())))
    });
    let of = Signal::derive(move || {
        AlertFilters { standing: standing.get(), ..AlertFilters::begun_within(times.get()) }.in_ward(asked.get()).written()
    });
    let said = move || {
        let (since, until) = times.get();
        t!("alerts-brushed", from = clock(since), until = clock(until))
    };
    let lift = move |_| {
        cut(state, None);
        // The button is gone with the time; the hands stay in the list.
        keys::focus_soon("[data-testid=\"alerts-open\"]".to_owned());
    };
    view! {
        <div class="room-brushed">
            <p class="num" role="status" data-testid="alerts-brushed">{said}</p>
            <button type="button" class="button" data-testid="alerts-brushed-clear" on:click=lift>{move || t!("alerts-brushed-clear")}</button>
        </div>
        <ListParts feed/>
        <AlertList feed rows of nothing=Signal::derive(|| Nothing::Found)/>
        <Announcer/>
    }
}

/// The brushed time, once the hand that pulls at it rests.
fn once_settled(times: Memo<Option<Times>>) -> RwSignal<Times> {
    let settled = RwSignal::new(times.get_untracked().unwrap_or_default());
    let pending = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let now = times.get();
        if let Some(timeout) = pending.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
        if let Some(now) = now.filter(|now| *now != settled.get_untracked()) {
            pending.set_value(set_timeout_with_handle(move || _ = settled.try_set(now), ASK_AFTER).ok());
        }
    });
    on_cleanup(move || {
        if let Some(timeout) = pending.try_update_value(Option::take).flatten() {
            timeout.clear();
        }
    });
    settled
}
