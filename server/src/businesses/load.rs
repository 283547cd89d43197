//! Writes businesses in bulk, for the demo ward and for imports.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::NaiveDate;
use shared::business::{BusinessKind, BusinessStatus};
use sqlx::PgConnection;

use crate::platform::columns::column;

/// Rows per statement: large enough to be quick, small enough to be sent in one piece.
const CHUNK: usize = 4_000;

#[derive(Debug, Clone)]
pub struct NewBusiness {
    /// Unique in its ward.
    pub code: String,
    /// Area and ward; none: the database derives both from the point.
    pub area: Option<(i32, i32)>,
    pub building_id: Option<i64>,
    pub name: String,
    pub tax_code: Option<String>,
    /// Four-digit activity of the Vietnamese classification.
    pub vsic: Option<String>,
    /// Its section, a letter.
    pub sector: String,
    pub kind: BusinessKind,
    pub status: BusinessStatus,
    pub address: Option<String>,
    pub opened_on: Option<NaiveDate>,
    /// Longitude and latitude.
    pub point: Option<(f64, f64)>,
}

/// Inserts the businesses in the slice's order. One whose code the ward has already is brought up to date: its status is
/// kept, and so is what the load leaves empty (tax code and opening day come from other registers).
pub async fn insert_businesses(db: &mut PgConnection, businesses: &[NewBusiness]) -> sqlx::Result<()> {
    for rows in businesses.chunks(CHUNK) {
        sqlx::query(
            "insert into business (code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, geom) \
             select code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, \
               st_setsrid(st_makepoint(lon, lat), 4326) \
             from unnest($1::text[], $2::int[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], \
               $10::text[], $11::text[], $12::date[], $13::float8[], $14::float8[]) with ordinality \
               as row (code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, lon, lat, place) \
             order by place \
             on conflict (ward_id, code) do update set building_id = coalesce(excluded.building_id, business.building_id), \
               name = excluded.name, tax_code = coalesce(excluded.tax_code, business.tax_code), \
               vsic = coalesce(excluded.vsic, business.vsic), sector = excluded.sector, kind = excluded.kind, \
               address = coalesce(excluded.address, business.address), opened_on = coalesce(excluded.opened_on, business.opened_on), \
               geom = coalesce(excluded.geom, business.geom)",
        )
        .bind(column(rows, |row| row.code.clone()))
        .bind(column(rows, |row| row.area.map(|(area, _)| area)))
        .bind(column(rows, |row| row.area.map(|(_, ward)| ward)))
        .bind(column(rows, |row| row.building_id))
        .bind(column(rows, |row| row.name.clone()))
        .bind(column(rows, |row| row.tax_code.clone()))
        .bind(column(rows, |row| row.vsic.clone()))
        .bind(column(rows, |row| row.sector.clone()))
        .bind(column(rows, |row| stored_kind(row.kind)))
        .bind(column(rows, |row| stored_status(row.status)))
        .bind(column(rows, |row| row.address.clone()))
        .bind(column(rows, |row| row.opened_on))
        .bind(column(rows, |row| row.point.map(|(lon, _)| lon)))
        .bind(column(rows, |row| row.point.map(|(_, lat)| lat)))
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

pub(super) fn stored_kind(kind: BusinessKind) -> &'static str {
    match kind {
        BusinessKind::Company => "company",
        BusinessKind::HouseholdBusiness => "household_business",
    }
}

pub(super) fn stored_status(status: BusinessStatus) -> &'static str {
    match status {
        BusinessStatus::Operating => "operating",
        BusinessStatus::Suspended => "suspended",
        BusinessStatus::Closed => "closed",
    }
}
