//! The cameras themselves: each says every minute that it is there, until one falls silent for a while and comes back.
//! It deliberately goes on while the play is paused: a pause of the demonstration is no failure of sixty cameras.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::camera::CameraStatus;
use shared::ingest::ReportedStatus;

use super::doors::{Doors, Trouble};
use super::play::{Player, Tally};
use crate::demo::day::Table;
use crate::demo::people::dice::Dice;

const EVERY: TimeDelta = TimeDelta::minutes(1);
/// What did not answer when the play began is mended within so many minutes.
const MENDED_WITHIN_MINUTES: [i32; 2] = [60, 480];

/// Cameras that are silent now: what they would see, nobody reports.
pub(super) type Silent = Arc<Mutex<BTreeSet<String>>>;

pub(super) struct Heartbeats {
    doors: Doors,
    table: Arc<Table>,
    dice: Dice,
    cameras: Vec<String>,
    /// Until when, and whether the recorder says so or nothing is heard at all.
    silent: BTreeMap<usize, Silence>,
    said: Silent,
    next_at: DateTime<Utc>,
}

struct Silence {
    until: DateTime<Utc>,
    is_reported: bool,
}

impl Heartbeats {
    /// `cameras`: their codes, and whether each is offline as the play begins.
    pub fn new(doors: Doors, table: Arc<Table>, cameras: Vec<(String, bool)>, seed: u64, said: Silent, now: DateTime<Utc>) -> Self {
        let mut dice = Dice::new(seed, "silences");
        let mut silent = BTreeMap::new();
        for (index, _) in cameras.iter().enumerate().filter(|(_, (_, is_offline))| *is_offline) {
            let [soonest, latest] = MENDED_WITHIN_MINUTES;
            let until = now + TimeDelta::minutes(i64::from(dice.between(soonest, latest)));
            silent.insert(index, Silence { until, is_reported: true });
        }
        let cameras = cameras.into_iter().map(|(code, _)| code).collect();
        Self { doors, table, dice, cameras, silent, said, next_at: now }
    }

    /// Draws whether a camera falls silent now, and lets those come back whose time is over.
    fn change(&mut self, now: DateTime<Utc>, speed: f64, tally: &mut Tally) {
        self.silent.retain(|_, silence| silence.until > now);
        let chance = self.table.silences_per_day * speed * EVERY.num_seconds() as f64 / 86_400.0;
        // A ward goes on being watched, however fast it is played.
        let most = self.cameras.len() / 10;
        if self.dice.chance(chance) && self.silent.len() < most {
            let camera = self.dice.below(self.cameras.len());
            let [shortest, longest] = self.table.silent_minutes;
            let until = now + TimeDelta::minutes(i64::from(self.dice.between(shortest, longest)));
            let is_reported = self.dice.chance(0.5);
            self.silent.entry(camera).or_insert_with(|| {
                tally.silences += 1;
                Silence { until, is_reported }
            });
        }
        let silent = self.silent.keys().map(|camera| self.cameras[*camera].clone()).collect();
        *self.said.lock().expect("nobody panics with it in hand") = silent;
    }

    fn states(&self, at: DateTime<Utc>) -> Vec<ReportedStatus> {
        let state = |(index, camera): (usize, &String)| {
            let status = match self.silent.get(&index) {
                None => CameraStatus::Online,
                Some(silence) if silence.is_reported => CameraStatus::Offline,
                Some(_) => return None,
            };
            Some(ReportedStatus { camera: camera.clone(), status, at })
        };
        self.cameras.iter().enumerate().filter_map(state).collect()
    }
}

impl Player for Heartbeats {
    fn name(&self) -> String {
        "cameras".to_owned()
    }

    fn next(&self, _now: DateTime<Utc>, _speed: f64) -> Option<DateTime<Utc>> {
        Some(self.next_at)
    }

    fn pass(&mut self, _from: DateTime<Utc>, _until: DateTime<Utc>, _speed: f64) {}

    fn act<'a>(&'a mut self, now: DateTime<Utc>, speed: f64, tally: &'a mut Tally) -> BoxFuture<'a, Result<(), Trouble>> {
        async move {
            self.change(now, speed, tally);
            self.doors.report_status(&self.states(now)).await?;
            self.next_at = now + EVERY;
            Ok(())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cameras_fall_silent_now_and_then_and_come_back() {
        let cameras: Vec<(String, bool)> = (1..=60).map(|n| (format!("C{n:02}"), n <= 2)).collect();
        let doors = Doors::new("http://127.0.0.1:9", "token").unwrap();
        let table = Arc::new(Table::read().unwrap());
        let mut now: DateTime<Utc> = "2026-11-22T00:00:00Z".parse().unwrap();
        let (mut beats, mut tally) = (Heartbeats::new(doors, table, cameras, 1, Silent::default(), now), Tally::default());
        let (mut fewest, mut back) = (60, 0);
        for _ in 0..20 * 24 * 60 {
            beats.change(now, 1.0, &mut tally);
            let online = beats.states(now).iter().filter(|state| state.status == CameraStatus::Online).count();
            fewest = fewest.min(online);
            back += usize::from(online == 60);
            now += EVERY;
        }
        assert!((20..=60).contains(&tally.silences), "{} in twenty days", tally.silences);
        assert!((54..60).contains(&fewest), "{fewest} at the worst moment");
        assert!(back > 10 * 24 * 60, "mostly all of them are there");
    }
}
