//! A layer as it stood on an earlier day, rebuilt from what has changed since.
//! It deliberately knows no more than `history` does: what a bulk load overwrote is gone, and the migration says so.

use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::{Json, http::StatusCode};
use chrono::{DateTime, Days, FixedOffset, NaiveDate, Utc};
use serde_json::{Map, Value};
use shared::layer::{LayerOn, PastPoint};
use sqlx::{FromRow, PgConnection};

use super::{GeographyState, catalogue::Catalogue};
use crate::accounts::Session;
use crate::platform::error::{ApiError, ApiResult};

/// More would be a picture nobody can compare; a province's households are looked at ward by ward.
const MOST: usize = 30_000;
/// All of Vietnam keeps one zone without summer time.
const WARD_OFFSET_S: i32 = 7 * 3600;

/// The points of a layer as they stood at the end of a day (the ward's), within the caller's reach.
#[utoipa::path(get, path = "/api/layers/{layer}/on/{day}", tag = "map",
    params(("layer" = String, Path, description = "a point layer of /api/layers"), ("day" = String, Path, description = "2026-11-21")),
    responses(
        (status = 200, body = LayerOn),
        (status = 400, description = "`bad_request`: no day", body = shared::problem::Problem),
        (status = 404, description = "`tiles.no_such_layer`", body = shared::problem::Problem),
    ))]
pub async fn show_layer_on(
    State(state): State<GeographyState>,
    mut db: Session,
    Path((layer, day)): Path<(String, String)>,
) -> ApiResult<([(HeaderName, &'static str); 1], Json<LayerOn>)> {
    let known = Catalogue::embedded().layer(&layer).filter(|layer| layer.source == super::catalogue::Source::MapIndex);
    let visible = known.filter(|layer| state.map_index.audience(&layer.name, db.caller()).is_some());
    let layer = visible.ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, "tiles.no_such_layer", "there is no such point layer, or you may not see it")
    })?;
    let day: NaiveDate = day.parse().map_err(|_| ApiError::bad_request("write the day as 2026-11-21"))?;
    let end = end_of(day).ok_or_else(|| ApiError::bad_request("that day is beyond the calendar"))?;
    let rows = points_at(&mut db, &layer.name, end, MOST).await?;
    let is_cut = rows.len() > MOST;
    let points = rows.into_iter().take(MOST).map(|row| PastPoint { id: row.id, lon: row.lon, lat: row.lat, properties: row.properties.0 });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(LayerOn { points: points.collect(), is_cut })))
}

fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.checked_add_days(Days::new(1))?.and_hms_opt(0, 0, 0)?;
    Some(midnight.and_local_timezone(FixedOffset::east_opt(WARD_OFFSET_S)?).single()?.to_utc())
}

#[derive(FromRow)]
struct PastRow {
    id: i64,
    lon: f64,
    lat: f64,
    properties: sqlx::types::Json<Map<String, Value>>,
}

/// One row more than `most` where there are more.
async fn points_at(db: &mut PgConnection, topic: &str, moment: DateTime<Utc>, most: usize) -> sqlx::Result<Vec<PastRow>> {
    sqlx::query_as("select id, lon, lat, properties from points_at($1, $2, $3)")
        .bind(topic)
        .bind(moment)
        .bind(i32::try_from(most + 1).unwrap_or(i32::MAX))
        .fetch_all(db)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_ha_noi() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        assert_eq!(end_of(day).unwrap().to_rfc3339(), "2026-11-21T17:00:00+00:00");
        assert_eq!(end_of(NaiveDate::MAX), None);
    }
}
