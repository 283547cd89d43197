//! The parts of the room's list, each with how many there are: all of it, what nobody has taken, one's own; and how grave they are.
//! Which alerts the list holds is its feed's business: whatever it holds is what is counted here.

use leptos::prelude::*;
use shared::camera_alert::{CameraAlert, Severity};

use super::feed::AlertFeed;
use super::filters::{AlertFilters, Standing};
use crate::map::MapState;
use crate::session::session;
use crate::t;

/// Who looks at the list, for the part that is theirs.
pub fn me() -> Memo<Option<i64>> {
    let session = session();
    Memo::new(move |_| session.info().map(|info| info.account_id))
}

#[component]
pub fn ListParts(feed: AlertFeed) -> impl IntoView {
    let state: MapState = expect_context();
    let me = me();
    let filters = Memo::new(move |_| state.alerts.with(|written| AlertFilters::read(written)));
    // Of a list that goes on below, so many at least.
    let count = move |is_meant: &dyn Fn(&CameraAlert) -> bool| {
        let counted = feed.answer.with(|answer| match answer {
            Some(Ok(alerts)) => Some(alerts.iter().filter(|alert| is_meant(alert)).count()),
            _ => None,
        })?;
        Some(if feed.next.with(Option::is_some) { format!("{counted}+") } else { counted.to_string() })
    };
    let by_severity = move || {
        let medium = count(&|alert| alert.severity == Severity::Medium)?;
        Some(t!("alerts-by-severity", grave = count(&|alert| alert.severity != Severity::Medium)?, medium = medium))
    };
    let tab = move |of: Standing, label: fn() -> String| {
        let number = move || count(&|alert| of.is_part(alert, me.get())).unwrap_or_else(|| "—".to_owned());
        let choose = move |_| {
            let mut filters = filters.get_untracked();
            filters.standing = of;
            state.alerts.set(filters.written());
        };
        view! {
            <button
                type="button"
                class="tab"
                data-testid=format!("alerts-{}", of.name())
                aria-pressed=move || filters.with(|filters| filters.standing == of).to_string()
                on:click=choose
            >
                {label}" "<span class="num">{number}</span>
            </button>
        }
    };
    view! {
        <p class="room-note num">{by_severity}</p>
        <div class="tabs" role="group" aria-label=move || t!("status")>
            {tab(Standing::NeedsAction, || t!("alerts-all"))}
            {tab(Standing::Unclaimed, || t!("standing-unclaimed"))}
            {tab(Standing::Mine, || t!("standing-mine"))}
        </div>
    }
}
