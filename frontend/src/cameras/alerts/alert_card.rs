//! The card of an alert: what was reported and where, who has it, what was done, what else that camera reported lately.
//! A plate is not in what it reads: the police ask for it by itself, with a reason (`plate`).

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::camera::RECORDER_TOPIC;
use shared::camera_alert::{AlertStep, CameraAlert, CameraAlertCard, CameraAlertEntry, CameraAlertPlate, NearestAddress, SNAPSHOT_TOPIC};
use shared::layer::Layer;

use super::alert_row::{choose, standing_of};
use super::due::Left;
use super::handling::{AlertActions, Handling};
use super::keys::{self, Meant};
use super::marks::SeverityMark;
use super::plate::AlertPlate;
use super::shelving::{self, ShelveSection, Shelving};
use super::snapshot::{AlertPicture, HoldOfPicture, Picture, PictureHold};
use crate::cameras::recorder_link::RecorderButton;
use crate::geography::{row_behind, said};
use crate::http::Answer;
use crate::map::{FeatureRef, MapState};
use crate::shell::{CardFrame, CardHeight, PlaceActions, viewport};
use crate::t;
use crate::text::{format, kinds, moment, names};
use crate::ui::{Fact, Icon, Kept, Updated, known, now};

/// Of the alerts of the same camera: the rest is a list's.
const MOST_OF_CAMERA: usize = 5;

#[component]
pub fn AlertCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let card = row_behind::<CameraAlertCard>(Layer::CameraAlert, id, format!("/api/camera-alerts/{id}"));
    // Outlives what is drawn anew: what was shown once stays until the card is closed.
    let plate = RwSignal::new(None);
    let shelving = Shelving::closed();
    shelving::on_changes(state, move || card.refetch());
    // Its picture and the links of its camera change by themselves.
    let pictures = state.live.changes_of(SNAPSHOT_TOPIC, id);
    Effect::watch(move || pictures.get(), move |_, _, _| card.refetch(), false);
    state.live.on_changes(RECORDER_TOPIC, move || card.refetch());
    let handling = Handling::of(id, Callback::new(move |now: CameraAlertCard| card.set(Some(Ok(now)))));
    keys::on_keys(|meant| matches!(meant, Meant::Press(letter) if keys::press(letter)));
    let answer = known(card, |_| true);
    let severity = Memo::new(move |_| answer.get().and_then(Result::ok).map(|card| card.alert.severity));
    // Each part is drawn anew only when what it says changes: a device that goes on reporting and a picture that comes later are in
    // nobody's way.
    let known = Memo::new(move |_| answer.get().and_then(Result::ok));
    let alert = part(known, |card| Some(card.alert.clone()));
    let standing = part(known, |card| Some(standing(&card.alert)));
    let nearest = part(known, |card| card.nearest_address.clone());
    let measured = part(known, |card| Some(Measured::of(&card.alert)));
    let picture = part(known, |card| Some(Picture::of(card)));
    let in_picture = part(known, |card| card.in_picture);
    let hold = part(known, |card| PictureHold::of(card.snapshot.as_ref()?).filter(|_| card.can_handle));
    let handled = part(known, |card| card.can_handle.then_some(()));
    let clip = part(known, |card| card.has_clip.then_some(()));
    let entries = part(known, |card| Some(card.entries.clone()));
    let same_camera = part(known, |card| Some(card.same_camera.clone()));
    let updated_at = part(known, |card| Some(card.alert.updated_at));
    view! {
        <CardFrame
            layer=Layer::CameraAlert
            icon="warning"
            severity=severity
            title=said!(answer, card => kinds::named("alert-kind", card.alert.kind))
            subtitle=said!(answer, card => format!("{} · {} · {}", card.alert.code, card.alert.camera_code, card.alert.area_name))
        >
            <WholeScreenOfPhone/>
            {move || picture.get().zip(standing.get_untracked()).map(|(picture, alert)| view! { <AlertPicture alert picture in_picture/> })}
            <Kept known=answer lines=6 on_retry=Callback::new(move |()| card.refetch())>
                {move || standing.get().map(|alert| view! { <WhereTo alert nearest=nearest.get()/> })}
                {move || standing.get().map(|alert| view! { <Facts alert measured plate/> })}
            </Kept>
            {move || handled.get().map(|()| view! { <AlertActions alert handling/> })}
            {move || hold.get().map(|hold| view! { <HoldOfPicture hold handling/> })}
            // What is typed in it stays while another form is open.
            <div style:display=move || handling.asks().then_some("none")>
                {move || standing.get().zip(handled.get()).map(|(alert, ())| view! { <ShelveSection alert shelving/> })}
            </div>
            {move || clip.get().map(|()| view! {
                <RecorderButton door=format!("/api/camera-alerts/{id}/clip") label=|| t!("alert-clip") icon="eye" name="alert-clip"/>
            })}
            {move || entries.get().map(|entries| view! { <Entries entries/> })}
            {move || same_camera.get().map(|alerts| view! { <SameCamera alerts/> })}
            {move || standing.get().map(|alert| view! { <PlaceActions lon=alert.lon lat=alert.lat/> })}
            {move || updated_at.get().map(|at| view! { <Updated at/> })}
        </CardFrame>
    }
}

