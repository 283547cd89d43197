//! Camera alerts: what a camera reported, how grave it is, who answers for it, every step until it is closed.
//! A plate never travels with an alert: it has a door of its own.

use chrono::{DateTime, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// The name on `/live`: whoever may see pictures hears there of which alert one came, was replaced, held or deleted, by the alert's id.
pub const SNAPSHOT_TOPIC: &str = "camera_alert_snapshot";

/// What the cameras watch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    Crowd,
    Theft,
    Harassment,
    IllegalParking,
    IllegalStopping,
    OversizeLorry,
    Encroachment,
    StreetMarket,
    Collision,
    WantedVehicle,
    Intrusion,
    FireOrSmoke,
    /// The camera itself has not been heard of for longer than usual: raised by us, or by a recorder that lost its picture.
    CameraSilent,
}

impl AlertKind {
    pub const ALL: [AlertKind; 13] = [
        AlertKind::Crowd,
        AlertKind::Theft,
        AlertKind::Harassment,
        AlertKind::IllegalParking,
        AlertKind::IllegalStopping,
        AlertKind::OversizeLorry,
        AlertKind::Encroachment,
        AlertKind::StreetMarket,
        AlertKind::Collision,
        AlertKind::WantedVehicle,
        AlertKind::Intrusion,
        AlertKind::FireOrSmoke,
        AlertKind::CameraSilent,
    ];

    /// The name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            AlertKind::Crowd => "crowd",
            AlertKind::Theft => "theft",
            AlertKind::Harassment => "harassment",
            AlertKind::IllegalParking => "illegal_parking",
            AlertKind::IllegalStopping => "illegal_stopping",
            AlertKind::OversizeLorry => "oversize_lorry",
            AlertKind::Encroachment => "encroachment",
            AlertKind::StreetMarket => "street_market",
            AlertKind::Collision => "collision",
            AlertKind::WantedVehicle => "wanted_vehicle",
            AlertKind::Intrusion => "intrusion",
            AlertKind::FireOrSmoke => "fire_or_smoke",
            AlertKind::CameraSilent => "camera_silent",
        }
    }

    /// Whether the register of violations can have it: a camera that fell silent has violated nothing.
    pub fn is_violation(self) -> bool {
        self != AlertKind::CameraSilent
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How soon somebody must answer: within 2, 10 or 60 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Critical,
    High,
    Medium,
}

impl Severity {
    pub const ALL: [Severity; 3] = [Severity::Critical, Severity::High, Severity::Medium];

    pub fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    /// Nobody's yet.
    New,
    /// Somebody named has taken it on.
    Taken,
    /// Given to somebody named, who has not taken it yet.
    Assigned,
    Closed,
}

impl AlertStatus {
    pub const ALL: [AlertStatus; 4] = [AlertStatus::New, AlertStatus::Taken, AlertStatus::Assigned, AlertStatus::Closed];

    pub fn name(self) -> &'static str {
        match self {
            AlertStatus::New => "new",
            AlertStatus::Taken => "taken",
            AlertStatus::Assigned => "assigned",
            AlertStatus::Closed => "closed",
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertOutcome {
    Handled,
    FalseAlarm,
    Duplicate,
}

impl AlertOutcome {
    pub const ALL: [AlertOutcome; 3] = [AlertOutcome::Handled, AlertOutcome::FalseAlarm, AlertOutcome::Duplicate];

    pub fn name(self) -> &'static str {
        match self {
            AlertOutcome::Handled => "handled",
            AlertOutcome::FalseAlarm => "false_alarm",
            AlertOutcome::Duplicate => "duplicate",
        }
    }
}

/// A row of `GET /api/camera-alerts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraAlert {
    pub id: i64,
    /// What is said over the radio, such as `CB100123`.
    pub code: String,
    pub kind: AlertKind,
    pub severity: Severity,
    pub status: AlertStatus,
    pub outcome: Option<AlertOutcome>,
    pub camera_id: i64,
    pub camera_code: String,
    pub camera_name: String,
    pub area_id: i32,
    pub area_name: String,
    /// 0 to 1, as the device says.
    pub confidence: Option<f32>,
    pub started_at: DateTime<Utc>,
    /// None: it goes on, or the device does not say.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    pub handler_id: Option<i64>,
    /// As that person was called then.
    pub handler_name: Option<String>,
    pub assigned_at: Option<DateTime<Utc>>,
    pub taken_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when somebody must take it, else it goes one step up. None: somebody has taken it, it is closed, or it began more than a
    /// week before it was reported.
    pub answer_due_at: Option<DateTime<Utc>>,
    /// To which step of the duty roster it has gone up because nobody took it in time, or somebody gave it back
    /// (`DutyStep::number`); 0: not yet.
    pub escalation: i16,
    /// Nobody took it in time, and there is nobody further up.
    pub overdue: bool,
    pub legal_basis: Option<String>,
    pub fine_vnd: Option<i64>,
    pub note_count: i32,
    /// Whether there is a picture that the caller may see; the police alone learn of one.
    #[serde(default)]
    pub has_snapshot: bool,
    /// Until when lists leave it out, because somebody shelved its camera or kind; none: nobody did, it is critical, or somebody
    /// has taken it.
    #[serde(default)]
    pub shelved_until: Option<DateTime<Utc>>,
    /// Where the camera stood.
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts what people did with it; handing over and closing name it in `If-Match`. What the device goes on reporting does
    /// not count.
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// `GET /api/camera-alerts`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraAlertList {
    pub alerts: Vec<CameraAlert>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next_cursor: Option<String>,
}

