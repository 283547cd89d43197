//! Camera alerts in numbers: how many are open and late, how soon they are taken, how many began in each quarter of an hour.
//! Which alerts these are, and what becomes of them, is `camera_alert`'s.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::area::AreaId;
use crate::camera_alert::Severity;

/// A day of them.
pub const QUARTERS_SHOWN: usize = 96;
pub const QUARTER_S: i64 = 15 * 60;

/// `GET /api/camera-alerts/figures`: of the alerts in reach, as they stand at `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertFigures {
    pub at: DateTime<Utc>,
    /// Not closed, by severity.
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
    /// Open, and nobody has taken it on; without what a shelf leaves out.
    pub unclaimed: i64,
    /// Unclaimed, and the time to answer is over.
    pub overdue: i64,
    /// When the next unclaimed alert becomes overdue, or a shelf ends: until then time alone changes none of these numbers.
    pub next_due_at: Option<DateTime<Utc>>,
    /// Taken since the ward's midnight.
    pub taken_today: i64,
    /// Of those, from reaching us to being taken, seconds; none where none was taken.
    pub median_take_s: Option<i64>,
}

impl AlertFigures {
    pub fn open(&self) -> i64 {
        self.critical + self.high + self.medium
    }
}

/// `GET /api/camera-alerts/by-ward`: the wards in reach in which alerts stand open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenAlertsByWard {
    pub at: DateTime<Utc>,
    pub wards: Vec<OpenAlertsOfWard>,
}

/// Not closed, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenAlertsOfWard {
    pub area_id: AreaId,
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
}

impl OpenAlertsOfWard {
    pub fn open(&self) -> i64 {
        self.critical + self.high + self.medium
    }

    /// The gravest of them.
    pub fn worst(&self) -> Severity {
        match self {
            Self { critical: 1.., .. } => Severity::Critical,
            Self { high: 1.., .. } => Severity::High,
            _ => Severity::Medium,
        }
    }
}

/// `GET /api/camera-alerts/timeline`: how many alerts began in each quarter of an hour of the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertTimeline {
    pub from: DateTime<Utc>,
    /// The end of the last quarter, which may not be over yet.
    pub until: DateTime<Utc>,
    /// 96 of them, oldest first, the quiet ones too.
    pub quarters: Vec<AlertQuarter>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertQuarter {
    pub critical: i64,
    pub high: i64,
    pub rest: i64,
}

impl AlertQuarter {
    pub fn all(&self) -> i64 {
        self.critical + self.high + self.rest
    }
}
