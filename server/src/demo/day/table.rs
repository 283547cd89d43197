//! The table a day is played from (`data/demo/day.toml`): rates by kind, hour, weekday and place, and what comes of each kind.
//! It deliberately draws no chance.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};
use serde::Deserialize;
use shared::camera_alert::{AlertKind, Severity};

const TABLE: &str = include_str!("../../../../data/demo/day.toml");
/// Rates are constant between quarter hours.
const STEP_MINUTES: i64 = 15;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub repeat: f64,
    pub burst: f64,
    pub burst_of: [i32; 2],
    pub sent_twice: f64,
    pub asks_tried: f64,
    pub silences_per_day: f64,
    pub silent_minutes: [i32; 2],
    pub places: BTreeMap<String, Place>,
    pub kind: Vec<Kind>,
    pub notes: Notes,
}

/// Which cameras can see something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    pub roads: Vec<String>,
    pub beside: Vec<String>,
    pub within_m: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub kind: AlertKind,
    #[serde(rename = "reason")]
    _reason: String,
    pub lasts_min: [i32; 2],
    /// Share that is one grade graver than the kind usually is.
    #[serde(default)]
    pub graver: f64,
    /// Share that turns out to be nothing.
    pub false_alarm: f64,
    /// Share of what was something that ends with a fine.
    pub violation: f64,
    /// Share that is handed over to the police.
    pub police: f64,
    pub basis: String,
    pub fines_vnd: Vec<i64>,
    pub when: Vec<Window>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub place: String,
    from: NaiveTime,
    /// Past midnight where it is not later than `from`.
    until: NaiveTime,
    pub per_hour: f64,
    #[serde(default)]
    days: Days,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Days {
    #[default]
    Every,
    Workdays,
    Weekends,
}

/// What officers write.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    pub seen: Vec<String>,
    pub handed_over: Vec<String>,
    pub asked: Vec<String>,
    pub left: Vec<String>,
    pub handled: Vec<String>,
    pub fined: Vec<String>,
    pub false_alarm: Vec<String>,
    pub duplicate: Vec<String>,
}

impl Table {
    /// Reads the table that is compiled in.
    pub fn read() -> anyhow::Result<Self> {
        let table: Self = toml::from_str(TABLE).context("data/demo/day.toml cannot be read")?;
        for kind in &table.kind {
            ensure!(!kind.fines_vnd.is_empty(), "{} has no fine", kind.kind.name());
            for window in &kind.when {
                ensure!(table.places.contains_key(&window.place), "{}: there is no place {}", kind.kind.name(), window.place);
            }
        }
        Ok(table)
    }

    /// What can be seen at that moment, with its rate.
    pub fn at(&self, at: NaiveDateTime) -> impl Iterator<Item = (&Kind, &Window)> {
        self.kind.iter().flat_map(|kind| kind.when.iter().map(move |window| (kind, window))).filter(move |(_, window)| window.is_on(at))
    }

    /// Alerts an hour of the whole ward, neither repeats nor bursts counted.
    pub fn rate(&self, at: NaiveDateTime) -> f64 {
        self.at(at).map(|(_, window)| window.per_hour).sum()
    }

    /// Alerts of a kind that a day brings on average, likewise.
    pub fn expected_on(&self, day: NaiveDate) -> BTreeMap<AlertKind, f64> {
        let mut expected = BTreeMap::new();
        for step in 0..24 * 60 / STEP_MINUTES {
            let at = day.and_time(NaiveTime::MIN) + TimeDelta::minutes(step * STEP_MINUTES);
            for (kind, window) in self.at(at) {
                *expected.entry(kind.kind).or_insert(0.0) += window.per_hour * STEP_MINUTES as f64 / 60.0;
            }
        }
        expected
    }

    /// Rows for each alert that is drawn: itself, its repeats and its burst.
    pub fn rows_per_alert(&self) -> f64 {
        1.0 + self.repeat + self.burst * f64::from(self.burst_of[0] + self.burst_of[1]) / 2.0
    }

    pub fn of(&self, kind: AlertKind) -> Option<&Kind> {
        self.kind.iter().find(|known| known.kind == kind)
    }
}

/// When the rate may change next.
pub fn end_of_step(at: NaiveDateTime) -> NaiveDateTime {
    let into_step = TimeDelta::minutes(i64::from(at.minute()) % STEP_MINUTES)
        + TimeDelta::seconds(i64::from(at.second()))
        + TimeDelta::nanoseconds(i64::from(at.nanosecond() % 1_000_000_000));
    at - into_step + TimeDelta::minutes(STEP_MINUTES)
}

