//! The picture of an alert: whole on the card with what was found drawn over it, small in a row; keeping it beyond its time.
//! Whoever may not see pictures is told of none, so here is nothing for them, not even a gap.

use leptos::prelude::*;
use shared::camera_alert::{AlertKind, AlertSnapshot, CameraAlert, CameraAlertCard, HoldSnapshot, SnapshotHold};

use super::handling::{Handling, Words};
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::now;

fn address(alert_id: i64) -> String {
    format!("/api/camera-alerts/{alert_id}/snapshot")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loading {
    Waiting,
    Here,
    Failed,
}

impl Loading {
    fn name(self) -> &'static str {
        match self {
            Loading::Waiting => "waiting",
            Loading::Here => "here",
            Loading::Failed => "failed",
        }
    }
}

/// What a card shows of an alert's picture. Who holds it stands apart: it changes nothing of what is seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// None for whoever may not learn of one.
    has_snapshot: Option<bool>,
    snapshot: Option<AlertSnapshot>,
}

impl Picture {
    pub fn of(card: &CameraAlertCard) -> Picture {
        let snapshot = card.snapshot.clone().map(|snapshot| AlertSnapshot { held: None, ..snapshot });
        Picture { has_snapshot: card.has_snapshot, snapshot }
    }
}

/// The whole picture, and the box of what was found; where there is none, a sentence that says why.
#[component]
pub fn AlertPicture(
    alert: CameraAlert,
    picture: Picture,
    /// Left, top, right, bottom, as the device counts; a device goes on counting.
    in_picture: Memo<Option<[f64; 4]>>,
) -> impl IntoView {
    let now = now();
    let Picture { has_snapshot, snapshot } = picture;
    // Of a camera that has fallen silent nobody expects a picture.
    let lacks_one = has_snapshot == Some(false) && alert.kind != AlertKind::CameraSilent;
    match snapshot {
        Some(AlertSnapshot { removed_at: Some(at), taken_in_at, .. }) => {
            let days = (at - taken_in_at).num_days();
            let told = move || t!("alert-picture-removed", days = days, time = format::since(at, now.get_untracked()));
            view! { <p class="panel-note" data-testid="alert-picture-removed">{told}</p> }.into_any()
        }
        Some(snapshot) => view! { <Whole alert snapshot in_picture/> }.into_any(),
        None if lacks_one => {
            view! { <p class="panel-note" data-testid="alert-picture-none">{move || t!("alert-picture-none")}</p> }.into_any()
        }
        None => ().into_any(),
    }
}

#[component]
fn Whole(alert: CameraAlert, snapshot: AlertSnapshot, in_picture: Memo<Option<[f64; 4]>>) -> impl IntoView {
    let AlertSnapshot { width_px, height_px, size_bytes, .. } = snapshot;
    let CameraAlert { id, kind, camera_code, started_at, .. } = alert;
    // A page shows again what it has shown at an address, and does not ask: another picture is at another one.
    let source = format!("{}?bytes={size_bytes}", address(id));
    let whole = source.clone();
    let loading = RwSignal::new(Loading::Waiting);
    let words =
        move || t!("alert-picture-of", camera = camera_code.as_str(), kind = kinds::named("alert-kind", kind), time = moment(started_at));
    let drawn = move || {
        let [left, top, width, height] = edges(in_picture.get()?, f64::from(width_px), f64::from(height_px))?;
        let rect = move |class: &'static str| view! { <rect class=class x=left y=top width=width height=height></rect> };
        Some(view! { <svg viewBox=format!("0 0 {width_px} {height_px}") aria-hidden="true">{rect("box-edge")}{rect("box")}</svg> })
    };
    view! {
        <figure class="alert-picture" data-testid="alert-picture" data-state=move || loading.get().name()>
            <div class="skeleton"></div>
            <a href=whole target="_blank" rel="noopener" title=move || t!("alert-picture-whole")>
                <img
                    src=source
                    alt=words
                    width=width_px
                    height=height_px
                    decoding="async"
                    on:load=move |_| loading.set(Loading::Here)
                    on:error=move |_| loading.set(Loading::Failed)
                />
            </a>
            {drawn}
            {move || (loading.get() == Loading::Failed).then(|| view! { <p role="status">{t!("alert-picture-failed")}</p> })}
        </figure>
    }
}

/// The middle of the picture, as a row of a list shows it. What it is of stands beside it.
#[component]
pub fn Thumbnail(alert_id: i64, has_snapshot: bool) -> impl IntoView {
    has_snapshot.then(|| {
        let source = format!("{}?size=thumbnail", address(alert_id));
        view! { <img class="alert-thumbnail" src=source alt="" width="72" height="48" loading="lazy" decoding="async"/> }
    })
}

/// Whether a picture that is there is kept beyond its time.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureHold(Option<SnapshotHold>);

impl PictureHold {
    /// None: the picture is gone, and nothing is left to keep.
    pub fn of(snapshot: &AlertSnapshot) -> Option<PictureHold> {
        snapshot.removed_at.is_none().then(|| PictureHold(snapshot.held.clone()))
    }
}

