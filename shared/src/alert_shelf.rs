//! Shelves: a camera, a kind, or a kind of one camera that lists leave out for a while, with who, why and until when.
//! What is shelved stays in the record and can be asked for; what is critical, or was taken by somebody, is never left out.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::camera_alert::AlertKind;

/// The name on `/live`: whoever sees alerts hears there that shelves have changed, and reads them again.
pub const TOPIC: &str = "alert_shelf";
/// The usual choices.
pub const MINUTES: [u32; 3] = [15, 60, 240];
pub const LONGEST_HOURS: i64 = 24;
pub const SHORTEST_REASON: usize = 8;
pub const LONGEST_REASON: usize = 300;

/// One shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertShelf {
    pub id: i64,
    pub area_id: i32,
    pub area_name: String,
    /// None: every camera of the area.
    pub camera_id: Option<i64>,
    /// As the camera was called when it was shelved.
    pub camera_code: Option<String>,
    /// None: every kind.
    pub kind: Option<AlertKind>,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub reason: String,
    /// Who shelved it, as that person was called then.
    pub by: Option<String>,
    /// Before `until`, where somebody brought its alerts back.
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
    /// How many alerts it leaves out now, of those that this caller sees.
    pub hides: i64,
    /// Whether this caller may end it.
    pub can_end: bool,
}

/// `GET /api/alert-shelves`: in force, the next to end first; with `ended=true`, those of the last 30 days, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertShelfList {
    pub shelves: Vec<AlertShelf>,
    /// How many alerts are left out now, each counted once however many shelves name it.
    pub hidden: i64,
}

/// `POST /api/alert-shelves`. A camera, a kind, or both; a kind alone needs the area.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ShelveAlerts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub camera_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AlertKind>,
    /// Where, for a kind of every camera; a camera brings its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_id: Option<i32>,
    /// 15, 60 or 240; or `until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// At most 24 hours ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// 8 characters or more; shown to everybody who sees alerts.
    pub reason: String,
}
