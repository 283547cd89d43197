//! Who of those on duty answers, who is next when nobody does, and what a roster may say: values in, answers out.
//! It deliberately knows neither caller nor database nor clock.

use std::collections::HashSet;

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone, Utc};
use shared::camera_alert::AlertKind;
use shared::duty::{DutyEdit, DutyStep, EditAnswerTimes, WriteHandover};

use crate::geography::editing::{clean_text, invalid};
use crate::platform::error::{ApiError, ApiResult};

const LAST_STEP: i16 = 3;
const LONGEST_SHIFT: TimeDelta = TimeDelta::days(7);
/// What one look at the roster may span: a month and the weeks it begins and ends in.
const LONGEST_LOOK: TimeDelta = TimeDelta::days(45);
const LONGEST_NOTE: usize = 500;
const LONGEST_HANDOVER: usize = 4000;
const ANSWER_SECONDS: std::ops::RangeInclusive<i32> = 30..=86_400;

/// Somebody who is on at the moment in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    pub area_id: i32,
    pub account_id: i64,
    /// None: all.
    pub kinds: Option<Vec<AlertKind>>,
    pub step: i16,
}

/// A leader by appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    pub area_id: i32,
    pub account_id: i64,
}

/// Who at one step answers for a kind: the smallest area's first (a TDP's before its ward's), who is named for the kind
/// before who answers for all. `areas`: the area of the case, then those above it.
fn at_step(on: &[OnDuty], areas: &[i32], kind: AlertKind, step: i16) -> Option<i64> {
    on.iter()
        .filter(|duty| duty.step == step && duty.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind)))
        .filter_map(|duty| Some((areas.iter().position(|area| *area == duty.area_id)?, duty.kinds.is_none(), duty.account_id)))
        .min()
        .map(|(_, _, account_id)| account_id)
}

/// Whose a new case is at once: the lowest step at which somebody is on. None: whoever takes it.
pub fn who_answers(on: &[OnDuty], areas: &[i32], kind: AlertKind) -> Option<i64> {
    (1..=LAST_STEP).find_map(|step| at_step(on, areas, kind, step))
}

/// Where a case goes that nobody took in time: the next step at which somebody else is on; where there is none, the leader by
/// appointment of the smallest area. None: nobody is further up.
///
/// `escalation`: the step it has gone up to, 0 where it has not. What was given to somebody has been with the first step.
pub fn next_up(
    on: &[OnDuty],
    leaders: &[Leader],
    areas: &[i32],
    kind: AlertKind,
    handler: Option<i64>,
    escalation: i16,
) -> Option<(i16, i64)> {
    let reached = if handler.is_some() { escalation.max(1) } else { escalation };
    let is_another = |account: &i64| handler != Some(*account);
    let on_roster = (reached + 1..=LAST_STEP).find_map(|step| Some((step, at_step(on, areas, kind, step).filter(is_another)?)));
    on_roster.or_else(|| {
        let mut standing_in = areas
            .iter()
            .filter(|_| reached < LAST_STEP)
            .flat_map(|area| leaders.iter().filter(move |leader| leader.area_id == *area).map(|leader| leader.account_id));
        standing_in.find(is_another).map(|leader| (LAST_STEP, leader))
    })
}

/// A duty as it is kept: a shift that has a length, kinds each once, a note cleaned.
pub fn check_duty(duty: DutyEdit) -> ApiResult<DutyEdit> {
    if duty.until <= duty.from {
        return Err(invalid("until", "must lie after from; a shift past midnight ends on the next day"));
    }
    if duty.until - duty.from > LONGEST_SHIFT {
        return Err(invalid("until", "a shift lasts seven days at most; enter one for each week"));
    }
    let kinds = match duty.kinds {
        Some(kinds) if kinds.is_empty() => return Err(invalid("kinds", "must name a kind at least; leave it out for all kinds")),
        Some(kinds) => {
            let named: HashSet<AlertKind> = kinds.into_iter().collect();
            // In the order of the kinds, and none where it is all of them.
            (named.len() < AlertKind::ALL.len()).then(|| AlertKind::ALL.into_iter().filter(|kind| named.contains(kind)).collect())
        }
        None => None,
    };
    let note = duty.note.filter(|note| !note.trim().is_empty()).map(|note| clean_text("note", &note, LONGEST_NOTE)).transpose()?;
    Ok(DutyEdit { kinds, note, ..duty })
}

