//! What a device sent, read: one object or an array, each item readable or kept with the reason why not.
//! It deliberately asks nobody; whether a camera exists is found out later.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::camera_alert::AlertKind;
use shared::ingest::Fault;

use crate::cameras::alerts::Refused;

/// What of an item may be shown to an operator: what we know, and neither plate nor picture.
const SHOWN: [&str; 11] =
    ["camera", "external_id", "kind", "severity", "started_at", "ended_at", "confidence", "box", "path", "status", "at"];
/// What of it is no single value.
const LISTS: [&str; 2] = ["box", "path"];
/// What of it are moments.
const TIMES: [&str; 3] = ["started_at", "ended_at", "at"];
/// Recorders send their wall clock most often, which could be any zone's.
const TIME_EXPECTED: &str = "expected a time with its zone, such as 2026-11-22T08:00:00+07:00";
/// A shown text is cut here: what is unreadable may be anything.
const LONGEST_SHOWN: usize = 300;
/// As much of a body that is no JSON is kept.
const LONGEST_RAW_BYTES: usize = 16 * 1024;

/// The items of a body; none where it is no JSON, or neither object nor array.
pub fn items(body: &[u8]) -> Option<Vec<Value>> {
    match serde_json::from_slice(body).ok()? {
        Value::Array(items) => Some(items),
        item @ Value::Object(_) => Some(vec![item]),
        _ => None,
    }
}

pub fn read<T: DeserializeOwned>(item: &Value) -> Result<T, Refused> {
    if let Some(kind) = item.get("kind").and_then(Value::as_str)
        && AlertKind::from_name(kind).is_none()
    {
        let known = AlertKind::ALL.map(AlertKind::name).join(", ");
        return Err(Refused::new("ingest.unknown_kind", format!("the kind {:?} is none of {known}", short(kind))));
    }
    T::deserialize(item).map_err(|cause| what_is_wrong::<T>(item, &cause.to_string()))
}

fn fields() -> impl Iterator<Item = &'static str> {
    SHOWN.into_iter().chain(["plate", "snapshot_base64"])
}

/// Which field is wrong and what was expected. Never what stood there: it may be a plate.
fn what_is_wrong<T: DeserializeOwned>(item: &Value, cause: &str) -> Refused {
    let refused = |detail: String, fault| Refused::new("ingest.unreadable_item", detail).because(fault);
    let expected = match (cause.split_once(", expected "), cause.strip_prefix("missing field `")) {
        (Some((_, expected)), _) => format!("expected {}", short(expected)),
        (None, Some(missing)) => {
            let refused = refused(short(cause), Fault::Missing);
            return match fields().find(|field| missing.trim_end_matches('`') == *field) {
                Some(field) => refused.of(field),
                None => refused,
            };
        }
        (None, None) => short(cause),
    };
    let is_culprit = |key: &&str| {
        let mut without = item.clone();
        let removed = without.as_object_mut().and_then(|fields| fields.remove(*key));
        removed.is_some() && T::deserialize(&without).err().is_none_or(|other| other.to_string() != cause)
    };
    match fields().find(is_culprit) {
        Some(field) if TIMES.contains(&field) => refused(format!("{field}: {TIME_EXPECTED}"), Fault::NoTime).of(field),
        Some(field) => refused(format!("{field}: {expected}"), Fault::Unexpected).of(field),
        None => refused(expected, Fault::Unexpected),
    }
}

/// Why something is not what it should be, without what stood there.
pub fn without_the_value(cause: &str) -> String {
    match cause.split_once(", expected ") {
        Some((_, expected)) => format!("expected {}", short(expected)),
        None if cause.starts_with("missing field") => short(cause),
        None => "something in it is not what is sent there".to_owned(),
    }
}

/// The item without what only some may see.
pub fn shown(item: &Value) -> Value {
    let Value::Object(item) = item else { return Value::Object(Map::new()) };
    let cut = |key: &str, value: &Value| match value {
        Value::String(text) => Value::String(short(text)),
        // Still no single value: what was refused for that is not taken in as a text later.
        Value::Array(_) | Value::Object(_) if !LISTS.contains(&key) => Value::Array(vec![Value::String(short(&value.to_string()))]),
        value => value.clone(),
    };
    let is_shown = |value: &Value| value.to_string().len() <= LONGEST_RAW_BYTES;
    let fields = SHOWN.iter().filter_map(|key| Some(((*key).to_owned(), cut(key, item.get(*key).filter(|value| is_shown(value))?))));
    without_nul(fields.collect())
}

/// The item as it came, but for its picture: what a replay needs and nobody is shown. What is longer than anything of ours (a picture
/// under a name of the device's own) is only counted: tens of thousands may wait.
pub fn raw(item: &Value) -> String {
    let mut item = item.clone();
    if let Value::Object(fields) = &mut item {
        fields.remove("snapshot_base64");
        for value in fields.values_mut() {
            let length = value.to_string().len();
            if length > LONGEST_RAW_BYTES {
                *value = Value::String(format!("{length} bytes, not kept"));
            }
        }
    }
    let text = without_nul(item).to_string();
    if text.len() <= 4 * LONGEST_RAW_BYTES { text } else { raw_text(text.as_bytes()) }
}

/// A body that could not be read, as a JSON text.
pub fn raw_text(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST_RAW_BYTES)]).replace('\0', "\u{fffd}");
    Value::String(text).to_string()
}

