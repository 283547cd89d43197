//! What may be shelved, for how long, and with which words: a request in, what is kept of it out.
//! It deliberately knows neither caller nor database; which alerts a shelf leaves out is one condition in `db::shelving`.

use chrono::{DateTime, TimeDelta, Utc};
use shared::alert_shelf::{LONGEST_HOURS, LONGEST_REASON, MINUTES, SHORTEST_REASON, ShelveAlerts};
use shared::camera_alert::AlertKind;

use crate::geography::editing::{clean_text, invalid};
use crate::platform::error::ApiResult;

/// What shall be shelved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelved {
    /// Of one camera: all, or one kind. Its area is the camera's.
    Camera(i64, Option<AlertKind>),
    /// A kind of every camera of an area.
    Kind(AlertKind, i32),
}

/// A shelf as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShelf {
    pub what: Shelved,
    pub until: DateTime<Utc>,
    pub reason: String,
}

/// Refuses with `edit.invalid` what names nothing, too much, no end, or no reason.
pub fn check(request: ShelveAlerts, now: DateTime<Utc>) -> ApiResult<NewShelf> {
    let what = match (request.camera_id, request.kind, request.area_id) {
        (Some(camera), kind, None) => Shelved::Camera(camera, kind),
        (Some(_), ..) => return Err(invalid("area_id", "is the camera's own; leave it out")),
        (None, Some(kind), Some(area)) => Shelved::Kind(kind, area),
        (None, Some(_), None) => return Err(invalid("area_id", "must say where, for a kind of every camera")),
        (None, None, _) => return Err(invalid("camera_id", "or kind must say what is shelved")),
    };
    let until = match (request.minutes, request.until) {
        (Some(minutes), None) if MINUTES.contains(&minutes) => now + TimeDelta::minutes(minutes.into()),
        (Some(_), None) => return Err(invalid("minutes", "must be 15, 60 or 240; name another end as until")),
        (None, Some(until)) if until > now && until <= now + TimeDelta::hours(LONGEST_HOURS) => until,
        (None, Some(_)) => return Err(invalid("until", "must lie within the next 24 hours")),
        _ => return Err(invalid("minutes", "or until must say how long, and only one of them")),
    };
    let reason = clean_text("reason", &request.reason, LONGEST_REASON)?;
    if reason.chars().count() < SHORTEST_REASON {
        return Err(invalid("reason", "needs 8 characters or more; everybody who sees alerts reads it"));
    }
    Ok(NewShelf { what, until, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 3, 0, 0).unwrap()
    }

    fn parked() -> ShelveAlerts {
        ShelveAlerts {
            camera_id: Some(7),
            kind: Some(AlertKind::IllegalParking),
            minutes: Some(60),
            reason: "Đám cưới, đã có người điều tiết".into(),
            ..ShelveAlerts::default()
        }
    }

    #[test]
    fn a_camera_a_kind_or_a_kind_of_one_camera_is_shelved() {
        let shelf = check(parked(), now()).unwrap();
        assert_eq!(shelf.what, Shelved::Camera(7, Some(AlertKind::IllegalParking)));
        assert_eq!(shelf.until, now() + TimeDelta::hours(1));
        assert_eq!(check(ShelveAlerts { kind: None, ..parked() }, now()).unwrap().what, Shelved::Camera(7, None));
        let everywhere = ShelveAlerts { camera_id: None, area_id: Some(3), ..parked() };
        assert_eq!(check(everywhere, now()).unwrap().what, Shelved::Kind(AlertKind::IllegalParking, 3));
    }

    #[test]
    fn until_a_time_means_within_a_day() {
        let until = |until| check(ShelveAlerts { minutes: None, until: Some(until), ..parked() }, now());
        let day = now() + TimeDelta::hours(24);
        assert_eq!(until(day).unwrap().until, day);
        for wrong in [now(), now() - TimeDelta::minutes(1), day + TimeDelta::seconds(1)] {
            assert_eq!(until(wrong).unwrap_err().code(), "edit.invalid", "{wrong}");
        }
    }

    #[test]
    fn what_says_too_little_or_too_much_is_refused_by_name() {
        for (wrong, field) in [
            (ShelveAlerts { camera_id: None, kind: None, ..parked() }, "camera_id"),
            (ShelveAlerts { camera_id: None, ..parked() }, "area_id"),
            (ShelveAlerts { area_id: Some(3), ..parked() }, "area_id"),
            (ShelveAlerts { minutes: Some(61), ..parked() }, "minutes"),
            (ShelveAlerts { minutes: None, ..parked() }, "minutes"),
            (ShelveAlerts { until: Some(now() + TimeDelta::hours(1)), ..parked() }, "minutes"),
            (ShelveAlerts { reason: "  ồn   ào ".into(), ..parked() }, "reason"),
            (ShelveAlerts { reason: "x".repeat(301), ..parked() }, "reason"),
        ] {
            let refusal = check(wrong, now()).unwrap_err();
            assert_eq!((refusal.status().as_u16(), refusal.code()), (422, "edit.invalid"));
            assert!(format!("{refusal:?}").contains(field), "{field}: {refusal:?}");
        }
    }
}
