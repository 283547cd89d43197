//! The SQL of links to recorders, under the caller's row-level security.
//! Which addresses may be kept is not known here.

use chrono::{DateTime, Utc};
use shared::camera::EditRecorderLinks;
use sqlx::{FromRow, PgConnection};

use crate::platform::database::written;

#[derive(FromRow)]
pub struct LinksRow {
    pub id: i64,
    pub live_view: Option<String>,
    pub clip: Option<String>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const LINKS: &str = "select id, live_view, clip, version, updated_at from camera_recorder where camera_id = $1";

/// Where a recorder shows a camera; none where nothing was ever named, or the caller neither opens nor names such links there.
pub async fn find(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<Option<LinksRow>> {
    sqlx::query_as(LINKS).bind(camera_id).fetch_optional(db).await
}

/// The links, which nobody else edits until this transaction ends.
pub async fn lock(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<Option<LinksRow>> {
    sqlx::query_as(&format!("{LINKS} for update")).bind(camera_id).fetch_optional(db).await
}

/// Until this transaction ends, nobody else writes links of many cameras: two who begin at different ones would wait for each other.
pub async fn lock_alike(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('camera_recorder_alike'))").execute(db).await.map(drop)
}

/// Names the first links of a camera; false where somebody else has just done so.
pub async fn add(db: &mut PgConnection, camera_id: i64, area_id: i32, links: &EditRecorderLinks) -> sqlx::Result<bool> {
    let added = sqlx::query(
        "insert into camera_recorder (camera_id, area_id, live_view, clip) values ($1, $2, $3, $4) on conflict (camera_id) do nothing",
    )
    .bind(camera_id)
    .bind(area_id)
    .bind(&links.live_view)
    .bind(&links.clip)
    .execute(db)
    .await?;
    Ok(added.rows_affected() == 1)
}

pub async fn edit(db: &mut PgConnection, id: i64, links: &EditRecorderLinks) -> sqlx::Result<()> {
    sqlx::query("update camera_recorder set live_view = $2, clip = $3 where id = $1")
        .bind(id)
        .bind(&links.live_view)
        .bind(&links.clip)
        .execute(db)
        .await
        .and_then(written)
}

/// What a screen must know to offer the same for all: the ward, and how many of its other cameras have the same links.
#[derive(FromRow)]
pub struct Beside {
    pub ward_name: String,
    pub alike: i64,
}

/// Cameras that the caller sees but may not link are left out: of their links nothing is known here.
pub async fn beside(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<Beside> {
    sqlx::query_as(
        "select a.name as ward_name,
            (select count(*) from camera c left join camera_recorder r on r.camera_id = c.id
             where c.ward_id = this.ward_id and c.id <> this.id and c.area_id in (select unnest(reach('link_recorders')))
               and r.live_view is not distinct from own.live_view and r.clip is not distinct from own.clip) as alike
         from camera this join area a on a.id = this.ward_id left join camera_recorder own on own.camera_id = this.id
         where this.id = $1",
    )
    .bind(camera_id)
    .fetch_one(db)
    .await
}

/// Gives `links` to the other cameras of the ward whose links are those of `before`: which, and where they belong.
///
/// The condition stands twice: what somebody else writes between the reading and the writing of a row is not written over.
pub async fn edit_alike(
    db: &mut PgConnection,
    camera_id: i64,
    before: Option<&LinksRow>,
    links: &EditRecorderLinks,
) -> sqlx::Result<Vec<(i64, i32)>> {
    sqlx::query_as(
        "insert into camera_recorder (camera_id, area_id, live_view, clip)
         select c.id, c.area_id, $2::text, $3::text from camera c left join camera_recorder r on r.camera_id = c.id
         where c.ward_id = (select ward_id from camera where id = $1) and c.id <> $1 and c.area_id in (select unnest(reach('link_recorders')))
           and r.live_view is not distinct from $4::text and r.clip is not distinct from $5::text
         order by c.id
         on conflict (camera_id) do update set live_view = excluded.live_view, clip = excluded.clip
           where camera_recorder.live_view is not distinct from $4::text and camera_recorder.clip is not distinct from $5::text
         returning camera_id, area_id",
    )
    .bind(camera_id)
    .bind(&links.live_view)
    .bind(&links.clip)
    .bind(before.and_then(|row| row.live_view.as_deref()))
    .bind(before.and_then(|row| row.clip.as_deref()))
    .fetch_all(db)
    .await
}
