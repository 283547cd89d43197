//! The SQL behind drawn areas: where areas and roads lie, houses of the open base map, and rows by id as the caller may read
//! them. It deliberately has no condition but the id on a protected table: what lies where is the map index's answer.

use geo::MultiPolygon;
use geo_types::Geometry;
use geozero::wkb;
use shared::drawn_area::AreaRow;
use shared::layer::Layer;
use sqlx::{FromRow, PgConnection};

use crate::accounts::AreaSet;

type Outline = (Option<wkb::Decode<Geometry<f64>>>, Option<String>);

/// The boundary of a current area, and its name.
pub async fn area_outline(db: &mut PgConnection, id: i32) -> sqlx::Result<Option<(MultiPolygon, Option<String>)>> {
    let row: Option<Outline> =
        sqlx::query_as("select boundary, name from area where id = $1 and valid_to is null").bind(id).fetch_optional(db).await?;
    Ok(row.and_then(polygons))
}

/// The ground within `metres` of a whole road: of every piece of the ward that carries the same name, or number off the same
/// parent. Metres are the ellipsoid's.
pub async fn road_outline(db: &mut PgConnection, id: i64, metres: f64) -> sqlx::Result<Option<(MultiPolygon, Option<String>)>> {
    let row: Option<Outline> = sqlx::query_as(
        "select st_multi(st_buffer(st_collect(piece.geom)::geography, $2)::geometry) as outline, min(coalesce(piece.name, piece.number)) as name \
         from road asked join road piece on piece.id = asked.id or (piece.ward_id = asked.ward_id and piece.class = asked.class \
           and coalesce(asked.name, asked.number) is not null and piece.name is not distinct from asked.name \
           and piece.number is not distinct from asked.number and piece.parent_id is not distinct from asked.parent_id) \
         where asked.id = $1 having count(*) > 0",
    )
    .bind(id)
    .bind(metres)
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(polygons))
}

fn polygons((outline, name): Outline) -> Option<(MultiPolygon, Option<String>)> {
    match outline?.geometry? {
        Geometry::MultiPolygon(outline) => Some((outline, name)),
        Geometry::Polygon(outline) => Some((MultiPolygon(vec![outline]), name)),
        _ => None,
    }
}

/// A house: the middle of its bounding box, and its storeys.
#[derive(FromRow)]
pub struct HouseRow {
    pub id: i64,
    pub storeys: Option<i16>,
    pub lon: f64,
    pub lat: f64,
}

/// Houses whose footprint meets a box; the base map is open, so its spatial index serves.
pub async fn houses_in_box(db: &mut PgConnection, [west, south, east, north]: [f64; 4]) -> sqlx::Result<Vec<HouseRow>> {
    sqlx::query_as(
        "select id, storeys, (st_xmin(footprint) + st_xmax(footprint)) / 2 as lon, (st_ymin(footprint) + st_ymax(footprint)) / 2 as lat \
         from building where footprint && st_makeenvelope($1, $2, $3, $4, 4326)",
    )
    .bind(west)
    .bind(south)
    .bind(east)
    .bind(north)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
struct Row {
    id: i64,
    area_id: i32,
    code: String,
    name: Option<String>,
    address: Option<String>,
    sort: Option<String>,
    people: Option<i32>,
    rooms: Option<i32>,
    storeys: Option<i32>,
    area_name: String,
    lon: Option<f64>,
    lat: Option<f64>,
}

const HEADS: &str = "select household_id, name from resident where household_id = any ($1) and relation = 'head'";

/// The rows with these ids that the caller may read, in the order of the ids. Households of `names` are called by their head.
pub async fn rows(db: &mut PgConnection, kind: Layer, ids: &[i64], names: &AreaSet) -> sqlx::Result<Vec<AreaRow>> {
    let mut rows: Vec<Row> = sqlx::query_as(rows_sql(kind)).bind(ids).fetch_all(&mut *db).await?;
    if kind == Layer::Household {
        let named: Vec<i64> = rows.iter().filter(|row| names.contains(row.area_id)).map(|row| row.id).collect();
        let heads: Vec<(i64, String)> = sqlx::query_as(HEADS).bind(&named).fetch_all(db).await?;
        let mut heads: std::collections::HashMap<i64, String> = heads.into_iter().collect();
        for row in &mut rows {
            row.name = heads.remove(&row.id);
        }
    }
    rows.sort_by_key(|row| row.id);
    let row = |row: Row| AreaRow {
        id: row.id,
        code: row.code,
        name: row.name,
        address: row.address,
        sort: row.sort,
        people: row.people,
        rooms: row.rooms,
        storeys: row.storeys,
        area_name: row.area_name,
        lon: row.lon,
        lat: row.lat,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// Every statement that reads a protected table and what it reads, for the test that none of them scans one.
pub fn statements() -> Vec<(String, &'static str)> {
    let kinds = [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Place, Layer::Camera, Layer::Building];
    kinds.iter().map(|kind| (format!("area rows of {kind}"), rows_sql(*kind))).chain([("heads of households".to_owned(), HEADS)]).collect()
}

fn rows_sql(kind: Layer) -> &'static str {
    match kind {
        Layer::Household => {
            "select h.id, h.area_id, h.code, null::text as name, concat_ws(', ', h.unit, h.address) as address, null::text as sort, \
               h.member_count as people, null::integer as rooms, b.storeys::integer as storeys, a.name as area_name, \
               st_x(h.geom) as lon, st_y(h.geom) as lat \
             from household h join area a on a.id = h.area_id left join building b on b.id = h.building_id where h.id = any ($1)"
        }
        Layer::BoardingHouse => {
            "select h.id, h.area_id, h.code, h.name, h.address, null::text as sort, h.tenant_count as people, h.room_count as rooms, \
               null::integer as storeys, a.name as area_name, st_x(h.geom) as lon, st_y(h.geom) as lat \
             from boarding_house h join area a on a.id = h.area_id where h.id = any ($1)"
        }
        Layer::Business => {
            "select b.id, b.area_id, b.code, b.name, b.address, b.sector as sort, null::integer as people, null::integer as rooms, \
               null::integer as storeys, a.name as area_name, st_x(b.geom) as lon, st_y(b.geom) as lat \
             from business b join area a on a.id = b.area_id where b.id = any ($1)"
        }
        Layer::Camera => {
            "select c.id, c.area_id, c.code, c.name, null::text as address, c.status as sort, null::integer as people, null::integer as rooms, \
               null::integer as storeys, a.name as area_name, st_x(c.geom) as lon, st_y(c.geom) as lat \
             from camera c join area a on a.id = c.area_id where c.id = any ($1)"
        }
        Layer::Building => {
            "select b.id, b.area_id, b.code, b.name, b.address, b.use as sort, null::integer as people, null::integer as rooms, \
               b.storeys::integer as storeys, a.name as area_name, (st_xmin(b.footprint) + st_xmax(b.footprint)) / 2 as lon, \
               (st_ymin(b.footprint) + st_ymax(b.footprint)) / 2 as lat \
             from building b join area a on a.id = b.area_id where b.id = any ($1)"
        }
        _ => {
            "select p.id, p.area_id, p.code, p.name, p.address, p.kind as sort, null::integer as people, null::integer as rooms, \
               null::integer as storeys, a.name as area_name, st_x(p.geom) as lon, st_y(p.geom) as lat \
             from place p join area a on a.id = p.area_id where p.id = any ($1)"
        }
    }
}
