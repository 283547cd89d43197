//! The SQL of rows without a place, under the caller's row-level security.
//! `geom is null` is no operator that could leak, so the partial indexes serve protected tables too (see ARCHITECTURE.md).

use shared::{edit::Unplaced, layer::Layer};
use sqlx::{FromRow, PgConnection};

use crate::accounts::AreaSet;

#[derive(FromRow)]
struct Row {
    id: i64,
    code: String,
    title: String,
    address: Option<String>,
    area_id: i32,
    area_name: String,
    version: i32,
}

/// Rows after the id `after`, by id.
pub async fn list(db: &mut PgConnection, kind: Layer, areas: &AreaSet, after: i64, limit: i64) -> sqlx::Result<Vec<Unplaced>> {
    let sql = format!("{} and r.area_id = any ($1) and r.id > $2 order by r.id limit $3", rows_sql(kind));
    let rows: Vec<Row> = sqlx::query_as(&sql).bind(areas.as_slice()).bind(after).bind(limit).fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| row.of(kind)).collect())
}

pub async fn find(db: &mut PgConnection, kind: Layer, id: i64, areas: &AreaSet) -> sqlx::Result<Option<Unplaced>> {
    let sql = format!("{} and r.area_id = any ($1) and r.id = $2", rows_sql(kind));
    let row: Option<Row> = sqlx::query_as(&sql).bind(areas.as_slice()).bind(id).fetch_optional(db).await?;
    Ok(row.map(|row| row.of(kind)))
}

pub async fn count(db: &mut PgConnection, kind: Layer, areas: &AreaSet) -> sqlx::Result<i64> {
    let sql = format!("select count(*) from {kind} where geom is null and area_id = any ($1)");
    sqlx::query_scalar(&sql).bind(areas.as_slice()).fetch_one(db).await
}

/// A house by its address.
#[derive(Debug, FromRow)]
pub struct HouseRow {
    pub id: i64,
    pub address: String,
    pub lon: f64,
    pub lat: f64,
}

/// Houses in the ward of an area whose address ends in `lane` (in lower case). One ward's houses are read through, a tenth of a
/// second for 7,500 of them: it is asked once, for a row that somebody has taken up.
pub async fn houses_in(db: &mut PgConnection, area_id: i32, lane: &str) -> sqlx::Result<Vec<HouseRow>> {
    sqlx::query_as(
        "select b.id, b.address, st_x(p.point) as lon, st_y(p.point) as lat
         from building b, st_pointonsurface(b.footprint) as p(point)
         where b.ward_id = ward_of($1) and right(lower(b.address), length($2)) = $2",
    )
    .bind(area_id)
    .bind(lane)
    .fetch_all(db)
    .await
}

impl Row {
    fn of(self, kind: Layer) -> Unplaced {
        let Row { id, code, title, address, area_id, area_name, version } = self;
        Unplaced { kind, id, code, title, address, area_id, area_name, version }
    }
}

/// Tables are named as their layers are.
fn rows_sql(kind: Layer) -> String {
    let (title, address) = match kind {
        Layer::Household => ("concat_ws(', ', r.unit, r.address)", "r.address"),
        Layer::Camera => ("r.name", "null::text"),
        _ => ("r.name", "r.address"),
    };
    format!(
        "select r.id, r.code, {title} as title, {address} as address, r.area_id, a.name as area_name, r.version
         from {kind} r join area a on a.id = r.area_id where r.geom is null"
    )
}
