//! Writes cameras in bulk, for the demo ward and for imports.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::{DateTime, Utc};
use shared::camera::CameraStatus;
use sqlx::PgConnection;

use crate::platform::columns::column;

#[derive(Debug, Clone)]
pub struct NewCamera {
    /// Unique in its ward.
    pub code: String,
    pub name: String,
    /// From north, clockwise.
    pub heading_deg: Option<f32>,
    pub field_of_view_deg: Option<f32>,
    pub range_m: Option<f32>,
    pub status: CameraStatus,
    pub status_at: Option<DateTime<Utc>>,
    /// Longitude and latitude; the database derives area and ward from them.
    pub point: (f64, f64),
}

/// Inserts the cameras in the slice's order.
pub async fn insert_cameras(db: &mut PgConnection, rows: &[NewCamera]) -> sqlx::Result<()> {
    sqlx::query(
        "insert into camera (code, name, heading_deg, field_of_view_deg, range_m, status, status_at, geom) \
         select code, name, heading_deg, field_of_view_deg, range_m, status, status_at, st_setsrid(st_makepoint(lon, lat), 4326) \
         from unnest($1::text[], $2::text[], $3::real[], $4::real[], $5::real[], $6::text[], $7::timestamptz[], $8::float8[], $9::float8[]) \
           with ordinality as row (code, name, heading_deg, field_of_view_deg, range_m, status, status_at, lon, lat, place) \
         order by place",
    )
    .bind(column(rows, |row| row.code.clone()))
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.heading_deg))
    .bind(column(rows, |row| row.field_of_view_deg))
    .bind(column(rows, |row| row.range_m))
    .bind(column(rows, |row| stored_status(row.status)))
    .bind(column(rows, |row| row.status_at))
    .bind(column(rows, |row| row.point.0))
    .bind(column(rows, |row| row.point.1))
    .execute(db)
    .await
    .map(drop)
}

pub(super) fn stored_status(status: CameraStatus) -> &'static str {
    match status {
        CameraStatus::Online => "online",
        CameraStatus::Offline => "offline",
        CameraStatus::Unknown => "unknown",
    }
}
