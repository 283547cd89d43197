//! Writes areas and the base map in bulk, for the demo terrain and for imports.
//! It deliberately makes no transaction and invents no code: the caller decides what stands or falls together.
//!
//! Run it as owner, inside one transaction that begins with [`begin_bulk`]: the feed then gets one `reload` per topic
//! and area instead of thousands of rows. Every row gets the TDP that holds it, or the ward. A row whose code the ward
//! has already is brought up to date; what the load leaves empty then keeps what people have filled in.

use geo_types::{Geometry, LineString, MultiPolygon, Point};
use geozero::{CoordDimensions, ToWkb};
use sqlx::PgConnection;

use crate::platform::columns::column;

/// Rows per statement: large enough to be quick, small enough to be sent in one piece.
const CHUNK: usize = 4000;

/// A province, ward or TDP; geometry in WGS84 longitude and latitude, as everywhere below.
#[derive(Clone, Debug)]
pub struct NewArea {
    pub code: String,
    /// `province`, `ward` or `tdp`.
    pub kind: String,
    pub parent_id: Option<i32>,
    pub name: String,
    pub boundary: Option<MultiPolygon<f64>>,
    pub is_demo: bool,
}

/// A street or an alley.
#[derive(Clone, Debug)]
pub struct NewRoad {
    /// Unique in its ward, like every code below.
    pub code: String,
    /// One of the classes that the table's check names.
    pub class: String,
    pub name: Option<String>,
    /// Of an alley: "34", "34/6", "34/6/1".
    pub number: Option<String>,
    /// The road it leaves, by its place in the same slice.
    pub parent: Option<usize>,
    pub width_m: f32,
    pub geom: LineString<f64>,
}

/// A building by its footprint.
#[derive(Clone, Debug)]
pub struct NewBuilding {
    pub code: String,
    /// One of the uses that the table's check names.
    pub use_: String,
    pub name: Option<String>,
    pub storeys: Option<i16>,
    pub road_id: Option<i64>,
    pub house_number: Option<String>,
    pub address: Option<String>,
    pub footprint: MultiPolygon<f64>,
}

/// A surface under the map: of `water` or of `land_use`, by the function it is given to.
#[derive(Clone, Debug)]
pub struct NewSurface {
    pub code: String,
    pub kind: String,
    pub name: Option<String>,
    pub geom: MultiPolygon<f64>,
}

/// An open place anybody may see.
#[derive(Clone, Debug)]
pub struct NewPlace {
    pub code: String,
    pub kind: String,
    pub name: String,
    pub address: Option<String>,
    pub geom: Option<Point<f64>>,
}

/// Says that this transaction loads in bulk: areas are believed and the feed gets `reload`s. Heeded for the owner only.
pub async fn begin_bulk(db: &mut PgConnection) -> sqlx::Result<()> {
    // PostGIS remarks on every outline that crosses itself; imports report those themselves.
    sqlx::query("set local client_min_messages = 'warning'").execute(&mut *db).await?;
    sqlx::query("set local ioc.bulk = 'on'").execute(db).await.map(drop)
}

/// The current area of this code.
pub async fn find_area(db: &mut PgConnection, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar("select id from area where code = $1 and valid_to is null").bind(code).fetch_optional(db).await
}

/// Inserts one area and returns its id.
pub async fn insert_area(db: &mut PgConnection, area: &NewArea) -> sqlx::Result<i32> {
    sqlx::query_scalar(
        "insert into area (code, kind, parent_id, name, boundary, is_demo) \
         values ($1, $2, $3, $4, st_multi(st_geomfromwkb($5, 4326)), $6) returning id",
    )
    .bind(&area.code)
    .bind(&area.kind)
    .bind(area.parent_id)
    .bind(&area.name)
    .bind(area.boundary.as_ref().map(|boundary| wkb(boundary.clone())).transpose()?)
    .bind(area.is_demo)
    .fetch_one(db)
    .await
}

