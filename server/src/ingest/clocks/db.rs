//! What devices said the time was: noted by a device's token, read by whoever may see the quarantine.
//! What follows from it is decided elsewhere (`rules`).

use chrono::{DateTime, TimeDelta, Utc};
use shared::ingest::IngestSource;
use sqlx::{FromRow, PgConnection, PgPool};

use super::Told;
use super::rules::Heard;
use crate::platform::database::from_text;

/// What a broken clock says is kept no further from now than this: PostgreSQL's years are fewer than ours.
const FURTHEST: TimeDelta = TimeDelta::days(36_525);

/// Whether the device is watched from here on: it is off now, or was within a day.
pub async fn note(
    app: &PgPool,
    token_hash: &[u8; 32],
    source: IngestSource,
    told: &Told,
    now: DateTime<Utc>,
    is_off: bool,
) -> sqlx::Result<bool> {
    // What PostgreSQL takes for no text is no camera's name either.
    let told: Vec<_> = told.0.iter().filter(|(camera, _)| !camera.contains('\0')).collect();
    let (mut cameras, mut said_ats, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for (camera, (said, reports)) in told {
        cameras.push(camera.clone());
        said_ats.push((*said).clamp(now - FURTHEST, now + FURTHEST));
        counts.push(*reports);
    }
    sqlx::query_scalar("select note_device_clock($1, $2, $3, $4, $5, $6, $7)")
        .bind(token_hash.as_slice())
        .bind(source.name())
        .bind(cameras)
        .bind(said_ats)
        .bind(counts)
        .bind(now)
        .bind(is_off)
        .fetch_one(app)
        .await
}

#[derive(FromRow)]
struct ToldRow {
    device_id: i64,
    device_name: String,
    area_id: i32,
    camera_code: String,
    source: String,
    heard_at: DateTime<Utc>,
    said_at: DateTime<Utc>,
    reports: i32,
}

/// Device by device, in the order in which it was heard.
pub async fn told_since(db: &mut PgConnection, since: DateTime<Utc>) -> sqlx::Result<Vec<Heard>> {
    let rows: Vec<ToldRow> = sqlx::query_as(
        "select device_id, device_name, area_id, camera_code, source, heard_at, said_at, reports from device_clock_report
         where heard_at > $1 order by device_id, heard_at, camera_id",
    )
    .bind(since)
    .fetch_all(db)
    .await?;
    let heard = |row: ToldRow| {
        Ok(Heard {
            device_id: row.device_id,
            device_name: row.device_name,
            area_id: row.area_id,
            camera: row.camera_code,
            source: from_text(&row.source)?,
            at: row.heard_at,
            said: row.said_at,
            reports: i64::from(row.reports),
        })
    };
    rows.into_iter().map(heard).collect()
}