/// `GET /api/camera-alerts/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraAlertCard {
    pub alert: CameraAlert,
    pub external_id: String,
    /// Left, top, right, bottom in the picture, as the device counts.
    pub in_picture: Option<[f64; 4]>,
    /// Points in the picture, in order.
    pub path: Option<Vec<[f64; 2]>>,
    /// Whether a plate was read; none where the caller may not see plates.
    pub has_plate: Option<bool>,
    /// Where somebody who is sent there goes; none where nothing near has an address or a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest_address: Option<NearestAddress>,
    /// Whether there is a picture of it; none where the caller may not see pictures.
    pub has_snapshot: Option<bool>,
    /// What is known of its picture, also of one that is deleted since; none where there never was one, or as above.
    pub snapshot: Option<AlertSnapshot>,
    /// Whether this caller may take, hand over and close it.
    pub can_handle: bool,
    /// Whether this caller may watch the recorder's clip of it, and there is a link to one.
    #[serde(default)]
    pub has_clip: bool,
    /// Oldest first.
    pub entries: Vec<CameraAlertEntry>,
    /// Other alerts of the same camera in the 30 days before and since, newest first, at most 50.
    pub same_camera: Vec<CameraAlert>,
}

/// The nearest house with an address, else the nearest road with a name: both are on the open map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NearestAddress {
    pub address: String,
    /// Metres from the camera to the building's edge, or to the road.
    pub distance_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlertStep {
    Assigned,
    Taken,
    /// Whoever had it gave it back: it is nobody's again.
    GivenBack,
    Noted,
    Closed,
    Reopened,
    /// Nobody took it in time: it went one step up, from whom to whom.
    Escalated,
    /// Nobody took it in time, and there is nobody further up.
    Overdue,
}

/// What somebody did with an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraAlertEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub step: AlertStep,
    /// None: a rule, the roster or the clock did it.
    pub by: Option<String>,
    /// Whose it was until then, where it was somebody else's.
    pub from: Option<String>,
    /// Whom it was given to.
    pub to: Option<String>,
    pub outcome: Option<AlertOutcome>,
    pub note: Option<String>,
}

/// `GET /api/camera-alerts/{id}/plate`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraAlertPlate {
    pub id: i64,
    /// None: no plate was read.
    pub plate: Option<String>,
}

/// The picture of an alert, for the police. Itself it is `GET /api/camera-alerts/{id}/snapshot`, a JPEG; with `?size=thumbnail`
/// its middle, 144 by 96 pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertSnapshot {
    pub width_px: i32,
    pub height_px: i32,
    pub size_bytes: i32,
    pub taken_in_at: DateTime<Utc>,
    /// Its time was over and nobody held it: the picture is gone.
    pub removed_at: Option<DateTime<Utc>>,
    /// Kept beyond its time.
    pub held: Option<SnapshotHold>,
}

/// Who has a picture kept beyond its time, since when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotHold {
    pub at: DateTime<Utc>,
    pub by: Option<String>,
    pub reason: String,
}

/// `POST /api/camera-alerts/{id}/snapshot/hold` and `…/release`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HoldSnapshot {
    /// 8 characters or more; kept in the audit trail.
    pub reason: String,
}

/// `GET /api/camera-alerts/{id}/handlers`: who may be given it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertHandlerList {
    pub handlers: Vec<AlertHandler>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertHandler {
    pub account_id: i64,
    pub display_name: String,
    pub roles: Vec<crate::session::Role>,
}

/// `POST /api/camera-alerts/{id}/assign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignAlert {
    /// Null: to nobody; it goes back to those that wait for somebody. To be said, so that nothing is given back by leaving it out.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub account_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `POST /api/camera-alerts/{id}/note`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteAlert {
    pub note: String,
}

/// `POST /api/camera-alerts/{id}/close`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseAlert {
    pub outcome: AlertOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// By which rule it was fined; with `handled` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fine_vnd: Option<i64>,
}

/// `POST /api/camera-alerts/{id}/reopen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReopenAlert {
    pub reason: String,
}

/// What of an alert decides how grave it is and whose. The first rule that fits decides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    /// None: every kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AlertKind>,
    /// From this hour of the ward's day, `22:00:00`; past midnight where `until` is earlier. None, as `until`: at all hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub from: Option<NaiveTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub until: Option<NaiveTime>,
    /// None: as the device says, else as its kind usually is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whose it is at once. None: whoever takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler_id: Option<i64>,
}

/// The rules of one area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertRules {
    pub area_id: i32,
    pub area_name: String,
    pub rules: Vec<AlertRule>,
    /// An edit names it in `If-Match`; 0 where the area has no rules yet.
    pub version: i32,
    pub editable: bool,
    pub updated_at: Option<DateTime<Utc>>,
}

/// `GET /api/alert-rules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertRulesList {
    pub areas: Vec<AlertRules>,
}

/// `PUT /api/alert-rules`: all rules of one area, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditAlertRules {
    pub area_id: i32,
    pub rules: Vec<AlertRule>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_given_back_by_saying_so_and_never_by_leaving_the_name_out() {
        let read = |text: &str| serde_json::from_str::<AssignAlert>(text).map(|request| request.account_id);
        assert_eq!(read(r#"{"account_id": 7}"#).unwrap(), Some(7));
        assert_eq!(read(r#"{"account_id": null}"#).unwrap(), None);
        assert!(read("{}").unwrap_err().to_string().contains("account_id"));
    }

    #[test]
    fn the_wire_names_are_the_serde_names() {
        for kind in AlertKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(AlertKind::from_name(kind.name()), Some(kind));
        }
        for severity in Severity::ALL {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.name());
        }
        for status in [AlertStatus::New, AlertStatus::Taken, AlertStatus::Assigned, AlertStatus::Closed] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
        for outcome in [AlertOutcome::Handled, AlertOutcome::FalseAlarm, AlertOutcome::Duplicate] {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.name());
        }
    }
}
