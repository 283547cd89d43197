//! The card of an alert: what was reported and where, who has it, what was done, what else that camera reported lately.
//! A plate is not in what it reads: the police ask for it by itself, with a reason (`plate`).

use leptos::prelude::*;
use shared::camera_alert::{AlertStep, CameraAlert, CameraAlertCard, CameraAlertEntry, CameraAlertPlate, NearestAddress};
use shared::layer::Layer;

use super::alert_row::{choose, standing_of};
use super::due::Left;
use super::handling::{AlertActions, Handling};
use super::keys::{self, Meant};
use super::marks::{SeverityMark, icon};
use super::plate::AlertPlate;
use super::shelving::{self, ShelveSection, Shelving};
use super::snapshot::{AlertPicture, PictureHold};
use crate::cameras::recorder_link::RecorderButton;
use crate::geography::said;
use crate::http::{self, Answer};
use crate::map::{FeatureRef, MapState};
use crate::shell::{CardFrame, CardHeight, PlaceActions, viewport};
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::{Fact, Icon, Loading, Updated, now};

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
    // Outlives what is drawn anew: what was shown once stays until the card is closed.
    let plate = RwSignal::new(None);
    let shelving = Shelving::closed();
    shelving::on_changes(state, move || card.refetch());
    let handling = Handling::of(id, Callback::new(move |now: CameraAlertCard| card.set(Some(Ok(now)))));
    keys::on_keys(|meant| matches!(meant, Meant::Press(letter) if keys::press(letter)));
    let mark = Signal::derive(move || match card.get() {
        Some(Ok(card)) => icon(card.alert.kind),
        _ => "warning",
    });
    // Each part is drawn anew only when what it says changes: a device that goes on reporting is in nobody's way.
    let known = Memo::new(move |_| card.get().and_then(Result::ok));
    let alert = Memo::new(move |_| known.with(|card| card.as_ref().map(|card| card.alert.clone())));
    let can_handle = Memo::new(move |_| known.with(|card| card.as_ref().is_some_and(|card| card.can_handle)));
    let picture =
        Memo::new(move |_| known.with(|card| card.as_ref().map(|card| (card.has_snapshot, card.snapshot.clone(), card.in_picture))));
    let has_clip = Memo::new(move |_| known.with(|card| card.as_ref().is_some_and(|card| card.has_clip)));
    let past = Memo::new(move |_| known.with(|card| card.as_ref().map(|card| (card.entries.clone(), card.same_camera.clone()))));
    view! {
        <CardFrame
            layer=Layer::CameraAlert
            icon=mark
            title=said!(card, card => kinds::named("alert-kind", card.alert.kind))
            subtitle=said!(card, card => format!("{} · {} · {}", card.alert.code, card.alert.camera_code, card.alert.area_name))
        >
            <WholeScreenOfPhone/>
            {move || picture.get().zip(alert.get_untracked()).map(|((has_snapshot, snapshot, in_picture), alert)| view! { <AlertPicture alert has_snapshot snapshot in_picture/> })}
            <Loading answer=card lines=6 let:card>
                <WhereTo alert=card.alert.clone() nearest=card.nearest_address/>
                <Facts alert=card.alert plate/>
            </Loading>
            {move || can_handle.get().then(|| view! { <AlertActions alert handling/> })}
            {move || picture.get().and_then(|(_, snapshot, _)| snapshot).filter(|_| can_handle.get()).map(|snapshot| view! { <PictureHold snapshot handling/> })}
            {move || alert.get().filter(|_| can_handle.get()).map(|alert| view! { <ShelveSection alert shelving/> })}
            {move || has_clip.get().then(|| view! {
                <RecorderButton door=format!("/api/camera-alerts/{id}/clip") label=|| t!("alert-clip") icon="eye" name="alert-clip"/>
            })}
            {move || past.get().map(|(entries, same_camera)| view! {
                <Entries entries/>
                <SameCamera alerts=same_camera/>
            })}
            {move || alert.get().map(|alert| view! {
                <PlaceActions lon=alert.lon lat=alert.lat/>
                <Updated at=alert.updated_at/>
            })}
        </CardFrame>
    }
}

