//! Brings boarding houses up to date from a list, by their code.
//! It deliberately knows no rooms and no tenants: those are declared, not listed.

use sqlx::PgConnection;

use crate::geography::placing::{POINT_AND_HOUSE, Spot, Upserted, WHAT_BECAME, upsert_at};
use crate::platform::columns::column;

/// A boarding house as a list has it; what the list leaves empty keeps what is known. Not `Debug` on purpose: it names a
/// person.
#[derive(Clone)]
pub struct ListedBoardingHouse {
    /// Unique in its ward.
    pub code: String,
    pub name: String,
    pub address: String,
    pub landlord_name: String,
    pub landlord_phone: Option<String>,
    /// Filled in before it is written.
    pub spot: Option<Spot>,
}

/// Inserts what is new and updates what differs; answers in the slice's order. Every row has its spot.
pub async fn upsert_boarding_houses(db: &mut PgConnection, rows: &[ListedBoardingHouse]) -> sqlx::Result<Vec<Upserted>> {
    let spots: Vec<&Spot> = rows.iter().filter_map(|row| row.spot.as_ref()).collect();
    upsert_at(
        &format!(
            "with given as (select *, st_setsrid(st_makepoint(lon, lat), 4326) as at from unnest($1::text[], $2::int[], $3::int[], $4::float8[], \
               $5::float8[], $6::boolean[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[]) with ordinality \
               as row (code, area_id, ward_id, lon, lat, is_surveyed, building_id, name, address, landlord_name, landlord_phone, place)), \
             wanted as (select g.place, e.id as known, e.area_id as known_area, g.code, g.area_id, g.ward_id, g.name, g.address, g.landlord_name, \
                 coalesce(g.landlord_phone, e.landlord_phone) as landlord_phone, \
                 {POINT_AND_HOUSE} \
               from given g left join boarding_house e on e.ward_id = g.ward_id and e.code = g.code), \
             inserted as (insert into boarding_house (code, area_id, ward_id, building_id, name, address, landlord_name, landlord_phone, geom) \
               select code, area_id, ward_id, building_id, name, address, landlord_name, landlord_phone, geom from wanted where known is null \
               order by place returning id, area_id, ward_id, code), \
             updated as (update boarding_house h set name = w.name, address = w.address, landlord_name = w.landlord_name, \
                 landlord_phone = w.landlord_phone, geom = w.geom, building_id = w.building_id \
               from wanted w where h.id = w.known and (h.name, h.address, h.landlord_name, h.landlord_phone, h.geom, h.building_id) is distinct from \
                 (w.name, w.address, w.landlord_name, w.landlord_phone, w.geom, w.building_id) returning h.id, h.area_id) \
             {WHAT_BECAME}"
        ),
        column(rows, |row| row.code.clone()),
        &spots,
    )
    .bind(column(&spots, |spot| spot.building_id))
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.address.clone()))
    .bind(column(rows, |row| row.landlord_name.clone()))
    .bind(column(rows, |row| row.landlord_phone.clone()))
    .fetch_all(db)
    .await
}
