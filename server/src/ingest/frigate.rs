//! Frigate's MQTT payloads, read into reports: `events` and `reviews`, each new, update or end; plates; availability. Values in,
//! values out. It deliberately speaks no MQTT, and knows neither cameras nor accounts, nor which alerts there are already.
//!
//! Frigate says what it saw (a person, a car) and where in the picture (zones), not what it means. A zone that is named after one of
//! our kinds (`illegal_parking`, `intrusion`) says so; else the label decides, where it can: of a review, which Frigate has graded as
//! an alert itself, and of an object that entered some zone. An object outside every zone is a passer-by, and most of a street are.

mod pictures;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use shared::camera::CameraStatus;
use shared::camera_alert::AlertKind;
use shared::ingest::ReportedAlert;

pub use pictures::{Sight, read_snapshot_topic, sight, snapshot_topic};

/// Of an object or a review, as the database keeps it.
const LONGEST_ID_BYTES: usize = 200;

/// What one message comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    Alert(Box<ReportedAlert>),
    /// Understood, and nothing that anybody must answer for; why.
    Nothing(&'static str),
}

/// Why a message is none that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the payload is not what Frigate sends on this topic: {0}")]
    Shape(String),
    #[error("start_time {0} is no time")]
    Time(String),
}

#[derive(Deserialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    step: Step,
    after: T,
}

#[derive(Deserialize, PartialEq, Eq, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Step {
    New,
    Update,
    End,
}

/// A tracked object. Keys that we do not need are passed over, so that a newer Frigate is understood; so is `sub_label`, in
/// whichever of its shapes it comes: whom a face was taken for is not ours to keep.
#[derive(Deserialize)]
struct Event {
    id: String,
    camera: String,
    label: String,
    start_time: f64,
    #[serde(default)]
    end_time: Option<f64>,
    #[serde(default)]
    top_score: Option<f32>,
    #[serde(default)]
    false_positive: bool,
    #[serde(default, rename = "box")]
    in_picture: Option<[f64; 4]>,
    #[serde(default)]
    entered_zones: Vec<String>,
    #[serde(default)]
    recognized_license_plate: Option<String>,
    #[serde(default)]
    path_data: Option<Vec<([f64; 2], f64)>>,
}

#[derive(Deserialize)]
struct Review {
    id: String,
    camera: String,
    start_time: f64,
    #[serde(default)]
    end_time: Option<f64>,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    data: ReviewData,
}

#[derive(Deserialize, Default)]
struct ReviewData {
    #[serde(default)]
    detections: Vec<String>,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    zones: Vec<String>,
}

/// A message of `frigate/events`.
pub fn event(payload: &Value) -> Result<Message, Unreadable> {
    let Envelope { step, after: event } = read::<Event>(payload)?;
    if event.false_positive {
        return Ok(Message::Nothing("a false positive, as Frigate says itself"));
    }
    if event.entered_zones.is_empty() {
        return Ok(Message::Nothing("it entered no zone; a review alarms if Frigate thinks it grave"));
    }
    let Some(kind) = kind_of(&event.entered_zones, std::slice::from_ref(&event.label)) else {
        return Ok(Message::Nothing("neither zone nor label stands for a kind of alert"));
    };
    let started_at = time(event.start_time)?;
    let is_vehicle = is_vehicle(&event.label);
    Ok(Message::Alert(Box::new(ReportedAlert {
        camera: event.camera,
        external_id: event.id,
        kind,
        severity: None,
        started_at,
        ended_at: ended(step, event.end_time, started_at)?,
        confidence: event.top_score.filter(|score| (0.0..=1.0).contains(score)),
        // Kept with a vehicle alone: what stands behind a person is somebody else's.
        plate: event.recognized_license_plate.filter(|_| is_vehicle),
        in_picture: event.in_picture,
        path: event.path_data.map(|path| path.into_iter().map(|(place, _)| place).take(1000).collect()),
        snapshot_base64: None,
    })))
}