/// What of a card is drawn by itself.
fn part<P: PartialEq + Send + Sync + 'static>(
    known: Memo<Option<CameraAlertCard>>,
    of: fn(&CameraAlertCard) -> Option<P>,
) -> Memo<Option<P>> {
    Memo::new(move |_| known.with(|card| card.as_ref().and_then(of)))
}

/// An alert without what a device goes on reporting of it and without what only counts: what somebody may have under their hands
/// is drawn anew when the rest changes.
fn standing(alert: &CameraAlert) -> CameraAlert {
    let updated_at = alert.received_at;
    CameraAlert { ended_at: None, confidence: None, note_count: 0, has_snapshot: false, version: 0, updated_at, ..alert.clone() }
}

/// What a device goes on reporting.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measured {
    ended_at: Option<DateTime<Utc>>,
    confidence: Option<f32>,
}

impl Measured {
    fn of(alert: &CameraAlert) -> Measured {
        Measured { ended_at: alert.ended_at, confidence: alert.confidence }
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
                        _ => t!("alert-near", address = names::inside(&address), distance = format::distance(distance_m)),
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
fn Facts(alert: CameraAlert, measured: Memo<Option<Measured>>, plate: RwSignal<Option<Answer<CameraAlertPlate>>>) -> impl IntoView {
    let state: MapState = expect_context();
    let minute = now().by_the_minute();
    let now = now();
    let due = alert.answer_due_at;
    let left = Memo::new(move |_| due.map(|due| Left::until(due, now.get())));
    let stands = {
        let alert = alert.clone();
        move || standing_of(&alert)
    };
    let CameraAlert { id, severity, status, camera_id, camera_name, started_at, legal_basis, fine_vnd, .. } = alert;
    let when = move || match measured.get().and_then(|measured| measured.ended_at) {
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
            {move || measured.get().and_then(|measured| measured.confidence).map(|sure| view! { <Fact label=Signal::derive(|| t!("alert-confidence"))><span class="num">{move || format::percent(f64::from(sure))}</span></Fact> })}
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use shared::camera_alert::{AlertStatus, Severity};

    use super::super::sample::alert;
    use super::*;

    #[test]
    fn what_a_device_goes_on_reporting_is_under_nobodys_hands() {
        let before = alert(1, 5, 7, Severity::High, AlertStatus::New);
        let reported = CameraAlert {
            ended_at: Some(before.started_at),
            confidence: Some(0.5),
            has_snapshot: true,
            updated_at: before.started_at + TimeDelta::seconds(9),
            ..before.clone()
        };
        assert_eq!(standing(&reported), standing(&before));
        assert_ne!(Measured::of(&reported), Measured::of(&before));
        let taken = CameraAlert { handler_name: Some("Bà Hoa".into()), ..before.clone() };
        assert_ne!(standing(&taken), standing(&before));
    }
}
