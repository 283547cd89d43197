//! Which alerts draw the eye to the map: critical ones that nobody has taken, three at most, and a high one as it comes.
//! How a ring looks and when it beats is the style sheets'; where it lies is the map's.

use leptos::prelude::*;
use shared::camera_alert::{AlertStatus, CameraAlert, Severity};

use super::feed::AlertFeed;
use crate::map::{MapState, Ring};

/// More at once tire the eye, and each then says less.
const MOST: usize = 3;

fn rings(known: Option<&[i64]>, alerts: &[CameraAlert]) -> Vec<Ring> {
    let waits = |alert: &&CameraAlert| matches!(alert.status, AlertStatus::New | AlertStatus::Assigned);
    let has_come = |alert: &CameraAlert| known.is_some_and(|known| !known.contains(&alert.id));
    let mut drawing: Vec<&CameraAlert> = alerts
        .iter()
        .filter(waits)
        .filter(|alert| alert.severity == Severity::Critical || (alert.severity == Severity::High && has_come(alert)))
        .collect();
    drawing.sort_by_key(|alert| (alert.severity, std::cmp::Reverse(alert.started_at)));
    let ring = |alert: &CameraAlert| {
        let (lon, lat) = alert.lon.zip(alert.lat)?;
        Some(Ring { id: alert.id, at: [lon, lat], beats: alert.severity == Severity::Critical })
    };
    drawing.into_iter().filter_map(ring).take(MOST).collect()
}

/// Keeps the map's rings true as long as the surrounding owner lives.
pub fn ring_for(feed: AlertFeed) {
    let state: MapState = expect_context();
    Effect::new(move |before: Option<Option<Vec<i64>>>| {
        let before = before.flatten();
        feed.answer.with(|answer| {
            let alerts = match answer {
                Some(Ok(alerts)) => alerts,
                Some(Err(_)) => return before.clone(),
                // Another list is on its way, another ward's: what stands in it first has not come now.
                None => return None,
            };
            let now = rings(before.as_deref(), alerts);
            if state.rings.with_untracked(|rings| *rings != now) {
                state.rings.set(now);
            }
            Some(alerts.iter().map(|alert| alert.id).collect())
        })
    });
    on_cleanup(move || _ = state.rings.try_set(Vec::new()));
}

#[cfg(test)]
mod tests {
    use super::super::sample::alert;
    use super::*;

    fn placed(id: i64, minute: u32, severity: Severity, status: AlertStatus) -> CameraAlert {
        CameraAlert { lon: Some(105.7), lat: Some(21.0), ..alert(id, minute, id, severity, status) }
    }

    #[test]
    fn three_critical_ones_at_most_and_the_newest_of_them() {
        let alerts: Vec<_> = (1..=5).map(|id| placed(id, id as u32, Severity::Critical, AlertStatus::New)).collect();
        assert_eq!(rings(None, &alerts).iter().map(|ring| (ring.id, ring.beats)).collect::<Vec<_>>(), [(5, true), (4, true), (3, true)]);
    }

    #[test]
    fn a_high_one_rings_as_it_comes_and_what_is_taken_does_not() {
        let alerts = [placed(1, 0, Severity::High, AlertStatus::New), placed(2, 1, Severity::Critical, AlertStatus::Taken)];
        assert!(rings(None, &alerts).is_empty(), "what stood there first has not come now");
        assert!(rings(Some(&[1]), &alerts).is_empty());
        assert_eq!(rings(Some(&[]), &alerts), [Ring { id: 1, at: [105.7, 21.0], beats: false }]);
    }
}
