//! Which topics are listened to, and what a message on each of them comes to: reports that can be read, or why not. Values in,
//! values out. It deliberately asks nobody whether a camera exists, and does not know which alerts there are already.

use rumqttc::{QoS, SubscribeFilter};
use serde_json::Value;
use shared::camera::CameraStatus;
use shared::ingest::{Fault, IngestSource, ReportedAlert, ReportedStatus};

use super::super::frigate::{self, PlateRead, Sight, Unreadable};
use super::super::reading;
use crate::cameras::alerts::Refused;
use crate::platform::picture;

/// Larger messages are kept aside unread, as by HTTP they would be refused.
const LARGEST_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// Our own topics, on which devices send what they would send by HTTP.
const ALERTS: &str = "ioc/camera-alerts";
const STATUS: &str = "ioc/camera-status";

/// The topics of one Frigate, and ours.
pub struct Topics {
    prefix: String,
}

/// One thing that a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// By a device in our own words; the item as it came.
    Alert(Box<ReportedAlert>, Value),
    Status(ReportedStatus, Value),
    /// An object of Frigate, under its own id.
    Object(Box<ReportedAlert>),
    /// A review of Frigate, and the objects it stands for.
    Review(Box<ReportedAlert>, Vec<String>),
    Plate(PlateRead),
    /// What Frigate has in view, and whether it or its review may be an alert.
    Sight(Sight, bool),
    Snapshot(Snapshot),
    /// A camera that Frigate says something about.
    Camera(String, CameraStatus),
    /// Frigate itself is there, or goes.
    Recorder(CameraStatus),
    Aside(Aside),
}

/// A picture that Frigate took of something with that label.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub camera: String,
    pub label: String,
    /// Of the object that it shows, once that is known.
    pub object_id: String,
    pub bytes: Vec<u8>,
}

/// What cannot be read: what may be shown of it, and all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Aside {
    pub source: IngestSource,
    pub refused: Refused,
    pub payload: String,
    pub raw: String,
    /// What is told again and again under this key is kept once.
    pub key: Option<String>,
}

impl Topics {
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// What is asked of the broker. Of the roles of a camera, `detect` is the one that alerts come from. Pictures may be lost: the
    /// broker would keep every one of them for as long as we are away, and has to keep what may not be lost.
    pub fn filters(&self) -> Vec<SubscribeFilter> {
        let below = |topic: &str| format!("{}/{topic}", self.prefix);
        let of_frigate = ["events", "reviews", "tracked_object_update", "available", "+/status/detect"].map(below);
        let surely = of_frigate.into_iter().chain([ALERTS.to_owned(), STATUS.to_owned()]);
        let mut filters: Vec<SubscribeFilter> = surely.map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce)).collect();
        filters.push(SubscribeFilter::new(below("+/+/snapshot"), QoS::AtMostOnce));
        filters
    }

    /// What a message says; nothing for what is understood and wants nobody's answer.
    pub fn read(&self, topic: &str, payload: &[u8]) -> Vec<Said> {
        if topic == ALERTS {
            return own(IngestSource::CameraAlerts, payload, |alert, item| Said::Alert(Box::new(alert), item));
        }
        if topic == STATUS {
            return own(IngestSource::CameraStatus, payload, Said::Status);
        }
        let of_frigate = topic.strip_prefix(self.prefix.as_str()).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        match of_frigate {
            "events" => of_json(payload, |payload| {
                let alert = alert_of(frigate::event(payload)?);
                // Its review may be an alert where it is none.
                let sight = frigate::sight(payload).map(|sight| {
                    let is_alert = alert.is_some() || frigate::may_alarm(&sight.label);
                    Said::Sight(sight, is_alert)
                });
                let said = match alert {
                    Some(report) => Some(Said::Object(report)),
                    None => frigate::plate_seen(payload).map(Said::Plate),
                };
                Ok(sight.into_iter().chain(said).collect())
            }),
            "reviews" => of_json(payload, |payload| {
                let alert = alert_of(frigate::review(payload)?);
                Ok(alert.map(|report| Said::Review(report, frigate::parts_of_review(payload))).into_iter().collect())
            }),
            "tracked_object_update" => of_json(payload, |payload| Ok(frigate::plate_read(payload)?.map(Said::Plate).into_iter().collect())),
            "available" => availability(payload, Said::Recorder),
            other => of_camera(other, payload),
        }
    }
}

