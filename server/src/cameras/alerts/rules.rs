//! What may be said of an alert, how grave it is and whose, and what may be done with it: values in, answers out.
//! It deliberately knows neither caller nor database nor clock.

use std::collections::HashMap;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use shared::camera_alert::{AlertKind, AlertOutcome, AlertRule, AlertStatus, CloseAlert, Severity};
use shared::ingest::{Fault, ReportedAlert, ReportedStatus, YEAR_2000_S};
use shared::text::fold;

use crate::geography::editing::{clean_text, invalid};
use crate::platform::error::{ApiError, ApiResult};

/// The code of what is refused for its time.
pub const BAD_TIME: &str = "ingest.bad_time";
/// How far a device's clock may run ahead of ours.
pub const AHEAD: TimeDelta = TimeDelta::minutes(5);
/// What a table's constraint allows.
const LONGEST_ID_BYTES: usize = 200;
const LONGEST_PLATE: usize = 40;
const LONGEST_PATH: usize = 1000;
pub const LONGEST_NOTE: usize = 2000;
const LONGEST_BASIS: usize = 300;
/// More than any fine there is.
const LARGEST_FINE_VND: i64 = 1_000_000_000_000;
const MOST_RULES: usize = 100;

/// Why a report was not taken in; the code is stable and stands in the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    /// What exactly is wrong, where the code does not say it all, and of which field.
    pub fault: Option<Fault>,
    pub field: Option<&'static str>,
    /// For whoever mends the device.
    pub detail: String,
}

impl Refused {
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, fault: None, field: None, detail: detail.into() }
    }

    pub fn because(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    pub fn of(self, field: &'static str) -> Self {
        Self { field: Some(field), ..self }
    }
}

fn check_words(field: &'static str, text: &str, most_bytes: usize) -> Result<(), Refused> {
    let (fault, wrong) = if text.trim().is_empty() {
        (Fault::Empty, "must not be empty".to_owned())
    } else if text.len() > most_bytes {
        (Fault::TooLong, format!("has {} bytes, at most {most_bytes} are taken", text.len()))
    } else if text.chars().any(char::is_control) {
        (Fault::ControlCharacters, "holds control characters".to_owned())
    } else {
        return Ok(());
    };
    Err(Refused::new("ingest.unreadable_item", format!("{field} {wrong}")).because(fault).of(field))
}

/// Code: [`BAD_TIME`].
fn check_time(field: &'static str, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refused> {
    let (fault, wrong) = if at > now + AHEAD {
        (Fault::InFuture, "in the future")
    } else if at.timestamp() < YEAR_2000_S {
        (Fault::LongAgo, "before the year 2000")
    } else {
        return Ok(());
    };
    Err(Refused::new(BAD_TIME, format!("{field} lies {wrong}; set the device's clock")).because(fault).of(field))
}

/// Whether a report can be kept.
pub fn check_report(report: &ReportedAlert, now: DateTime<Utc>) -> Result<(), Refused> {
    check_words("camera", &report.camera, LONGEST_ID_BYTES)?;
    check_words("external_id", &report.external_id, LONGEST_ID_BYTES)?;
    check_time("started_at", report.started_at, now)?;
    if let Some(ended_at) = report.ended_at {
        check_time("ended_at", ended_at, now)?;
        if ended_at < report.started_at {
            let backwards = Refused::new(BAD_TIME, "ended_at lies before started_at");
            return Err(backwards.because(Fault::EndsBeforeBegin).of("ended_at"));
        }
    }
    let unreadable = |field, fault, why: &str| Err(Refused::new("ingest.unreadable_item", why).because(fault).of(field));
    if report.confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
        return unreadable("confidence", Fault::OutOfRange, "confidence must lie between 0 and 1");
    }
    if report.plate.as_ref().is_some_and(|plate| plate.chars().count() > LONGEST_PLATE || plate.chars().any(char::is_control)) {
        return unreadable("plate", Fault::TooLong, "plate is longer than 40 characters, or holds control characters");
    }
    if report.path.as_ref().is_some_and(|path| path.len() > LONGEST_PATH) {
        return unreadable("path", Fault::TooLong, "path has more than 1000 points");
    }
    Ok(())
}