/// Whoever is sent out reads it on the way: the card takes the telephone's whole screen.
#[component]
fn WholeScreenOfPhone() -> impl IntoView {
    let height: CardHeight = expect_context();
    if untrack(|| viewport().is_phone()) {
        height.grow();
    }
}

/// The place in words, large enough for the street; on a phone, the way there and the map.
#[component]
fn WhereTo(alert: CameraAlert, nearest: Option<NearestAddress>) -> impl IntoView {
    let height: CardHeight = expect_context();
    let state: MapState = expect_context();
    let CameraAlert { id, camera_name, lon, lat, .. } = alert;
    let look = move |_| {
        height.make_room();
        choose(state, id, lon.zip(lat));
    };
    view! {
        <div class="alert-where">
            <p class="alert-place">{camera_name}</p>
            {nearest.map(|NearestAddress { address, distance_m }| view! {
                <p class="alert-address" data-testid="alert-address">
                    <Icon name="map-pin"/>
                    <span>{move || match distance_m {
                        // The camera hangs on that very house.
                        ..2.5 => address.clone(),
                        _ => t!("alert-near", address = address.as_str(), distance = format::distance(distance_m)),
                    }}</span>
                </p>
            })}
            {lon.zip(lat).map(|(lon, lat)| view! {
                <div class="alert-way phone-only">
                    <a class="button" data-testid="alert-directions" href=format!("geo:{lat:.6},{lon:.6}?q={lat:.6},{lon:.6}")>
                        <Icon name="navigation-arrow"/>
                        {move || t!("directions")}
                    </a>
                    <button type="button" class="button" data-testid="alert-on-map" on:click=look>
                        <Icon name="map-trifold"/>
                        {move || t!("map")}
                    </button>
                </div>
            })}
        </div>
    }
}

#[component]
fn Facts(alert: CameraAlert, plate: RwSignal<Option<Answer<CameraAlertPlate>>>) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let now = now();
    let due = alert.answer_due_at;
    let left = Memo::new(move |_| due.map(|due| Left::until(due, now.get())));
    let stands = {
        let alert = alert.clone();
        move || standing_of(&alert)
    };
    let CameraAlert { id, severity, status, camera_id, camera_name, started_at, ended_at, confidence, legal_basis, fine_vnd, .. } = alert;
    let when = move || match ended_at {
        Some(ended_at) => t!("alert-from-until", from = moment(started_at), until = moment(ended_at)),
        None => format!("{} · {}", moment(started_at), format::ago(started_at, minute.get())),
    };
    let show_camera = move |_| state.selected.set(Some(FeatureRef { layer: Layer::Camera, id: camera_id }));
    view! {
        <dl class="facts">
            <Fact label=Signal::derive(|| t!("severity"))><SeverityMark severity/>" "{move || kinds::named("severity", severity)}</Fact>
            <Fact label=Signal::derive(|| t!("status"))>
                <span data-testid="alert-status" data-status=status.name()>{stands}</span>
                {move || left.get().map(|left| view! { " · "<span class="alert-left num" class:over=left.is_over()>{left.said()}</span> })}
            </Fact>
            <Fact label=Signal::derive(|| t!("time"))><span class="num">{when}</span></Fact>
            <Fact label=Signal::derive(|| t!("one-camera"))><button type="button" class="link" data-testid="alert-camera" on:click=show_camera>{camera_name}</button></Fact>
            {confidence.map(|sure| view! { <Fact label=Signal::derive(|| t!("alert-confidence"))><span class="num">{move || format::percent(f64::from(sure))}</span></Fact> })}
            <AlertPlate id asked=plate/>
            {legal_basis.map(|basis| view! { <Fact label=Signal::derive(|| t!("alert-legal-basis"))>{basis}</Fact> })}
            {fine_vnd.map(|fine| view! { <Fact label=Signal::derive(|| t!("register-fine"))><span class="num">{move || format::dong(fine)}</span></Fact> })}
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
            (AlertStep::GivenBack, ..) if from.is_some() => t!("alert-step-given-back-of", name = from.as_deref().unwrap_or_default()),
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
