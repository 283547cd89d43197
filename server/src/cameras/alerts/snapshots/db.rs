//! All SQL of alerts' pictures: reading and holding under the caller's row-level security, taking in and forgetting through
//! functions, because neither a device nor a job has a session.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgPool};

use super::load::LoadedSnapshot;
use super::take_in::{Attached, NewSnapshot};
use crate::platform::columns::column;
use crate::platform::database::written;
use crate::platform::media::ContentHash;

#[derive(FromRow)]
pub struct SnapshotRow {
    pub alert_id: i64,
    pub area_id: i32,
    pub sha256: Option<Vec<u8>>,
    pub thumbnail_sha256: Option<Vec<u8>>,
    pub width_px: i32,
    pub height_px: i32,
    pub size_bytes: i32,
    pub taken_in_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
    pub held_at: Option<DateTime<Utc>>,
    pub held_by_name: Option<String>,
    pub hold_reason: Option<String>,
}

const SNAPSHOT: &str =
    "select alert_id, area_id, sha256, thumbnail_sha256, width_px, height_px, size_bytes, taken_in_at, removed_at, held_at,
    held_by_name, hold_reason from camera_alert_snapshot";

/// None where the alert has no picture, or the caller may not learn of it.
pub async fn find(db: &mut PgConnection, alert_id: i64) -> sqlx::Result<Option<SnapshotRow>> {
    sqlx::query_as(&format!("{SNAPSHOT} where alert_id = $1")).bind(alert_id).fetch_optional(db).await
}

/// The same for whoever may hold it; nobody else does until this transaction ends, and the job that deletes passes it over.
pub async fn lock(db: &mut PgConnection, alert_id: i64) -> sqlx::Result<Option<SnapshotRow>> {
    sqlx::query_as(&format!("{SNAPSHOT} where alert_id = $1 for update")).bind(alert_id).fetch_optional(db).await
}

/// The database signs with the caller.
pub async fn hold(db: &mut PgConnection, alert_id: i64, now: DateTime<Utc>, reason: &str) -> sqlx::Result<()> {
    sqlx::query("update camera_alert_snapshot set held_at = $2, hold_reason = $3 where alert_id = $1")
        .bind(alert_id)
        .bind(now)
        .bind(reason)
        .execute(db)
        .await
        .and_then(written)
}

pub async fn release(db: &mut PgConnection, alert_id: i64) -> sqlx::Result<()> {
    sqlx::query("update camera_alert_snapshot set held_at = null, hold_reason = null where alert_id = $1")
        .bind(alert_id)
        .execute(db)
        .await
        .and_then(written)
}

/// Answers in the pictures' order; none where the device has no such alert.
pub async fn attach(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    snapshots: &[NewSnapshot<'_>],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Option<Attached>>> {
    let answers: Vec<(i64, String)> =
        sqlx::query_as("select place, became from attach_camera_alert_snapshots($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(token_hash.as_slice())
            .bind(column(snapshots, |new| new.camera))
            .bind(column(snapshots, |new| new.external_id))
            .bind(column(snapshots, |new| new.prepared.sha256()))
            .bind(column(snapshots, |new| new.prepared.thumbnail_sha256()))
            .bind(column(snapshots, |new| new.prepared.picture().received.as_bytes()))
            .bind(column(snapshots, |new| number(new.prepared.picture().width_px)))
            .bind(column(snapshots, |new| number(new.prepared.picture().height_px)))
            .bind(column(snapshots, |new| number(new.prepared.picture().jpeg.len())))
            .bind(now)
            .fetch_all(db)
            .await?;
    let mut attached = vec![None; snapshots.len()];
    for (place, word) in answers {
        if let Some(slot) = usize::try_from(place - 1).ok().and_then(|place| attached.get_mut(place)) {
            *slot = match word.as_str() {
                "new" => Some(Attached::New),
                "replaced" => Some(Attached::Replaced),
                "same" => Some(Attached::Same),
                "held" => Some(Attached::Held),
                "handled" => Some(Attached::Handled),
                "removed" => Some(Attached::Removed),
                _ => None,
            };
        }
    }
    Ok(attached)
}

/// Writes what a seed drew, as owner; how many alerts have a picture by it.
pub async fn load(db: &mut PgConnection, loaded: &[LoadedSnapshot<'_>]) -> sqlx::Result<u64> {
    // The alert stays in its area until this is written.
    let written = sqlx::query(
        "insert into camera_alert_snapshot \
           (alert_id, area_id, sha256, thumbnail_sha256, received_sha256, width_px, height_px, size_bytes, taken_in_at) \
         select a.id, a.area_id, l.picture, l.thumbnail, l.received, l.width, l.height, l.size, l.at \
         from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::integer[], $6::integer[], $7::integer[], $8::timestamptz[]) \
           as l (alert, picture, thumbnail, received, width, height, size, at) \
         join camera_alert a on a.id = l.alert \
         order by a.id for key share of a \
         on conflict (alert_id) do nothing",
    )
    .bind(column(loaded, |loaded| loaded.alert_id))
    .bind(column(loaded, |loaded| loaded.prepared.sha256()))
    .bind(column(loaded, |loaded| loaded.prepared.thumbnail_sha256()))
    .bind(column(loaded, |loaded| loaded.prepared.picture().received.as_bytes()))
    .bind(column(loaded, |loaded| number(loaded.prepared.picture().width_px)))
    .bind(column(loaded, |loaded| number(loaded.prepared.picture().height_px)))
    .bind(column(loaded, |loaded| number(loaded.prepared.picture().jpeg.len())))
    .bind(column(loaded, |loaded| loaded.taken_in_at))
    .execute(db)
    .await?;
    Ok(written.rows_affected())
}

/// Sizes of what was taken in are far below what a column holds.
fn number(size: impl TryInto<i32>) -> i32 {
    size.try_into().unwrap_or(i32::MAX)
}

/// Forgets at most so many pictures; the files that they were. As `ioc_job`.
pub async fn forget(jobs: &PgPool, before: DateTime<Utc>, now: DateTime<Utc>, at_most: i32) -> sqlx::Result<Vec<ContentHash>> {
    let files: Vec<Vec<u8>> =
        sqlx::query_scalar("select forget_camera_alert_snapshots($1, $2, $3)").bind(before).bind(now).bind(at_most).fetch_all(jobs).await?;
    Ok(files.iter().filter_map(|file| ContentHash::read(file)).collect())
}
