//! Plays thirty days by the table and writes down what came and what was done, as far as it was done by then.
//! It deliberately asks neither clock nor database: the same seed and the same moment give the same past.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use shared::camera_alert::{AlertOutcome, AlertStatus, AlertStep};
use uuid::Uuid;

use crate::cameras::alerts::load::{LoadedAlert, LoadedEntry};
use crate::demo::day::{Arrivals, Course, Landmark, Scene, SceneCamera, Sighting, Table, Writer, answer_limit, in_ward};
use crate::demo::people::dice::Dice;

pub const DAYS: i64 = 30;
/// How the numbers of these alerts begin; no recorder's do.
pub const NUMBERED: &str = "past-";
/// What wards report of three months: 109 violations handled.
const VIOLATIONS_IN_THREE_MONTHS: f64 = 109.0;
const THREE_MONTHS_DAYS: f64 = 91.25;

/// Who was on duty, by account.
#[derive(Debug, Clone, Copy)]
pub struct Officers {
    pub desk: i64,
    pub police: i64,
    /// The account that people try: on the roster, and not there yet.
    pub lead: i64,
    pub leader: i64,
}

/// The alerts up to `now`, oldest first.
pub fn write(
    table: &Arc<Table>,
    cameras: &[(i64, SceneCamera)],
    landmarks: &[Landmark],
    officers: Officers,
    seed: u64,
    now: DateTime<Utc>,
) -> Vec<LoadedAlert> {
    let scene = Scene::new(table, cameras.iter().map(|(_, camera)| camera.clone()).collect(), landmarks);
    let share = scene.share();
    let mut arrivals = Arrivals::new(table.clone(), scene, seed);
    let mut dice = Dice::new(seed, "past");
    let mut at = now - TimeDelta::days(DAYS);
    let mut came: Vec<(DateTime<Utc>, Sighting)> = Vec::new();
    while let Some(wait) = arrivals.wait(in_ward(at), share) {
        arrivals.pass(in_ward(at), in_ward(at + wait), share);
        at += wait;
        if at >= now {
            break;
        }
        if arrivals.is_due() {
            came.extend(arrivals.arrive(in_ward(at)).into_iter().map(|sighting| (at + sighting.after, sighting)));
        }
    }
    came.retain(|(begun, _)| *begun < now);
    came.sort_by_key(|(begun, sighting)| (*begun, sighting.letters.clone()));
    let mut alerts: Vec<LoadedAlert> = came
        .iter()
        .filter_map(|(begun, sighting)| {
            let camera_id = cameras.iter().find(|(_, camera)| camera.code == sighting.camera)?.0;
            Some(alert(table, &mut dice, camera_id, *begun, sighting, officers, now))
        })
        .collect();
    fine(table, &mut dice, &mut alerts, violations(share));
    alerts
}

fn alert(
    table: &Table,
    dice: &mut Dice,
    camera_id: i64,
    begun: DateTime<Utc>,
    seen: &Sighting,
    officers: Officers,
    now: DateTime<Utc>,
) -> LoadedAlert {
    let begun = to_millis(begun);
    let received_at = begun + TimeDelta::milliseconds(i64::from(dice.between(400, 2_500)));
    let severity = seen.graded();
    let mut alert = LoadedAlert {
        uid: uid_of(received_at),
        camera_id,
        external_id: format!("{NUMBERED}{}.{:03}-{}", begun.timestamp(), begun.timestamp_subsec_millis(), seen.letters),
        kind: seen.kind,
        severity,
        confidence: Some(seen.confidence),
        started_at: begun,
        ended_at: Some(begun + seen.lasts).filter(|ended| *ended < now),
        received_at,
        in_picture: Some(seen.in_picture),
        path: Some(seen.path.clone()),
        plate: seen.plate.clone(),
        status: AlertStatus::New,
        outcome: None,
        handler_id: None,
        assigned_at: None,
        taken_at: None,
        closed_at: None,
        answer_due_at: None,
        escalation: 0,
        legal_basis: None,
        fine_vnd: None,
        entries: Vec::new(),
    };
    if let Some(kind) = table.of(seen.kind) {
        let course = Course::draw(dice, kind, severity, seen.is_repeat);
        answer(&mut alert, &Writer { notes: &table.notes }, dice, &course, officers, now);
    }
    alert
}