impl Window {
    fn is_on(&self, at: NaiveDateTime) -> bool {
        let is_weekend = matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
        let is_day = match self.days {
            Days::Every => true,
            Days::Workdays => !is_weekend,
            Days::Weekends => is_weekend,
        };
        let hour = at.time();
        let is_hour = if self.from < self.until { self.from <= hour && hour < self.until } else { hour >= self.from || hour < self.until };
        is_day && is_hour
    }
}

/// One grade graver.
pub fn graver(severity: Severity) -> Severity {
    match severity {
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cameras::alerts::usual_severity;

    fn monday() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 16).unwrap()
    }

    /// Of an average week, by kind.
    fn week(table: &Table) -> BTreeMap<AlertKind, f64> {
        let mut week = BTreeMap::new();
        for day in 0..7 {
            for (kind, expected) in table.expected_on(monday() + TimeDelta::days(day)) {
                *week.entry(kind).or_insert(0.0) += expected;
            }
        }
        week
    }

    #[test]
    fn every_kind_happens_and_changes_at_quarter_hours_only() {
        let table = Table::read().unwrap();
        // That a camera falls silent is played, not reported.
        assert!(AlertKind::ALL.iter().all(|kind| week(&table).contains_key(kind) != (*kind == AlertKind::CameraSilent)));
        for window in table.kind.iter().flat_map(|kind| &kind.when) {
            for edge in [window.from, window.until] {
                assert_eq!((i64::from(edge.minute()) % STEP_MINUTES, edge.second()), (0, 0), "{window:?}");
            }
        }
        let at = monday().and_hms_milli_opt(6, 44, 59, 250).unwrap();
        assert_eq!(end_of_step(at), monday().and_hms_opt(6, 45, 0).unwrap());
        assert_eq!(end_of_step(end_of_step(at)), monday().and_hms_opt(7, 0, 0).unwrap());
    }

    #[test]
    fn about_one_row_every_ten_minutes() {
        let table = Table::read().unwrap();
        let rows_a_day = week(&table).values().sum::<f64>() / 7.0 * table.rows_per_alert();
        assert!((130.0..158.0).contains(&rows_a_day), "{rows_a_day}");
    }

    #[test]
    fn few_are_critical_and_not_many_high() {
        let table = Table::read().unwrap();
        let mut shares = BTreeMap::new();
        let week = week(&table);
        for kind in &table.kind {
            let (usual, expected) = (usual_severity(kind.kind), week[&kind.kind]);
            *shares.entry(usual).or_insert(0.0) += expected * (1.0 - kind.graver);
            *shares.entry(graver(usual)).or_insert(0.0) += expected * kind.graver;
        }
        let all: f64 = week.values().sum();
        assert!(shares[&Severity::Critical] / all <= 0.05, "{shares:?}");
        assert!(shares[&Severity::High] / all <= 0.15, "{shares:?}");
    }

    #[test]
    fn about_109_violations_are_handled_in_three_months() {
        let table = Table::read().unwrap();
        let week = week(&table);
        let a_week: f64 = table.kind.iter().map(|kind| week[&kind.kind] * (1.0 - kind.false_alarm) * kind.violation).sum();
        let three_months = a_week * 13.0 * (table.rows_per_alert() - table.repeat);
        assert!((98.0..120.0).contains(&three_months), "{three_months}");
    }

    #[test]
    fn mornings_belong_to_the_market_and_school_gates_to_school_days() {
        let table = Table::read().unwrap();
        let most = |day: NaiveDate, hour, minute| {
            let at = day.and_hms_opt(hour, minute, 0).unwrap();
            table.at(at).max_by(|a, b| a.1.per_hour.total_cmp(&b.1.per_hour)).map(|(kind, _)| kind.kind)
        };
        let sunday = monday() + TimeDelta::days(6);
        assert_eq!(most(monday(), 6, 0), Some(AlertKind::StreetMarket));
        assert_eq!(most(monday(), 7, 0), Some(AlertKind::IllegalStopping));
        assert_eq!(most(sunday, 7, 0), Some(AlertKind::StreetMarket));
        assert_eq!(most(monday(), 3, 0), Some(AlertKind::OversizeLorry));
        assert_eq!(most(sunday, 20, 0), Some(AlertKind::Crowd));
    }
}