/// Who keeps the picture beyond its time and why; keeping it, and letting it go.
#[component]
pub fn HoldOfPicture(hold: PictureHold, handling: Handling) -> impl IntoView {
    let now = now();
    let asks = RwSignal::new(false);
    let PictureHold(held) = hold;
    let is_held = held.is_some();
    let told = held.map(|SnapshotHold { at, by, reason }| {
        let name = by.unwrap_or_default();
        let words =
            move || t!("alert-picture-held", name = name.as_str(), time = format::since(at, now.get_untracked()), reason = reason.as_str());
        view! { <p class="quiet-text" data-testid="alert-picture-held">{words}</p> }
    });
    let step = if is_held { "snapshot/release" } else { "snapshot/hold" };
    let form = move || {
        let send = move |reason| handling.step(step, None, &HoldSnapshot { reason });
        let label: fn() -> String = if is_held { || t!("alert-picture-release-reason") } else { || t!("alert-picture-hold-reason") };
        view! { <Words label least=8 handling on_words=send leave=move || asks.set(false)/> }
    };
    view! {
        {told}
        <div class="card-actions">
            <button
                type="button"
                class="button"
                data-testid="alert-picture-hold"
                aria-expanded=move || asks.get().to_string()
                on:click=move |_| asks.update(|asks| *asks = !*asks)
            >
                {move || if is_held { t!("alert-picture-release") } else { t!("alert-picture-hold") }}
            </button>
        </div>
        {move || asks.get().then(form)}
    }
}

/// Left, top, width and height of a box in pixels of the picture. Devices count in pixels or in parts of the whole; what fits
/// neither was counted in another picture, and a box at a wrong place would be worse than none.
fn edges([left, top, right, bottom]: [f64; 4], width_px: f64, height_px: f64) -> Option<[f64; 4]> {
    let is_box = left >= 0.0 && top >= 0.0 && left < right && top < bottom;
    let (across, down) = if right <= 1.0 && bottom <= 1.0 { (width_px, height_px) } else { (1.0, 1.0) };
    let fits = right * across <= width_px && bottom * down <= height_px;
    (is_box && fits).then_some([left * across, top * down, (right - left) * across, (bottom - top) * down])
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::camera_alert::{AlertStatus, Severity};

    use super::super::sample::alert;
    use super::*;

    #[test]
    fn who_holds_a_picture_changes_nothing_of_what_is_seen() {
        let card = |snapshot: AlertSnapshot| -> CameraAlertCard {
            let alert = alert(1, 5, 7, Severity::High, AlertStatus::New);
            serde_json::from_value(json!({
                "alert": alert, "external_id": "1", "in_picture": null, "path": null, "has_plate": null, "has_snapshot": true,
                "snapshot": snapshot, "can_handle": true, "entries": [], "same_camera": [],
            }))
            .expect("a card as the server writes it")
        };
        let at = "2026-11-22T08:06:00Z".parse().unwrap();
        let taken = AlertSnapshot { width_px: 640, height_px: 360, size_bytes: 48_213, taken_in_at: at, removed_at: None, held: None };
        let hold = SnapshotHold { at, by: Some("Bà Hoa".into()), reason: "Vụ việc số 12".into() };
        let held = AlertSnapshot { held: Some(hold.clone()), ..taken.clone() };
        assert_eq!(Picture::of(&card(held.clone())), Picture::of(&card(taken.clone())));
        assert_eq!((PictureHold::of(&taken), PictureHold::of(&held)), (Some(PictureHold(None)), Some(PictureHold(Some(hold)))));
        let replaced = AlertSnapshot { size_bytes: 51_002, ..taken.clone() };
        assert_ne!(Picture::of(&card(replaced)), Picture::of(&card(taken.clone())));
        let removed = AlertSnapshot { removed_at: Some(at), ..taken };
        assert_eq!(PictureHold::of(&removed), None);
    }

    #[test]
    fn a_box_in_pixels_and_one_in_parts_are_the_same_box() {
        assert_eq!(edges([160.0, 90.0, 320.0, 180.0], 640.0, 360.0), Some([160.0, 90.0, 160.0, 90.0]));
        assert_eq!(edges([0.25, 0.25, 0.5, 0.5], 640.0, 360.0), Some([160.0, 90.0, 160.0, 90.0]));
        assert_eq!(edges([0.0, 0.0, 1.0, 1.0], 640.0, 360.0), Some([0.0, 0.0, 640.0, 360.0]));
    }

    #[test]
    fn a_box_of_another_picture_is_not_drawn() {
        assert_eq!(edges([160.0, 90.0, 1300.0, 700.0], 640.0, 360.0), None);
        for wrong in [[5.0, 5.0, 5.0, 9.0], [9.0, 5.0, 5.0, 9.0], [-1.0, 0.0, 5.0, 5.0], [f64::NAN, 0.0, 5.0, 5.0]] {
            assert_eq!(edges(wrong, 640.0, 360.0), None, "{wrong:?}");
        }
    }
}
