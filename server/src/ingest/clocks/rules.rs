//! Which clock is wrong, and which device only tells what happened long ago: values in, an answer out.
//! It deliberately knows neither database nor the present.
//!
//! A clock that is behind stays behind: what it tells is late by the same, hour after hour, and nothing it tells is of now. A
//! backlog is late by less and less (or more and more, told backwards), much faster than time passes, or what happens now is told
//! beside it. A state that is told again and again with the moment since when it holds is later each time, by as much as time
//! passed. So lateness must be level over a stretch of time that is long beside its unevenness. Nothing can begin in the future:
//! what was told last decides there.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use shared::ingest::{IngestSource, WrongClock};

use crate::cameras::alerts::AHEAD;

/// Devices tell of some things at their end, an hour after they began.
const LATE: TimeDelta = TimeDelta::hours(2);
/// Lateness is looked at in steps of this; of a step what is nearest to now counts.
const STEP_S: i64 = 600;
/// It must be level in so many steps, over so long a time.
const LEAST_STEPS: usize = 3;
const LEAST_SPAN: TimeDelta = TimeDelta::minutes(15);
/// What is this uneven is level still; of a great lateness, a tenth of it.
const EVEN: TimeDelta = TimeDelta::minutes(10);
/// How far the local time is from UTC: a device that takes one for the other is off by that.
const ZONE: TimeDelta = TimeDelta::hours(7);

/// What a device told of a camera in ten minutes: when it was heard, and the moment it spoke of that is nearest to then.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub device_id: i64,
    pub device_name: String,
    pub area_id: i32,
    pub camera: String,
    pub source: IngestSource,
    pub at: DateTime<Utc>,
    pub said: DateTime<Utc>,
    pub reports: i64,
}

impl Heard {
    fn late_by(&self) -> TimeDelta {
        self.at - self.said
    }
}

/// What a day says of all clocks.
#[derive(Debug, Default, PartialEq)]
pub struct LastDay {
    pub wrong: Vec<WrongClock>,
    /// Devices that told of what was over long ago, and whose clock is right for all we know; by how much at most.
    pub backlogs: Vec<(String, TimeDelta)>,
}

/// Whether a moment so long ago (less than 0: to come) is worth keeping: far from now, one way or the other.
pub fn is_off(late_by: TimeDelta) -> bool {
    late_by >= LATE || late_by < -AHEAD
}

/// `heard`: in the order in which it was.
pub fn look(heard: &[Heard]) -> LastDay {
    let mut devices = BTreeMap::<i64, Vec<&Heard>>::new();
    for one in heard {
        devices.entry(one.device_id).or_default().push(one);
    }
    let mut day = LastDay::default();
    for heard in devices.into_values() {
        let faults = faults_of_device(&heard);
        let most = heard.iter().filter(|one| one.source == IngestSource::CameraAlerts).map(|one| one.late_by()).max();
        if let (true, Some(first), Some(most)) = (faults.is_empty(), heard.first(), most.filter(|most| *most >= LATE)) {
            day.backlogs.push((first.device_name.clone(), most));
        }
        day.wrong.extend(faults);
    }
    day
}

/// Alerts first: they are what a wrong clock costs. Where they have been right, nothing is lost by how states are told.
fn faults_of_device(heard: &[&Heard]) -> Vec<WrongClock> {
    let (alerts, states): (Vec<&Heard>, Vec<&Heard>) = heard.iter().partition(|one| one.source == IngestSource::CameraAlerts);
    let by_alerts = faults(&alerts);
    if !by_alerts.is_empty() {
        return by_alerts;
    }
    let right_since = |since: DateTime<Utc>| alerts.iter().any(|one| one.at >= since && !is_off(one.late_by()));
    faults(&states).into_iter().filter(|fault| !right_since(fault.since)).collect()
}

