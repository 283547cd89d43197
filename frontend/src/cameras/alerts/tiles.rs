//! Alerts in numbers, each with its time, each leading to its list: open, unclaimed, overdue, how soon they were taken today.
//! They are asked for again when the feed tells of a change, or when the next alert falls due or a shelf ends; never by the clock alone.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use shared::alert_figures::AlertFigures;
use shared::layer::Layer;

use super::filters::{AlertFilters, Shelved, Standing};
use super::given::opens_elsewhere;
use super::shelving::on_changes;
use crate::geography::ward;
use crate::http::{self, Answer};
use crate::live::{Connection, bursts};
use crate::map::MapState;
use crate::t;
use crate::text::{clock, count, format};
use crate::ui::now;

/// A burst is counted once, when it has calmed down a little; while it lasts, at least so often.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// The numbers, as the door counts them.
#[derive(Clone, Copy)]
pub struct Figures {
    answer: LocalResource<Answer<AlertFigures>>,
}

/// Counts how often something of alerts has changed, at most once in `at_most`.
pub fn changes_of_alerts(state: MapState, at_most: Duration) -> RwSignal<u32> {
    bursts(state.live, &[Layer::CameraAlert.name()], at_most)
}

/// A door that counts all in reach, asked for one ward where one is chosen.
pub fn in_ward(door: &str, ward: Option<i32>) -> String {
    match ward {
        Some(ward) => format!("{door}?area={ward}"),
        None => door.to_owned(),
    }
}

impl Figures {
    pub fn follow() -> Figures {
        let state: MapState = expect_context();
        let now = now();
        let changes = changes_of_alerts(state, ASK_AFTER);
        let asked = ward().asked();
        // A shelf leaves alerts out of the numbers and writes on none of them.
        on_changes(state, move || _ = changes.try_update(|changes| *changes += 1));
        let answer = LocalResource::new(move || {
            changes.track();
            let address = in_ward("/api/camera-alerts/figures", asked.get());
            async move { http::get::<AlertFigures>(&address).await }
        });
        let due = StoredValue::new(None::<TimeoutHandle>);
        Effect::new(move |_| {
            let Some(Ok(figures)) = answer.get() else { return };
            if let Some(timeout) = due.get_value() {
                timeout.clear();
            }
            let wait = figures.next_due_at.map(|at| (at - now.get_untracked()).num_milliseconds().max(0) as u64 + 500);
            // A day and more is for another visit.
            let wait = wait.filter(|wait| *wait < 86_400_000);
            due.set_value(wait.and_then(|wait| {
                let again = move || _ = changes.try_update(|changes| *changes += 1);
                set_timeout_with_handle(again, Duration::from_millis(wait)).ok()
            }));
        });
        on_cleanup(move || {
            if let Some(Some(timeout)) = due.try_get_value() {
                timeout.clear();
            }
        });
        Figures { answer }
    }

    fn get(self) -> Option<AlertFigures> {
        self.answer.get().and_then(Result::ok)
    }
}

#[component]
pub fn AlertTiles() -> impl IntoView {
    let state: MapState = expect_context();
    let now = now();
    let figures = Figures::follow();
    let stale_since = move || match state.live.connection.get() {
        Connection::LostSince(at) => Some(at),
        Connection::Connecting | Connection::Connected => None,
    };
    let timed = move |also: Option<String>| match (stale_since(), figures.answer.get()) {
        (Some(since), _) => t!("stale-since", time = format::since(since, now.get_untracked())),
        (None, Some(Ok(figures))) => also.into_iter().chain([clock(figures.at)]).collect::<Vec<_>>().join(" · "),
        (None, Some(Err(_))) => t!("figure-failed"),
        (None, None) => t!("loading"),
    };
    let stale = Signal::derive(move || stale_since().is_some());
    let value = move |of: fn(&AlertFigures) -> Option<String>| Signal::derive(move || figures.get().as_ref().and_then(of));
    let grave = move || figures.get().map(|figures| t!("alerts-grave", critical = figures.critical, high = figures.high));
    let taken = move || figures.get().map(|figures| t!("alerts-taken-today", count = figures.taken_today));
    view! {
        <LinkedFigure
            name="alerts-open" label=Signal::derive(|| t!("alerts-open-figure")) stale
            value=value(|figures| Some(count(figures.open()))) caption=Signal::derive(move || timed(grave()))
            // What is shelved is open, and counted as such.
            to=AlertFilters { shelved: Shelved::Any, ..AlertFilters::default() }
        />
        <LinkedFigure
            name="alerts-unclaimed" label=Signal::derive(|| t!("alert-unclaimed")) stale
            value=value(|figures| Some(count(figures.unclaimed))) caption=Signal::derive(move || timed(None))
            to=AlertFilters::of(Standing::Unclaimed)
        />
        <LinkedFigure
            name="alerts-overdue" label=Signal::derive(|| t!("alerts-overdue")) stale
            value=value(|figures| Some(count(figures.overdue))) caption=Signal::derive(move || timed(None))
            to=AlertFilters { overdue: true, ..AlertFilters::of(Standing::Unclaimed) }
        />
        <LinkedFigure
            name="alerts-median" label=Signal::derive(|| t!("alerts-median")) stale
            value=value(|figures| figures.median_take_s.map(minutes)) caption=Signal::derive(move || timed(taken()))
            to=AlertFilters { shelved: Shelved::Any, ..AlertFilters::of(Standing::All) }
        />
    }
}

/// As `ui::Figure`, and it opens its list.
#[component]
fn LinkedFigure(
    name: &'static str,
    label: Signal<String>,
    value: Signal<Option<String>>,
    caption: Signal<String>,
    stale: Signal<bool>,
    to: AlertFilters,
) -> impl IntoView {
    let state: MapState = expect_context();
    let navigate = use_navigate();
    let written = to.written();
    // For another tab, which knows of this one what the address says.
    let (asked, shown) = (ward().asked(), Some(written.clone()).filter(|written| !written.is_empty()));
    let address = move || {
        let fields = [asked.get().map(|ward| format!("area={ward}")), shown.as_ref().map(|written| format!("alerts={written}"))];
        let fields = fields.into_iter().flatten().collect::<Vec<_>>().join("&");
        if fields.is_empty() { "/alerts".to_owned() } else { format!("/alerts?{fields}") }
    };
    let open = move |event: leptos::ev::MouseEvent| {
        if !opens_elsewhere(&event) {
            event.prevent_default();
            state.alerts.set(written.clone());
            navigate("/alerts", Default::default());
        }
    };
    view! {
        <div class="figure linked" class:stale=stale data-testid=format!("figure-{name}")>
            <dt class="figure-label truncate">{label}</dt>
            <dd class="figure-value num"><a href=address on:click=open>{move || value.get().unwrap_or_else(|| "—".to_owned())}</a></dd>
            <dd class="figure-caption truncate">{caption}</dd>
        </div>
    }
}

/// 144 seconds as "2,4 phút"; less than a minute as "45 giây".
fn minutes(seconds: i64) -> String {
    if seconds < 60 {
        return t!("seconds", count = seconds);
    }
    let tenths = (seconds + 3) / 6;
    let comma = t!("decimal-comma");
    t!("minutes-figure", minutes = format!("{}{comma}{}", count(tenths / 10), tenths % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_take_is_said_in_minutes_with_one_digit() {
        assert_eq!(minutes(144), "2,4\u{a0}phút");
        assert_eq!(minutes(60), "1,0\u{a0}phút");
        assert_eq!(minutes(59), "59\u{a0}giây");
    }
}
