//! The last day as 96 bars of a quarter of an hour, the grave ones on top, and a brush that cuts the list to a time.
//! The numbers come from the door, whole; which alerts they are is the list's.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use shared::alert_figures::{AlertQuarter, AlertTimeline, QUARTER_S, QUARTERS_SHOWN};
use wasm_bindgen::JsCast;

use super::filters::AlertFilters;
use super::tiles::{changes_of_alerts, in_ward};
use crate::geography::ward;
use crate::http;
use crate::map::MapState;
use crate::t;
use crate::text::{clock, count};
use crate::ui::{Loading, now};

const ASK_AFTER: Duration = Duration::from_secs(2);
/// Of the drawing: 12 for a bar and 3 beside it.
const STEP: f64 = 15.0;
const BAR: f64 = 12.0;
const HEIGHT: f64 = 100.0;
/// Below this many a single alert would fill the room.
const LEAST_TOP: i64 = 4;
/// Every three hours there is a time below.
const QUARTERS_PER_LABEL: usize = 12;

/// Quarters from the first to before the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Brush {
    from: usize,
    until: usize,
}

impl Brush {
    /// From where a pull began to where it is, both ends included.
    fn pulled(from: usize, to: usize) -> Brush {
        Brush { from: from.min(to), until: from.max(to) + 1 }
    }

    /// As one of a moment's day, as far as it lies in it.
    fn of(since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>, day_from: DateTime<Utc>) -> Option<Brush> {
        let (since, until) = since.zip(until)?;
        let quarter = |at: DateTime<Utc>| (at - day_from).num_seconds().div_euclid(QUARTER_S).clamp(0, QUARTERS_SHOWN as i64) as usize;
        let brush = Brush { from: quarter(since), until: quarter(until) };
        (brush.from < brush.until).then_some(brush)
    }

    fn times(self, day_from: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let at = |quarter: usize| day_from + TimeDelta::seconds(QUARTER_S * quarter as i64);
        (at(self.from), at(self.until))
    }

    /// The same width, a quarter of an hour earlier or later; the ends of the day hold.
    fn moved(self, later: bool) -> Brush {
        match later {
            true if self.until < QUARTERS_SHOWN => Brush { from: self.from + 1, until: self.until + 1 },
            false if self.from > 0 => Brush { from: self.from - 1, until: self.until - 1 },
            _ => self,
        }
    }

    /// Wider or narrower by a quarter at its end.
    fn stretched(self, wider: bool) -> Brush {
        let until = if wider { (self.until + 1).min(QUARTERS_SHOWN) } else { (self.until - 1).max(self.from + 1) };
        Brush { until, ..self }
    }
}

/// Top and height of the rest, the high and the critical part of a bar, from below; as shares of the drawing.
fn stack(quarter: &AlertQuarter, top: i64) -> [(f64, f64); 3] {
    let height = |number: i64| HEIGHT * number as f64 / top as f64;
    let mut from = HEIGHT;
    [quarter.rest, quarter.high, quarter.critical].map(|number| {
        from -= height(number);
        (from, height(number))
    })
}

#[component]
pub fn AlertDay() -> impl IntoView {
    let state: MapState = expect_context();
    let now = now();
    let changes = changes_of_alerts(state, ASK_AFTER);
    // With the clock the day moves on, a bar each quarter of an hour.
    let quarter = Memo::new(move |_| now.get().timestamp().div_euclid(QUARTER_S));
    let asked = ward().asked();
    let day = LocalResource::new(move || {
        changes.track();
        quarter.track();
        let address = in_ward("/api/camera-alerts/timeline", asked.get());
        async move { http::get::<AlertTimeline>(&address).await }
    });
    // Drawn once and then only changed: a hand may be on it. Without an answer the last one stays.
    let known = Memo::new(move |before: Option<&Option<AlertTimeline>>| match day.get() {
        Some(Ok(day)) => Some(day),
        _ => before.cloned().flatten(),
    });
    let is_known = Memo::new(move |_| known.with(Option::is_some));
    let key = |class: &'static str, label: fn() -> String| view! { <span class="day-key"><i class=class></i>{label}</span> };
    view! {
        <section class="panel alert-day" data-testid="alert-day" aria-label=move || t!("alert-day")>
            <header class="day-head">
                <h2>{move || t!("alert-day")}</h2>
                {key("critical", || t!("severity-critical"))}
                {key("high", || t!("severity-high"))}
                {key("rest", || t!("severity-rest"))}
                <Brushed/>
                <span class="day-source">{move || t!("alert-day-source")}</span>
            </header>
            {move || (!is_known.get()).then(|| view! { <Loading answer=day lines=2 let:_>{String::new()}</Loading> })}
            {move || is_known.get().then(|| view! { <Bars day=known/> })}
        </section>
    }
}