/// Refuses a look at the roster that spans nothing, or too much; else where it ends.
pub fn check_look(from: DateTime<Utc>, until: Option<DateTime<Utc>>) -> ApiResult<DateTime<Utc>> {
    until
        .filter(|until| from < *until && *until - from <= LONGEST_LOOK)
        .ok_or_else(|| ApiError::bad_request("from must lie before until, by 45 days at most"))
}

/// The moment at which a day begins in the wards.
pub fn day_begins(day: NaiveDate) -> ApiResult<DateTime<Utc>> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let here = chrono_tz::Asia::Ho_Chi_Minh.from_local_datetime(&midnight).earliest();
    here.map(|at| at.with_timezone(&Utc)).ok_or_else(|| invalid("week", "there is no such day"))
}

pub fn check_answer_times(times: &EditAnswerTimes) -> ApiResult<()> {
    for (field, seconds) in [("critical_s", times.critical_s), ("high_s", times.high_s), ("medium_s", times.medium_s)] {
        if !ANSWER_SECONDS.contains(&seconds) {
            return Err(invalid(field, "must lie between 30 seconds and a day"));
        }
    }
    if times.critical_s > times.high_s || times.high_s > times.medium_s {
        return Err(invalid("critical_s", "what is graver must not have more time than what is milder"));
    }
    Ok(())
}

/// A handover as it is kept. `me`: whoever writes it.
pub fn check_handover(request: WriteHandover, me: i64) -> ApiResult<WriteHandover> {
    if request.shift_until <= request.shift_from || request.shift_until - request.shift_from > LONGEST_SHIFT {
        return Err(invalid("shift_until", "must lie after shift_from, by seven days at most"));
    }
    if request.to_id == Some(me) {
        return Err(invalid("to_id", "a shift is handed to somebody else"));
    }
    if request.give_alerts && request.to_id.is_none() {
        return Err(invalid("to_id", "name who gets the alerts"));
    }
    let note = clean_lines("note", &request.note, LONGEST_HANDOVER)?;
    Ok(WriteHandover { note, ..request })
}

/// A text of several lines as it is kept, each as [`clean_text`] leaves it; blank ones are no lines.
fn clean_lines(field: &str, text: &str, most: usize) -> ApiResult<String> {
    // Refuses what is empty or too long as a whole.
    clean_text(field, text, most)?;
    let lines: Vec<String> = text.lines().filter_map(|line| clean_text(field, line, most).ok()).collect();
    Ok(lines.join("\n"))
}

/// Code: `duty.answered_by_another`.
pub fn answered_by_another(step: DutyStep) -> ApiError {
    let detail = format!("somebody is on duty there already at the step `{}`, for that kind and time; change that duty first", step.name());
    ApiError::new(StatusCode::CONFLICT, "duty.answered_by_another", detail)
}