/// Of all cameras together, which is soonest known; else of single ones, because a box may pass on the time of its cameras.
fn faults(series: &[&Heard]) -> Vec<WrongClock> {
    if let Some(fault) = behind(series) {
        return vec![fault];
    }
    let mut cameras = BTreeMap::<&str, Vec<&Heard>>::new();
    for one in series {
        cameras.entry(&one.camera).or_default().push(one);
    }
    let mut faults: Vec<WrongClock> = Vec::new();
    for (camera, series) in &cameras {
        let Some(mut fault) = behind(series).or_else(|| ahead(series)) else { continue };
        match faults.iter_mut().find(|known| is_like(known, &fault)) {
            Some(known) => {
                known.cameras.push((*camera).to_owned());
                known.reports += fault.reports;
                known.since = known.since.min(fault.since);
                known.last_at = known.last_at.max(fault.last_at);
            }
            None => {
                fault.cameras.push((*camera).to_owned());
                faults.push(fault);
            }
        }
    }
    if let [only] = faults.as_mut_slice()
        && only.cameras.len() == cameras.len()
    {
        only.cameras.clear();
    }
    faults
}

fn is_like(known: &WrongClock, other: &WrongClock) -> bool {
    let apart = (known.behind_s - other.behind_s).abs();
    known.behind_s.signum() == other.behind_s.signum() && apart <= even(TimeDelta::seconds(known.behind_s)).num_seconds()
}

fn even(late_by: TimeDelta) -> TimeDelta {
    EVEN.max(late_by.abs() / 10)
}

/// A clock that is behind: since it last told of now it has been late by the same, often and long enough.
fn behind(series: &[&Heard]) -> Option<WrongClock> {
    let mut steps = BTreeMap::<i64, &Heard>::new();
    for one in series {
        let nearest = steps.entry(one.at.timestamp().div_euclid(STEP_S)).or_insert(one);
        if one.late_by().abs() < nearest.late_by().abs() {
            *nearest = one;
        }
    }
    let steps: Vec<&Heard> = steps.into_values().collect();
    let begins = steps.iter().rposition(|one| one.late_by() < LATE).map_or(0, |right| right + 1);
    let late = &steps[begins..];
    let least = late.iter().map(|one| one.late_by()).min()?;
    // A single thing told later than the others is no reason to believe the clock.
    let level: Vec<&&Heard> = late.iter().filter(|one| one.late_by() - least <= even(least)).collect();
    let (first, last) = (level.first()?, level.last()?);
    let span = last.at - first.at;
    let spread = level.iter().map(|one| one.late_by()).max()? - least;
    let is_level = level.len() >= LEAST_STEPS && level.len() * 3 >= late.len() * 2 && span >= LEAST_SPAN && spread * 3 <= span;
    is_level.then(|| fault(series, late.first().unwrap_or(first), least))
}

/// A clock that is ahead: what was heard last had not happened yet.
fn ahead(series: &[&Heard]) -> Option<WrongClock> {
    let last = series.iter().max_by_key(|one| one.at)?;
    let is_ahead = |one: &Heard| one.late_by() < -AHEAD;
    if !is_ahead(last) {
        return None;
    }
    let right = series.iter().filter(|one| !is_ahead(one)).map(|one| one.at).max();
    let first = series.iter().filter(|one| right.is_none_or(|right| one.at > right)).min_by_key(|one| one.at)?;
    Some(fault(series, first, last.late_by()))
}

/// `first`: where it begins in the series.
fn fault(series: &[&Heard], first: &Heard, behind: TimeDelta) -> WrongClock {
    let told: Vec<&&Heard> = series.iter().filter(|one| one.at >= first.at).collect();
    WrongClock {
        device_id: first.device_id,
        device_name: first.device_name.clone(),
        area_id: first.area_id,
        behind_s: behind.num_seconds(),
        since: first.at,
        last_at: told.iter().map(|one| one.at).max().unwrap_or(first.at),
        reports: told.iter().map(|one| one.reports).sum(),
        cameras: Vec::new(),
    }
}

