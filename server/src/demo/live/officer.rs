//! An officer of the demonstration: looks at the list now and then, takes what is new, writes a note, hands over, closes, each after the
//! time a person needs.
//! It deliberately leaves alone what somebody else has taken: a visitor who handles an alert by hand keeps it. What a visitor was asked to
//! look at and does not take, it takes back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::camera_alert::{
    AlertHandler, AlertHandlerList, AlertOutcome, AlertStatus, AlertStep, AssignAlert, CameraAlert, CameraAlertCard, CameraAlertList,
    CloseAlert, NoteAlert,
};
use shared::session::Role;

use super::doors::{SignedIn, Trouble};
use super::play::{Player, Tally};
use crate::accounts::demo::{Known, OPERATOR, POLICE, simulated};
use crate::demo::day::{Course, Table, Writer, answer_limit};
use crate::demo::people::dice::Dice;

/// Between two looks at the list.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(10);
/// What this officer took and has not ended for so long was taken before the play began anew; it is ended now.
const LEFT_LYING: TimeDelta = TimeDelta::hours(2);
/// The same camera and kind again within this is the same thing.
const SAME_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// Where an officer sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Desk {
    /// Takes what is new, and ends or hands over.
    Operator,
    /// Takes what comes to them, by hand, by the roster or because nobody took it in time, and ends it.
    Called,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Take,
    Note,
    HandOver,
    Close,
}

/// What this officer is going to do with an alert.
struct Plan {
    at: DateTime<Utc>,
    next: Next,
    course: Course,
    dice: Dice,
    alert: CameraAlert,
    hands_to: Option<HandsTo>,
    /// Whoever tries the demonstration has it now; when its time comes, it is taken back.
    waits_for_tried: bool,
    /// A colleague looked at it first, and handed it on.
    was_handed_on: bool,
}

/// Whom an officer at the desk hands an alert to, and how long after looking at it.
#[derive(Debug, Clone, Copy)]
struct HandsTo {
    who: Known,
    after: TimeDelta,
}

impl HandsTo {
    /// `asks`: somebody who tries the demonstration.
    fn draw(dice: &mut Dice, course: &Course, asks: bool) -> Option<Self> {
        let wait = TimeDelta::seconds(i64::from(dice.between(20, 90)));
        match (course.handed_over_after, asks && course.outcome == AlertOutcome::Handled) {
            (Some(after), true) => Some(Self { who: POLICE, after }),
            (Some(after), false) => Some(Self { who: simulated::POLICE, after }),
            (None, true) => Some(Self { who: OPERATOR, after: wait }),
            (None, false) => None,
        }
    }

    fn is_tried(&self) -> bool {
        [OPERATOR, POLICE].contains(&self.who)
    }
}

pub(super) struct Officer {
    session: SignedIn,
    desk: Desk,
    table: Arc<Table>,
    seed: u64,
    looks_at: DateTime<Utc>,
    plans: HashMap<i64, Plan>,
    /// What a visitor has been asked to look at: nobody is asked twice.
    asked: HashSet<i64>,
}

impl Officer {
    pub fn new(session: SignedIn, desk: Desk, table: Arc<Table>, seed: u64, now: DateTime<Utc>) -> Self {
        Self { session, desk, table, seed, looks_at: now, plans: HashMap::new(), asked: HashSet::new() }
    }

    /// Reads the list as the screen does, plans for what is new, and forgets what somebody else has ended.
    async fn look(&mut self, now: DateTime<Utc>) -> Result<(), Trouble> {
        let mine: CameraAlertList = self.session.get("/api/camera-alerts?status=assigned,taken&mine=true&limit=200").await?;
        let mut open = mine.alerts;
        if self.desk == Desk::Operator {
            let new: CameraAlertList = self.session.get("/api/camera-alerts?status=new&limit=200").await?;
            open.extend(new.alerts);
        }
        // What waits for a visitor is not among them; once it is again, the visitor has given it back.
        self.plans.retain(|id, plan| open.iter().any(|alert| alert.id == *id) != plan.waits_for_tried);
        for alert in &open {
            if self.plans.contains_key(&alert.id) {
                continue;
            }
            let is_repeat = open.iter().any(|other| is_earlier_of_same(other, alert));
            if let Some(plan) = self.plan(alert, is_repeat, now) {
                self.plans.insert(alert.id, plan);
            }
        }
        self.looks_at = now + LOOK_EVERY;
        Ok(())
    }

