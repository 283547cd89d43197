//! The card of an alert: what was reported and where, who has it, what was done, what else that camera reported lately.
//! A plate is not on it: the police ask for it by itself, with a reason.

use leptos::ev;
use leptos::prelude::*;
use shared::camera_alert::{AlertStatus, AlertStep, CameraAlert, CameraAlertCard, CameraAlertEntry};
use shared::layer::Layer;

use super::handling::{AlertActions, Handling};
use super::marks::{SeverityMark, icon};
use super::shelving::{self, ShelveSection, Shelving};
use super::snapshot::{AlertPicture, PictureHold};
use crate::cameras::recorder_link::RecorderButton;
use crate::geography::said;
use crate::http;
use crate::map::{FeatureRef, MapState};
use crate::shell::{CardFrame, PlaceActions};
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::{Fact, Loading, Updated, now};

/// Of the alerts of the same camera: the rest is a list's.
const MOST_OF_CAMERA: usize = 5;

#[component]
pub fn AlertCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let changes = state.live.changes_of(Layer::CameraAlert.name(), id);
    let card = LocalResource::new(move || {
        changes.track();
        async move { http::get::<CameraAlertCard>(&format!("/api/camera-alerts/{id}")).await }
    });
    let shelving = Shelving::closed();
    shelving::on_changes(state, move || card.refetch());
    let handling = Handling::of(id, Callback::new(move |now: CameraAlertCard| card.set(Some(Ok(now)))));
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        let is_busy = document().query_selector("input:focus, textarea:focus, dialog[open]").is_ok_and(|found| found.is_some());
        let is_free = card.with_untracked(|card| {
            card.as_ref()
                .and_then(|card| card.as_ref().ok())
                .is_some_and(|card| card.can_handle && matches!(card.alert.status, AlertStatus::New | AlertStatus::Assigned))
        });
        if event.key().eq_ignore_ascii_case("t") && is_plain && !is_busy && is_free {
            event.prevent_default();
            handling.take();
        }
    });
    on_cleanup(move || keys.remove());
    let mark = Signal::derive(move || match card.get() {
        Some(Ok(card)) => icon(card.alert.kind),
        _ => "warning",
    });
    view! {
        <CardFrame
            layer=Layer::CameraAlert
            icon=mark
            title=said!(card, card => kinds::named("alert-kind", card.alert.kind))
            subtitle=said!(card, card => format!("{} · {} · {}", card.alert.code, card.alert.camera_code, card.alert.area_name))
        >
            <Loading answer=card lines=6 let:card>
                <AlertPicture alert=card.alert.clone() snapshot=card.snapshot.clone() in_picture=card.in_picture/>
                <Facts alert=card.alert.clone()/>
                {card.can_handle.then(|| view! {
                    <AlertActions alert=card.alert.clone() handling/>
                    <ShelveSection alert=card.alert.clone() shelving/>
                })}
                {card.snapshot.filter(|_| card.can_handle).map(|snapshot| view! { <PictureHold snapshot handling/> })}
                {card.has_clip.then(|| view! {
                    <RecorderButton door=format!("/api/camera-alerts/{id}/clip") label=|| t!("alert-clip") icon="eye" name="alert-clip"/>
                })}
                <Entries entries=card.entries/>
                <PlaceActions lon=card.alert.lon lat=card.alert.lat/>
                <SameCamera alerts=card.same_camera/>
                <Updated at=card.alert.updated_at/>
            </Loading>
        </CardFrame>
    }
}