/// What is probably wrong with it, besides not being set.
pub fn hint(clock: &WrongClock) -> &'static str {
    let behind = TimeDelta::seconds(clock.behind_s);
    if (behind - ZONE).abs() <= EVEN {
        "it sends UTC as if it were the local time: set its zone"
    } else if (behind + ZONE).abs() <= EVEN {
        "it sends the local time as if it were UTC: set its zone"
    } else {
        "set it by NTP"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn begin() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap()
    }

    /// Told at so many minutes past eight, by so much too late.
    fn told(camera: &str, minute: i64, late_by: TimeDelta) -> Heard {
        let at = begin() + TimeDelta::minutes(minute);
        Heard {
            device_id: 1,
            device_name: "hop-1".into(),
            area_id: 7,
            camera: camera.into(),
            source: IngestSource::CameraAlerts,
            at,
            said: at - late_by,
            reports: 1,
        }
    }

    fn state(camera: &str, minute: i64, late_by: TimeDelta) -> Heard {
        Heard { source: IngestSource::CameraStatus, ..told(camera, minute, late_by) }
    }

    /// Days behind and the cameras meant; none: all.
    fn found(heard: &[Heard]) -> Vec<(i64, Vec<String>)> {
        look(heard).wrong.into_iter().map(|clock| (clock.behind_s / 86_400, clock.cameras)).collect()
    }

    const ALL: Vec<String> = Vec::new();

    #[test]
    fn a_clock_that_is_behind_is_behind_by_the_same_all_the_time() {
        // What it tells of at its end comes some minutes later.
        let heard: Vec<Heard> = (0..10).map(|n| told("C01", n * 12, TimeDelta::days(8) + TimeDelta::minutes(n % 3 * 7))).collect();
        let day = look(&heard);
        let [clock] = day.wrong.as_slice() else { panic!("{day:?}") };
        assert_eq!((clock.behind_s, clock.reports, clock.since), (8 * 86_400, 10, begin()));
        assert_eq!(clock.last_at, begin() + TimeDelta::minutes(108));
        assert!(clock.asks_nobody() && day.backlogs.is_empty());
        // One that also told of something much older is no less wrong.
        let mut heard = heard;
        heard.insert(4, told("C01", 40, TimeDelta::days(30)));
        assert_eq!(found(&heard), [(8, ALL)]);
    }

    #[test]
    fn it_takes_several_reports_over_a_while_to_know_that() {
        let late = TimeDelta::days(8);
        assert!(found(&[told("C01", 0, late)]).is_empty());
        assert!(found(&[told("C01", 0, late), told("C01", 30, late)]).is_empty());
        assert!(found(&[told("C01", 0, late), told("C02", 1, late), told("C03", 2, late), told("C04", 3, late)]).is_empty());
        // Different cameras tell of the one clock.
        assert_eq!(found(&[told("C01", 0, late), told("C02", 10, late), told("C03", 20, late)]), [(8, ALL)]);
    }

    #[test]
    fn a_backlog_is_no_wrong_clock_in_whatever_order_and_pace_it_is_told() {
        let at = |minute: i64, hours: i64| told("C01", minute, TimeDelta::hours(hours));
        // Thirty days: at once, oldest first, newest first, at random, in an hour and in a day.
        let orders: [Vec<Heard>; 6] = [
            (0..30).map(|n| at(0, 720 - n * 24)).collect(),
            (0..30).map(|n| at(n * 2, 720 - n * 24)).collect(),
            (0..30).map(|n| at(n * 2, 24 + n * 24)).collect(),
            (0..30).map(|n| at(n * 2, 24 + n * 7 % 30 * 24)).collect(),
            (0..144).map(|n| at(n * 10, 720 - n * 5)).collect(),
            (0..144).map(|n| at(n * 10, 10 + n * 5)).collect(),
        ];
        for heard in orders {
            assert!(found(&heard).is_empty(), "{heard:?}");
            assert_eq!(look(&heard).backlogs.len(), 1, "it is told of in one sentence");
        }
    }

    #[test]
    fn what_happens_now_told_beside_a_backlog_shows_that_the_clock_is_right() {
        let mut heard: Vec<Heard> = (0..12).map(|n| told("C01", n * 10, TimeDelta::days(9))).collect();
        heard.push(told("C01", 111, TimeDelta::minutes(2)));
        assert!(found(&heard).is_empty());
        // The clock was set: it is right from then on.
        heard.push(told("C01", 121, TimeDelta::seconds(1)));
        assert!(found(&heard).is_empty());
        // And was lost again.
        heard.extend((13..20).map(|n| told("C01", n * 10, TimeDelta::days(3))));
        assert_eq!(found(&heard), [(3, ALL)]);
    }

    #[test]
    fn one_camera_whose_time_a_box_passes_on_is_named() {
        let mut heard = Vec::new();
        for n in 0..6 {
            heard.extend([
                told("C01", n * 10, TimeDelta::minutes(1)),
                told("C02", n * 10 + 1, TimeDelta::days(8)),
                told("C03", n * 10 + 2, TimeDelta::days(8)),
            ]);
        }
        assert_eq!(found(&heard), [(8, vec!["C02".to_owned(), "C03".to_owned()])]);
    }

    #[test]
    fn a_state_told_with_the_moment_it_began_is_no_clock_and_one_told_with_now_is() {
        let since = |n: i64| state("C01", n * 5, TimeDelta::days(8) + TimeDelta::minutes(n * 5));
        assert!(found(&(0..100).map(since).collect::<Vec<_>>()).is_empty());
        let mut heard: Vec<Heard> = (0..6).map(|n| state("C01", n * 5, TimeDelta::days(8))).collect();
        assert_eq!(found(&heard), [(8, ALL)]);
        // Alerts that come with the right time meanwhile: nothing is lost.
        heard.push(told("C01", 20, TimeDelta::minutes(1)));
        assert!(found(&heard).is_empty());
    }

    #[test]
    fn what_has_not_happened_yet_needs_no_second_word_and_one_that_is_right_takes_it_back() {
        let early = -TimeDelta::hours(7);
        let mut heard = vec![told("C01", 0, TimeDelta::minutes(1)), told("C01", 10, early), told("C01", 20, early)];
        let day = look(&heard);
        let [clock] = day.wrong.as_slice() else { panic!("{day:?}") };
        assert_eq!((clock.behind_s, clock.reports, clock.since), (-7 * 3600, 2, begin() + TimeDelta::minutes(10)));
        assert!(!clock.asks_nobody() && hint(clock).contains("as if it were UTC"));
        heard.push(told("C02", 21, TimeDelta::minutes(1)));
        assert_eq!(found(&heard), [(0, vec!["C01".to_owned()])]);
        heard.push(told("C01", 30, TimeDelta::zero()));
        assert!(found(&heard).is_empty());
        // As far as a report is taken in it is nothing to speak of.
        assert!(found(&[told("C01", 0, -AHEAD)]).is_empty() && !is_off(-AHEAD));
    }

    #[test]
    fn what_is_told_at_its_end_is_not_late() {
        let heard: Vec<Heard> = (0..20).map(|n| told("C01", n * 10, TimeDelta::minutes(65))).collect();
        assert_eq!(look(&heard), LastDay::default());
    }

    #[test]
    fn of_two_devices_the_one_that_is_wrong_is_meant() {
        let mut heard = Vec::new();
        for n in 0..4 {
            heard.push(told("C01", n * 10, TimeDelta::minutes(1)));
            heard.push(Heard { device_id: 2, device_name: "hop-2".into(), ..told("C01", n * 10, TimeDelta::hours(7)) });
        }
        let day = look(&heard);
        let [clock] = day.wrong.as_slice() else { panic!("{day:?}") };
        assert_eq!((clock.device_name.as_str(), clock.behind_s), ("hop-2", 7 * 3600));
        assert!(hint(clock).contains("UTC as if it were the local time"));
    }
}