/// Which time the list is cut to, and how it is whole again.
#[component]
fn Brushed() -> impl IntoView {
    let state: MapState = expect_context();
    let times = move || state.alerts.with(|written| AlertFilters::read(written)).times();
    move || {
        times().map(|(since, until)| {
            view! {
                <button type="button" class="chip day-brushed" aria-pressed="true" data-testid="day-clear" title=t!("day-clear") on:click=move |_| cut(state, None)>
                    <span class="num">{format!("{}–{}", clock(since), clock(until))}</span>" ×"
                </button>
            }
        })
    }
}

/// Cuts the list to a time, or lifts that.
pub fn cut(state: MapState, times: Option<(DateTime<Utc>, DateTime<Utc>)>) {
    let mut filters = state.alerts.with_untracked(|written| AlertFilters::read(written));
    (filters.since, filters.until) = times.unzip();
    state.alerts.set(filters.written());
}

#[component]
fn Bars(day: Memo<Option<AlertTimeline>>) -> impl IntoView {
    let state: MapState = expect_context();
    let from = Memo::new(move |_| day.with(|day| day.as_ref().map(|day| day.from).unwrap_or_default()));
    let quarters = move || day.with(|day| day.as_ref().map(|day| day.quarters.clone()).unwrap_or_default());
    let brush = Memo::new(move |_| {
        let filters = state.alerts.with(|written| AlertFilters::read(written));
        Brush::of(filters.since, filters.until, from.get())
    });
    let set = move |brush: Option<Brush>| cut(state, brush.map(|brush| brush.times(from.get_untracked())));
    let area: NodeRef<html::Div> = NodeRef::new();
    let pulled_from = StoredValue::new(None::<usize>);
    let quarter_at = move |event: &PointerEvent| {
        let area = area.get_untracked()?;
        let bounds = area.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - bounds.left()) / bounds.width().max(1.0);
        Some(((share * QUARTERS_SHOWN as f64).max(0.0) as usize).min(QUARTERS_SHOWN - 1))
    };
    let begin = move |event: PointerEvent| {
        if let Some(target) = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
            // Without capture a quick hand leaves the bars behind.
            _ = target.set_pointer_capture(event.pointer_id());
        }
        let quarter = quarter_at(&event);
        pulled_from.set_value(quarter);
        set(quarter.map(|quarter| Brush::pulled(quarter, quarter)));
    };
    let pull = move |event: PointerEvent| {
        if let (Some(began), Some(quarter)) = (pulled_from.get_value(), quarter_at(&event)) {
            set(Some(Brush::pulled(began, quarter)));
        }
    };
    let keys = move |event: KeyboardEvent| {
        let last = Brush { from: QUARTERS_SHOWN - 1, until: QUARTERS_SHOWN };
        let known = brush.get_untracked();
        let next = match (event.key().as_str(), event.shift_key()) {
            ("ArrowLeft", false) => known.map_or(last, |brush| brush.moved(false)),
            ("ArrowRight", false) => known.map_or(last, |brush| brush.moved(true)),
            ("ArrowLeft", true) => known.map_or(last, |brush| brush.stretched(false)),
            ("ArrowRight", true) => known.map_or(last, |brush| brush.stretched(true)),
            ("Escape", _) if known.is_some() => {
                event.prevent_default();
                return set(None);
            }
            _ => return,
        };
        event.prevent_default();
        set(Some(next));
    };
    let bars = move || {
        let quarters = quarters();
        let top = quarters.iter().map(AlertQuarter::all).max().unwrap_or(0).max(LEAST_TOP);
        let bar = |(at, quarter): (usize, &AlertQuarter)| {
            let x = at as f64 * STEP;
            let part = move |(y, height): (f64, f64), class: &'static str| {
                (height > 0.0).then(
                    || view! { <rect class=class x=x.to_string() y=y.to_string() width=BAR.to_string() height=height.to_string()></rect> },
                )
            };
            let [rest, high, critical] = stack(quarter, top);
            view! { {part(rest, "rest")} {part(high, "high")} {part(critical, "critical")} }
        };
        quarters.iter().enumerate().map(bar).collect_view()
    };
    let time_of = move |at: usize| clock(Brush { from: at, until: at + 1 }.times(from.get()).0);
    let labels = move || (0..QUARTERS_SHOWN).step_by(QUARTERS_PER_LABEL).map(|at| view! { <span>{time_of(at)}</span> }).collect_view();
    let rows = move || {
        let row = |(at, quarter): (usize, AlertQuarter)| {
            let AlertQuarter { critical, high, rest } = quarter;
            view! { <tr><th scope="row">{time_of(at)}</th><td>{count(critical)}</td><td>{count(high)}</td><td>{count(rest)}</td></tr> }
        };
        quarters().into_iter().enumerate().filter(|(_, quarter)| quarter.all() > 0).map(row).collect_view()
    };
    let width = STEP * QUARTERS_SHOWN as f64;
    let brushed = move || {
        brush.get().map(|Brush { from, until }| {
            let width = (until - from) as f64 * STEP;
            view! { <rect class="day-brush" x=(from as f64 * STEP - (STEP - BAR) / 2.0).to_string() y="0" width=width.to_string() height=HEIGHT.to_string()></rect> }
        })
    };
    let said = move || match brush.get() {
        Some(brush) => {
            let (since, until) = brush.times(from.get());
            t!("day-brushed", from = clock(since), until = clock(until))
        }
        None => t!("day-whole"),
    };
    view! {
        <div
            node_ref=area
            class="day-bars"
            tabindex="0"
            role="slider"
            aria-label=move || t!("day-how")
            aria-valuemin="0"
            aria-valuemax=QUARTERS_SHOWN.to_string()
            aria-valuenow=move || brush.get().map_or(0, |brush| brush.from).to_string()
            aria-valuetext=said
            data-testid="day-bars"
            on:pointerdown=begin
            on:pointermove=pull
            on:pointerup=move |_| pulled_from.set_value(None)
            on:pointercancel=move |_| pulled_from.set_value(None)
            on:keydown=keys
        >
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">{bars}{brushed}</svg>
        </div>
        <div class="day-axis num" aria-hidden="true">
            {labels}
            <span class="day-now">{move || t!("now")}</span>
        </div>
        <table class="visually-hidden">
            <caption>{move || t!("alert-day")}</caption>
            <thead>
                <tr>
                    <th scope="col">{move || t!("time")}</th>
                    <th scope="col">{move || t!("severity-critical")}</th>
                    <th scope="col">{move || t!("severity-high")}</th>
                    <th scope="col">{move || t!("severity-rest")}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_brush_is_times_and_times_are_a_brush() {
        let from = at("2026-11-21T07:15:00Z");
        let brush = Brush::pulled(9, 4);
        assert_eq!(brush, Brush { from: 4, until: 10 });
        let (since, until) = brush.times(from);
        assert_eq!((since, until), (at("2026-11-21T08:15:00Z"), at("2026-11-21T09:45:00Z")));
        assert_eq!(Brush::of(Some(since), Some(until), from), Some(brush));
        // An hour later the same times stand further to the left; after a day they are gone.
        assert_eq!(Brush::of(Some(since), Some(until), from + TimeDelta::hours(1)), Some(Brush { from: 0, until: 6 }));
        assert_eq!(Brush::of(Some(since), Some(until), from + TimeDelta::days(1)), None);
        assert_eq!(Brush::of(Some(since), None, from), None);
    }

    #[test]
    fn arrows_move_and_stretch_within_the_day() {
        let last = Brush { from: 95, until: 96 };
        assert_eq!(last.moved(true), last);
        assert_eq!(last.moved(false), Brush { from: 94, until: 95 });
        assert_eq!(last.stretched(true), last);
        assert_eq!(last.stretched(false), last, "a quarter is the least");
        assert_eq!(Brush { from: 0, until: 2 }.moved(false), Brush { from: 0, until: 2 });
        assert_eq!(Brush { from: 0, until: 2 }.stretched(false), Brush { from: 0, until: 1 });
    }

    #[test]
    fn a_bar_stands_on_the_ground_with_the_gravest_on_top() {
        let [rest, high, critical] = stack(&AlertQuarter { critical: 1, high: 2, rest: 5 }, 10);
        assert_eq!(rest, (50.0, 50.0));
        assert_eq!(high, (30.0, 20.0));
        assert_eq!(critical, (20.0, 10.0));
    }
}
