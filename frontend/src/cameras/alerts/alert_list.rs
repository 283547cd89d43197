//! The alerts that somebody must answer for, as the live feed keeps them: the list of the operations room.
//! What one of them is about is its card's business.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::{AlertStatus, CameraAlert, CameraAlertList};
use shared::layer::Layer;

use super::folded::{FloodNotice, FoldedAlerts, OpenedRow};
use super::folding::{self, Row};
use super::marks::{KindMark, SeverityMark};
use super::shelving::{ShelvedNotice, Shelves};
use super::snapshot::Thumbnail;
use crate::http::{self, Answer};
use crate::map::{FeatureRef, MapState};
use crate::session::session;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Refused, Skeleton, now};

/// Alerts arrive in bursts: they are read once for each.
const ASK_AFTER: Duration = Duration::from_millis(250);
/// More open alerts than anybody looks through; the newest are what counts then.
const MOST: u32 = 200;

/// The open alerts in reach.
#[derive(Clone, Copy)]
pub struct OpenAlerts {
    /// None until the first answer.
    pub answer: RwSignal<Option<Answer<Vec<CameraAlert>>>>,
    shelves: Shelves,
}

impl OpenAlerts {
    /// Follows the feed as long as the surrounding owner lives.
    pub fn follow() -> OpenAlerts {
        let state: MapState = expect_context();
        let answer = RwSignal::new(None);
        let shelves = Shelves::follow(Callback::new(move |()| ask(answer)));
        let alerts = OpenAlerts { answer, shelves };
        let pending = StoredValue::new(None::<TimeoutHandle>);
        alerts.ask();
        state.live.listen(Layer::CameraAlert.name(), move |_| {
            // The first of a burst is not held up by those that follow.
            if pending.get_value().is_none() {
                let again = move || {
                    pending.try_set_value(None);
                    alerts.ask();
                };
                pending.set_value(set_timeout_with_handle(again, ASK_AFTER).ok());
            }
        });
        on_cleanup(move || {
            if let Some(Some(timeout)) = pending.try_get_value() {
                timeout.clear();
            }
        });
        alerts
    }

    pub fn ask(self) {
        ask(self.answer);
    }

    pub fn unclaimed(self) -> Option<usize> {
        self.answer.with(|answer| {
            let alerts = answer.as_ref()?.as_ref().ok()?;
            Some(alerts.iter().filter(|alert| alert.status != AlertStatus::Taken).count())
        })
    }
}

fn ask(known: RwSignal<Option<Answer<Vec<CameraAlert>>>>) {
    spawn_local(async move {
        let path = format!("/api/camera-alerts?status=new,taken,assigned&shelved=without&limit={MOST}");
        let answer = http::get::<CameraAlertList>(&path).await;
        // None: nobody looks any more.
        known.try_set(Some(answer.map(|list| list.alerts)));
    });
}

