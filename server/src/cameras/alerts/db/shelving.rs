//! Shelves: in force, over, added, ended; and how many alerts they leave out.
//! Row-level security decides whose there are; the database signs who shelved and who ended.

use chrono::{DateTime, Utc};
use shared::camera_alert::AlertKind;
use sqlx::{FromRow, PgConnection};

use crate::cameras::alerts::shelf_rules::{NewShelf, Shelved};
use crate::platform::database::written;

#[derive(FromRow)]
pub struct ShelfRow {
    pub id: i64,
    pub area_id: i32,
    pub area_name: String,
    pub camera_id: Option<i64>,
    pub camera_code: Option<String>,
    pub kind: Option<String>,
    pub from_at: DateTime<Utc>,
    pub until_at: DateTime<Utc>,
    pub reason: String,
    pub by_name: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by_name: Option<String>,
    pub is_in_force: bool,
    pub hides: i64,
}

/// Shelves in force with the areas they hold in, found once each.
pub(super) const IN_FORCE: &str = "in_force as materialized (
    select s.id, s.camera_id, s.kind, s.until_at, areas_below(s.area_id) as areas from alert_shelf s
    where s.ended_at is null and s.until_at > clock_timestamp())";

/// Whether the shelf `f` leaves out the alert `a`; the list of alerts says the same (`reading::ALERT`).
pub(super) const LEAVES_OUT: &str = "a.status in ('new', 'assigned') and a.severity <> 'critical' and (f.kind is null or f.kind = a.kind)
    and (f.camera_id = a.camera_id or f.camera_id is null and a.area_id = any(f.areas))";

fn shelves(condition: &str) -> String {
    format!(
        "with {IN_FORCE}
         select s.id, s.area_id, ar.name as area_name, s.camera_id, s.camera_code, s.kind, s.from_at, s.until_at, s.reason, s.by_name, s.ended_at,
            s.ended_by_name, f.id is not null as is_in_force,
            case when f.id is null then 0 else (select count(*) from camera_alert a where {LEAVES_OUT}) end as hides
         from alert_shelf s join area ar on ar.id = s.area_id left join in_force f on f.id = s.id
         where {condition}"
    )
}

/// The next to end first. `area`: those that hold in it, or in a part of it.
pub async fn shelves_in_force(db: &mut PgConnection, area: Option<i32>) -> sqlx::Result<Vec<ShelfRow>> {
    let there = "f.id is not null
        and ($1::integer is null or s.area_id in (select unnest(areas_below($1))) or s.area_id in (select unnest(areas_above($1))))
        order by s.until_at, s.id";
    sqlx::query_as(&shelves(there)).bind(area).fetch_all(db).await
}

/// Of the last 30 days, newest first.
pub async fn ended_shelves(db: &mut PgConnection, at_most: i64) -> sqlx::Result<Vec<ShelfRow>> {
    let recent = "f.id is null and s.until_at > clock_timestamp() - interval '30 days' order by s.from_at desc, s.id desc limit $1";
    sqlx::query_as(&shelves(recent)).bind(at_most).fetch_all(db).await
}

pub async fn find_shelf(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<ShelfRow>> {
    sqlx::query_as(&shelves("s.id = $1")).bind(id).fetch_optional(db).await
}

/// The shelf, which nobody else ends until this transaction does; none where the caller may not handle alerts there.
pub async fn lock_shelf(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<ShelfRow>> {
    sqlx::query_as(&shelves("s.id = $1 for update of s")).bind(id).fetch_optional(db).await
}

/// How many alerts are left out now, each once.
pub async fn count_hidden(db: &mut PgConnection, area: Option<i32>) -> sqlx::Result<i64> {
    sqlx::query_scalar(&format!(
        "with {IN_FORCE} select count(*) from camera_alert a where a.status <> 'closed' and exists (select from in_force f where {LEAVES_OUT})
            and ($1::integer is null or a.area_id in (select unnest(areas_below($1))))"
    ))
    .bind(area)
    .fetch_one(db)
    .await
}

/// Where a camera in reach stands.
pub async fn area_of_camera(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar("select area_id from camera where id = $1").bind(camera_id).fetch_optional(db).await
}

pub async fn add_shelf(db: &mut PgConnection, shelf: &NewShelf, area_id: i32, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let (camera_id, kind) = match shelf.what {
        Shelved::Camera(camera_id, kind) => (Some(camera_id), kind),
        Shelved::Kind(kind, _) => (None, Some(kind)),
    };
    sqlx::query_scalar(
        "insert into alert_shelf (area_id, camera_id, kind, from_at, until_at, reason) values ($1, $2, $3, $4, $5, $6) returning id",
    )
    .bind(area_id)
    .bind(camera_id)
    .bind(kind.map(AlertKind::name))
    .bind(now)
    .bind(shelf.until)
    .bind(&shelf.reason)
    .fetch_one(db)
    .await
}

pub async fn end_shelf(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update alert_shelf set ended_at = $2 where id = $1").bind(id).bind(now).execute(db).await.and_then(written)
}