/// A message of `frigate/reviews`: several objects at one camera, watched as one.
pub fn review(payload: &Value) -> Result<Message, Unreadable> {
    // What a model writes about a review is no news of the review.
    if payload.get("type").and_then(Value::as_str) == Some("genai") {
        return Ok(Message::Nothing("a description of a review that is known already"));
    }
    let Envelope { step, after: review } = read::<Review>(payload)?;
    let Some(kind) = kind_of(&review.data.zones, &review.data.objects) else {
        return Ok(Message::Nothing("neither zone nor label stands for a kind of alert"));
    };
    let started_at = time(review.start_time)?;
    // What Frigate calls a detection is seen and wants nobody's answer yet; it may grow into an alert under the same id.
    if review.severity != "alert" {
        return Ok(Message::Nothing("a detection, not an alert"));
    }
    Ok(Message::Alert(Box::new(ReportedAlert {
        camera: review.camera,
        external_id: review.id,
        kind,
        severity: None,
        started_at,
        ended_at: ended(step, review.end_time, started_at)?,
        confidence: None,
        plate: None,
        in_picture: None,
        path: None,
        snapshot_base64: None,
    })))
}

/// The objects that a review stands for, by their ids; none where it is no review. What is no id is left out.
pub fn parts_of_review(payload: &Value) -> Vec<String> {
    let Ok(Envelope { after: review, .. }) = read::<Review>(payload) else { return Vec::new() };
    if !is_id(&review.id) {
        return Vec::new();
    }
    review.data.detections.into_iter().filter(|id| is_id(id)).collect()
}

/// Frigate's own have some thirty bytes.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID_BYTES && !id.contains('\0')
}

/// A plate that was read on a vehicle, by the id of the object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlateRead {
    pub camera: String,
    pub id: String,
    pub plate: String,
}

/// The plate of a vehicle that a message of `frigate/events` brings along. Where the object is no alert by itself, its review may be.
pub fn plate_seen(payload: &Value) -> Option<PlateRead> {
    let event = read::<Event>(payload).ok()?.after;
    let is_meant = !event.false_positive && is_vehicle(&event.label) && is_id(&event.id);
    let plate = event.recognized_license_plate.filter(|_| is_meant)?;
    Some(PlateRead { camera: event.camera, id: event.id, plate })
}

/// Whether a review may alarm because of such an object.
pub fn may_alarm(label: &str) -> bool {
    kind_of_label(label).is_some()
}

fn is_vehicle(label: &str) -> bool {
    !matches!(label, "person" | "fire" | "smoke")
}

/// A message of `frigate/tracked_object_update`: of all that models find out about an object later, only the plate is of use to
/// us. Whom a face was taken for, and what a model writes about somebody, is not ours to keep.
pub fn plate_read(payload: &Value) -> Result<Option<PlateRead>, Unreadable> {
    match payload.get("type").and_then(Value::as_str) {
        Some("lpr") => match payload.get("plate") {
            // A car that is known by its owner's name may come without its plate.
            None | Some(Value::Null) => Ok(None),
            Some(_) => PlateRead::deserialize(payload).map(Some).map_err(|cause| Unreadable::Shape(cause.to_string())),
        },
        Some(_) => Ok(None),
        None => Err(Unreadable::Shape("missing field `type`".into())),
    }
}

/// What `frigate/available` and `frigate/CAMERA/status/detect` say; none for a word that is not known. A camera that was switched
/// off in Frigate shows nobody anything: it is offline.
pub fn availability(payload: &[u8]) -> Option<CameraStatus> {
    match std::str::from_utf8(payload).ok()?.trim() {
        "online" => Some(CameraStatus::Online),
        "offline" | "disabled" => Some(CameraStatus::Offline),
        _ => None,
    }
}

fn read<T: for<'de> Deserialize<'de>>(payload: &Value) -> Result<Envelope<T>, Unreadable> {
    Envelope::deserialize(payload).map_err(|cause| Unreadable::Shape(cause.to_string()))
}

fn kind_of(zones: &[String], labels: &[String]) -> Option<AlertKind> {
    let by_zone = zones.iter().find_map(|zone| AlertKind::from_name(&zone.to_lowercase()));
    by_zone.or_else(|| labels.iter().find_map(|label| kind_of_label(label)))
}

fn kind_of_label(label: &str) -> Option<AlertKind> {
    // A verified object of a review is called `person-verified`.
    Some(match label.split('-').next().unwrap_or(label) {
        "fire" | "smoke" => AlertKind::FireOrSmoke,
        "person" => AlertKind::Intrusion,
        "car" | "motorcycle" | "bus" => AlertKind::IllegalStopping,
        "truck" => AlertKind::OversizeLorry,
        _ => return None,
    })
}

