//! An officer of the demonstration: looks at the list now and then, takes what is new, writes a note, hands over, closes, each after the
//! time a person needs.
//! It deliberately leaves alone what somebody else has taken: a visitor who handles an alert by hand keeps it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::camera_alert::{
    AlertHandlerList, AlertOutcome, AlertStatus, AlertStep, AssignAlert, CameraAlert, CameraAlertCard, CameraAlertList, CloseAlert,
    NoteAlert,
};
use shared::session::Role;

use super::doors::{SignedIn, Trouble};
use super::play::{Player, Tally};
use crate::demo::day::{Course, Table, Writer};
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
    /// A colleague looked at it first, and handed it on.
    was_handed_on: bool,
}

pub(super) struct Officer {
    session: SignedIn,
    desk: Desk,
    table: Arc<Table>,
    seed: u64,
    looks_at: DateTime<Utc>,
    plans: HashMap<i64, Plan>,
}

impl Officer {
    pub fn new(session: SignedIn, desk: Desk, table: Arc<Table>, seed: u64, now: DateTime<Utc>) -> Self {
        Self { session, desk, table, seed, looks_at: now, plans: HashMap::new() }
    }

    /// Reads the list as the screen does, plans for what is new, and forgets what somebody else has ended.
    async fn look(&mut self, now: DateTime<Utc>) -> Result<(), Trouble> {
        let mine: CameraAlertList = self.session.get("/api/camera-alerts?status=assigned,taken&mine=true&limit=200").await?;
        let mut open = mine.alerts;
        if self.desk == Desk::Operator {
            let new: CameraAlertList = self.session.get("/api/camera-alerts?status=new&limit=200").await?;
            open.extend(new.alerts);
        }
        self.plans.retain(|id, _| open.iter().any(|alert| alert.id == *id));
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
        let (at, next) = match alert.status {
            AlertStatus::New | AlertStatus::Assigned => {
                let since = alert.assigned_at.unwrap_or(alert.started_at).min(now);
                ((since + course.taken_after).max(now + TimeDelta::seconds(i64::from(dice.between(2, 15)))), Next::Take)
            }
            AlertStatus::Taken if alert.taken_at.is_none_or(|taken| now - taken > LEFT_LYING) => (now, Next::Close),
            AlertStatus::Taken | AlertStatus::Closed => return None,
        };
        Some(Plan { at, next, course, dice, alert: alert.clone(), was_handed_on: false })
    }

    async fn step(&mut self, id: i64, now: DateTime<Utc>, tally: &mut Tally) -> Result<(), Trouble> {
        let Some(plan) = self.plans.get_mut(&id) else { return Ok(()) };
        let done = do_step(&mut self.session, &self.table, plan, tally).await;
        match done {
            Ok(card) if card.alert.status == AlertStatus::Taken => {
                plan.was_handed_on = card.entries.iter().any(|entry| entry.step == AlertStep::Assigned && entry.by.is_some());
                let (next, after) = following(plan, self.desk);
                (plan.next, plan.at, plan.alert) = (next, now + after, card.alert);
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
fn following(plan: &Plan, desk: Desk) -> (Next, TimeDelta) {
    let course = &plan.course;
    match plan.next {
        Next::Take if course.noted_after.is_some() => (Next::Note, course.noted_after.unwrap_or_default()),
        Next::Take | Next::Note if desk == Desk::Operator && course.handed_over_after.is_some() => {
            (Next::HandOver, course.handed_over_after.unwrap_or_default())
        }
        Next::Take | Next::Note | Next::HandOver | Next::Close => (Next::Close, course.closed_after),
    }
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
            let Some(police) = who.handlers.iter().find(|handler| handler.roles.contains(&Role::Police)) else {
                // Nobody to hand it to: it is ended here.
                return close(session, table, plan, tally).await;
            };
            let order = AssignAlert { account_id: Some(police.account_id), note: Some(writer.handed_over(&mut plan.dice)) };
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
