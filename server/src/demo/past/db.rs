//! Reads what the past of a ward is made with: its cameras, what stands beside them, who was on duty.
//! It deliberately writes nothing: alerts are written by their own domain.

use geo::Point;
use sqlx::{FromRow, PgConnection};

use crate::demo::day::{Landmark, SceneCamera};

pub async fn holds_alerts(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from camera_alert where ward_id = $1)").bind(ward_id).fetch_one(db).await
}

#[derive(FromRow)]
struct CameraRow {
    id: i64,
    code: String,
    name: String,
    lon: Option<f64>,
    lat: Option<f64>,
}

/// Cameras with their ids. Those that do not answer now answered then.
pub async fn cameras(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<(i64, SceneCamera)>> {
    let rows: Vec<CameraRow> =
        sqlx::query_as("select id, code, name, st_x(geom) as lon, st_y(geom) as lat from camera where ward_id = $1 order by code")
            .bind(ward_id)
            .fetch_all(db)
            .await?;
    let camera =
        |CameraRow { id, code, name, lon, lat }| (id, SceneCamera { code, name, at: lon.zip(lat).map(|(lon, lat)| Point::new(lon, lat)) });
    Ok(rows.into_iter().map(camera).collect())
}

pub async fn landmarks(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<Landmark>> {
    let rows: Vec<(String, f64, f64)> =
        sqlx::query_as("select name, st_x(geom), st_y(geom) from place where ward_id = $1 and geom is not null order by id")
            .bind(ward_id)
            .fetch_all(db)
            .await?;
    Ok(rows.into_iter().map(|(name, lon, lat)| Landmark { name, at: Point::new(lon, lat) }).collect())
}

pub async fn demo_account(db: &mut PgConnection, login: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select id from account where login = $1 and is_demo").bind(login).fetch_optional(db).await
}