fn of_camera(topic: &str, payload: &[u8]) -> Vec<Said> {
    if let Some(camera) = topic.strip_suffix("/status/detect") {
        return availability(payload, |status| Said::Camera(camera.to_owned(), status));
    }
    match frigate::read_snapshot_topic(topic) {
        // An empty one takes a retained one back.
        Some((camera, label)) if !payload.is_empty() => {
            // One byte more than is taken: enough to be refused.
            let bytes = payload[..payload.len().min(picture::LARGEST_BYTES + 1)].to_vec();
            vec![Said::Snapshot(Snapshot { camera: camera.to_owned(), label: label.to_owned(), object_id: String::new(), bytes })]
        }
        // A topic that an earlier version of ours asked for.
        _ => Vec::new(),
    }
}

/// What a message comes to that cannot be read at all.
pub fn aside(source: IngestSource, refused: Refused, payload: &[u8]) -> Said {
    Said::Aside(Aside { source, refused, payload: "{}".to_owned(), raw: reading::raw_text(payload), key: None })
}

/// Whose kind of report a topic brings.
pub fn source_of(topic: &str) -> IngestSource {
    if topic == STATUS || topic.ends_with("/available") || topic.ends_with("/status/detect") {
        IngestSource::CameraStatus
    } else {
        IngestSource::CameraAlerts
    }
}

fn own<T: serde::de::DeserializeOwned>(source: IngestSource, payload: &[u8], said: impl Fn(T, Value) -> Said) -> Vec<Said> {
    let items = if payload.len() <= LARGEST_MESSAGE_BYTES { reading::items(payload) } else { None };
    let Some(items) = items else {
        let refused = Refused::new("ingest.unreadable", "the message is no JSON object and no array of them").because(Fault::NotJson);
        return vec![aside(source, refused, payload)];
    };
    let read = |item: Value| match reading::read::<T>(&item) {
        Ok(report) => said(report, item),
        Err(refused) => {
            Said::Aside(Aside { source, refused, payload: reading::shown(&item).to_string(), raw: reading::raw(&item), key: None })
        }
    };
    items.into_iter().map(read).collect()
}

fn of_json(payload: &[u8], read: impl Fn(&Value) -> Result<Vec<Said>, Unreadable>) -> Vec<Said> {
    let source = IngestSource::CameraAlerts;
    let parsed = if payload.len() <= LARGEST_MESSAGE_BYTES { serde_json::from_slice::<Value>(payload).ok() } else { None };
    let Some(parsed) = parsed else {
        return vec![aside(source, Refused::new("ingest.unreadable", "the message is no JSON").because(Fault::NotJson), payload)];
    };
    match read(&parsed) {
        Ok(said) => said,
        Err(cause) => {
            let why = match cause {
                Unreadable::Shape(cause) => reading::without_the_value(&cause),
                time @ Unreadable::Time(_) => time.to_string(),
            };
            let refused =
                Refused::new("ingest.unreadable_item", format!("not what Frigate sends on this topic: {why}")).because(Fault::NotFrigate);
            // Which camera it was is worth showing.
            let shown = reading::shown(parsed.get("after").unwrap_or(&parsed)).to_string();
            vec![Said::Aside(Aside { source, refused, payload: shown, raw: reading::raw(&parsed), key: None })]
        }
    }
}

fn alert_of(message: frigate::Message) -> Option<Box<ReportedAlert>> {
    match message {
        frigate::Message::Alert(report) => Some(report),
        frigate::Message::Nothing(_) => None,
    }
}

