//! One row of a list of alerts: how grave, what, where, whose, how long it has waited and until when it may.
//! Choosing it is all that can be done with it here; the card has the rest.

use leptos::prelude::*;
use shared::camera_alert::{AlertStatus, CameraAlert};
use shared::layer::Layer;

use super::due::Left;
use super::folding::Row;
use super::marks::{KindMark, SeverityMark};
use super::snapshot::Thumbnail;
use crate::map::{FeatureRef, MapState};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::now;

/// Near enough to look at the building.
const CLOSE_ZOOM: f64 = 17.0;

/// Opens the card of an alert, with the place before the eyes.
pub fn choose(state: MapState, id: i64, place: Option<(f64, f64)>) {
    state.selected.set(Some(FeatureRef { layer: Layer::CameraAlert, id }));
    if let Some((lon, lat)) = place {
        state.fly_to(lon, lat, CLOSE_ZOOM);
    }
}

/// Whose it is, in a few words.
pub fn standing_of(alert: &CameraAlert) -> String {
    let name = alert.handler_name.as_deref();
    match (alert.status, name, alert.outcome) {
        (AlertStatus::Closed, _, Some(outcome)) => kinds::named("alert-outcome", outcome),
        (AlertStatus::Taken, Some(name), _) => t!("alert-taken-by", name = name),
        (AlertStatus::Assigned, Some(name), _) if alert.escalation > 0 => t!("alert-escalated-to", name = name),
        (AlertStatus::Assigned, Some(name), _) => t!("alert-assigned-to", name = name),
        _ => t!("alert-unclaimed"),
    }
}

/// The camera; where a flood has put several together, the area.
fn place_of(row: &Row) -> String {
    if row.is_of_area { row.alert.area_name.clone() } else { format!("{} · {}", row.alert.camera_name, row.alert.camera_code) }
}

#[component]
pub fn AlertRow(
    /// Stays the same row while what it says changes.
    row: Memo<Option<Row>>,
) -> impl IntoView {
    let state: MapState = expect_context();
    let now = now();
    let minute = now.by_the_minute();
    let id = move || row.with(|row| row.as_ref().map_or(0, |row| row.alert.id));
    let is_selected = move || state.selected.get() == Some(FeatureRef { layer: Layer::CameraAlert, id: id() });
    let say = move |of: fn(&Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    // By the second only while that can be seen: two minutes are short.
    let left = Memo::new(move |_| {
        let due = row.with(|row| row.as_ref().and_then(|row| row.alert.answer_due_at))?;
        Some(Left::until(due, now.get()))
    });
    let pick = move |_| {
        if let Some(row) = row.get_untracked() {
            choose(state, row.alert.id, row.alert.lon.zip(row.alert.lat));
        }
    };
    let severity = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.alert.severity)));
    let picture = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| (row.alert.id, row.alert.kind, row.alert.has_snapshot))));
    let picture = move || {
        picture.get().map(|(alert_id, kind, has_snapshot)| match has_snapshot {
            true => view! { <Thumbnail alert_id has_snapshot/> }.into_any(),
            false => view! { <span class="alert-frame" aria-hidden="true"><KindMark kind/></span> }.into_any(),
        })
    };
    view! {
        <button
            type="button"
            class="row alert-row"
            class:overdue=move || left.get().is_some_and(Left::is_over)
            data-testid="alert"
            data-id=move || id().to_string()
            data-status=say(|row| row.alert.status.name().to_owned())
            data-severity=say(|row| row.alert.severity.name().to_owned())
            aria-current=move || is_selected().to_string()
            on:click=pick
        >
            {move || severity.get().map(|severity| view! { <SeverityMark severity/> })}
            {picture}
            <span class="row-words">
                <strong>
                    <span class="truncate">{say(|row| kinds::named("alert-kind", row.alert.kind))}</span>
                    {move || row.with(|row| row.as_ref().map_or(1, |row| row.times)).gt(&1).then(|| view! { <span class="times num">{say(|row| format!("×{}", row.times))}</span> })}
                </strong>
                <span class="row-place" title=say(place_of)>{say(place_of)}</span>
                <span class="truncate alert-who">{say(|row| standing_of(&row.alert))}</span>
            </span>
            <span class="row-end alert-age">
                <span class="num">{move || row.with(|row| row.as_ref().map(|row| format::ago(row.since, minute.get())))}</span>
                {move || left.get().map(|left| view! { <span class="alert-left num" class:over=left.is_over()>{left.said()}</span> })}
            </span>
        </button>
    }
}
