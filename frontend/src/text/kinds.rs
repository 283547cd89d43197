//! Words for what arrives as data: kinds, states, refusals; each code of the wire contract has its sentence.
//! A code newer than these screens is shown as it came rather than hidden.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::household::{Relation, Sex};
use shared::layer::Layer;

use super::{Value, format, say_if_known};
use crate::http::Failure;
use crate::t;

/// The word for `code` among the words that begin with `family`: `word("place", "wifi")`.
pub fn word(family: &str, code: &str) -> String {
    say_if_known(&[key(family, code)], &[]).unwrap_or_else(|| code.to_owned())
}

/// Fluent's keys know no dots.
pub(super) fn key(family: &str, code: &str) -> String {
    format!("{family}-{}", code.replace('.', "-"))
}

/// The word for a value of a shared enum, by its name on the wire: `named("relation", resident.relation)`.
pub fn named(family: &str, value: impl Serialize) -> String {
    word(family, &wire_name(value))
}

/// What somebody is to the head of the household; Vietnamese has words of their own for women and men.
pub fn relation(relation: Relation, sex: Sex) -> String {
    let own = key("relation", &format!("{}-{}", wire_name(relation), wire_name(sex)));
    say_if_known(&[own], &[]).unwrap_or_else(|| named("relation", relation))
}

/// What a value of a shared enum is called on the wire.
pub fn wire_name(value: impl Serialize) -> String {
    let code = serde_json::to_value(value).ok();
    code.as_ref().and_then(|code| code.as_str()).unwrap_or_default().to_owned()
}

/// Why something failed, for the person in front of the screen; with until when, where it passes by itself.
pub fn failure(failure: &Failure, now: DateTime<Utc>) -> String {
    match failure {
        Failure::Unreachable => t!("failure-unreachable"),
        Failure::Unreadable(_) => t!("failure-unreadable"),
        Failure::Refused { status, code, detail, until, .. } => {
            let time = until.map_or_else(|| "—".to_owned(), |until| format::since(until, now));
            let values = [("time", Value::from(time)), ("detail", Value::from(detail.as_str()))];
            let known = [key("refusal", code), format!("status-{status}")];
            say_if_known(&known, &values).unwrap_or_else(|| t!("failure-other", detail = detail.as_str()))
        }
    }
}

/// The icon of a layer, as `style/icons.txt` names it.
pub fn layer_icon(layer: Layer) -> &'static str {
    match layer {
        Layer::Area => "polygon",
        Layer::Road => "road-horizon",
        Layer::Building => "buildings",
        Layer::Water => "waves",
        Layer::LandUse => "plant",
        Layer::Place => "map-pin",
        Layer::Household => "house-line",
        Layer::BoardingHouse => "bed",
        Layer::Business => "storefront",
        Layer::Camera => "security-camera",
        Layer::CameraAlert => "warning",
        Layer::Incident => "siren",
        Layer::CitizenReport => "chat-teardrop-text",
        Layer::Hotspot => "map-pin-area",
    }
}

/// The kinds of public places, in the order in which they are offered.
pub const PLACE_KINDS: [&str; 22] = [
    "ward_office",
    "police",
    "culture_house",
    "qr_board",
    "loudspeaker",
    "heritage",
    "market",
    "cashless_market",
    "wifi",
    "school",
    "university",
    "health",
    "pharmacy",
    "worship",
    "park",
    "sports",
    "bus_stop",
    "parking",
    "toilet",
    "bank",
    "post",
    "other",
];

/// The icon of a public place.
pub fn place_icon(kind: &str) -> &'static str {
    match kind {
        "ward_office" => "buildings",
        "police" => "shield-star",
        "culture_house" => "lectern",
        "qr_board" => "qr-code",
        "loudspeaker" => "megaphone-simple",
        "heritage" => "bank",
        "market" => "basket",
        "cashless_market" => "contactless-payment",
        "wifi" => "wifi-high",
        "school" | "university" => "graduation-cap",
        "health" => "first-aid",
        "pharmacy" => "pill",
        "worship" => "church",
        "park" => "tree",
        "sports" => "soccer-ball",
        "bus_stop" => "bus",
        "parking" => "letter-circle-p",
        "toilet" => "toilet",
        "bank" => "coins",
        "post" => "envelope-simple",
        _ => "map-pin",
    }
}
