//! When the next alert comes and what it is: a Poisson process whose rate follows the hour, the weekday and the speed.
//! It deliberately knows no clock: whoever plays it says how much time went by.
//!
//! What is drawn is how much rate must go by until the next alert (a unit exponential; time rescaling, Çınlar, "Introduction to
//! Stochastic Processes", 1975), so a change of speed in between multiplies the rate and disturbs nothing else.

use std::sync::Arc;

use chrono::{NaiveDateTime, TimeDelta};
use shared::camera_alert::{AlertKind, Severity};

use super::scene::Scene;
use super::table::{Kind, Table, end_of_step, graver};
use crate::cameras::alerts::usual_severity;
use crate::demo::people::dice::Dice;
use crate::demo::synthetic_snapshot::{HEIGHT_PX, WIDTH_PX, spot};

/// A bursting market spills over within so many seconds.
const BURST_WITHIN_S: i32 = 180;
/// Nobody waits longer for an alert than this; then the question is asked again.
const LOOK_AHEAD: TimeDelta = TimeDelta::days(2);
const PICTURE: (f64, f64) = (WIDTH_PX as f64, HEIGHT_PX as f64);

/// Something that a camera sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// After the arrival that it belongs to.
    pub after: TimeDelta,
    pub camera: String,
    pub kind: AlertKind,
    /// None: as the kind usually is.
    pub severity: Option<Severity>,
    pub confidence: f32,
    pub lasts: TimeDelta,
    pub in_picture: [f64; 4],
    pub path: Vec<[f64; 2]>,
    pub plate: Option<String>,
    /// The recorder sends it once more, word for word.
    pub sent_twice: bool,
    /// The same thing again, seen by the same camera.
    pub is_repeat: bool,
    /// Six letters, as Frigate puts behind the time to make a number.
    pub letters: String,
}

impl Sighting {
    pub fn graded(&self) -> Severity {
        self.severity.unwrap_or_else(|| usual_severity(self.kind))
    }
}

pub struct Arrivals {
    table: Arc<Table>,
    scene: Scene,
    seed: u64,
    dice: Dice,
    /// Rate that must still go by.
    owed: f64,
}

impl Arrivals {
    pub fn new(table: Arc<Table>, scene: Scene, seed: u64) -> Self {
        let mut dice = Dice::new(seed, "arrivals");
        let owed = exponential(&mut dice);
        Self { table, scene, seed, dice, owed }
    }

    /// How long until the next alert, from `from` on; none while nothing comes (speed 0).
    pub fn wait(&self, from: NaiveDateTime, speed: f64) -> Option<TimeDelta> {
        let (mut at, mut owed) = (from, self.owed);
        if speed <= 0.0 || self.scene.cameras.is_empty() {
            return None;
        }
        while at < from + LOOK_AHEAD {
            let (rate, end) = (self.table.rate(at) * speed, end_of_step(at));
            let gained = rate * hours(end - at);
            if gained >= owed && rate > 0.0 {
                // Rounded up, so that the wait, once over, has paid all.
                let micros = (owed / rate * 3_600e6).ceil().max(0.0) as i64 + 1;
                return Some(at - from + TimeDelta::microseconds(micros));
            }
            owed -= gained;
            at = end;
        }
        Some(LOOK_AHEAD)
    }

    /// Time went by.
    pub fn pass(&mut self, from: NaiveDateTime, until: NaiveDateTime, speed: f64) {
        let mut at = from;
        while at < until {
            let end = end_of_step(at).min(until);
            self.owed -= self.table.rate(at) * speed * hours(end - at);
            at = end;
        }
    }

    pub fn is_due(&self) -> bool {
        self.owed <= 0.0
    }