/// Code: `duty.does_not_answer`.
pub fn does_not_answer() -> ApiError {
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "duty.does_not_answer",
        "that account does not answer for alerts in this area; the roster says who does",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARD: i32 = 1;
    const TDP: i32 = 3;
    const AREAS: [i32; 2] = [TDP, WARD];

    fn on(area_id: i32, step: i16, kinds: Option<&[AlertKind]>, account_id: i64) -> OnDuty {
        OnDuty { area_id, account_id, kinds: kinds.map(<[AlertKind]>::to_vec), step }
    }

    #[test]
    fn the_smaller_area_goes_first_then_who_is_named_for_the_kind() {
        let theft: &[AlertKind] = &[AlertKind::Theft];
        let roster = [on(WARD, 1, None, 10), on(WARD, 1, Some(theft), 11), on(TDP, 1, None, 12), on(9, 1, Some(theft), 13)];
        assert_eq!(who_answers(&roster, &AREAS, AlertKind::Theft), Some(12), "the TDP's, though the ward names the kind");
        assert_eq!(who_answers(&roster, &[4, WARD], AlertKind::Theft), Some(11));
        assert_eq!(who_answers(&roster, &[4, WARD], AlertKind::Crowd), Some(10));
        assert_eq!(who_answers(&roster, &[7], AlertKind::Crowd), None);
    }

    #[test]
    fn a_shift_with_its_lead_alone_has_the_lead_answer() {
        let roster = [on(WARD, 3, None, 30), on(WARD, 2, None, 20)];
        assert_eq!(who_answers(&roster, &AREAS, AlertKind::Crowd), Some(20));
        assert_eq!(who_answers(&[], &AREAS, AlertKind::Crowd), None);
    }

    #[test]
    fn each_step_up_is_somebody_else_until_there_is_nobody() {
        let roster = [on(WARD, 1, None, 10), on(WARD, 2, None, 20), on(WARD, 3, None, 30)];
        let leaders = [Leader { area_id: WARD, account_id: 40 }];
        let up = |handler, escalation| next_up(&roster, &leaders, &AREAS, AlertKind::Crowd, handler, escalation);
        assert_eq!(up(Some(10), 0), Some((2, 20)));
        assert_eq!(up(Some(20), 2), Some((3, 30)));
        assert_eq!(up(Some(30), 3), None, "the roster named its leader, and that was the last step");
        assert_eq!(up(Some(20), 0), Some((3, 30)), "given to the lead by hand: the lead is not asked again");
        assert_eq!(up(None, 0), Some((1, 10)), "nobody's until now");
    }

    #[test]
    fn leaders_by_appointment_stand_in_for_a_step_that_nobody_has() {
        let roster = [on(WARD, 1, None, 10)];
        let leaders =
            [Leader { area_id: 8, account_id: 50 }, Leader { area_id: WARD, account_id: 40 }, Leader { area_id: WARD, account_id: 41 }];
        let areas = [TDP, WARD, 8];
        let up = |handler, escalation| next_up(&roster, &leaders, &areas, AlertKind::Crowd, handler, escalation);
        assert_eq!(up(Some(10), 0), Some((3, 40)), "the ward's before the city's, who longest first");
        assert_eq!(up(Some(40), 0), Some((3, 41)), "the other leader, where it was the first one's");
        assert_eq!(up(Some(40), 3), None);
        assert_eq!(next_up(&roster, &[], &areas, AlertKind::Crowd, Some(10), 0), None);
    }

    fn duty(hours: i64, kinds: Option<Vec<AlertKind>>) -> DutyEdit {
        let from = Utc.with_ymd_and_hms(2026, 11, 21, 23, 0, 0).unwrap();
        DutyEdit { account_id: 1, from, until: from + TimeDelta::hours(hours), kinds, step: DutyStep::First, note: Some(" ".into()) }
    }

    #[test]
    fn a_shift_has_a_length_and_names_kinds_or_all() {
        assert_eq!(check_duty(duty(0, None)).unwrap_err().code(), "edit.invalid");
        assert_eq!(check_duty(duty(-8, None)).unwrap_err().code(), "edit.invalid");
        assert_eq!(check_duty(duty(24 * 8, None)).unwrap_err().code(), "edit.invalid");
        assert_eq!(check_duty(duty(8, Some(vec![]))).unwrap_err().code(), "edit.invalid");
        let twice = check_duty(duty(8, Some(vec![AlertKind::Theft, AlertKind::Crowd, AlertKind::Theft]))).unwrap();
        assert_eq!((twice.kinds, twice.note), (Some(vec![AlertKind::Crowd, AlertKind::Theft]), None));
        assert_eq!(check_duty(duty(8, Some(AlertKind::ALL.to_vec()))).unwrap().kinds, None, "all kinds by name are all kinds");
    }

    #[test]
    fn a_week_begins_at_midnight_of_the_wards() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(day_begins(day).unwrap(), Utc.with_ymd_and_hms(2026, 11, 22, 17, 0, 0).unwrap());
    }

    #[test]
    fn a_handover_keeps_its_lines_and_goes_to_somebody_else() {
        let from = Utc.with_ymd_and_hms(2026, 11, 21, 23, 0, 0).unwrap();
        let note = |note: &str, to_id, give_alerts| {
            let shift_until = from + TimeDelta::hours(8);
            check_handover(WriteHandover { uid: None, area_id: 1, shift_from: from, shift_until, note: note.into(), to_id, give_alerts }, 7)
        };
        assert_eq!(note(" Xe  tải ở Nhổn \n\n Camera C07 tắt", None, false).unwrap().note, "Xe tải ở Nhổn\nCamera C07 tắt");
        assert_eq!(note(" \n ", None, false).unwrap_err().code(), "edit.invalid");
        assert_eq!(note("xong", Some(7), false).unwrap_err().code(), "edit.invalid", "to oneself");
        assert_eq!(note("xong", None, true).unwrap_err().code(), "edit.invalid", "alerts to nobody");
    }

    #[test]
    fn what_is_graver_has_no_more_time() {
        let times = |critical_s, high_s, medium_s| EditAnswerTimes { area_id: 1, critical_s, high_s, medium_s };
        assert!(check_answer_times(&times(120, 600, 3600)).is_ok());
        assert_eq!(check_answer_times(&times(601, 600, 3600)).unwrap_err().code(), "edit.invalid");
        assert_eq!(check_answer_times(&times(29, 600, 3600)).unwrap_err().code(), "edit.invalid");
    }
}