    fn plan(&self, alert: &CameraAlert, is_repeat: bool, now: DateTime<Utc>) -> Option<Plan> {
        let kind = self.table.of(alert.kind)?;
        // The number decides, so that the same alert is answered alike in every trial.
        let mut dice = Dice::new(self.seed, &format!("{} {}", self.session.login, alert.code));
        let course = Course::draw(&mut dice, kind, alert.severity, is_repeat);
        // Nobody asks oneself, where the accounts that people try are played.
        let asks = dice.chance(self.table.asks_tried) && !self.asked.contains(&alert.id) && self.session.login != OPERATOR.login;
        let hands_to = HandsTo::draw(&mut dice, &course, asks).filter(|_| self.desk == Desk::Operator);
        let (at, next) = match alert.status {
            AlertStatus::New | AlertStatus::Assigned => {
                let since = alert.assigned_at.unwrap_or(alert.started_at).min(now);
                ((since + course.taken_after).max(now + TimeDelta::seconds(i64::from(dice.between(2, 15)))), Next::Take)
            }
            AlertStatus::Taken if alert.taken_at.is_none_or(|taken| now - taken > LEFT_LYING) => (now, Next::Close),
            AlertStatus::Taken | AlertStatus::Closed => return None,
        };
        Some(Plan { at, next, course, dice, alert: alert.clone(), hands_to, waits_for_tried: false, was_handed_on: false })
    }

    async fn step(&mut self, id: i64, now: DateTime<Utc>, tally: &mut Tally) -> Result<(), Trouble> {
        let Some(plan) = self.plans.get_mut(&id) else { return Ok(()) };
        let done = do_step(&mut self.session, &self.table, plan, tally).await;
        match done {
            Ok(card) if card.alert.status == AlertStatus::Taken => {
                plan.was_handed_on = card.entries.iter().any(|entry| entry.step == AlertStep::Assigned && entry.by.is_some());
                tally.taken_back += usize::from(std::mem::take(&mut plan.waits_for_tried));
                let (next, after) = following(plan);
                (plan.next, plan.at, plan.alert) = (next, now + after, card.alert);
            }
            Ok(card)
                if plan.next == Next::HandOver
                    && plan.hands_to.is_some_and(|to| to.is_tried())
                    && card.alert.status == AlertStatus::Assigned =>
            {
                tally.asked += 1;
                self.asked.insert(id);
                (plan.next, plan.at) = (Next::Take, now + answer_limit(card.alert.severity) / 2);
                (plan.alert, plan.waits_for_tried) = (card.alert, true);
                (plan.hands_to, plan.course.noted_after) = (None, None);
            }
            // Handed over or closed: it is no more of this officer's.
            Ok(_) => drop(self.plans.remove(&id)),
            Err(Trouble::Refused { .. }) => {
                tally.forestalled += 1;
                self.plans.remove(&id);
            }
            Err(away) => return Err(away),
        }
        Ok(())
    }
}

/// The same camera saw the same kind a little earlier.
fn is_earlier_of_same(other: &CameraAlert, alert: &CameraAlert) -> bool {
    let earlier = alert.started_at - other.started_at;
    other.id != alert.id
        && (other.camera_id, other.kind) == (alert.camera_id, alert.kind)
        && earlier >= TimeDelta::zero()
        && earlier < SAME_WITHIN
        && (earlier > TimeDelta::zero() || other.id < alert.id)
}

/// What comes after a step that leaves the alert with this officer.
fn following(plan: &Plan) -> (Next, TimeDelta) {
    match (plan.next, plan.course.noted_after, plan.hands_to) {
        (Next::Take, Some(after), _) => (Next::Note, after),
        (Next::Take | Next::Note, _, Some(to)) => (Next::HandOver, to.after),
        (Next::Take | Next::Note | Next::HandOver | Next::Close, _, _) => (Next::Close, plan.course.closed_after),
    }
}

/// Whom the screen offers under that name; where there is no such person, somebody of the police for what is theirs.
fn receiver(handlers: &[AlertHandler], to: &HandsTo) -> Option<i64> {
    let named = handlers.iter().find(|handler| handler.display_name == to.who.display_name);
    let police = || handlers.iter().find(|handler| to.who == simulated::POLICE && handler.roles.contains(&Role::Police));
    named.or_else(police).map(|handler| handler.account_id)
}

