//! All SQL of businesses that requests need; the table is open to everybody.
//! Bulk loading stands in `load`.

use chrono::{DateTime, NaiveDate, Utc};
use shared::business::EditBusiness;
use sqlx::{FromRow, PgConnection};

use super::load::{stored_kind, stored_status};
use crate::platform::database::written;

#[derive(FromRow)]
pub struct BusinessRow {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub tax_code: Option<String>,
    pub vsic: Option<String>,
    pub sector: String,
    pub kind: String,
    pub status: String,
    pub address: Option<String>,
    pub opened_on: Option<NaiveDate>,
    pub area_id: i32,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const BUSINESS: &str = "select id, code, name, tax_code, vsic, sector, kind, status, address, opened_on, area_id,
        st_x(geom) as lon, st_y(geom) as lat, version, updated_at
    from business";

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<BusinessRow>> {
    sqlx::query_as(&format!("{BUSINESS} where id = $1")).bind(id).fetch_optional(db).await
}

/// The business, which nobody else edits until this transaction ends; none where the caller may not edit it.
pub async fn lock(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<BusinessRow>> {
    sqlx::query_as(&format!("{BUSINESS} where id = $1 for update")).bind(id).fetch_optional(db).await
}

/// Writes what the edit names. The house follows a new place, unless the edit says which it is.
pub async fn edit(db: &mut PgConnection, id: i64, edit: &EditBusiness) -> sqlx::Result<()> {
    let point = edit.point.flatten();
    sqlx::query(
        "update business b set name = coalesce($2, name),
            address = case when $3 then $4 else address end,
            vsic = case when $5 then $6 else vsic end,
            sector = coalesce($7, sector), kind = coalesce($8, kind), status = coalesce($9, status),
            geom = case when $10 then p.point else geom end,
            building_id = case when $13 then $14 when $10 then case when p.point is null then null else coalesce(building_at(p.point), building_id) end
                else building_id end
         from (select st_setsrid(st_makepoint($11, $12), 4326) as point) p where b.id = $1",
    )
    .bind(id)
    .bind(&edit.name)
    .bind(edit.address.is_some())
    .bind(edit.address.clone().flatten())
    .bind(edit.vsic.is_some())
    .bind(edit.vsic.clone().flatten())
    .bind(&edit.sector)
    .bind(edit.kind.map(stored_kind))
    .bind(edit.status.map(stored_status))
    .bind(edit.point.is_some())
    .bind(point.map(|[lon, _]| lon))
    .bind(point.map(|[_, lat]| lat))
    .bind(edit.building_id.is_some())
    .bind(edit.building_id.flatten())
    .execute(db)
    .await
    .and_then(written)
}
