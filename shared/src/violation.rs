//! The register of violations ("Sổ vi phạm"): what cameras found and somebody handled on a legal basis or with a fine, its months
//! in figures, and the legal bases that are offered when an alert is closed.
//! A plate never stands in it; a file holds plates only for whoever may see them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::camera_alert::{AlertKind, Severity};

/// More rows than this are not written into one file.
pub const MOST_ROWS_IN_FILE: i64 = 20_000;
/// The same of a file with plates: each of them has an entry of its own in the audit trail.
pub const MOST_ROWS_WITH_PLATES: i64 = 500;
/// The longest period that is counted at once.
pub const MOST_MONTHS: usize = 120;

/// An alert that was handled on a legal basis, or with a fine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Violation {
    /// Of the alert.
    pub id: i64,
    /// What is said over the radio, such as `CB100123`.
    pub code: String,
    pub kind: AlertKind,
    pub severity: Severity,
    pub started_at: DateTime<Utc>,
    pub closed_at: DateTime<Utc>,
    pub camera_id: i64,
    pub camera_code: String,
    pub camera_name: String,
    pub area_id: i32,
    pub area_name: String,
    /// The address of the house nearest to where the camera stood, within 100 m.
    pub near_address: Option<String>,
    pub legal_basis: Option<String>,
    pub fine_vnd: Option<i64>,
    /// What was written when it was closed.
    pub note: Option<String>,
    /// Who closed it, as that person was called then.
    pub closed_by: Option<String>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}

/// `GET /api/violations`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViolationList {
    pub violations: Vec<Violation>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next_cursor: Option<String>,
    /// The first day, in the ward's days, and the day after the last.
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// Alerts counted by when they began, whatever became of them since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViolationCounts {
    pub found: i64,
    /// With a violation or without one.
    pub handled: i64,
    /// Handled on a legal basis, or with a fine: what the register lists.
    pub violations: i64,
    pub false_alarms: i64,
    pub duplicates: i64,
    /// Not closed yet.
    pub open: i64,
    /// How many were fined.
    pub fines: i64,
    pub fines_vnd: i64,
    /// From when an alert reached us until somebody took it, the middle one; none: none was taken.
    pub median_to_take_min: Option<f64>,
    /// From when it reached us until it was closed, the middle one.
    pub median_to_close_min: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindFigures {
    pub kind: AlertKind,
    pub counts: ViolationCounts,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MonthFigures {
    /// Its first day, in the ward's days.
    pub month: NaiveDate,
    pub counts: ViolationCounts,
    /// Kinds that were found, in the order in which they are listed elsewhere.
    pub kinds: Vec<KindFigures>,
}

/// `GET /api/violations/figures`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViolationFigures {
    pub as_of: DateTime<Utc>,
    /// The first day, in the ward's days, and the day after the last.
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub total: ViolationCounts,
    /// Oldest first; a month in which nothing was found is there too.
    pub months: Vec<MonthFigures>,
    pub kinds: Vec<KindFigures>,
}

/// `GET /api/violations/legal-bases`: what may be put down as legal basis, as a suggestion; any other text is taken too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalBasisList {
    pub bases: Vec<LegalBasis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    /// As it is written into the alert.
    pub citation: String,
    /// What it is about.
    pub about: String,
    /// Which kinds of alerts it is offered for.
    pub kinds: Vec<AlertKind>,
    /// The day from which it is in force, where a source says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_force: Option<NaiveDate>,
    /// Where this was read.
    pub sources: Vec<String>,
}
