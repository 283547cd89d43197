//! Who answers: the roster of an area by shift and kind of case, how long somebody has to answer, and what one shift hands to
//! the next. What becomes of an alert stands with the alert (`camera_alert`).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::camera_alert::{AlertHandler, AlertKind, AlertStatus, Severity};

/// The names on `/live`: whoever sees alerts hears there that a roster, the times to answer or a handover have changed, and reads
/// them again.
pub const DUTY_TOPIC: &str = "duty";
pub const ANSWER_TIMES_TOPIC: &str = "answer_times";
pub const HANDOVER_TOPIC: &str = "duty_handover";

/// Where somebody stands among those who answer for the same case: who does not answer in time hands it one step up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DutyStep {
    /// Answers first.
    First,
    /// The shift's lead (trưởng ca).
    ShiftLead,
    Leader,
}

impl DutyStep {
    pub const ALL: [DutyStep; 3] = [DutyStep::First, DutyStep::ShiftLead, DutyStep::Leader];

    /// As the database and `CameraAlert::escalation` count: 1, 2, 3.
    pub fn number(self) -> i16 {
        match self {
            DutyStep::First => 1,
            DutyStep::ShiftLead => 2,
            DutyStep::Leader => 3,
        }
    }

    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.number() == number)
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            DutyStep::First => "first",
            DutyStep::ShiftLead => "shift_lead",
            DutyStep::Leader => "leader",
        }
    }
}

/// Somebody who is on, for one shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Duty {
    pub id: i64,
    pub uid: Uuid,
    pub area_id: i32,
    pub area_name: String,
    pub account_id: i64,
    /// As that person was called then.
    pub account_name: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Which kinds of alert this person answers for, before whoever answers for all. None: all.
    pub kinds: Option<Vec<AlertKind>>,
    pub step: DutyStep,
    pub note: Option<String>,
    /// It is the caller who is on.
    pub is_mine: bool,
    /// An edit names it in `If-Match`.
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// `GET /api/duty?area_id=&from=&until=`: who is on in an area and in what lies below it, in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DutyRoster {
    pub area_id: i32,
    pub area_name: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub duties: Vec<Duty>,
    /// Who is on at this moment, whatever `from` and `until` say.
    pub on_now: Vec<Duty>,
    pub now: DateTime<Utc>,
    /// How long somebody has to answer here.
    pub answer_times: AnswerTimes,
    /// Whether this caller may change the roster.
    pub editable: bool,
    /// Who may be put on duty here, and be given what somebody hands over.
    pub people: Vec<AlertHandler>,
}

/// `POST /api/duty`. The same `uid` again is the same duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddDuty {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Uuid>,
    pub area_id: i32,
    #[serde(flatten)]
    pub duty: DutyEdit,
}

/// `PUT /api/duty/{id}`: the duty as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DutyEdit {
    pub account_id: i64,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// None: all kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<AlertKind>>,
    pub step: DutyStep,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `POST /api/duty/repeat-week`: the week before the one that begins on this day, seven days later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RepeatWeek {
    pub area_id: i32,
    /// The first day of the week that is filled.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub week: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepeatedWeek {
    pub added: u32,
    /// Left out because somebody is on there already, or that person answers for alerts no longer.
    pub left_out: u32,
}

/// How long somebody has to take an alert before it goes one step up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerTimes {
    /// The ward whose times they are.
    pub area_id: i32,
    pub critical_s: i32,
    pub high_s: i32,
    pub medium_s: i32,
    /// An edit names it in `If-Match`; 0: nobody has set them here, these are the usual ones.
    pub version: i32,
    pub editable: bool,
}

/// `PUT /api/answer-times`: for alerts from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditAnswerTimes {
    pub area_id: i32,
    pub critical_s: i32,
    pub high_s: i32,
    pub medium_s: i32,
}

/// How many open alerts of one status and severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenAlerts {
    pub status: AlertStatus,
    pub severity: Severity,
    pub count: i64,
}

/// What one shift leaves to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Handover {
    pub id: i64,
    pub uid: Uuid,
    pub area_id: i32,
    pub area_name: String,
    pub at: DateTime<Utc>,
    pub by_id: i64,
    /// As that person was called then.
    pub by: String,
    /// The shift that ends.
    pub shift_from: DateTime<Utc>,
    pub shift_until: DateTime<Utc>,
    pub note: String,
    /// What was open in the area at that moment.
    pub open_alerts: Vec<OpenAlerts>,
    /// Who was named for the next shift.
    pub to_id: Option<i64>,
    pub to: Option<String>,
    /// How many alerts of the writer's own went to that person with it.
    pub alerts_given: i32,
    pub taken_over_by: Option<String>,
    pub taken_over_at: Option<DateTime<Utc>>,
    /// Whether this caller may acknowledge it now.
    pub can_take_over: bool,
    pub version: i32,
}

/// `GET /api/duty/handovers?area_id=`, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoverList {
    pub handovers: Vec<Handover>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next_cursor: Option<String>,
    /// How many open alerts in this area the caller has taken and not finished.
    pub my_open_alerts: i64,
}

/// `POST /api/duty/handovers`. The same `uid` again is the same note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteHandover {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Uuid>,
    pub area_id: i32,
    pub shift_from: DateTime<Utc>,
    pub shift_until: DateTime<Utc>,
    pub note: String,
    /// Who comes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_id: Option<i64>,
    /// Gives that person what the writer has taken and not finished.
    #[serde(default)]
    pub give_alerts: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_names_are_the_serde_names_and_steps_count_from_one() {
        for (place, step) in DutyStep::ALL.into_iter().enumerate() {
            assert_eq!(serde_json::to_value(step).unwrap(), step.name());
            assert_eq!(usize::try_from(step.number()).unwrap(), place + 1);
            assert_eq!(DutyStep::from_number(step.number()), Some(step));
        }
        assert_eq!(DutyStep::from_number(0), None);
    }
}