#[component]
fn Facts(alert: CameraAlert) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let CameraAlert {
        severity,
        status,
        outcome,
        camera_id,
        camera_name,
        started_at,
        ended_at,
        confidence,
        handler_name,
        legal_basis,
        fine_vnd,
        ..
    } = alert;
    let when = move || match ended_at {
        Some(ended_at) => t!("alert-from-until", from = moment(started_at), until = moment(ended_at)),
        None => format!("{} · {}", moment(started_at), format::ago(started_at, minute.get())),
    };
    let stands = move || match (status, outcome, &handler_name) {
        (AlertStatus::Closed, Some(outcome), _) => kinds::named("alert-outcome", outcome),
        (AlertStatus::Taken, _, Some(name)) => t!("alert-taken-by", name = name.as_str()),
        (AlertStatus::Assigned, _, Some(name)) => t!("alert-assigned-to", name = name.as_str()),
        _ => t!("alert-unclaimed"),
    };
    let show_camera = move |_| state.selected.set(Some(FeatureRef { layer: Layer::Camera, id: camera_id }));
    view! {
        <dl class="facts">
            <Fact label=Signal::derive(|| t!("severity"))><SeverityMark severity/>" "{move || kinds::named("severity", severity)}</Fact>
            <Fact label=Signal::derive(|| t!("status"))><span data-testid="alert-status" data-status=status.name()>{stands}</span></Fact>
            <Fact label=Signal::derive(|| t!("time"))><span class="num">{when}</span></Fact>
            <Fact label=Signal::derive(|| t!("one-camera"))><button type="button" class="link" data-testid="alert-camera" on:click=show_camera>{camera_name}</button></Fact>
            {confidence.map(|sure| view! { <Fact label=Signal::derive(|| t!("alert-confidence"))><span class="num">{move || format::percent(f64::from(sure))}</span></Fact> })}
            {legal_basis.map(|basis| view! { <Fact label=Signal::derive(|| t!("alert-legal-basis"))>{basis}</Fact> })}
            {fine_vnd.map(|fine| view! { <Fact label=Signal::derive(|| t!("alert-fine"))><span class="num">{move || format::dong(fine)}</span></Fact> })}
        </dl>
    }
}

/// Every step, oldest first.
#[component]
fn Entries(entries: Vec<CameraAlertEntry>) -> impl IntoView {
    let now = now();
    let told = move |entry: CameraAlertEntry| {
        let CameraAlertEntry { at, step, by, from, to, outcome, note, .. } = entry;
        let who = move || by.clone().unwrap_or_else(|| t!("alert-by-rule"));
        let what = move || match (step, &to, outcome) {
            (AlertStep::Assigned, Some(to), _) => t!("alert-step-assigned-to", name = to.as_str()),
            (AlertStep::Taken, ..) if from.is_some() => t!("alert-step-taken-from", name = from.as_deref().unwrap_or_default()),
            (AlertStep::Escalated, Some(to), _) => t!("alert-step-escalated-to", name = to.as_str()),
            (AlertStep::Closed, _, Some(outcome)) => t!("alert-step-closed-as", outcome = kinds::named("alert-outcome", outcome)),
            (step, ..) => kinds::named("alert-step", step),
        };
        view! {
            <li>
                <p><strong>{who}</strong>" · "<time datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now.get_untracked())}</time></p>
                <p class="quiet-text">{what}</p>
                {note.map(|note| view! { <p class="note">{note}</p> })}
            </li>
        }
    };
    (!entries.is_empty())
        .then(|| view! { <ol class="history-entries" data-testid="alert-entries">{entries.into_iter().map(told).collect_view()}</ol> })
}

/// What else this camera reported within 30 days.
#[component]
fn SameCamera(alerts: Vec<CameraAlert>) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let all = alerts.len();
    let row = move |alert: CameraAlert| {
        let CameraAlert { id, kind, severity, started_at, .. } = alert;
        view! {
            <li>
                <button type="button" class="row" on:click=move |_| state.selected.set(Some(FeatureRef { layer: Layer::CameraAlert, id }))>
                    <SeverityMark severity/>
                    <span class="row-words">{move || kinds::named("alert-kind", kind)}</span>
                    <span class="row-end num">{move || format::ago(started_at, minute.get())}</span>
                </button>
            </li>
        }
    };
    (all > 0).then(|| {
        view! {
            <h3 class="card-section">{move || t!("alert-same-camera", count = all as i64)}</h3>
            <ul class="rows">{alerts.into_iter().take(MOST_OF_CAMERA).map(row).collect_view()}</ul>
        }
    })
}