/// Does what is planned, through the door.
async fn do_step(session: &mut SignedIn, table: &Table, plan: &mut Plan, tally: &mut Tally) -> Result<CameraAlertCard, Trouble> {
    let (writer, path) = (Writer { notes: &table.notes }, format!("/api/camera-alerts/{}", plan.alert.id));
    match plan.next {
        Next::Take => {
            let card = session.post(&format!("{path}/take"), &(), None).await?;
            tally.taken += 1;
            Ok(card)
        }
        Next::Note => {
            let note = NoteAlert { note: writer.seen(&mut plan.dice) };
            let card = session.post(&format!("{path}/note"), &note, None).await?;
            tally.noted += 1;
            Ok(card)
        }
        Next::HandOver => {
            let who: AlertHandlerList = session.get(&format!("{path}/handlers")).await?;
            let Some((to, account_id)) = plan.hands_to.and_then(|to| Some((to, receiver(&who.handlers, &to)?))) else {
                // Nobody to hand it to: it is ended here.
                return close(session, table, plan, tally).await;
            };
            let note = if to.is_tried() { writer.asked(&mut plan.dice) } else { writer.handed_over(&mut plan.dice) };
            let order = AssignAlert { account_id: Some(account_id), note: Some(note) };
            let card = session.post(&format!("{path}/assign"), &order, Some(plan.alert.version)).await?;
            tally.handed_over += 1;
            Ok(card)
        }
        Next::Close => close(session, table, plan, tally).await,
    }
}

async fn close(session: &mut SignedIn, table: &Table, plan: &mut Plan, tally: &mut Tally) -> Result<CameraAlertCard, Trouble> {
    let writer = Writer { notes: &table.notes };
    // What a colleague hands on was something: they looked at it first.
    let outcome = if plan.was_handed_on { AlertOutcome::Handled } else { plan.course.outcome };
    let kind = table.of(plan.alert.kind).filter(|_| outcome == AlertOutcome::Handled);
    let fine = kind.filter(|kind| plan.dice.chance(kind.violation)).map(|kind| writer.fine(&mut plan.dice, kind));
    let note = writer.closing(&mut plan.dice, outcome, fine.is_some());
    let (legal_basis, fine_vnd) = fine.unzip();
    let request = CloseAlert { outcome, note: Some(note), legal_basis, fine_vnd };
    let card = session.post(&format!("/api/camera-alerts/{}/close", plan.alert.id), &request, Some(plan.alert.version)).await?;
    tally.closed += 1;
    Ok(card)
}

impl Player for Officer {
    fn name(&self) -> String {
        self.session.login.to_owned()
    }

    fn next(&self, _now: DateTime<Utc>, speed: f64) -> Option<DateTime<Utc>> {
        // Paused, nobody looks and nobody acts.
        let planned = self.plans.values().map(|plan| plan.at);
        planned.chain([self.looks_at]).min().filter(|_| speed > 0.0)
    }

    fn pass(&mut self, from: DateTime<Utc>, until: DateTime<Utc>, speed: f64) {
        if speed <= 0.0 {
            for plan in self.plans.values_mut() {
                plan.at += until - from;
            }
        }
    }

    fn act<'a>(&'a mut self, now: DateTime<Utc>, _speed: f64, tally: &'a mut Tally) -> BoxFuture<'a, Result<(), Trouble>> {
        async move {
            let mut due: Vec<(DateTime<Utc>, i64)> =
                self.plans.iter().filter(|(_, plan)| plan.at <= now).map(|(id, plan)| (plan.at, *id)).collect();
            due.sort_unstable();
            for (_, id) in due {
                self.step(id, now, tally).await?;
            }
            if self.looks_at <= now {
                self.look(now).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(account_id: i64, display_name: &str, role: Role) -> AlertHandler {
        AlertHandler { account_id, display_name: display_name.into(), roles: vec![role] }
    }

    #[test]
    fn a_visitor_is_asked_by_name_alone_and_the_police_may_be_anybody_of_theirs() {
        let to = |who| HandsTo { who, after: TimeDelta::zero() };
        let here = [
            offered(1, "Nguyễn Văn An", Role::Police),
            offered(2, simulated::POLICE.display_name, Role::Police),
            offered(3, OPERATOR.display_name, Role::Operator),
        ];
        assert_eq!(receiver(&here, &to(simulated::POLICE)), Some(2));
        assert_eq!(receiver(&here[..1], &to(simulated::POLICE)), Some(1));
        assert_eq!(receiver(&here, &to(OPERATOR)), Some(3));
        assert_eq!(receiver(&here, &to(POLICE)), None, "what is asked of a visitor is taken back, and never of somebody else");
        assert!(to(OPERATOR).is_tried() && to(POLICE).is_tried() && !to(simulated::POLICE).is_tried());
    }
}
