//! Alerts in numbers: what stands open and late now, in which wards, and how many began in each quarter of an hour of the last day.
//! It deliberately tells nobody that a number changed: screens hear of every alert by the feed, and ask again.

use axum::{
    Json,
    extract::{Query, State},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde::Deserialize;
use shared::{
    alert_figures::{AlertFigures, AlertQuarter, AlertTimeline, OpenAlertsByWard, OpenAlertsOfWard, QUARTER_S, QUARTERS_SHOWN},
    area::AreaId,
    problem::Problem,
};

use super::db::{self, QuarterRow, WardRow};
use crate::{
    accounts::{Session, matrix::Permission},
    platform::{clock::SharedClock, error::ApiResult},
};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Id of an area; what lies below it is in it. Without one, all in reach.
    area: Option<i32>,
}

/// How many alerts in reach are open, unclaimed and overdue, and how soon today's were taken.
#[utoipa::path(get, path = "/api/camera-alerts/figures", tag = "camera alerts", params(Asked),
    responses((status = 200, body = AlertFigures), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn count_camera_alerts(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<AlertFigures>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let now = clock.now();
    let row = db::figures(&mut db, asked.area, now, midnight_before(now)).await?;
    Ok(Json(AlertFigures {
        at: now,
        critical: row.critical,
        high: row.high,
        medium: row.medium,
        unclaimed: row.unclaimed,
        overdue: row.overdue,
        next_due_at: row.next_due_at,
        taken_today: row.taken_today,
        median_take_s: row.median_take_s.map(|seconds| seconds.max(0.0).round() as i64),
    }))
}

/// How many alerts in reach began in each quarter of an hour, from a day ago until the end of this one.
#[utoipa::path(get, path = "/api/camera-alerts/timeline", tag = "camera alerts", params(Asked),
    responses((status = 200, body = AlertTimeline), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn count_camera_alerts_by_quarter(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<AlertTimeline>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let (from, until) = day_of_quarters(clock.now());
    let rows = db::quarters(&mut db, asked.area, from, until).await?;
    Ok(Json(AlertTimeline { from, until, quarters: in_their_places(&rows) }))
}

/// In which wards in reach alerts stand open, and how many of each severity; a ward without any is not listed.
#[utoipa::path(get, path = "/api/camera-alerts/by-ward", tag = "camera alerts",
    responses((status = 200, body = OpenAlertsByWard), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn count_camera_alerts_by_ward(mut db: Session, State(clock): State<SharedClock>) -> ApiResult<Json<OpenAlertsByWard>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let rows = db::open_by_ward(&mut db).await?;
    let of_ward =
        |row: WardRow| OpenAlertsOfWard { area_id: AreaId(row.ward_id), critical: row.critical, high: row.high, medium: row.medium };
    Ok(Json(OpenAlertsByWard { at: clock.now(), wards: rows.into_iter().map(of_ward).collect() }))
}

/// The ward's midnight.
fn midnight_before(now: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = now.with_timezone(&Ho_Chi_Minh).date_naive().and_time(chrono::NaiveTime::MIN);
    // Vietnam keeps one offset all year, so every midnight is there once.
    Ho_Chi_Minh.from_local_datetime(&midnight).earliest().map_or(now, |at| at.to_utc())
}

/// The day that ends with the quarter of an hour which holds this moment. The ward's offset is of whole hours.
fn day_of_quarters(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let into_quarter =
        TimeDelta::seconds(now.timestamp().rem_euclid(QUARTER_S)) + TimeDelta::nanoseconds(now.timestamp_subsec_nanos().into());
    let until = now - into_quarter + TimeDelta::seconds(QUARTER_S);
    (until - TimeDelta::seconds(QUARTER_S * QUARTERS_SHOWN as i64), until)
}

/// Quiet quarters come from no row and are there all the same.
fn in_their_places(rows: &[QuarterRow]) -> Vec<AlertQuarter> {
    let mut quarters = vec![AlertQuarter::default(); QUARTERS_SHOWN];
    for row in rows {
        if let Some(quarter) = usize::try_from(row.quarter).ok().and_then(|at| quarters.get_mut(at)) {
            *quarter = AlertQuarter { critical: row.critical, high: row.high, rest: row.medium };
        }
    }
    quarters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn today_begins_at_the_wards_midnight() {
        assert_eq!(midnight_before(at("2026-11-21T17:00:00Z")), at("2026-11-21T17:00:00Z"));
        assert_eq!(midnight_before(at("2026-11-21T16:59:59Z")), at("2026-11-20T17:00:00Z"));
    }

    #[test]
    fn the_day_ends_with_the_quarter_that_runs() {
        let until = at("2026-11-22T07:15:00Z");
        for inside in ["2026-11-22T07:00:00Z", "2026-11-22T07:14:59.999Z"] {
            assert_eq!(day_of_quarters(at(inside)), (at("2026-11-21T07:15:00Z"), until), "{inside}");
        }
        assert_eq!(day_of_quarters(until).1, at("2026-11-22T07:30:00Z"));
    }

    #[test]
    fn quiet_quarters_are_there_too() {
        let quarters = in_their_places(&[QuarterRow { quarter: 95, critical: 1, high: 0, medium: 4 }]);
        assert_eq!(quarters.len(), QUARTERS_SHOWN);
        assert_eq!(quarters.iter().map(AlertQuarter::all).sum::<i64>(), 5);
        assert_eq!(quarters[95].rest, 4);
    }
}