pub fn check_status(report: &ReportedStatus, now: DateTime<Utc>) -> Result<(), Refused> {
    check_words("camera", &report.camera, LONGEST_ID_BYTES)?;
    check_time("at", report.at, now)
}

/// How grave a kind usually is, where neither rule nor device says.
pub fn usual_severity(kind: AlertKind) -> Severity {
    match kind {
        AlertKind::FireOrSmoke | AlertKind::WantedVehicle => Severity::Critical,
        AlertKind::Theft | AlertKind::Harassment | AlertKind::Collision | AlertKind::Intrusion => Severity::High,
        AlertKind::Crowd
        | AlertKind::IllegalParking
        | AlertKind::IllegalStopping
        | AlertKind::OversizeLorry
        | AlertKind::Encroachment
        | AlertKind::StreetMarket
        | AlertKind::CameraSilent => Severity::Medium,
    }
}

/// The rules of one area, and the accounts that may be given an alert there now.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    pub rules: Vec<AlertRule>,
    pub handlers: Vec<i64>,
}

/// How grave an alert is and whose at once: by the first rule that fits, those of the smallest area first. `areas`: the
/// camera's area, then those above it.
pub fn grade(report: &ReportedAlert, areas: &[i32], sets: &HashMap<i32, RuleSet>) -> (Severity, Option<i64>) {
    grade_kind(report.kind, report.severity, report.started_at, areas, sets)
}

/// The same for what no device reported. `said`: how grave it is where no rule says so.
pub fn grade_kind(
    of: AlertKind,
    said: Option<Severity>,
    at: DateTime<Utc>,
    areas: &[i32],
    sets: &HashMap<i32, RuleSet>,
) -> (Severity, Option<i64>) {
    let hour = at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).time();
    let fitting = areas.iter().filter_map(|area| sets.get(area)).find_map(|set| {
        let rule = set.rules.iter().find(|rule| rule.kind.is_none_or(|kind| kind == of) && is_on(rule, hour))?;
        // Whoever has left since is given nothing: the alert is for whoever takes it.
        Some((rule.severity, rule.handler_id.filter(|handler| set.handlers.contains(handler))))
    });
    let (by_rule, handler) = fitting.unwrap_or_default();
    (by_rule.or(said).unwrap_or_else(|| usual_severity(of)), handler)
}

fn is_on(rule: &AlertRule, hour: NaiveTime) -> bool {
    match (rule.from, rule.until) {
        (Some(from), Some(until)) if from <= until => from <= hour && hour < until,
        (Some(from), Some(until)) => hour >= from || hour < until,
        _ => true,
    }
}

/// Refuses rules that could not mean anything. `handlers`: who may be given an alert in the area.
pub fn check_rules(rules: &[AlertRule], handlers: &[i64]) -> ApiResult<()> {
    if rules.len() > MOST_RULES {
        return Err(invalid("rules", &format!("are {}, at most {MOST_RULES} are kept", rules.len())));
    }
    for (place, rule) in rules.iter().enumerate() {
        if rule.from.is_some() != rule.until.is_some() || rule.from.is_some() && rule.from == rule.until {
            return Err(invalid("rules", &format!("rule {place} needs both from and until, and not the same hour; or neither")));
        }
        if rule.severity.is_none() && rule.handler_id.is_none() {
            return Err(invalid("rules", &format!("rule {place} decides nothing; give it a severity or a handler")));
        }
        if rule.handler_id.is_some_and(|handler| !handlers.contains(&handler)) {
            return Err(no_such_handler());
        }
    }
    Ok(())
}

/// Code: `camera_alerts.no_such_handler`.
pub fn no_such_handler() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "camera_alerts.no_such_handler",
        "that account does not answer for alerts in this area; the list of handlers says who does",
    )
}

/// Whether an alert can go back to those that wait for somebody: it is with somebody, who has taken it or was given it. Code:
/// `camera_alerts.not_taken`.
pub fn check_give_back(status: AlertStatus) -> ApiResult<()> {
    match status {
        AlertStatus::Taken | AlertStatus::Assigned => Ok(()),
        AlertStatus::New | AlertStatus::Closed => Err(ApiError::new(
            StatusCode::CONFLICT,
            "camera_alerts.not_taken",
            "nobody has this alert, so there is nothing to give back; take it, or leave it to whoever is next",
        )),
    }
}