fn availability(payload: &[u8], said: impl Fn(CameraStatus) -> Said) -> Vec<Said> {
    match frigate::availability(payload) {
        Some(status) => vec![said(status)],
        // A retained message that was taken back is empty.
        None if payload.is_empty() => Vec::new(),
        None => {
            let refused = Refused::new("ingest.unreadable", "expected online, offline or disabled").because(Fault::NotAState);
            vec![aside(IngestSource::CameraStatus, refused, payload)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(topic: &str, payload: &Value) -> Vec<Said> {
        Topics::new("nha/frigate").read(topic, payload.to_string().as_bytes())
    }

    fn codes(said: &[Said]) -> Vec<&str> {
        let codes = said.iter().filter_map(|said| if let Said::Aside(aside) = said { Some(aside.refused.code) } else { None });
        codes.collect()
    }

    #[test]
    fn each_topic_is_read_in_its_own_way() {
        let event = json!({"type": "new", "after": {"id": "1-a", "camera": "C1", "label": "person", "start_time": 1_700_000_000.5,
            "entered_zones": ["yard"]}});
        let said = read("nha/frigate/events", &event);
        assert!(matches!(&said[..], [Said::Sight(sight, true), Said::Object(report)] if sight.id == "1-a" && report.external_id == "1-a"));
        let passing = json!({"type": "new", "after": {"id": "1-c", "camera": "C1", "label": "car", "start_time": 1_700_000_000.5,
            "recognized_license_plate": "29A12345"}});
        assert!(matches!(&read("nha/frigate/events", &passing)[..], [Said::Sight(_, true), Said::Plate(read)] if read.id == "1-c"));
        let dog = json!({"type": "new", "after": {"id": "1-d", "camera": "C1", "label": "dog", "start_time": 1_700_000_000.5}});
        assert!(matches!(&read("nha/frigate/events", &dog)[..], [Said::Sight(sight, false)] if sight.label == "dog"));
        let review = json!({"type": "new", "after": {"id": "1-r", "camera": "C1", "start_time": 1_700_000_000.5, "severity": "alert",
            "data": {"objects": ["person"], "detections": ["1-a", "1-b"]}}});
        assert!(matches!(&read("nha/frigate/reviews", &review)[..], [Said::Review(_, parts)] if *parts == ["1-a", "1-b"]));
        let alert = json!({"camera": "C1", "external_id": "1", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"});
        assert!(matches!(&read("ioc/camera-alerts", &json!([alert, alert]))[..], [Said::Alert(..), Said::Alert(..)]));
        let status = json!({"camera": "C1", "status": "offline", "at": "2026-11-22T01:00:00Z"});
        assert!(matches!(&read("ioc/camera-status", &status)[..], [Said::Status(..)]));
        let topics = Topics::new("nha/frigate");
        assert_eq!(topics.read("nha/frigate/C1/status/detect", b"offline"), [Said::Camera("C1".into(), CameraStatus::Offline)]);
        assert_eq!(topics.read("nha/frigate/available", b"online"), [Said::Recorder(CameraStatus::Online)]);
        assert_eq!(topics.read("nha/frigate/available", b""), []);
        assert_eq!(topics.read("frigate/events", b"{"), [], "another Frigate's");
        let said = topics.read("nha/frigate/C1/person/snapshot", b"JPEG");
        assert!(matches!(&said[..], [Said::Snapshot(shot)] if (shot.camera.as_str(), shot.label.as_str()) == ("C1", "person")), "{said:?}");
        assert_eq!(topics.read("nha/frigate/C1/person/snapshot", b""), [], "taken back");
        assert_eq!(topics.read("nha/frigate/C1/person/thumbnail", b"JPEG"), []);
    }

    #[test]
    fn a_picture_is_taken_up_to_a_size_and_may_be_lost_where_an_alert_may_not() {
        let topics = Topics::new("frigate");
        let said = topics.read("frigate/C1/car/snapshot", &vec![7; picture::LARGEST_BYTES * 2]);
        assert!(matches!(&said[..], [Said::Snapshot(shot)] if shot.bytes.len() == picture::LARGEST_BYTES + 1), "enough to be refused");
        let at_most_once: Vec<String> =
            topics.filters().into_iter().filter(|filter| filter.qos == QoS::AtMostOnce).map(|filter| filter.path).collect();
        assert_eq!(at_most_once, ["frigate/+/+/snapshot"]);
    }

    #[test]
    fn one_bad_item_costs_itself_only() {
        let alert = json!({"camera": "C1", "external_id": "1", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"});
        let mut wrong = alert.clone();
        wrong["kind"] = json!("jaywalking");
        let said = read("ioc/camera-alerts", &json!([wrong, alert, null]));
        assert_eq!((said.len(), codes(&said)), (3, vec!["ingest.unknown_kind", "ingest.unreadable_item"]));
        let topics = Topics::new("frigate");
        for topic in ["ioc/camera-alerts", "ioc/camera-status", "frigate/events", "frigate/reviews", "frigate/C1/status/detect"] {
            assert_eq!(codes(&topics.read(topic, b"\xff{\0")), ["ingest.unreadable"], "{topic}");
        }
    }

    #[test]
    fn what_is_kept_aside_names_the_camera_and_neither_person_nor_plate() {
        let event = json!({"type": "new", "after": {"id": "1-a", "camera": "C1", "label": ["John"], "start_time": 1, "recognized_license_plate": "29A12345"}});
        let said = read("nha/frigate/events", &event);
        let Said::Aside(aside) = &said[0] else { panic!("{said:?}") };
        assert!(aside.payload.contains("C1") && !aside.payload.contains("29A") && !aside.payload.contains("John"), "{}", aside.payload);
        assert!(!aside.refused.detail.contains("John"), "{}", aside.refused.detail);
        assert!(aside.raw.contains("29A12345"), "the owner can still find out what it was");
    }

    #[test]
    fn where_it_came_tells_what_it_was_to_be() {
        assert_eq!(source_of("ioc/camera-status"), IngestSource::CameraStatus);
        assert_eq!(source_of("frigate/C1/status/detect"), IngestSource::CameraStatus);
        assert_eq!(source_of("frigate/events"), IngestSource::CameraAlerts);
    }
}
