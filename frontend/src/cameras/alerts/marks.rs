//! The marks of an alert: the shape of its severity, the icon of its kind.
//! Their colours are the style sheets'; their words stand in `text`.

use leptos::prelude::*;
use shared::camera_alert::{AlertKind, Severity};

use crate::text::kinds;
use crate::ui::Icon;

/// As `style/icons.txt` names it.
pub fn icon(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Crowd => "users-three",
        AlertKind::Theft => "hand-grabbing",
        AlertKind::Harassment => "hand-palm",
        AlertKind::IllegalParking => "letter-circle-p",
        AlertKind::IllegalStopping => "prohibit",
        AlertKind::OversizeLorry => "truck",
        AlertKind::Encroachment => "barricade",
        AlertKind::StreetMarket => "basket",
        AlertKind::Collision => "car-profile",
        AlertKind::WantedVehicle => "binoculars",
        AlertKind::Intrusion => "person-simple-run",
        AlertKind::FireOrSmoke => "fire",
        AlertKind::CameraSilent => "video-camera-slash",
    }
}

/// An octagon, a triangle or a diamond with "!": told apart without their colours.
pub fn shape(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "warning-octagon-fill",
        Severity::High => "warning-fill",
        Severity::Medium => "warning-diamond-fill",
    }
}

#[component]
pub fn SeverityMark(severity: Severity) -> impl IntoView {
    let word = move || kinds::named("severity", severity);
    view! { <span class="severity" data-severity=severity.name() role="img" aria-label=word title=word><Icon name=shape(severity)/></span> }
}

#[component]
pub fn KindMark(kind: AlertKind) -> impl IntoView {
    view! { <span class="alert-kind"><Icon name=icon(kind)/></span> }
}