/// Writes down the steps of `course` that lie before `now`.
fn answer(alert: &mut LoadedAlert, writer: &Writer, dice: &mut Dice, course: &Course, officers: Officers, now: DateTime<Utc>) {
    // Drawn whether they are reached or not, so that what comes after them is the same.
    let (seen, handed_over) = (writer.seen(dice), writer.handed_over(dice));
    let closing = writer.closing(dice, course.outcome, false);
    let leader_after = TimeDelta::seconds(i64::from(dice.between(15, 100)));
    let mut at = alert.received_at + course.taken_after;
    let mut handler = officers.desk;
    let limit = answer_limit(alert.severity);
    let in_time = alert.received_at + limit;
    let mut steps = Steps { alert, limit, now };
    // The roster named who was on.
    let received_at = steps.alert.received_at;
    steps.assign(received_at, None, officers.desk, None);
    if at > in_time {
        // Nobody took it in its time, and nobody sat where it went one step up: the leader took it.
        handler = officers.leader;
        steps.escalate(in_time, officers.desk, officers.lead, 2);
        steps.escalate(in_time + limit, officers.lead, handler, 3);
        at = in_time + limit + leader_after;
    }
    steps.take(at, handler);
    if let Some(after) = course.noted_after {
        at += after;
        steps.note(at, handler, seen);
    }
    if let Some(after) = course.handed_over_after.filter(|_| handler == officers.desk) {
        at += after;
        steps.assign(at, Some(handler), officers.police, Some(handed_over));
        handler = officers.police;
        at += TimeDelta::seconds(75);
        steps.take(at, handler);
    }
    at += course.closed_after;
    steps.close(at, handler, course.outcome, closing);
}

/// Steps that are done if their time had come.
struct Steps<'a> {
    alert: &'a mut LoadedAlert,
    /// How long each has who is given it.
    limit: TimeDelta,
    now: DateTime<Utc>,
}

impl Steps<'_> {
    fn add(&mut self, at: DateTime<Utc>, step: AlertStep, actor: Option<i64>, to_account: Option<i64>, note: Option<String>) -> bool {
        let is_done = at < self.now;
        if is_done {
            self.alert.entries.push(LoadedEntry { at, step, outcome: None, from_account: None, to_account, note, actor });
        }
        is_done
    }

    fn assign(&mut self, at: DateTime<Utc>, by: Option<i64>, to: i64, note: Option<String>) {
        if self.add(at, AlertStep::Assigned, by, Some(to), note) {
            (self.alert.status, self.alert.handler_id) = (AlertStatus::Assigned, Some(to));
            (self.alert.assigned_at, self.alert.taken_at) = (Some(at), None);
            (self.alert.answer_due_at, self.alert.escalation) = (Some(at + self.limit), 0);
        }
    }

    /// To whoever is asked at this step of the roster.
    fn escalate(&mut self, at: DateTime<Utc>, from: i64, to: i64, step: i16) {
        if self.add(at, AlertStep::Escalated, None, Some(to), None) {
            (self.alert.handler_id, self.alert.assigned_at) = (Some(to), Some(at));
            (self.alert.answer_due_at, self.alert.escalation) = (Some(at + self.limit), step);
            if let Some(entry) = self.alert.entries.last_mut() {
                entry.from_account = Some(from);
            }
        }
    }

    fn take(&mut self, at: DateTime<Utc>, by: i64) {
        if self.add(at, AlertStep::Taken, Some(by), None, None) {
            (self.alert.status, self.alert.handler_id, self.alert.taken_at) = (AlertStatus::Taken, Some(by), Some(at));
            self.alert.answer_due_at = None;
        }
    }

    fn note(&mut self, at: DateTime<Utc>, by: i64, note: String) {
        self.add(at, AlertStep::Noted, Some(by), None, Some(note));
    }

    fn close(&mut self, at: DateTime<Utc>, by: i64, outcome: AlertOutcome, note: String) {
        if self.add(at, AlertStep::Closed, Some(by), None, Some(note)) {
            (self.alert.status, self.alert.outcome, self.alert.closed_at) = (AlertStatus::Closed, Some(outcome), Some(at));
            if let Some(entry) = self.alert.entries.last_mut() {
                entry.outcome = Some(outcome);
            }
        }
    }
}

/// Of what was handled, as many as FACTS say end with a fine: which, by chance and kind. Exactly so many, because a
/// month's figure is what people look at.
fn fine(table: &Table, dice: &mut Dice, alerts: &mut [LoadedAlert], violations: usize) {
    let handled: Vec<usize> = (0..alerts.len()).filter(|index| alerts[*index].outcome == Some(AlertOutcome::Handled)).collect();
    let weight = |index: &usize| table.of(alerts[*index].kind).map_or(0.0, |kind| kind.violation);
    let weights: Vec<f64> = handled.iter().map(weight).collect();
    let writer = Writer { notes: &table.notes };
    for place in dice.weighted_order(&weights).into_iter().take(violations) {
        let alert = &mut alerts[handled[place]];
        let Some(kind) = table.of(alert.kind) else { continue };
        let (basis, fine_vnd) = writer.fine(dice, kind);
        (alert.legal_basis, alert.fine_vnd) = (Some(basis), Some(fine_vnd));
        if let Some(entry) = alert.entries.last_mut() {
            entry.note = Some(writer.closing(dice, AlertOutcome::Handled, true));
        }
    }
}

fn violations(share: f64) -> usize {
    (VIOLATIONS_IN_THREE_MONTHS * share * DAYS as f64 / THREE_MONTHS_DAYS).round() as usize
}