/// The end, once the message says that it is over. An end that lies before the beginning is no end.
fn ended(step: Step, end_time: Option<f64>, started_at: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Unreadable> {
    let ended_at = end_time.map(time).transpose()?;
    Ok(ended_at.filter(|ended_at| step == Step::End && *ended_at >= started_at))
}

/// Seconds since 1970, with fractions; kept to the microsecond, as the database does.
fn time(seconds: f64) -> Result<DateTime<Utc>, Unreadable> {
    let micros = (seconds * 1e6).round();
    let is_time = micros.is_finite() && (0.0..4e15).contains(&micros);
    let at = is_time.then(|| DateTime::from_timestamp_micros(micros as i64)).flatten();
    at.ok_or_else(|| Unreadable::Time(seconds.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn an_event(step: &str) -> Value {
        let after = json!({
            "id": "1700000000.123456-abcdef", "camera": "cong_cho", "frame_time": 1700000005.5, "label": "car", "sub_label": null,
            "top_score": 0.91, "false_positive": false, "start_time": 1700000000.123456, "end_time": null, "score": 0.8,
            "box": [10, 20, 110, 220], "area": 20000, "region": [0, 0, 320, 320], "current_zones": [], "entered_zones": ["yard"],
            "has_snapshot": false, "attributes": {}, "current_attributes": [], "velocity_angle": 180,
            "recognized_license_plate": "29A12345", "recognized_license_plate_score": 0.93, "key_of_next_year": {"deep": [1]},
        });
        json!({"type": step, "before": after, "after": after})
    }

    fn alert(message: Result<Message, Unreadable>) -> ReportedAlert {
        match message {
            Ok(Message::Alert(alert)) => *alert,
            other => panic!("no alert: {other:?}"),
        }
    }

    #[test]
    fn an_event_becomes_a_report_under_its_own_id() {
        let report = alert(event(&an_event("new")));
        assert_eq!((report.camera.as_str(), report.external_id.as_str()), ("cong_cho", "1700000000.123456-abcdef"));
        assert_eq!(report.kind, AlertKind::IllegalStopping);
        assert_eq!(report.started_at.timestamp_micros(), 1_700_000_000_123_456);
        assert_eq!((report.ended_at, report.plate.as_deref(), report.confidence), (None, Some("29A12345"), Some(0.91)));
        assert_eq!(report.in_picture, Some([10.0, 20.0, 110.0, 220.0]));
    }

    #[test]
    fn the_end_comes_with_the_end_and_not_before() {
        let mut payload = an_event("end");
        payload["after"]["end_time"] = json!(1_700_000_060.5);
        assert_eq!(alert(event(&payload)).ended_at.unwrap().timestamp_micros(), 1_700_000_060_500_000);
        payload["type"] = json!("update");
        assert_eq!(alert(event(&payload)).ended_at, None);
        payload["type"] = json!("end");
        payload["after"]["end_time"] = json!(1_600_000_000.0);
        assert_eq!(alert(event(&payload)).ended_at, None, "a clock that was set back");
    }

    #[test]
    fn a_sub_label_comes_in_three_shapes_and_a_persons_name_is_not_kept() {
        for sub_label in [json!(null), json!("Bob"), json!(["Bob", 0.79])] {
            let mut payload = an_event("update");
            payload["after"]["sub_label"] = sub_label.clone();
            payload["after"]["label"] = json!("person");
            let report = serde_json::to_string(&alert(event(&payload))).unwrap();
            assert!(!report.contains("Bob"), "{report}");
            assert!(!report.contains("29A"), "a plate behind a person is somebody else's: {report}");
        }
    }

    #[test]
    fn a_zone_named_after_a_kind_decides() {
        let mut payload = an_event("new");
        payload["after"]["entered_zones"] = json!(["yard", "Illegal_Parking"]);
        assert_eq!(alert(event(&payload)).kind, AlertKind::IllegalParking);
        payload["after"]["label"] = json!("dog");
        assert_eq!(alert(event(&payload)).kind, AlertKind::IllegalParking);
        payload["after"]["entered_zones"] = json!([]);
        assert!(matches!(event(&payload), Ok(Message::Nothing(_))));
    }

    #[test]
    fn whoever_enters_no_zone_is_a_passer_by_and_a_review_may_still_need_the_plate() {
        let mut payload = an_event("new");
        payload["after"]["entered_zones"] = json!([]);
        assert!(matches!(event(&payload), Ok(Message::Nothing(_))));
        assert_eq!(plate_seen(&payload).unwrap().plate, "29A12345");
        for (key, value) in [
            ("label", json!("person")),
            ("false_positive", json!(true)),
            ("id", json!("a\u{0}")),
            ("recognized_license_plate", json!(null)),
        ] {
            let mut other = payload.clone();
            other["after"][key] = value;
            assert_eq!(plate_seen(&other), None, "{key}");
        }
        payload["after"].as_object_mut().unwrap().remove("entered_zones");
        assert!(matches!(event(&payload), Ok(Message::Nothing(_))));
    }

    #[test]
    fn what_frigate_takes_back_alarms_nobody() {
        let mut payload = an_event("end");
        payload["after"]["false_positive"] = json!(true);
        assert!(matches!(event(&payload), Ok(Message::Nothing(_))));
    }

    #[test]
    fn a_review_is_an_alert_once_frigate_calls_it_one() {
        let review_of = |step: &str, severity: &str| {
            let after = json!({
                "id": "1718987129.308396-fqk5ka", "camera": "cong_cho", "start_time": 1718987129.308396, "end_time": 1718987139.0,
                "severity": severity, "thumb_path": "/media/x.webp",
                "data": {"detections": ["1"], "objects": ["dog", "person-verified"], "sub_labels": ["Bob"], "zones": [], "audio": []},
            });
            json!({"type": step, "before": after, "after": after})
        };
        assert!(matches!(review(&review_of("new", "detection")), Ok(Message::Nothing(_))));
        let report = alert(review(&review_of("update", "alert")));
        assert_eq!((report.kind, report.ended_at), (AlertKind::Intrusion, None));
        assert!(!serde_json::to_string(&report).unwrap().contains("Bob"));
        assert!(alert(review(&review_of("end", "alert"))).ended_at.is_some());
        assert!(matches!(review(&review_of("genai", "alert")), Ok(Message::Nothing(_))));
    }

    #[test]
    fn of_the_parts_of_a_review_only_ids_count() {
        let parts = |review: &str, detections: Value| {
            let after =
                json!({"id": review, "camera": "cong_cho", "start_time": 1, "severity": "alert", "data": {"detections": detections}});
            parts_of_review(&json!({"type": "new", "after": after}))
        };
        assert_eq!(parts("r", json!(["o1", "", "o\u{0}2", "x".repeat(201), "x".repeat(200)])), ["o1".to_owned(), "x".repeat(200)]);
        assert!(parts(&"r".repeat(201), json!(["o1"])).is_empty(), "it cannot be an alert");
        assert!(parts("r", json!({"o1": 7})).is_empty());
    }

    #[test]
    fn of_what_models_find_out_later_only_the_plate_is_kept() {
        let update =
            |kind: &str| json!({"type": kind, "id": "7-a", "camera": "cong_cho", "name": "John's Car", "plate": "29A12345", "score": 0.9});
        let read = plate_read(&update("lpr")).unwrap().unwrap();
        assert_eq!((read.camera.as_str(), read.id.as_str(), read.plate.as_str()), ("cong_cho", "7-a", "29A12345"));
        for other in ["face", "description", "classification", "of_next_year"] {
            assert_eq!(plate_read(&update(other)), Ok(None), "{other}");
        }
        assert_eq!(plate_read(&json!({"type": "lpr", "id": "7-a", "camera": "c", "plate": null})), Ok(None));
        for wrong in [json!({}), json!(null), json!({"type": "lpr", "plate": 7}), json!({"type": "lpr", "plate": "29A"})] {
            assert!(plate_read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_camera_is_there_or_not() {
        assert_eq!(availability(b"online"), Some(CameraStatus::Online));
        assert_eq!(availability(b" offline\n"), Some(CameraStatus::Offline));
        assert_eq!(availability(b"disabled"), Some(CameraStatus::Offline));
        for unknown in [&b""[..], b"ON", b"{}", b"\xff"] {
            assert_eq!(availability(unknown), None);
        }
    }

    #[test]
    fn what_is_no_payload_of_frigate_is_said_to_be_none() {
        for wrong in [
            json!(null),
            json!([]),
            json!({"type": "new"}),
            json!({"type": "new", "after": {"id": 7}}),
            json!({"type": "gone", "after": {}}),
        ] {
            assert!(event(&wrong).is_err() && review(&wrong).is_err(), "{wrong}");
        }
        let mut payload = an_event("new");
        payload["after"]["start_time"] = json!(-5.0);
        assert_eq!(event(&payload), Err(Unreadable::Time("-5".into())));
    }
}
