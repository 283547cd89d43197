//! What becomes of an alert: how long until somebody takes it, what they note, whom they hand it to, how it ends.
//! It deliberately does nothing of it: live, officers do it through their doors; in the past it is written down.

use chrono::TimeDelta;
use shared::camera_alert::{AlertOutcome, Severity};

use super::table::{Kind, Notes};
use crate::demo::people::dice::Dice;

/// Share of alerts that nobody takes within their time.
const LATE: f64 = 0.05;

/// How an alert is answered. Every wait counts from the step before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    pub taken_after: TimeDelta,
    pub noted_after: Option<TimeDelta>,
    /// Handed over to the police, who take it and end it.
    pub handed_over_after: Option<TimeDelta>,
    pub closed_after: TimeDelta,
    pub outcome: AlertOutcome,
}

impl Course {
    /// Of something that is seen again (`is_repeat`), not much is left to do.
    pub fn draw(dice: &mut Dice, kind: &Kind, severity: Severity, is_repeat: bool) -> Self {
        let taken_after = taken_after(dice, severity);
        let outcome = match (is_repeat, dice.chance(kind.false_alarm)) {
            (true, _) => AlertOutcome::Duplicate,
            (false, true) => AlertOutcome::FalseAlarm,
            (false, false) => AlertOutcome::Handled,
        };
        let is_real = outcome == AlertOutcome::Handled;
        Self {
            taken_after,
            noted_after: (is_real && dice.chance(0.4)).then(|| seconds(dice, 40, 240)),
            handed_over_after: (is_real && dice.chance(kind.police)).then(|| seconds(dice, 30, 180)),
            closed_after: match outcome {
                AlertOutcome::Duplicate => seconds(dice, 10, 60),
                AlertOutcome::FalseAlarm => seconds(dice, 30, 300),
                AlertOutcome::Handled => seconds(dice, 6 * 60, 40 * 60),
            },
            outcome,
        }
    }
}

/// Within 2, 10 or 60 minutes; now and then not.
fn taken_after(dice: &mut Dice, severity: Severity) -> TimeDelta {
    let (soonest_s, latest_s) = match severity {
        Severity::Critical => (12, 100),
        Severity::High => (30, 520),
        Severity::Medium => (60, 45 * 60),
    };
    // Sooner more often than later: the smaller of two draws.
    let drawn = dice.between(soonest_s, latest_s).min(dice.between(soonest_s, latest_s));
    let limit_s = limit(severity).num_seconds() as i32;
    TimeDelta::seconds(i64::from(if dice.chance(LATE) { limit_s + dice.between(10, limit_s) } else { drawn }))
}

/// How long an alert may wait for somebody.
pub fn limit(severity: Severity) -> TimeDelta {
    match severity {
        Severity::Critical => TimeDelta::minutes(2),
        Severity::High => TimeDelta::minutes(10),
        Severity::Medium => TimeDelta::minutes(60),
    }
}

fn seconds(dice: &mut Dice, low: i32, high: i32) -> TimeDelta {
    TimeDelta::seconds(i64::from(dice.around(low, high)))
}

/// Puts into words what was done.
pub struct Writer<'a> {
    pub notes: &'a Notes,
}

impl Writer<'_> {
    pub fn seen(&self, dice: &mut Dice) -> String {
        dice.one_of(&self.notes.seen).clone()
    }

    pub fn handed_over(&self, dice: &mut Dice) -> String {
        dice.one_of(&self.notes.handed_over).clone()
    }

    /// To somebody who is asked to look at it themselves.
    pub fn asked(&self, dice: &mut Dice) -> String {
        dice.one_of(&self.notes.asked).clone()
    }

    /// Of what a colleague had not finished.
    pub fn left(&self, dice: &mut Dice) -> String {
        dice.one_of(&self.notes.left).clone()
    }

    pub fn closing(&self, dice: &mut Dice, outcome: AlertOutcome, is_fined: bool) -> String {
        let notes = match (outcome, is_fined) {
            (AlertOutcome::Handled, true) => &self.notes.fined,
            (AlertOutcome::Handled, false) => &self.notes.handled,
            (AlertOutcome::FalseAlarm, _) => &self.notes.false_alarm,
            (AlertOutcome::Duplicate, _) => &self.notes.duplicate,
        };
        dice.one_of(notes).clone()
    }

    /// The rule that was broken and the fine: an illustration, as the words themselves say.
    pub fn fine(&self, dice: &mut Dice, kind: &Kind) -> (String, i64) {
        (kind.basis.clone(), *dice.one_of(&kind.fines_vnd))
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::Table;
    use super::*;
    use shared::camera_alert::AlertKind;

    #[test]
    fn most_are_taken_in_time_and_false_alarms_as_often_as_the_table_says() {
        let table = Table::read().unwrap();
        let kind = table.of(AlertKind::Intrusion).unwrap();
        let mut dice = Dice::new(1, "courses");
        let courses: Vec<Course> = (0..4000).map(|_| Course::draw(&mut dice, kind, Severity::High, false)).collect();
        let share = |counts: &dyn Fn(&Course) -> bool| courses.iter().filter(|course| counts(course)).count() as f64 / 4000.0;
        let late = share(&|course| course.taken_after > limit(Severity::High));
        assert!((0.03..0.07).contains(&late), "{late}");
        let wrong = share(&|course| course.outcome == AlertOutcome::FalseAlarm);
        assert!((wrong - kind.false_alarm).abs() < 0.03, "{wrong}");
        assert!(courses.iter().all(|course| course.outcome == AlertOutcome::Handled || course.handed_over_after.is_none()));
    }

    #[test]
    fn what_is_seen_again_is_a_duplicate() {
        let table = Table::read().unwrap();
        let course = Course::draw(&mut Dice::new(1, "courses"), &table.kind[0], Severity::Medium, true);
        assert_eq!(course.outcome, AlertOutcome::Duplicate);
        assert!(course.closed_after <= TimeDelta::minutes(1));
    }
}
