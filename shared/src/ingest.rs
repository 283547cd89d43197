//! What devices send and what they are answered; what could not be taken in, for the operator.
//! How an alert is handled afterwards stands in `camera_alert`.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::camera::CameraStatus;
use crate::camera_alert::{AlertKind, Severity};

/// One alert as a device reports it to `POST /ingest/camera-alerts`; keys that we do not know are passed over.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportedAlert {
    /// The camera's code, in any case; else its name.
    pub camera: String,
    /// The device's own id of the alert, up to 200 bytes: sent again with the same camera it updates, and never doubles.
    pub external_id: String,
    pub kind: AlertKind,
    /// Left out: as the kind usually is. Rules of the ward may say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// With its zone; at most five minutes ahead of the server's clock.
    pub started_at: DateTime<Utc>,
    /// Once it is over; not before `started_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f32>,
    /// Up to 40 characters. Read by the police alone, for a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plate: Option<String>,
    /// Left, top, right, bottom in the picture: in pixels, or in parts of it from 0 to 1.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub in_picture: Option<[f64; 4]>,
    /// Points in the picture, in order, at most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<[f64; 2]>>,
    /// A JPEG, PNG or WebP picture of at most 5 MiB and 16 megapixels; of at most 32 alerts of a request. Kept for the police, without its metadata; one that is refused does not reject
    /// the alert, the answer says so in `left_out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_base64: Option<String>,
}

/// A plate and a picture must not reach a log by way of `{:?}`.
impl fmt::Debug for ReportedAlert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportedAlert")
            .field("camera", &self.camera)
            .field("external_id", &self.external_id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// One report of `POST /ingest/camera-status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportedStatus {
    /// The camera's code, in any case; else its name.
    pub camera: String,
    pub status: CameraStatus,
    /// When it was so, with its zone; at most five minutes ahead of the server's clock.
    pub at: DateTime<Utc>,
}

/// What a device is answered, after the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestAnswer {
    /// New, or changed what was known.
    pub accepted: usize,
    /// Known already, word for word.
    pub duplicate: usize,
    /// Kept aside in the quarantine; their neighbours are in.
    pub rejected: Vec<IngestNote>,
    /// Parts of accepted items that were not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<IngestNote>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IngestNote {
    /// Place in the array that was sent, from 0.
    pub index: usize,
    /// Stable, such as `ingest.unknown_camera`.
    pub code: String,
    pub detail: String,
}

/// Which door something came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IngestSource {
    CameraAlerts,
    CameraStatus,
}

impl IngestSource {
    pub fn name(self) -> &'static str {
        match self {
            IngestSource::CameraAlerts => "camera_alerts",
            IngestSource::CameraStatus => "camera_status",
        }
    }
}

/// The name on `/live`: whoever sees the quarantine hears there that something was put away, and reads it again.
pub const PUT_AWAY_TOPIC: &str = "ingest_put_away";
pub const SHORTEST_REASON: usize = 8;
pub const LONGEST_REASON: usize = 300;

/// What is wrong with something that a device sent: the screens say it in words, `detail` to whoever mends the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A field that must be there is not.
    Missing,
    /// A field that must say something says nothing.
    Empty,
    TooLong,
    ControlCharacters,
    /// No time, or one without its zone.
    NoTime,
    InFuture,
    /// Before the year 2000.
    LongAgo,
    EndsBeforeBegin,
    OutOfRange,
    /// Something else than a field holds.
    Unexpected,
    /// No JSON, or neither an object nor an array of them.
    NotJson,
    /// Not what Frigate sends on that topic.
    NotFrigate,
    /// Neither online nor offline nor disabled.
    NotAState,
    /// More than the database can keep.
    Unstorable,
}

impl Fault {
    pub const ALL: [Fault; 14] = [
        Fault::Missing,
        Fault::Empty,
        Fault::TooLong,
        Fault::ControlCharacters,
        Fault::NoTime,
        Fault::InFuture,
        Fault::LongAgo,
        Fault::EndsBeforeBegin,
        Fault::OutOfRange,
        Fault::Unexpected,
        Fault::NotJson,
        Fault::NotFrigate,
        Fault::NotAState,
        Fault::Unstorable,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Fault::Missing => "missing",
            Fault::Empty => "empty",
            Fault::TooLong => "too_long",
            Fault::ControlCharacters => "control_characters",
            Fault::NoTime => "no_time",
            Fault::InFuture => "in_future",
            Fault::LongAgo => "long_ago",
            Fault::EndsBeforeBegin => "ends_before_begin",
            Fault::OutOfRange => "out_of_range",
            Fault::Unexpected => "unexpected",
            Fault::NotJson => "not_json",
            Fault::NotFrigate => "not_frigate",
            Fault::NotAState => "not_a_state",
            Fault::Unstorable => "unstorable",
        }
    }

    pub fn from_name(name: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|fault| fault.name() == name)
    }
}