    /// Draws what comes at this moment, with what comes along with it, and how much must go by until the next.
    pub fn arrive(&mut self, at: NaiveDateTime) -> Vec<Sighting> {
        self.owed = exponential(&mut self.dice);
        let table = self.table.clone();
        let windows: Vec<_> = table.at(at).collect();
        if windows.is_empty() {
            return Vec::new();
        }
        let (kind, window) = *self.dice.weighted(&windows, |(_, window)| window.per_hour);
        let Some(first) = self.sighting(kind, &window.place, TimeDelta::zero()) else { return Vec::new() };
        let mut sightings = vec![first];
        if self.dice.chance(table.burst) {
            for _ in 0..self.dice.between(table.burst_of[0], table.burst_of[1]) {
                let after = TimeDelta::seconds(i64::from(self.dice.between(5, BURST_WITHIN_S)));
                sightings.extend(self.sighting(kind, &window.place, after));
            }
        }
        if self.dice.chance(table.repeat) {
            let after = TimeDelta::seconds(i64::from(self.dice.between(25, 270)));
            let again = Sighting { after, is_repeat: true, letters: letters(&mut self.dice), ..sightings[0].clone() };
            sightings.push(again);
        }
        sightings
    }

    fn sighting(&mut self, kind: &Kind, place: &str, after: TimeDelta) -> Option<Sighting> {
        let camera = self.scene.camera(&mut self.dice, place)?;
        let code = self.scene.cameras[camera].code.clone();
        let in_picture = spot(kind.kind, &code, self.seed);
        let [left, _, right, bottom] = in_picture;
        let dice = &mut self.dice;
        let confidence = f64::from(dice.around(56, 98)) / 100.0;
        let path = path(dice, (left + right) / 2.0, bottom);
        Some(Sighting {
            after,
            camera: code,
            kind: kind.kind,
            severity: dice.chance(kind.graver).then(|| graver(usual_severity(kind.kind))),
            confidence: confidence as f32,
            lasts: TimeDelta::seconds(i64::from(dice.between(kind.lasts_min[0] * 60, kind.lasts_min[1] * 60))),
            in_picture,
            path,
            plate: plate(dice, kind.kind),
            sent_twice: dice.chance(self.table.sent_twice),
            is_repeat: false,
            letters: letters(dice),
        })
    }
}

fn exponential(dice: &mut Dice) -> f64 {
    -(1.0 - dice.fraction()).ln()
}

fn hours(span: TimeDelta) -> f64 {
    span.num_microseconds().unwrap_or(i64::MAX) as f64 / 3_600e6
}

fn round(pixels: f64) -> f64 {
    pixels.round().max(0.0)
}

/// Where somebody's feet went, in the picture.
fn path(dice: &mut Dice, mut x: f64, mut y: f64) -> Vec<[f64; 2]> {
    (0..dice.between(3, 9))
        .map(|_| {
            x = round((x + f64::from(dice.between(-30, 30))).clamp(0.0, PICTURE.0));
            y = round((y + f64::from(dice.between(-16, 16))).clamp(0.0, PICTURE.1));
            [x, y]
        })
        .collect()
}

/// No province has the number 00: nobody's own plate can come out.
fn plate(dice: &mut Dice, kind: AlertKind) -> Option<String> {
    let reads = matches!(
        kind,
        AlertKind::WantedVehicle | AlertKind::OversizeLorry | AlertKind::IllegalParking | AlertKind::IllegalStopping | AlertKind::Collision
    );
    (reads && dice.chance(0.8)).then(|| format!("00A-{:03}.{:02}", dice.between(100, 999), dice.between(0, 99)))
}

