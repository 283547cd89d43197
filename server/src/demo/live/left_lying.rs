//! What somebody who tried the demonstration took or was given, and left: a colleague goes on with it when as long as a shift has gone by.
//! It deliberately takes nothing sooner, and nothing of anybody who is no account of the demonstration.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::camera_alert::{AssignAlert, CameraAlert, CameraAlertCard, CameraAlertList};
use shared::session::SessionInfo;

use super::doors::{SignedIn, Trouble};
use super::play::{Player, Tally};
use crate::accounts::demo::{LEADER, OPERATOR, POLICE};
use crate::demo::day::{Table, Writer};
use crate::demo::people::dice::Dice;

const LOOK_EVERY: TimeDelta = TimeDelta::minutes(10);
const A_SHIFT: TimeDelta = TimeDelta::hours(8);

/// Sits at a colleague's desk, who finishes what comes to it.
pub(super) struct LeftLying {
    session: SignedIn,
    table: Arc<Table>,
    dice: Dice,
    looks_at: DateTime<Utc>,
}

impl LeftLying {
    pub fn new(session: SignedIn, table: Arc<Table>, seed: u64, now: DateTime<Utc>) -> Self {
        Self { session, table, dice: Dice::new(seed, "left lying"), looks_at: now }
    }

    async fn look(&mut self, now: DateTime<Utc>, tally: &mut Tally) -> Result<(), Trouble> {
        let begun_before = (now - A_SHIFT).to_rfc3339_opts(SecondsFormat::Secs, true);
        let path = format!("/api/camera-alerts?status=assigned,taken&until={begun_before}&limit=200");
        let open: CameraAlertList = self.session.get(&path).await?;
        let had_since = |alert: &CameraAlert| alert.taken_at.or(alert.assigned_at);
        let is_left = |alert: &CameraAlert| is_left(alert.handler_name.as_deref(), had_since(alert), now);
        let left: Vec<CameraAlert> = open.alerts.into_iter().filter(is_left).collect();
        if !left.is_empty() {
            let me: SessionInfo = self.session.get("/api/session").await?;
            for alert in left {
                let note = Writer { notes: &self.table.notes }.left(&mut self.dice);
                let order = AssignAlert { account_id: Some(me.account_id), note: Some(note) };
                let path = format!("/api/camera-alerts/{}/assign", alert.id);
                match self.session.post::<CameraAlertCard>(&path, &order, Some(alert.version)).await {
                    Ok(_) => tally.taken_over += 1,
                    // They came back to it at this moment.
                    Err(Trouble::Refused { .. }) => tally.forestalled += 1,
                    Err(away) => return Err(away),
                }
            }
        }
        self.looks_at = now + LOOK_EVERY;
        Ok(())
    }
}

fn is_left(handler: Option<&str>, had_since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    let is_tried = [OPERATOR, POLICE, LEADER].iter().any(|who| handler == Some(who.display_name));
    is_tried && had_since.is_some_and(|since| now - since >= A_SHIFT)
}

impl Player for LeftLying {
    fn name(&self) -> String {
        self.session.login.to_owned()
    }

    fn next(&self, _now: DateTime<Utc>, speed: f64) -> Option<DateTime<Utc>> {
        Some(self.looks_at).filter(|_| speed > 0.0)
    }

    fn pass(&mut self, _from: DateTime<Utc>, _until: DateTime<Utc>, _speed: f64) {}

    fn act<'a>(&'a mut self, now: DateTime<Utc>, _speed: f64, tally: &'a mut Tally) -> BoxFuture<'a, Result<(), Trouble>> {
        self.look(now, tally).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn a_visitor_keeps_what_is_theirs_for_as_long_as_a_shift() {
        let taken = Utc.with_ymd_and_hms(2026, 11, 22, 1, 0, 0).unwrap();
        let after = |hours: i64| taken + TimeDelta::hours(hours);
        assert!(!is_left(Some("Trực ban (demo)"), Some(taken), after(7)));
        assert!(is_left(Some("Trực ban (demo)"), Some(taken), after(8)));
        assert!(!is_left(Some("Nguyễn Văn An"), Some(taken), after(80)), "a person's own");
    }
}
