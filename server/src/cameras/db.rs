//! All SQL of cameras that requests need, under the caller's row-level security.
//! The stream's address is never read here: `ioc_app` may not.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(FromRow)]
pub struct CameraRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub area_id: i32,
    pub area_name: String,
    pub heading_deg: Option<f32>,
    pub field_of_view_deg: Option<f32>,
    pub range_m: Option<f32>,
    pub status: String,
    pub status_at: Option<DateTime<Utc>>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub updated_at: DateTime<Utc>,
}

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<CameraRow>> {
    sqlx::query_as(
        "select c.id, c.code, c.name, c.area_id, a.name as area_name, c.heading_deg, c.field_of_view_deg, c.range_m,
            c.status, c.status_at, st_x(c.geom) as lon, st_y(c.geom) as lat, c.updated_at
         from camera c join area a on a.id = c.area_id where c.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Cameras that the caller reaches, by id, after `cursor`.
pub async fn list(db: &mut PgConnection, cursor: i64, limit: i64) -> sqlx::Result<Vec<CameraRow>> {
    sqlx::query_as(
        "select c.id, c.code, c.name, c.area_id, a.name as area_name, c.heading_deg, c.field_of_view_deg, c.range_m,
            c.status, c.status_at, st_x(c.geom) as lon, st_y(c.geom) as lat, c.updated_at
         from camera c join area a on a.id = c.area_id where c.id > $1 order by c.id limit $2",
    )
    .bind(cursor)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// How many there are and how many answer: public.
pub async fn count(db: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("select total, online from count_cameras()").fetch_one(db).await
}
