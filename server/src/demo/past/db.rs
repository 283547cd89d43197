//! Reads what the past of a ward is made with: its cameras, what stands beside them, who was on duty; which alerts lack a picture.
//! It deliberately writes nothing: alerts are written by their own domain.

use chrono::{DateTime, Utc};
use geo::Point;
use shared::camera_alert::AlertKind;
use sqlx::{FromRow, PgConnection, PgPool};

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

/// An alert that has had no picture yet.
#[derive(Debug, Clone, PartialEq)]
pub struct BareAlert {
    pub id: i64,
    pub camera: String,
    pub kind: AlertKind,
    pub started_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// Still open, or ended with a fine: somebody will look closely.
    pub matters: bool,
}

#[derive(FromRow)]
struct BareAlertRow {
    id: i64,
    camera_code: String,
    kind: String,
    started_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    matters: bool,
}

/// Those of a ward that the past wrote, received at or after `since`, newest first. One whose picture was deleted has had one.
pub async fn bare_alerts(db: &mut PgConnection, ward_id: i32, numbered: &str, since: DateTime<Utc>) -> sqlx::Result<Vec<BareAlert>> {
    let rows: Vec<BareAlertRow> = sqlx::query_as(
        "select a.id, a.camera_code, a.kind, a.started_at, a.received_at, a.status <> 'closed' or a.legal_basis is not null as matters \
         from camera_alert a \
         where a.ward_id = $1 and starts_with(a.external_id, $2) and a.received_at >= $3 \
           and not exists (select from camera_alert_snapshot s where s.alert_id = a.id) \
         order by a.started_at desc, a.id desc",
    )
    .bind(ward_id)
    .bind(numbered)
    .bind(since)
    .fetch_all(db)
    .await?;
    let bare = |BareAlertRow { id, camera_code, kind, started_at, received_at, matters }| {
        let kind = AlertKind::from_name(&kind)?;
        Some(BareAlert { id, camera: camera_code, kind, started_at, received_at, matters })
    };
    Ok(rows.into_iter().filter_map(bare).collect())
}

/// Thousands of rows came at once; lists join them.
pub async fn analyze_pictures(owner: &PgPool) -> sqlx::Result<()> {
    sqlx::query("analyze camera_alert_snapshot").execute(owner).await.map(drop)
}