/// The outcome as it is kept: texts cleaned, a fine only where something was handled.
pub fn check_close(request: CloseAlert) -> ApiResult<CloseAlert> {
    let note = request.note.map(|note| clean_text("note", &note, LONGEST_NOTE)).transpose()?;
    let legal_basis = request.legal_basis.map(|basis| clean_text("legal_basis", &basis, LONGEST_BASIS)).transpose()?;
    if request.fine_vnd.is_some_and(|fine| !(0..=LARGEST_FINE_VND).contains(&fine)) {
        return Err(invalid("fine_vnd", "must lie between 0 and a thousand billion"));
    }
    if request.outcome != AlertOutcome::Handled && (legal_basis.is_some() || request.fine_vnd.is_some()) {
        return Err(invalid("fine_vnd", "a legal basis and a fine belong to the outcome `handled` only"));
    }
    Ok(CloseAlert { note, legal_basis, ..request })
}

/// The cameras whose code and name hold all the words, in any case and without marks: (id, code, name).
pub fn cameras_meant(words: &str, cameras: &[(i64, String, String)]) -> Vec<i64> {
    let wanted = fold(words);
    let holds_all = |code: &str, name: &str| {
        let known = fold(&format!("{code} {name}"));
        wanted.split_whitespace().all(|word| known.contains(word))
    };
    cameras.iter().filter(|(_, code, name)| holds_all(code, name)).map(|(id, ..)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 3, 0, 0).unwrap()
    }

    fn report(kind: AlertKind) -> ReportedAlert {
        ReportedAlert {
            camera: "C01".into(),
            external_id: "1".into(),
            kind,
            severity: None,
            started_at: now(),
            ended_at: None,
            confidence: None,
            plate: None,
            in_picture: None,
            path: None,
            snapshot_base64: None,
        }
    }

    fn hour(text: &str) -> Option<NaiveTime> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn what_cannot_be_kept_is_refused_by_name() {
        assert_eq!(check_report(&report(AlertKind::Theft), now()), Ok(()));
        for (wrong, code) in [
            (ReportedAlert { camera: " ".into(), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { external_id: "a\0b".into(), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { external_id: "x".repeat(201), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { confidence: Some(1.5), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { confidence: Some(f32::NAN), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { plate: Some("1".repeat(41)), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { path: Some(vec![[0.0, 0.0]; 1001]), ..report(AlertKind::Theft) }, "ingest.unreadable_item"),
            (ReportedAlert { started_at: now() + TimeDelta::minutes(6), ..report(AlertKind::Theft) }, "ingest.bad_time"),
            (ReportedAlert { started_at: DateTime::UNIX_EPOCH, ..report(AlertKind::Theft) }, "ingest.bad_time"),
            (ReportedAlert { ended_at: Some(now() - TimeDelta::seconds(1)), ..report(AlertKind::Theft) }, "ingest.bad_time"),
        ] {
            assert_eq!(check_report(&wrong, now()).unwrap_err().code, code, "{wrong:?}");
        }
    }

    #[test]
    fn without_rules_the_device_decides_and_else_the_kind() {
        let none = HashMap::new();
        assert_eq!(grade(&report(AlertKind::FireOrSmoke), &[3, 1], &none), (Severity::Critical, None));
        let mild = ReportedAlert { severity: Some(Severity::Medium), ..report(AlertKind::FireOrSmoke) };
        assert_eq!(grade(&mild, &[3, 1], &none), (Severity::Medium, None));
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_a_tdps_before_its_wards() {
        let parking = AlertRule { kind: Some(AlertKind::IllegalParking), severity: Some(Severity::High), ..AlertRule::default() };
        let whoever = AlertRule { handler_id: Some(7), ..AlertRule::default() };
        let ward = RuleSet { rules: vec![parking.clone(), whoever.clone()], handlers: vec![7] };
        let tdp = RuleSet { rules: vec![AlertRule { severity: Some(Severity::Critical), ..parking }], handlers: vec![] };
        let sets = HashMap::from([(1, ward), (3, tdp)]);
        assert_eq!(grade(&report(AlertKind::IllegalParking), &[3, 1], &sets), (Severity::Critical, None));
        assert_eq!(grade(&report(AlertKind::IllegalParking), &[4, 1], &sets), (Severity::High, None));
        assert_eq!(grade(&report(AlertKind::Theft), &[3, 1], &sets), (Severity::High, Some(7)));
        assert_eq!(grade(&report(AlertKind::Theft), &[9], &sets), (Severity::High, None));
    }

    #[test]
    fn a_night_goes_past_midnight_in_the_wards_own_hours() {
        let night =
            AlertRule { from: hour("22:00:00"), until: hour("05:00:00"), severity: Some(Severity::Critical), ..AlertRule::default() };
        let sets = HashMap::from([(1, RuleSet { rules: vec![night], handlers: vec![] })]);
        // Hours of UTC; the ward is seven ahead.
        for (utc, expected) in
            [(14, Severity::Medium), (15, Severity::Critical), (20, Severity::Critical), (21, Severity::Critical), (22, Severity::Medium)]
        {
            let at = Utc.with_ymd_and_hms(2026, 11, 21, utc, 30, 0).unwrap();
            let seen = ReportedAlert { started_at: at, ..report(AlertKind::Crowd) };
            assert_eq!(grade(&seen, &[1], &sets).0, expected, "{utc}:30 UTC");
        }
    }

    #[test]
    fn nobody_who_has_left_is_given_an_alert() {
        let set = RuleSet { rules: vec![AlertRule { handler_id: Some(7), ..AlertRule::default() }], handlers: vec![8] };
        assert_eq!(grade(&report(AlertKind::Theft), &[1], &HashMap::from([(1, set)])), (Severity::High, None));
    }

    #[test]
    fn rules_that_mean_nothing_are_refused() {
        let half = AlertRule { from: hour("22:00:00"), severity: Some(Severity::High), ..AlertRule::default() };
        assert_eq!(check_rules(&[half], &[]).unwrap_err().code(), "edit.invalid");
        assert_eq!(check_rules(&[AlertRule::default()], &[]).unwrap_err().code(), "edit.invalid");
        let stranger = AlertRule { handler_id: Some(7), ..AlertRule::default() };
        assert_eq!(check_rules(std::slice::from_ref(&stranger), &[8]).unwrap_err().code(), "camera_alerts.no_such_handler");
        assert!(check_rules(&[stranger], &[7]).is_ok());
    }

    #[test]
    fn only_what_somebody_has_is_given_back() {
        for had in [AlertStatus::Taken, AlertStatus::Assigned] {
            assert!(check_give_back(had).is_ok(), "{had:?}");
        }
        for not_had in [AlertStatus::New, AlertStatus::Closed] {
            assert_eq!(check_give_back(not_had).unwrap_err().code(), "camera_alerts.not_taken", "{not_had:?}");
        }
    }

    #[test]
    fn a_fine_belongs_to_what_was_handled() {
        let close = |outcome, fine_vnd| check_close(CloseAlert { outcome, note: None, legal_basis: None, fine_vnd });
        assert!(close(AlertOutcome::Handled, Some(900_000)).is_ok());
        assert_eq!(close(AlertOutcome::FalseAlarm, Some(900_000)).unwrap_err().code(), "edit.invalid");
        assert_eq!(close(AlertOutcome::Handled, Some(-1)).unwrap_err().code(), "edit.invalid");
    }

    #[test]
    fn a_camera_is_meant_by_its_code_or_by_words_of_its_name() {
        let cameras = [(1, "C07".to_owned(), "Ngã tư Nhổn".to_owned()), (2, "C12".to_owned(), "Cổng chợ Nhổn".to_owned())];
        assert_eq!(cameras_meant("nhon", &cameras), [1, 2]);
        assert_eq!(cameras_meant("Nhổn chợ", &cameras), [2]);
        assert_eq!(cameras_meant("c07", &cameras), [1]);
        assert!(cameras_meant("CB100001", &cameras).is_empty());
    }
}
