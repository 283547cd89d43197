//! All SQL of open places that requests need; the table is open to everybody.
//! Bulk loading stands in `geography::load`.

use chrono::{DateTime, Utc};
use shared::place::EditPlace;
use sqlx::{FromRow, PgConnection};

use crate::platform::database;

#[derive(FromRow)]
pub struct PlaceRow {
    pub id: i64,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub address: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const PLACE: &str = "select p.id, p.code, p.kind, p.name, p.address, p.area_id, a.name as area_name,
        st_x(p.geom) as lon, st_y(p.geom) as lat, p.version, p.updated_at
    from place p join area a on a.id = p.area_id";

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<PlaceRow>> {
    sqlx::query_as(&format!("{PLACE} where p.id = $1")).bind(id).fetch_optional(db).await
}

/// The place, which nobody else edits until this transaction ends; none where the caller may not edit it.
pub async fn lock(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<PlaceRow>> {
    sqlx::query_as(&format!("{PLACE} where p.id = $1 for update of p")).bind(id).fetch_optional(db).await
}

/// Writes what the edit names. False: the table knows no such kind of place, and this transaction is over.
pub async fn edit(db: &mut PgConnection, id: i64, edit: &EditPlace) -> sqlx::Result<bool> {
    let point = edit.point.flatten();
    let written = sqlx::query(
        "update place set kind = coalesce($2, kind), name = coalesce($3, name),
            address = case when $4 then $5 else address end,
            geom = case when $6 then st_setsrid(st_makepoint($7, $8), 4326) else geom end
         where id = $1",
    )
    .bind(id)
    .bind(&edit.kind)
    .bind(&edit.name)
    .bind(edit.address.is_some())
    .bind(edit.address.clone().flatten())
    .bind(edit.point.is_some())
    .bind(point.map(|[lon, _]| lon))
    .bind(point.map(|[_, lat]| lat))
    .execute(db)
    .await;
    match written {
        Ok(done) => database::written(done).map(|()| true),
        Err(sqlx::Error::Database(refusal)) if refusal.constraint() == Some("place_kind_check") => Ok(false),
        Err(cause) => Err(cause),
    }
}