/// PostgreSQL keeps no NUL in a text, not even in one within JSON.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key.replace('\0', "\u{fffd}"), without_nul(value))).collect(),
        value => value,
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use shared::ingest::ReportedAlert;

    #[test]
    fn one_object_is_an_array_of_one() {
        assert_eq!(items(br#"{"camera": "C01"}"#).unwrap().len(), 1);
        assert_eq!(items(b"[{}, 7, null]").unwrap().len(), 3);
        assert_eq!(items(b"[]").unwrap().len(), 0);
        for wrong in ["", "7", "\"x\"", "{", "camera=C01"] {
            assert!(items(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_with_an_item_has_a_code() {
        let item = json!({"camera": "C01", "external_id": "1", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"});
        assert!(read::<ReportedAlert>(&item).is_ok());
        let with = |key: &str, value: Value| {
            let mut item = item.clone();
            item[key] = value;
            read::<ReportedAlert>(&item).unwrap_err().code
        };
        assert_eq!(with("kind", json!("jaywalking")), "ingest.unknown_kind");
        assert_eq!(with("kind", json!(7)), "ingest.unreadable_item");
        assert_eq!(with("started_at", json!("yesterday")), "ingest.unreadable_item");
        assert_eq!(with("box", json!([1, 2, 3])), "ingest.unreadable_item");
        assert_eq!(read::<ReportedAlert>(&json!(null)).unwrap_err().code, "ingest.unreadable_item");
    }

    #[test]
    fn the_field_is_named_and_what_stood_there_is_not() {
        let mut item = json!({"camera": "C01", "external_id": "1", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"});
        item["plate"] = json!([29123456]);
        assert_eq!(read::<ReportedAlert>(&item).unwrap_err().detail, "plate: expected a string");
        item["plate"] = json!("29A-123.45");
        item["confidence"] = json!("29A-123.45");
        let refused = read::<ReportedAlert>(&item).unwrap_err();
        assert_eq!(refused.detail, "confidence: expected f32");
        assert_eq!((refused.fault, refused.field), (Some(Fault::Unexpected), Some("confidence")));
        item["confidence"] = json!(0.5);
        for no_time in [json!("2026-11-22T08:00:00"), json!("hôm qua"), json!(1795356300)] {
            item["started_at"] = no_time;
            let refused = read::<ReportedAlert>(&item).unwrap_err();
            assert_eq!(refused.detail, format!("started_at: {TIME_EXPECTED}"));
            assert_eq!((refused.fault, refused.field), (Some(Fault::NoTime), Some("started_at")));
        }
        let missing = read::<ReportedAlert>(&json!({"camera": "C01"})).unwrap_err();
        assert_eq!(missing.detail, "missing field `external_id`");
        assert_eq!((missing.fault, missing.field), (Some(Fault::Missing), Some("external_id")));
    }

    #[test]
    fn neither_plate_nor_picture_nor_what_we_do_not_know_is_shown() {
        let item =
            json!({"camera": "C01", "plate": "29A-123.45", "licence": "29A-123.45", "snapshot_base64": "AAAA", "kind": "x".repeat(1000)});
        let shown = shown(&item).to_string();
        assert!(shown.contains("C01") && !shown.contains("29A") && !shown.contains("AAAA") && shown.len() < 400, "{shown}");
        let raw = raw(&item);
        assert!(raw.contains("29A") && !raw.contains("AAAA"), "{raw}");
    }

    #[test]
    fn what_waits_is_short_however_long_it_came_and_keeps_its_plate() {
        let mut item =
            json!({"camera": "C99", "plate": "29A-123.45", "image": "A".repeat(300_000), "vendor": {"frames": vec![7; 100_000]}});
        let kept: Value = serde_json::from_str(&raw(&item)).unwrap();
        assert_eq!((&kept["plate"], &kept["image"]), (&json!("29A-123.45"), &json!("300002 bytes, not kept")));
        assert!(raw(&item).len() < 300, "{kept}");
        for n in 0..50_000 {
            item[format!("key {n}")] = json!(n);
        }
        assert!(raw(&item).len() <= 2 * LONGEST_RAW_BYTES);
    }

    #[test]
    fn what_should_be_one_value_is_shown_in_short_and_stays_none() {
        let item =
            json!({"camera": {"name": "x".repeat(9000)}, "external_id": vec!["y".repeat(80); 100], "confidence": 0.5, "box": [1, 2, 3]});
        let shown = shown(&item);
        assert!(shown["camera"].is_array() && shown["external_id"].is_array(), "{shown}");
        assert!(shown["external_id"].to_string().contains("yyy") && shown.to_string().len() < 1000, "{shown}");
        assert_eq!((&shown["confidence"], &shown["box"]), (&json!(0.5), &json!([1, 2, 3])));
    }

    fn has_nul(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(has_nul),
            Value::Object(fields) => fields.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_kept(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            if items(&body).is_none() {
                let kept = raw_text(&body);
                let kept: Value = serde_json::from_str(&kept).unwrap();
                prop_assert!(!kept.as_str().unwrap().contains('\0'));
            }
        }

        #[test]
        fn no_nul_is_left_however_it_was_written(text in "[\\PC\0\\\\u]{0,40}") {
            let item = json!({"camera": text, "kind": "theft", text.clone(): [text]});
            for kept in [raw(&item), shown(&item).to_string()] {
                let kept: Value = serde_json::from_str(&kept).unwrap();
                prop_assert!(!has_nul(&kept), "{kept:?}");
            }
        }
    }
}
