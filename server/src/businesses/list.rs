//! Brings businesses up to date from a list, by their code.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::NaiveDate;
use shared::business::{BusinessKind, BusinessStatus};
use sqlx::PgConnection;

use super::load::{stored_kind, stored_status};
use crate::geography::placing::{POINT_AND_HOUSE, Spot, Upserted, WHAT_BECAME, upsert_at};
use crate::platform::columns::column;

/// A business as a list has it; what the list leaves empty keeps what is known.
#[derive(Clone)]
pub struct ListedBusiness {
    /// Unique in its ward.
    pub code: String,
    pub name: String,
    pub tax_code: Option<String>,
    /// Four-digit activity of the Vietnamese classification.
    pub vsic: Option<String>,
    /// Its section, a letter.
    pub sector: &'static str,
    pub kind: BusinessKind,
    /// None: as it was, operating at first.
    pub status: Option<BusinessStatus>,
    pub address: Option<String>,
    pub opened_on: Option<NaiveDate>,
    /// Filled in before it is written.
    pub spot: Option<Spot>,
}

/// Inserts what is new and updates what differs; answers in the slice's order. Every row has its spot.
pub async fn upsert_businesses(db: &mut PgConnection, rows: &[ListedBusiness]) -> sqlx::Result<Vec<Upserted>> {
    let spots: Vec<&Spot> = rows.iter().filter_map(|row| row.spot.as_ref()).collect();
    upsert_at(
        &format!(
            "with given as (select *, st_setsrid(st_makepoint(lon, lat), 4326) as at from unnest($1::text[], $2::int[], $3::int[], $4::float8[], \
               $5::float8[], $6::boolean[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], \
               $15::date[]) with ordinality \
               as row (code, area_id, ward_id, lon, lat, is_surveyed, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, place)), \
             wanted as (select g.place, e.id as known, e.area_id as known_area, g.code, g.area_id, g.ward_id, g.name, \
                 coalesce(g.tax_code, e.tax_code) as tax_code, coalesce(g.vsic, e.vsic) as vsic, g.sector, g.kind, \
                 coalesce(g.status, e.status, 'operating') as status, coalesce(g.address, e.address) as address, \
                 coalesce(g.opened_on, e.opened_on) as opened_on, \
                 {POINT_AND_HOUSE} \
               from given g left join business e on e.ward_id = g.ward_id and e.code = g.code), \
             inserted as (insert into business (code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, geom) \
               select code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, address, opened_on, geom from wanted \
               where known is null order by place returning id, area_id, ward_id, code), \
             updated as (update business b set name = w.name, tax_code = w.tax_code, vsic = w.vsic, sector = w.sector, kind = w.kind, status = w.status, \
                 address = w.address, opened_on = w.opened_on, geom = w.geom, building_id = w.building_id \
               from wanted w where b.id = w.known \
                 and (b.name, b.tax_code, b.vsic, b.sector, b.kind, b.status, b.address, b.opened_on, b.geom, b.building_id) is distinct from \
                   (w.name, w.tax_code, w.vsic, w.sector, w.kind, w.status, w.address, w.opened_on, w.geom, w.building_id) returning b.id, b.area_id) \
             {WHAT_BECAME}"
        ),
        column(rows, |row| row.code.clone()),
        &spots,
    )
    .bind(column(&spots, |spot| spot.building_id))
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.tax_code.clone()))
    .bind(column(rows, |row| row.vsic.clone()))
    .bind(column(rows, |row| row.sector))
    .bind(column(rows, |row| stored_kind(row.kind)))
    .bind(column(rows, |row| row.status.map(stored_status)))
    .bind(column(rows, |row| row.address.clone()))
    .bind(column(rows, |row| row.opened_on))
    .fetch_all(db)
    .await
}