/// `POST /api/ingest/quarantine/{id}/put-away`: nobody needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutAway {
    /// 8 characters or more; kept with who and when, and shown to everybody who sees the quarantine.
    pub reason: String,
    /// Also all that wait like it: of the same device, for the same reason, of the same camera.
    #[serde(default)]
    pub alike: bool,
}

/// How many were put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutAwayCount {
    pub items: i64,
}

/// Who put something away, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutAwayNote {
    pub at: DateTime<Utc>,
    /// As that person was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub reason: String,
}

/// Something that could not be taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quarantined {
    pub id: i64,
    pub source: IngestSource,
    pub area_id: i32,
    pub device_id: i64,
    /// As the device was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// The MQTT topic it came on; none: by HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// Stable code, such as `ingest.unknown_camera`.
    pub reason: String,
    /// What exactly is wrong; none where `reason` says it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Of which field, as devices call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For whoever mends the device, in English.
    pub detail: String,
    /// What may be shown of it: no plate, no picture, no key that we do not know.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: Value,
    /// How often it was sent.
    pub times: i32,
    pub first_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// Taken in after all.
    pub replayed_at: Option<DateTime<Utc>>,
    /// Nobody needs it, somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_away: Option<PutAwayNote>,
}

/// `GET /api/ingest/quarantine`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuarantineList {
    pub items: Vec<Quarantined>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next_cursor: Option<String>,
}

/// What began longer ago than this when it comes asks nobody (the database's trigger `let_the_past_rest`).
const ASKS_NOBODY_AFTER_S: i64 = 7 * 86_400;
/// Nothing is taken in that is said to be older: clocks that were never set stand before it.
pub const YEAR_2000_S: i64 = 946_684_800;

/// A device whose clock is hours or days from ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrongClock {
    pub device_id: i64,
    pub device_name: String,
    pub area_id: i32,
    /// How far its clock is behind ours; less than 0: ahead.
    pub behind_s: i64,
    /// Since when what it reports has been wrong, by our clock and within a day.
    pub since: DateTime<Utc>,
    /// When it was last heard.
    pub last_at: DateTime<Utc>,
    /// How much it has reported since.
    pub reports: i64,
    /// Codes of the cameras whose time is wrong; none: of all that it reports.
    pub cameras: Vec<String>,
}

impl WrongClock {
    /// Its alerts are taken for those of a time long past, and nobody is asked to answer them.
    pub fn asks_nobody(&self) -> bool {
        self.behind_s >= ASKS_NOBODY_AFTER_S && !self.is_refused()
    }

    /// What it reports lies in the future, or before anything there is, and waits in the quarantine.
    pub fn is_refused(&self) -> bool {
        self.is_ahead() || self.last_at.timestamp() - self.behind_s < YEAR_2000_S
    }

    pub fn is_ahead(&self) -> bool {
        self.behind_s < 0
    }
}

/// `GET /api/ingest/clocks`: by what devices reported within a day before `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WrongClocks {
    pub wrong: Vec<WrongClock>,
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_needs_what_makes_it_an_alert_and_no_more() {
        let text = r#"{"camera": "C01", "external_id": "7", "kind": "theft", "started_at": "2026-11-22T01:00:00Z", "vendor": {"x": 1}}"#;
        let alert: ReportedAlert = serde_json::from_str(text).unwrap();
        assert_eq!((alert.kind, alert.severity, alert.plate), (AlertKind::Theft, None, None));
        assert!(serde_json::from_str::<ReportedAlert>(r#"{"camera": "C01"}"#).is_err());
    }

    #[test]
    fn a_fault_is_called_on_the_wire_as_in_the_database() {
        for fault in Fault::ALL {
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.name());
            assert_eq!(Fault::from_name(fault.name()), Some(fault));
        }
    }

    #[test]
    fn what_a_wrong_clock_costs_follows_from_how_wrong_it_is() {
        let at: DateTime<Utc> = "2026-11-22T01:00:00Z".parse().unwrap();
        let costs = |behind_s: i64| {
            let clock = WrongClock {
                device_id: 1,
                device_name: "hop-1".into(),
                area_id: 1,
                behind_s,
                since: at,
                last_at: at,
                reports: 3,
                cameras: vec![],
            };
            (clock.asks_nobody(), clock.is_refused())
        };
        assert_eq!(costs(6 * 86_400), (false, false));
        assert_eq!(costs(7 * 86_400), (true, false));
        assert_eq!(costs(at.timestamp() - YEAR_2000_S), (true, false), "New Year 2000, where many clocks begin");
        assert_eq!(costs(at.timestamp()), (false, true), "1970");
        assert_eq!(costs(-7 * 3600), (false, true));
    }

    #[test]
    fn a_plate_does_not_show_in_debug_output() {
        let text = r#"{"camera": "C01", "external_id": "7", "kind": "theft", "started_at": "2026-11-22T01:00:00Z", "plate": "29A-123.45"}"#;
        let alert: ReportedAlert = serde_json::from_str(text).unwrap();
        assert!(!format!("{alert:?}").contains("29A"));
    }
}
