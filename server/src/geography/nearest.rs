//! What somebody who is sent to a place is told: the nearest address of the open map, and how far it is.
//! It deliberately looks at buildings and roads only: who lives behind a door is no part of an address.

use sqlx::{FromRow, PgConnection};

/// About 270 m: an address farther off leads nobody there.
const WITHIN_DEG: f64 = 0.0025;

#[derive(Debug, FromRow)]
pub struct Nearest {
    pub address: String,
    pub distance_m: f64,
}

/// The nearest building with an address, else the nearest road with a name.
///
/// `<->` on degrees gives the index its order but takes an eighth more for a step north than east; eight candidates are
/// measured in metres.
pub async fn address_near(db: &mut PgConnection, lon: f64, lat: f64) -> sqlx::Result<Option<Nearest>> {
    let house = sqlx::query_as(
        "select n.address, st_distance(n.footprint::geography, st_setsrid(st_makepoint($1, $2), 4326)::geography) as distance_m
         from (select b.address, b.footprint from building b
               where b.address <> '' and b.footprint && st_expand(st_setsrid(st_makepoint($1, $2), 4326), $3)
               order by b.footprint <-> st_setsrid(st_makepoint($1, $2), 4326) limit 8) n
         order by distance_m, n.address limit 1",
    );
    if let Some(house) = house.bind(lon).bind(lat).bind(WITHIN_DEG).fetch_optional(&mut *db).await? {
        return Ok(Some(house));
    }
    sqlx::query_as(
        "select n.address, st_distance(n.geom::geography, st_setsrid(st_makepoint($1, $2), 4326)::geography) as distance_m
         from (select r.geom, coalesce(r.name, case r.class when 'side_alley' then 'Ngách ' when 'branch_alley' then 'Hẻm ' else 'Ngõ ' end || r.number) as address
               from road r
               where coalesce(r.name, r.number) <> '' and r.geom && st_expand(st_setsrid(st_makepoint($1, $2), 4326), $3)
               order by r.geom <-> st_setsrid(st_makepoint($1, $2), 4326) limit 8) n
         order by distance_m, n.address limit 1",
    )
    .bind(lon)
    .bind(lat)
    .bind(WITHIN_DEG)
    .fetch_optional(db)
    .await
}
