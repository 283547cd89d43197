//! Brings open places and roads up to date from a list, by their code.
//! It deliberately makes no transaction: the caller begins one as owner, with `load::begin_bulk`.

use sqlx::PgConnection;

use super::load::{NewRoad, insert_roads};
use super::placing::{Spot, Upserted, WHAT_BECAME, Written, upsert_at};
use crate::platform::columns::column;

/// A place as a list has it; what the list leaves empty keeps what is known.
#[derive(Clone)]
pub struct ListedPlace {
    /// Unique in its ward.
    pub code: String,
    /// One of the kinds that the table's check names.
    pub kind: &'static str,
    pub name: String,
    pub address: Option<String>,
    /// Filled in before it is written.
    pub spot: Option<Spot>,
}

/// Inserts what is new and updates what differs; answers in the slice's order. Every row has its spot.
pub async fn upsert_places(db: &mut PgConnection, rows: &[ListedPlace]) -> sqlx::Result<Vec<Upserted>> {
    let spots: Vec<&Spot> = rows.iter().filter_map(|row| row.spot.as_ref()).collect();
    upsert_at(
        &format!(
            "with given as (select *, st_setsrid(st_makepoint(lon, lat), 4326) as at from unnest($1::text[], $2::int[], $3::int[], $4::float8[], \
               $5::float8[], $6::boolean[], $7::text[], $8::text[], $9::text[]) with ordinality \
               as row (code, area_id, ward_id, lon, lat, is_surveyed, kind, name, address, place)), \
             wanted as (select g.place, e.id as known, e.area_id as known_area, g.code, g.area_id, g.ward_id, g.kind, g.name, \
                 coalesce(g.address, e.address) as address, case when g.is_surveyed then g.at else coalesce(e.geom, g.at) end as geom \
               from given g left join place e on e.ward_id = g.ward_id and e.code = g.code), \
             inserted as (insert into place (code, area_id, ward_id, kind, name, address, geom) \
               select code, area_id, ward_id, kind, name, address, geom from wanted where known is null order by place \
               returning id, area_id, ward_id, code), \
             updated as (update place p set kind = w.kind, name = w.name, address = w.address, geom = w.geom from wanted w \
               where p.id = w.known and (p.kind, p.name, p.address, p.geom) is distinct from (w.kind, w.name, w.address, w.geom) \
               returning p.id, p.area_id) \
             {WHAT_BECAME}"
        ),
        column(rows, |row| row.code.clone()),
        &spots,
    )
    .bind(column(rows, |row| row.kind))
    .bind(column(rows, |row| row.name.clone()))
    .bind(column(rows, |row| row.address.clone()))
    .fetch_all(db)
    .await
}

/// The same for the roads of one ward.
pub async fn upsert_roads(db: &mut PgConnection, ward_id: i32, roads: &[NewRoad]) -> sqlx::Result<Vec<Written>> {
    let codes: Vec<&str> = roads.iter().map(|road| road.code.as_str()).collect();
    let before = road_versions(db, ward_id, &codes).await?;
    insert_roads(db, ward_id, roads).await?;
    let after = road_versions(db, ward_id, &codes).await?;
    let written = before.into_iter().zip(after).map(|(before, after)| match (before, after) {
        (None, _) => Written::New,
        (before, after) if before != after => Written::Changed,
        _ => Written::Same,
    });
    Ok(written.collect())
}

async fn road_versions(db: &mut PgConnection, ward_id: i32, codes: &[&str]) -> sqlx::Result<Vec<Option<i32>>> {
    sqlx::query_scalar(
        "select version from unnest($2::text[]) with ordinality as wanted (code, place) \
         left join road on road.ward_id = $1 and road.code = wanted.code order by place",
    )
    .bind(ward_id)
    .bind(codes)
    .fetch_all(db)
    .await
}