/// Marks a ward and its TDPs as demo data, as the screens say from then on.
pub async fn mark_demo(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<()> {
    sqlx::query("update area set is_demo = true where (id = $1 or parent_id = $1) and not is_demo")
        .bind(ward_id)
        .execute(db)
        .await
        .map(drop)
}

/// Says whose data the base map of an area is; the map shows it from then on.
pub async fn set_attribution(db: &mut PgConnection, area_id: i32, text: &str, url: Option<&str>) -> sqlx::Result<()> {
    sqlx::query(
        "update area set attribution = $2, attribution_url = $3 where id = $1 and (attribution, attribution_url) is distinct from ($2, $3)",
    )
    .bind(area_id)
    .bind(text)
    .bind(url)
    .execute(db)
    .await
    .map(drop)
}

/// Inserts roads and returns their ids in the slice's order.
pub async fn insert_roads(db: &mut PgConnection, ward_id: i32, roads: &[NewRoad]) -> sqlx::Result<Vec<i64>> {
    let ids = take_ids(db, "road", ward_id, column(roads, |row| row.code.clone())).await?;
    for (ids_here, rows) in ids.chunks(CHUNK).zip(roads.chunks(CHUNK)) {
        sqlx::query(
            "with row as (select *, st_geomfromwkb(wkb, 4326) as geom from unnest( \
               $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::real[], $9::bytea[]) \
               as row (id, code, class, name, number, parent_id, width_m, wkb)) \
             insert into road (id, ward_id, area_id, code, class, name, number, parent_id, width_m, geom) \
             select id, $1, coalesce((select a.id from area a where a.parent_id = $1 and a.kind = 'tdp' and a.valid_to is null \
               and st_covers(a.boundary, st_lineinterpolatepoint(row.geom, 0.5)) order by a.id limit 1), $1), \
               code, class, name, number, parent_id, width_m, geom from row \
             on conflict (ward_id, code) do update set class = excluded.class, name = coalesce(excluded.name, road.name), \
               number = coalesce(excluded.number, road.number), parent_id = coalesce(excluded.parent_id, road.parent_id), \
               width_m = excluded.width_m, geom = excluded.geom",
        )
        .bind(ward_id)
        .bind(ids_here)
        .bind(column(rows, |road| road.code.clone()))
        .bind(column(rows, |road| road.class.clone()))
        .bind(column(rows, |road| road.name.clone()))
        .bind(column(rows, |road| road.number.clone()))
        .bind(column(rows, |road| road.parent.map(|parent| ids[parent])))
        .bind(column(rows, |road| road.width_m))
        .bind(wkbs(rows, |road| road.geom.clone().into())?)
        .execute(&mut *db)
        .await?;
    }
    Ok(ids)
}

/// Inserts buildings and returns their ids in the slice's order.
pub async fn insert_buildings(db: &mut PgConnection, ward_id: i32, buildings: &[NewBuilding]) -> sqlx::Result<Vec<i64>> {
    let ids = take_ids(db, "building", ward_id, column(buildings, |row| row.code.clone())).await?;
    for (ids_here, rows) in ids.chunks(CHUNK).zip(buildings.chunks(CHUNK)) {
        sqlx::query(
            "with row as (select *, st_geomfromwkb(wkb, 4326) as geom from unnest( \
               $2::bigint[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::text[], $9::text[], $10::bytea[]) \
               as row (id, code, use, name, storeys, road_id, house_number, address, wkb)) \
             insert into building (id, ward_id, area_id, code, use, name, storeys, road_id, house_number, address, footprint) \
             select id, $1, coalesce((select a.id from area a where a.parent_id = $1 and a.kind = 'tdp' and a.valid_to is null \
               and st_covers(a.boundary, st_pointonsurface(row.geom)) order by a.id limit 1), $1), \
               code, use, name, storeys, road_id, house_number, address, st_multi(geom) from row \
             on conflict (ward_id, code) do update set use = excluded.use, name = coalesce(excluded.name, building.name), \
               storeys = coalesce(excluded.storeys, building.storeys), road_id = coalesce(excluded.road_id, building.road_id), \
               house_number = coalesce(excluded.house_number, building.house_number), \
               address = coalesce(excluded.address, building.address), footprint = excluded.footprint",
        )
        .bind(ward_id)
        .bind(ids_here)
        .bind(column(rows, |building| building.code.clone()))
        .bind(column(rows, |building| building.use_.clone()))
        .bind(column(rows, |building| building.name.clone()))
        .bind(column(rows, |building| building.storeys))
        .bind(column(rows, |building| building.road_id))
        .bind(column(rows, |building| building.house_number.clone()))
        .bind(column(rows, |building| building.address.clone()))
        .bind(wkbs(rows, |building| building.footprint.clone().into())?)
        .execute(&mut *db)
        .await?;
    }
    Ok(ids)
}

/// Inserts rivers, lakes and ponds; ids in the slice's order.
pub async fn insert_water(db: &mut PgConnection, ward_id: i32, surfaces: &[NewSurface]) -> sqlx::Result<Vec<i64>> {
    insert_surfaces(db, "water", ward_id, surfaces).await
}

/// Inserts what the ground is used for; ids in the slice's order.
pub async fn insert_land_use(db: &mut PgConnection, ward_id: i32, surfaces: &[NewSurface]) -> sqlx::Result<Vec<i64>> {
    insert_surfaces(db, "land_use", ward_id, surfaces).await
}

async fn insert_surfaces(db: &mut PgConnection, table: &str, ward_id: i32, surfaces: &[NewSurface]) -> sqlx::Result<Vec<i64>> {
    let ids = take_ids(db, table, ward_id, column(surfaces, |row| row.code.clone())).await?;
    let sql = format!(
        "with row as (select *, st_geomfromwkb(wkb, 4326) as geom from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bytea[]) \
           as row (id, code, kind, name, wkb)) \
         insert into {table} (id, ward_id, area_id, code, kind, name, geom) \
         select id, $1, coalesce((select a.id from area a where a.parent_id = $1 and a.kind = 'tdp' and a.valid_to is null \
           and st_covers(a.boundary, st_pointonsurface(row.geom)) order by a.id limit 1), $1), \
           code, kind, name, st_multi(geom) from row \
         on conflict (ward_id, code) do update set kind = excluded.kind, name = coalesce(excluded.name, {table}.name), geom = excluded.geom"
    );
    for (ids_here, rows) in ids.chunks(CHUNK).zip(surfaces.chunks(CHUNK)) {
        sqlx::query(&sql)
            .bind(ward_id)
            .bind(ids_here)
            .bind(column(rows, |surface| surface.code.clone()))
            .bind(column(rows, |surface| surface.kind.clone()))
            .bind(column(rows, |surface| surface.name.clone()))
            .bind(wkbs(rows, |surface| surface.geom.clone().into())?)
            .execute(&mut *db)
            .await?;
    }
    Ok(ids)
}

/// Inserts open places; ids in the slice's order.
pub async fn insert_places(db: &mut PgConnection, ward_id: i32, places: &[NewPlace]) -> sqlx::Result<Vec<i64>> {
    let ids = take_ids(db, "place", ward_id, column(places, |row| row.code.clone())).await?;
    for (ids_here, rows) in ids.chunks(CHUNK).zip(places.chunks(CHUNK)) {
        let geometries = rows.iter().map(|place| place.geom.map(wkb).transpose()).collect::<sqlx::Result<Vec<Option<Vec<u8>>>>>()?;
        sqlx::query(
            "with row as (select *, st_geomfromwkb(wkb, 4326) as geom from unnest( \
               $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[]) as row (id, code, kind, name, address, wkb)) \
             insert into place (id, ward_id, area_id, code, kind, name, address, geom) \
             select id, $1, coalesce((select a.id from area a where a.parent_id = $1 and a.kind = 'tdp' and a.valid_to is null \
               and st_covers(a.boundary, row.geom) order by a.id limit 1), $1), \
               code, kind, name, address, geom from row \
             on conflict (ward_id, code) do update set kind = excluded.kind, name = excluded.name, \
               address = coalesce(excluded.address, place.address), geom = coalesce(excluded.geom, place.geom)",
        )
        .bind(ward_id)
        .bind(ids_here)
        .bind(column(rows, |place| place.code.clone()))
        .bind(column(rows, |place| place.kind.clone()))
        .bind(column(rows, |place| place.name.clone()))
        .bind(column(rows, |place| place.address.clone()))
        .bind(geometries)
        .execute(&mut *db)
        .await?;
    }
    Ok(ids)
}

/// Ids ahead of the rows: an alley can then name the street it leaves within the same load. A code that the ward has
/// already keeps its row's id.
async fn take_ids(db: &mut PgConnection, table: &str, ward_id: i32, codes: Vec<String>) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(&format!(
        "select coalesce(existing.id, nextval(pg_get_serial_sequence('{table}', 'id'))) \
         from unnest($1::text[]) with ordinality as new (code, place) \
         left join {table} existing on existing.ward_id = $2 and existing.code = new.code order by new.place"
    ))
    .bind(codes)
    .bind(ward_id)
    .fetch_all(db)
    .await
}

fn wkbs<Row>(rows: &[Row], geometry: impl Fn(&Row) -> Geometry<f64>) -> sqlx::Result<Vec<Vec<u8>>> {
    rows.iter().map(|row| wkb(geometry(row))).collect()
}

fn wkb(geometry: impl Into<Geometry<f64>>) -> sqlx::Result<Vec<u8>> {
    geometry.into().to_wkb(CoordDimensions::xy()).map_err(|error| sqlx::Error::Encode(error.into()))
}