fn letters(dice: &mut Dice) -> String {
    (0..6).map(|_| char::from(b'a' + dice.below(26) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::day::scene::tests::a_scene;
    use chrono::NaiveDate;

    fn morning() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 11, 16).unwrap().and_hms_opt(5, 0, 0).unwrap()
    }

    fn arrivals(seed: u64) -> Arrivals {
        let table = Arc::new(Table::read().unwrap());
        let scene = a_scene(&table);
        Arrivals::new(table, scene, seed)
    }

    /// Kind, camera and wait of each alert of `span`.
    fn played(seed: u64, speed: f64, span: TimeDelta) -> Vec<(AlertKind, String, TimeDelta)> {
        let (mut arrivals, mut at, mut all) = (arrivals(seed), morning(), Vec::new());
        loop {
            let wait = arrivals.wait(at, speed).unwrap();
            if at + wait >= morning() + span {
                return all;
            }
            arrivals.pass(at, at + wait, speed);
            at += wait;
            assert!(arrivals.is_due());
            all.extend(arrivals.arrive(at).into_iter().map(|seen| (seen.kind, seen.camera, wait + seen.after)));
        }
    }

    #[test]
    fn the_same_seed_plays_the_same_day_and_another_another() {
        let day = TimeDelta::hours(24);
        assert_eq!(played(7, 1.0, day), played(7, 1.0, day));
        assert_ne!(played(7, 1.0, day), played(8, 1.0, day));
    }

    #[test]
    fn a_week_brings_what_the_table_says() {
        let table = Table::read().unwrap();
        let expected: f64 = (0..7).map(|day| table.expected_on(morning().date() + TimeDelta::days(day)).values().sum::<f64>()).sum();
        let expected = expected * table.rows_per_alert();
        let weeks = 12.0;
        let came = played(3, 1.0, TimeDelta::days(7) * 12).len() as f64 / weeks;
        assert!((came / expected - 1.0).abs() < 0.05, "{came} for {expected}");
    }

    #[test]
    fn ten_times_the_speed_multiplies_the_rate_and_nothing_else() {
        let span = TimeDelta::days(7);
        let (once, tenfold) = (played(3, 1.0, span), played(3, 10.0, span));
        let ratio = tenfold.len() as f64 / once.len() as f64;
        assert!((9.0..11.0).contains(&ratio), "{ratio}");
        let share =
            |all: &[(AlertKind, String, TimeDelta)], kind| all.iter().filter(|(of, _, _)| *of == kind).count() as f64 / all.len() as f64;
        for kind in [AlertKind::StreetMarket, AlertKind::OversizeLorry, AlertKind::IllegalStopping] {
            assert!((share(&once, kind) - share(&tenfold, kind)).abs() < 0.05, "{kind:?}");
        }
    }

    #[test]
    fn a_change_of_speed_in_between_loses_nothing_of_what_went_by() {
        let mut arrivals = arrivals(5);
        let whole = arrivals.wait(morning(), 1.0).unwrap();
        let half = whole / 2;
        arrivals.pass(morning(), morning() + half, 1.0);
        assert_eq!(arrivals.wait(morning() + half, 0.0), None, "paused");
        let rest = arrivals.wait(morning() + half, 1.0).unwrap();
        assert!((half + rest - whole).abs() < TimeDelta::milliseconds(1));
        let faster = arrivals.wait(morning() + half, 2.0).unwrap();
        assert!(faster < rest);
    }

    #[test]
    fn what_is_seen_lies_in_the_picture_and_no_plate_is_anybodys() {
        let mut arrivals = arrivals(9);
        let seen: Vec<Sighting> = (0..3000).flat_map(|_| arrivals.arrive(morning() + TimeDelta::hours(2))).collect();
        for sighting in &seen {
            let [left, top, right, bottom] = sighting.in_picture;
            assert!(0.0 <= left && left < right && right <= PICTURE.0 && 0.0 <= top && top < bottom && bottom <= PICTURE.1, "{sighting:?}");
            assert!((0.0..=1.0).contains(&sighting.confidence));
            assert!(sighting.plate.as_ref().is_none_or(|plate| plate.starts_with("00A-")));
        }
        assert!(seen.iter().any(|sighting| sighting.is_repeat) && seen.iter().any(|sighting| sighting.sent_twice));
    }
}
