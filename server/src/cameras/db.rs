//! All SQL of cameras that requests need, under the caller's row-level security.
//! The stream's address is never read here: `ioc_app` may not.

use chrono::{DateTime, Utc};
use shared::camera::EditCamera;
use sqlx::{FromRow, PgConnection};

use crate::platform::database::written;

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
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub has_live_view: bool,
}

const CAMERA: &str = "select c.id, c.code, c.name, c.area_id, a.name as area_name, c.heading_deg, c.field_of_view_deg, c.range_m,
        c.status, c.status_at, st_x(c.geom) as lon, st_y(c.geom) as lat, c.version, c.updated_at,
        r.live_view is not null as has_live_view
    from camera c join area a on a.id = c.area_id left join camera_recorder r on r.camera_id = c.id";

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<CameraRow>> {
    sqlx::query_as(&format!("{CAMERA} where c.id = $1")).bind(id).fetch_optional(db).await
}

/// The camera, which nobody else edits until this transaction ends.
pub async fn lock(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<CameraRow>> {
    sqlx::query_as(&format!("{CAMERA} where c.id = $1 for update of c")).bind(id).fetch_optional(db).await
}

/// Writes what the edit names; the area follows the place, and the version counts, by triggers.
pub async fn edit(db: &mut PgConnection, id: i64, edit: &EditCamera) -> sqlx::Result<()> {
    let point = edit.point.flatten();
    sqlx::query(
        "update camera set name = coalesce($2, name),
            heading_deg = case when $3 then $4 else heading_deg end,
            field_of_view_deg = case when $5 then $6 else field_of_view_deg end,
            range_m = case when $7 then $8 else range_m end,
            geom = case when $9 then st_setsrid(st_makepoint($10, $11), 4326) else geom end
         where id = $1",
    )
    .bind(id)
    .bind(&edit.name)
    .bind(edit.heading_deg.is_some())
    .bind(edit.heading_deg.flatten())
    .bind(edit.field_of_view_deg.is_some())
    .bind(edit.field_of_view_deg.flatten())
    .bind(edit.range_m.is_some())
    .bind(edit.range_m.flatten())
    .bind(edit.point.is_some())
    .bind(point.map(|[lon, _]| lon))
    .bind(point.map(|[_, lat]| lat))
    .execute(db)
    .await
    .and_then(written)
}

/// Cameras that the caller reaches, by id, after `cursor`.
pub async fn list(db: &mut PgConnection, cursor: i64, limit: i64) -> sqlx::Result<Vec<CameraRow>> {
    sqlx::query_as(&format!("{CAMERA} where c.id > $1 order by c.id limit $2")).bind(cursor).bind(limit).fetch_all(db).await
}

/// How many there are and how many answer: public.
pub async fn count(db: &mut PgConnection) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as("select total, online from count_cameras()").fetch_one(db).await
}

/// The same of one ward or province; none where the area is neither.
pub async fn count_in(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Option<(i64, i64)>> {
    sqlx::query_as("select total, online from count_cameras_of($1)").bind(area_id).fetch_optional(db).await
}
