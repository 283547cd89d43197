//! The SQL that edits share: the past of a row under row-level security, which area holds a place, and what a new place does to the
//! house. Which row is written, and whether it may be, its domain decides.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::Kind;
use crate::platform::database::written;

/// A row of `history`; the images hold every column, so they never leave the server whole.
#[derive(Debug, FromRow)]
pub struct ChangeRow {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub op: String,
    pub by: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Changes of what an edit can change, newest first, before the entry `cursor`.
pub async fn changes_before(db: &mut PgConnection, kind: &Kind, id: i64, cursor: Option<i64>, limit: i64) -> sqlx::Result<Vec<ChangeRow>> {
    sqlx::query_as(
        "select h.id, h.at, h.op, h.actor_name as by, h.before, h.after from history h
         where h.topic = $1 and h.row_id = $2 and ($3::bigint is null or h.id < $3)
           and (h.op <> 'update' or exists (select from unnest($4::text[]) c where h.before -> c is distinct from h.after -> c))
         order by h.id desc limit $5",
    )
    .bind(kind.topic)
    .bind(id)
    .bind(cursor)
    .bind(kind.columns)
    .bind(limit)
    .fetch_all(db)
    .await
}

#[derive(Debug, FromRow)]
pub struct LastChange {
    pub at: DateTime<Utc>,
    pub by: Option<String>,
}

/// The last change of what an edit can change that made a version after `version`.
pub async fn last_change_since(db: &mut PgConnection, kind: &Kind, id: i64, version: i32) -> sqlx::Result<Option<LastChange>> {
    sqlx::query_as(
        "select h.at, h.actor_name as by from history h
         where h.topic = $1 and h.row_id = $2 and h.op = 'update' and (h.after ->> 'version')::integer > $3
           and exists (select from unnest($4::text[]) c where h.before -> c is distinct from h.after -> c)
         order by h.id desc limit 1",
    )
    .bind(kind.topic)
    .bind(id)
    .bind(version)
    .bind(kind.columns)
    .fetch_optional(db)
    .await
}

/// The area that a row at this place would get, as `derive_area` finds it.
pub async fn area_at(db: &mut PgConnection, [lon, lat]: [f64; 2]) -> sqlx::Result<Option<(i32, String)>> {
    sqlx::query_as("select id, name from area where id = area_at(st_setsrid(st_makepoint($1, $2), 4326))")
        .bind(lon)
        .bind(lat)
        .fetch_optional(db)
        .await
}

pub async fn area_of_building(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<(i32, String)>> {
    sqlx::query_as("select a.id, a.name from building b join area a on a.id = b.area_id where b.id = $1").bind(id).fetch_optional(db).await
}

/// Writes what an edit names of where a row of `table` stands, of a domain whose rows stand in houses. The house follows a new
/// place, unless the edit says which it is.
pub async fn place_in_house(
    db: &mut PgConnection,
    table: &'static str,
    id: i64,
    point: Option<Option<[f64; 2]>>,
    building_id: Option<Option<i64>>,
) -> sqlx::Result<()> {
    let to = point.flatten();
    sqlx::query(&format!(
        "update {table} t set geom = case when $2 then p.point else geom end,
            building_id = case when $5 then $6 when $2 then case when p.point is null then null else coalesce(building_at(p.point), building_id) end
                else building_id end
         from (select st_setsrid(st_makepoint($3, $4), 4326) as point) p where t.id = $1"
    ))
    .bind(id)
    .bind(point.is_some())
    .bind(to.map(|[lon, _]| lon))
    .bind(to.map(|[_, lat]| lat))
    .bind(building_id.is_some())
    .bind(building_id.flatten())
    .execute(db)
    .await
    .and_then(written)
}
