//! The list of violations, a page at a time, newest first; and what all doors of the register are asked by.
//! What was handled on a legal basis or with a fine; a reminder, a false alarm or a duplicate stands in the figures alone.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Query, State},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use shared::{
    camera_alert::AlertKind,
    problem::Problem,
    violation::{Violation, ViolationList},
};
use sqlx::PgConnection;

use super::{
    db::{self, ViolationRow, Wanted},
    period::Period,
};
use crate::{
    accounts::{Session, matrix::Permission},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
    },
};

/// What the register is cut to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// First day on which an alert began, in the ward's days; without it, two months and the month of the last day.
    from: Option<NaiveDate>,
    /// The day after the last; without it, to the end of this month.
    until: Option<NaiveDate>,
    /// Kinds of violations, so not `camera_silent`; several with commas.
    kind: Option<String>,
    /// Id of an area: it and all below it.
    area: Option<i32>,
}

impl Asked {
    pub(super) async fn wanted(&self, db: &mut PgConnection, now: DateTime<Utc>) -> ApiResult<(Period, Wanted)> {
        let period = Period::of(self.from, self.until, now)?;
        let kinds = self.kind.as_deref().filter(|text| !text.is_empty()).map(kinds).transpose()?;
        let areas = match self.area {
            Some(area) => Some(db::areas_below(db, area).await?),
            None => None,
        };
        Ok((period, Wanted { begins: period.begins(), ends: period.ends(), kinds, areas }))
    }
}

fn kinds(text: &str) -> ApiResult<Vec<&'static str>> {
    let kind =
        |name: &str| AlertKind::from_name(name.trim()).filter(|kind| kind.is_violation()).map(AlertKind::name).ok_or_else(|| unknown(name));
    text.split(',').map(kind).collect()
}

fn unknown(name: &str) -> ApiError {
    ApiError::bad_request(format!("kind has no value {name:?}"))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// At most this many, 1 to 200; default 50.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Violations in reach, newest first.
#[utoipa::path(get, path = "/api/violations", tag = "violations", params(Asked, Page),
    responses((status = 200, body = ViolationList), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_violations(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(asked): Query<Asked>,
    Query(page): Query<Page>,
) -> ApiResult<Json<ViolationList>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 200"));
    }
    let after = page.cursor.as_deref().map(read_cursor).transpose()?;
    let (period, wanted) = asked.wanted(&mut db, clock.now()).await?;
    // One more than asked tells whether there is a next page.
    let mut rows = db::violations(&mut db, &wanted, after, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| write_cursor(row.started_at, row.id));
    let violations = to_violations(&mut db, rows).await?;
    Ok(Json(ViolationList { violations, next_cursor, from: period.from, until: period.until }))
}

/// Time and id of a page's last row, as PostgreSQL keeps the time: to the microsecond.
fn write_cursor(at: DateTime<Utc>, id: i64) -> String {
    format!("{}-{id}", at.timestamp_micros())
}

fn read_cursor(text: &str) -> ApiResult<(DateTime<Utc>, i64)> {
    let read = || {
        let (micros, id) = text.rsplit_once('-')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().ok_or_else(|| ApiError::bad_request("cursor is the next_cursor of an earlier answer"))
}

/// The rows with the addresses they lie near. Cameras stand where they stand, so few places are asked for.
pub(super) async fn to_violations(db: &mut PgConnection, rows: Vec<ViolationRow>) -> ApiResult<Vec<Violation>> {
    let mut places: Vec<[f64; 2]> = rows.iter().filter_map(ViolationRow::place).collect();
    places.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    places.dedup();
    let addresses: HashMap<[u64; 2], String> =
        db::addresses_near(db, &places).await?.into_iter().map(|(place, address)| (key(place), address)).collect();
    rows.into_iter()
        .map(|row| {
            let near_address = row.place().and_then(|place| addresses.get(&key(place)).cloned());
            to_violation(row, near_address)
        })
        .collect()
}

fn key(place: [f64; 2]) -> [u64; 2] {
    place.map(f64::to_bits)
}

fn to_violation(row: ViolationRow, near_address: Option<String>) -> ApiResult<Violation> {
    Ok(Violation {
        id: row.id,
        code: row.code,
        kind: from_text(&row.kind)?,
        severity: from_text(&row.severity)?,
        started_at: row.started_at,
        closed_at: row.closed_at,
        camera_id: row.camera_id,
        camera_code: row.camera_code,
        camera_name: row.camera_name,
        area_id: row.area_id,
        area_name: row.area_name,
        near_address,
        legal_basis: row.legal_basis,
        fine_vnd: row.fine_vnd,
        note: row.note,
        closed_by: row.closed_by,
        lon: row.lon,
        lat: row.lat,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_was_given_out_and_anything_else_is_refused() {
        let at = DateTime::from_timestamp_micros(1_763_800_000_123_456).unwrap();
        assert_eq!(read_cursor(&write_cursor(at, 7)).unwrap(), (at, 7));
        for wrong in ["", "7", "x-7", "7-x", "99999999999999999999-1"] {
            assert_eq!(read_cursor(wrong).unwrap_err().code(), "bad_request", "{wrong:?}");
        }
    }

    #[test]
    fn a_kind_that_no_row_has_is_refused_by_name() {
        assert_eq!(kinds("theft, crowd").unwrap(), ["theft", "crowd"]);
        assert_eq!(kinds("theft,thef").unwrap_err().code(), "bad_request");
        assert_eq!(kinds("camera_silent").unwrap_err().code(), "bad_request", "no violation, so no row has it either");
    }
}