#[component]
pub fn AlertList(alerts: OpenAlerts) -> impl IntoView {
    let state: MapState = expect_context();
    let session = session();
    let only_mine = RwSignal::new(false);
    let opened = OpenedRow::none();
    let minute = now().by_the_minute();
    let is_mine = move |alert: &CameraAlert| {
        let name = session.info().map(|info| info.display_name);
        alert.handler_name.is_some() && alert.handler_name == name
    };
    let shown = Memo::new(move |_| {
        let answer = alerts.answer.get()?;
        let rows = answer.map(|alerts| folding::rows(alerts.into_iter().filter(|alert| !only_mine.get() || is_mine(alert)).collect()));
        Some(rows.map(|rows| folding::with_floods(rows, minute.get())))
    });
    // J and K walk through the list from wherever the hands are, unless somebody types.
    let keys = window_event_listener(ev::keydown, move |event| {
        let step = match event.key().as_str() {
            "j" | "J" => 1,
            "k" | "K" => -1,
            _ => return,
        };
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing() {
            return;
        }
        let rows = shown.with_untracked(|shown| match shown {
            Some(Ok(listed)) => listed.rows.iter().map(|row| (row.alert.id, row.alert.lon.zip(row.alert.lat))).collect::<Vec<_>>(),
            _ => Vec::new(),
        });
        let Some(last) = rows.len().checked_sub(1) else { return };
        let at =
            state.selected.get_untracked().and_then(|of| rows.iter().position(|(id, _)| of.layer == Layer::CameraAlert && of.id == *id));
        let next = match (at, step) {
            (None, _) => 0,
            (Some(at), 1) => (at + 1).min(last),
            (Some(at), _) => at.saturating_sub(1),
        };
        select(state, rows[next].0, rows[next].1);
    });
    on_cleanup(move || keys.remove());
    let count = move |mine: bool| {
        alerts.answer.with(|answer| match answer {
            Some(Ok(alerts)) => alerts.iter().filter(|alert| !mine || is_mine(alert)).count().to_string(),
            _ => "—".to_owned(),
        })
    };
    let tab = move |mine: bool, label: fn() -> String, name: &'static str| {
        view! {
            <button
                type="button"
                class="tab"
                data-testid=name
                aria-pressed=move || (only_mine.get() == mine).to_string()
                on:click=move |_| only_mine.set(mine)
            >
                {label}" "<span class="num">{move || count(mine)}</span>
            </button>
        }
    };
    view! {
        <div class="tabs" role="group" aria-label=move || t!("alerts-open")>
            {tab(false, || t!("alerts-open"), "alerts-open")}
            {tab(true, || t!("alerts-mine"), "alerts-mine")}
        </div>
        <ShelvedNotice shelves=alerts.shelves/>
        <FloodNotice flood=Signal::derive(move || shown.with(|shown| shown.as_ref()?.as_ref().ok()?.flood))/>
        {move || match shown.get().map(|shown| shown.map(|listed| listed.rows)) {
            None => view! { <Skeleton lines=5/> }.into_any(),
            Some(Err(failure)) => view! { <Refused failure on_retry=move || alerts.ask()/> }.into_any(),
            Some(Ok(rows)) if rows.is_empty() => view! { <p class="panel-note">{t!("nothing-needs-action")}</p> }.into_any(),
            Some(Ok(rows)) => view! {
                <ul class="rows" data-testid="alert-list">{rows.into_iter().map(|row| view! { <AlertRow row opened/> }).collect_view()}</ul>
            }
            .into_any(),
        }}
    }
}

fn select(state: MapState, id: i64, place: Option<(f64, f64)>) {
    state.selected.set(Some(FeatureRef { layer: Layer::CameraAlert, id }));
    if let Some((lon, lat)) = place {
        state.fly_to(lon, lat, 17.0);
    }
}

/// Whether the keys belong to a field.
fn is_typing() -> bool {
    document().query_selector("input:focus, textarea:focus, select:focus, dialog[open]").is_ok_and(|found| found.is_some())
}

#[component]
fn AlertRow(row: Row, opened: OpenedRow) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let Row { alert, times, since, is_of_area, .. } = row.clone();
    let has_snapshot = alert.has_snapshot;
    let CameraAlert { id, kind, severity, status, camera_code, camera_name, area_name, handler_name, lon, lat, .. } = alert;
    let place = if is_of_area { area_name } else { format!("{camera_code} · {camera_name}") };
    let is_selected = move || state.selected.get() == Some(FeatureRef { layer: Layer::CameraAlert, id });
    let who = move || match (status, &handler_name) {
        (AlertStatus::Taken, Some(name)) => t!("alert-taken-by", name = name.as_str()),
        (AlertStatus::Assigned, Some(name)) => t!("alert-assigned-to", name = name.as_str()),
        _ => t!("alert-unclaimed"),
    };
    view! {
        <li>
            <button
                type="button"
                class="row alert-row"
                data-testid="alert"
                data-id=id.to_string()
                data-status=status.name()
                aria-current=move || is_selected().to_string()
                on:click=move |_| select(state, id, lon.zip(lat))
            >
                <SeverityMark severity/>
                <Thumbnail alert_id=id has_snapshot/>
                <span class="row-words">
                    <strong><KindMark kind/>{move || kinds::named("alert-kind", kind)}{(times > 1).then(|| view! { <span class="times num">"×"{times}</span> })}</strong>
                    <span class="truncate">{place}</span>
                    <span class="truncate alert-who">{who}</span>
                </span>
                <span class="row-end num">{move || format::ago(since, minute.get())}</span>
            </button>
            <FoldedAlerts row opened/>
        </li>
    }
}