fn to_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// A UUIDv7 of that moment, not of this: the map of an earlier day asks it when the row began.
fn uid_of(at: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, at.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::day::tests::{cameras_of_a_scene, landmarks_of_a_scene};
    use chrono::TimeZone;
    use shared::camera_alert::Severity;

    const OFFICERS: Officers = Officers { desk: 1, police: 2, lead: 3, leader: 4 };

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 2, 30, 0).unwrap()
    }

    fn past(seed: u64) -> Vec<LoadedAlert> {
        let table = Arc::new(Table::read().unwrap());
        // Sixty cameras, ten at each of six junctions.
        let named = |(n, camera): (usize, SceneCamera)| SceneCamera { code: format!("C{n:02}"), ..camera };
        let sixty = cameras_of_a_scene().into_iter().cycle().take(60).enumerate().map(named);
        let cameras: Vec<(i64, SceneCamera)> = (1..).zip(sixty).collect();
        let mut alerts = write(&table, &cameras, &landmarks_of_a_scene(), OFFICERS, seed, now());
        for alert in &mut alerts {
            alert.uid = Uuid::nil();
        }
        alerts
    }

    #[test]
    fn the_same_seed_and_moment_give_the_same_past() {
        assert_eq!(past(1), past(1));
        assert_ne!(past(1), past(2));
    }

    #[test]
    fn thirty_days_at_about_one_row_every_ten_minutes() {
        let alerts = past(1);
        let a_day = alerts.len() as f64 / DAYS as f64;
        assert!((125.0..165.0).contains(&a_day), "{a_day} a day");
        assert!(alerts.iter().all(|alert| alert.started_at < now() && alert.started_at >= now() - TimeDelta::days(DAYS)));
        let days: std::collections::HashSet<_> = alerts.iter().map(|alert| in_ward(alert.started_at).date()).collect();
        assert!(days.len() as i64 >= DAYS, "no day is empty: {}", days.len());
        let ids: std::collections::HashSet<_> = alerts.iter().map(|alert| (alert.camera_id, &alert.external_id)).collect();
        assert_eq!(ids.len(), alerts.len(), "each its own");
    }

    #[test]
    fn shares_are_those_of_an_alarm_philosophy() {
        let alerts = past(1);
        let share = |severity: Severity| alerts.iter().filter(|alert| alert.severity == severity).count() as f64 / alerts.len() as f64;
        assert!(
            share(Severity::Critical) <= 0.05 && share(Severity::High) <= 0.15,
            "{} {}",
            share(Severity::Critical),
            share(Severity::High)
        );
        let fined: Vec<_> = alerts.iter().filter(|alert| alert.legal_basis.is_some()).collect();
        assert_eq!(fined.len(), 36, "109 in three months");
        assert!(fined.iter().all(|alert| alert.outcome == Some(AlertOutcome::Handled) && alert.fine_vnd > Some(0)));
    }

    #[test]
    fn steps_are_in_order_and_what_is_open_is_of_the_last_hours() {
        for alert in past(1) {
            assert!(alert.entries.windows(2).all(|pair| pair[0].at <= pair[1].at), "{alert:?}");
            assert!(alert.entries.iter().all(|entry| entry.at >= alert.received_at && entry.at < now()));
            assert!(alert.ended_at.is_none_or(|ended| ended >= alert.started_at));
            let is_closed = alert.status == AlertStatus::Closed;
            assert_eq!((is_closed, is_closed), (alert.closed_at.is_some(), alert.outcome.is_some()));
            assert!(is_closed || alert.started_at > now() - TimeDelta::hours(4), "{alert:?}");
            assert_eq!(alert.handler_id.is_none(), alert.status == AlertStatus::New, "{alert:?}");
            assert!(alert.status != AlertStatus::Taken || alert.taken_at.is_some());
            // What waits for somebody has time left: nothing is late at the moment the ward begins.
            assert_eq!(alert.status == AlertStatus::Assigned, alert.answer_due_at.is_some_and(|due| due > now()), "{alert:?}");
        }
    }

    #[test]
    fn colleagues_did_it_all_and_what_was_late_went_past_an_empty_chair() {
        let alerts = past(1);
        let steps: Vec<&LoadedEntry> = alerts.iter().flat_map(|alert| &alert.entries).collect();
        assert!(steps.iter().all(|entry| entry.actor != Some(OFFICERS.lead)));
        let went_to = |who: i64| steps.iter().filter(|entry| entry.step == AlertStep::Escalated && entry.to_account == Some(who)).count();
        let (to_lead, to_leader) = (went_to(OFFICERS.lead), went_to(OFFICERS.leader));
        assert!(to_leader > 100 && to_lead >= to_leader && to_lead < alerts.len() / 10, "{to_lead} {to_leader} of {}", alerts.len());
        assert!(alerts.iter().all(|alert| alert.handler_id != Some(OFFICERS.lead) || alert.status == AlertStatus::Assigned));
    }
}
