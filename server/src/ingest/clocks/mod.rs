//! Whether the clocks of devices run right: what their batches say of it, kept while it is not of now, and what follows from that.
//! It deliberately changes nothing about a report: when something began is what its device says.

mod db;
pub(super) mod routes;
mod rules;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use shared::camera_alert::AlertKind;
use shared::ingest::{IngestSource, ReportedAlert, ReportedStatus};
use sqlx::{PgConnection, PgPool};
use tracing::warn;

pub use self::rules::{LastDay, hint};
use crate::cameras::alerts::{BAD_TIME, Became, Recorded};

/// A device that told the right time is asked about again after this long: another instance may have heard otherwise.
const RIGHT_FOR: TimeDelta = TimeDelta::minutes(1);

/// What one batch says of the clock that it was written by: of each camera the moment that is nearest to ours, and how many
/// reports there were.
#[derive(Debug, Default, PartialEq)]
pub struct Told(BTreeMap<String, (DateTime<Utc>, i32)>);

impl Told {
    /// What was not known yet tells the time, and what was refused for its time. An update tells when something began long ago,
    /// and so does a recorder that says since when a camera has been silent.
    pub fn by_alerts<'a>(reports: impl Iterator<Item = &'a ReportedAlert>, recorded: &[Recorded], now: DateTime<Utc>) -> Self {
        let mut told = Self::default();
        for (report, recorded) in reports.zip(recorded) {
            let tells = match recorded {
                Ok(became) => *became == Became::New,
                Err(refused) => refused.code == BAD_TIME,
            };
            if tells && report.kind != AlertKind::CameraSilent {
                let latest = report.ended_at.map_or(report.started_at, |ended_at| ended_at.max(report.started_at));
                told.note(&report.camera, latest, now);
            }
        }
        told
    }

    pub fn by_states<'a>(reports: impl Iterator<Item = &'a ReportedStatus>, recorded: &[Recorded], now: DateTime<Utc>) -> Self {
        let mut told = Self::default();
        for (report, recorded) in reports.zip(recorded) {
            if recorded.as_ref().map_or_else(|refused| refused.code == BAD_TIME, |_| true) {
                told.note(&report.camera, report.at, now);
            }
        }
        told
    }

    fn note(&mut self, camera: &str, said: DateTime<Utc>, now: DateTime<Utc>) {
        let (nearest, reports) = self.0.entry(camera.to_owned()).or_insert((said, 0));
        if (now - said).abs() < (now - *nearest).abs() {
            *nearest = said;
        }
        *reports = reports.saturating_add(1);
    }

    fn is_off(&self, now: DateTime<Utc>) -> bool {
        self.0.values().any(|(said, _)| rules::is_off(now - *said))
    }
}

/// Remembers which devices told the right time a moment ago, so that nearly every batch asks the database nothing.
#[derive(Default)]
pub struct Clocks {
    right_until: Mutex<HashMap<i64, DateTime<Utc>>>,
}

impl Clocks {
    /// Keeps what a batch said, once it is in. It is no fact that anybody was promised: where it cannot be kept, the log says so.
    pub async fn note(&self, app: &PgPool, device_id: i64, token_hash: &[u8; 32], source: IngestSource, told: &Told, now: DateTime<Utc>) {
        let is_off = told.is_off(now);
        if told.0.is_empty() || !is_off && self.was_right(device_id, now) {
            return;
        }
        match db::note(app, token_hash, source, told, now, is_off).await {
            Ok(is_watched) => self.remember(device_id, (!is_watched).then(|| now + RIGHT_FOR)),
            Err(cause) => warn!(%cause, device.id = device_id, "what a device's clock said could not be kept"),
        }
    }

    fn was_right(&self, device_id: i64, now: DateTime<Utc>) -> bool {
        self.right_until.lock().unwrap_or_else(PoisonError::into_inner).get(&device_id).is_some_and(|until| now < *until)
    }

    fn remember(&self, device_id: i64, until: Option<DateTime<Utc>>) {
        let mut right_until = self.right_until.lock().unwrap_or_else(PoisonError::into_inner);
        match until {
            Some(until) => _ = right_until.insert(device_id, until),
            None => _ = right_until.remove(&device_id),
        }
    }
}

/// What the last day says of the clocks of all devices that the connection may see: the caller's reach, or as owner every one.
pub async fn last_day(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<LastDay> {
    Ok(rules::look(&db::told_since(db, now - TimeDelta::days(1)).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cameras::alerts::Refused;
    use chrono::TimeZone;
    use serde_json::json;

    fn alert(camera: &str, started_at: DateTime<Utc>, kind: &str) -> ReportedAlert {
        let alert = json!({"camera": camera, "external_id": "1", "kind": kind, "started_at": started_at});
        serde_json::from_value(alert).unwrap()
    }

    #[test]
    fn of_each_camera_what_is_nearest_to_now_counts_and_only_what_tells_the_time() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap();
        let ago = |days: i64| now - TimeDelta::days(days);
        let mut ended = alert("C03", ago(9), "theft");
        ended.ended_at = Some(ago(8));
        let reports = [
            alert("C01", ago(30), "theft"),
            alert("C01", ago(1), "theft"),
            alert("C01", ago(20), "theft"),
            alert("C02", ago(7), "theft"),
            ended,
            alert("C04", ago(40), "camera_silent"),
            alert("C05", ago(-3), "theft"),
            alert("C06", ago(1), "theft"),
        ];
        let refused = |code| Err(Refused::new(code, ""));
        let new = || Ok(Became::New);
        let recorded: [Recorded; 8] =
            [new(), new(), new(), Ok(Became::Updated), new(), new(), refused(BAD_TIME), refused("ingest.unknown_camera")];
        let told = Told::by_alerts(reports.iter(), &recorded, now);
        let expected = [("C01", (ago(1), 3)), ("C03", (ago(8), 1)), ("C05", (ago(-3), 1))];
        assert_eq!(told, Told(expected.map(|(camera, told)| (camera.to_owned(), told)).into()));
        assert!(told.is_off(now));
        assert!(!Told::by_alerts(std::iter::once(&alert("C01", now, "theft")), &[new()], now).is_off(now));
    }

    #[test]
    fn a_device_that_was_right_is_left_alone_for_a_moment_and_not_once_it_was_wrong() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap();
        let clocks = Clocks::default();
        assert!(!clocks.was_right(1, now));
        clocks.remember(1, Some(now + RIGHT_FOR));
        assert!(clocks.was_right(1, now) && !clocks.was_right(1, now + RIGHT_FOR) && !clocks.was_right(2, now));
        clocks.remember(1, None);
        assert!(!clocks.was_right(1, now));
    }
}
