//! Reads a ward's buildings, roads and what draws people to a place.
//! It deliberately writes nothing: each domain writes its own tables.

use geo::{MultiPolygon, Point};
use geo_types::Geometry;
use geozero::wkb;
use sqlx::{FromRow, PgConnection};

use super::site::{Building, Draw, Magnet, Road, RoadClass, Site, Use};
use crate::geography::wards::Ward;

/// A house of which nobody has counted the storeys, as most are on OpenStreetMap.
const ORDINARY_STOREYS: i16 = 3;

/// Whether anybody lives, lodges or watches in this ward already.
pub async fn holds_people(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from household where ward_id = $1) or exists (select from boarding_house where ward_id = $1) \
           or exists (select from camera where ward_id = $1)",
    )
    .bind(ward_id)
    .fetch_one(db)
    .await
}

pub async fn read_site(db: &mut PgConnection, ward: &Ward) -> sqlx::Result<Site> {
    Ok(Site {
        ward: ward.clone(),
        buildings: buildings(db, ward).await?,
        roads: roads(db, ward.id).await?,
        magnets: magnets(db, ward.id).await?,
    })
}

#[derive(FromRow)]
struct BuildingRow {
    id: i64,
    usage: String,
    storeys: Option<i16>,
    ground_m2: f64,
    footprint: wkb::Decode<Geometry<f64>>,
    centre: wkb::Decode<Geometry<f64>>,
    road_class: Option<String>,
    address: String,
}

/// The buildings of a ward in the order they were loaded.
///
/// A mapped quarter says of few houses which street they stand on: then it is the nearest one with a name, and the name
/// alone is the address, for a number would be invented.
async fn buildings(db: &mut PgConnection, ward: &Ward) -> sqlx::Result<Vec<Building>> {
    let rows: Vec<BuildingRow> = sqlx::query_as(
        "select b.id, b.use as usage, b.storeys, st_area(b.footprint::geography) as ground_m2, b.footprint, \
           st_centroid(b.footprint) as centre, coalesce(own.class, near.class) as road_class, \
           coalesce(nullif(b.address, ''), concat_ws(' ', b.house_number, coalesce(own.name, near.name)), $2) as address \
         from building b \
         left join road own on own.id = b.road_id \
         left join lateral (select r.class, r.name from road r where r.ward_id = $1 and r.name is not null and own.name is null \
           order by r.geom <-> st_centroid(b.footprint), r.id limit 1) near on true \
         where b.ward_id = $1 order by b.id",
    )
    .bind(ward.id)
    .bind(&ward.name)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(|row| building(row, &ward.name)).collect())
}

fn building(row: BuildingRow, ward_name: &str) -> Option<Building> {
    Some(Building {
        id: row.id,
        usage: Use::parse(&row.usage),
        storeys: u32::try_from(row.storeys.unwrap_or(ORDINARY_STOREYS)).unwrap_or(1),
        ground_m2: row.ground_m2,
        outline: surface(row.footprint.geometry?)?,
        centre: point(row.centre.geometry?)?,
        road_class: row.road_class.as_deref().map(RoadClass::parse),
        // `concat_ws` of nothing is an empty text, not null.
        address: if row.address.is_empty() { ward_name.to_owned() } else { row.address },
    })
}

type RoadRow = (String, Option<String>, f32, wkb::Decode<Geometry<f64>>);

async fn roads(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<Road>> {
    let rows: Vec<RoadRow> =
        sqlx::query_as("select class, name, width_m, geom from road where ward_id = $1 and class <> 'path' order by id")
            .bind(ward_id)
            .fetch_all(db)
            .await?;
    let road = |(class, name, width_m, geom): RoadRow| match geom.geometry? {
        Geometry::LineString(line) => Some(Road { class: RoadClass::parse(&class), name, width_m: f64::from(width_m), line }),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(road).collect())
}

/// Campuses, workshops and markets: by their buildings, and where only the ground or a point is known, by that.
async fn magnets(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Vec<Magnet>> {
    let rows: Vec<(String, f64, f64)> = sqlx::query_as(
        "select draw, st_x(at), st_y(at) from ( \
           select case use when 'campus' then 'campus' when 'factory' then 'industry' else 'market' end as draw, \
             st_centroid(footprint) as at from building where ward_id = $1 and use in ('campus', 'factory', 'market') \
           union all \
           select case kind when 'industrial' then 'industry' else 'market' end, st_pointonsurface(geom) \
             from land_use where ward_id = $1 and kind in ('industrial', 'market') \
           union all \
           select case kind when 'university' then 'campus' else 'market' end, geom \
             from place where ward_id = $1 and kind in ('university', 'market') and geom is not null) magnet \
         order by draw, st_x(at), st_y(at)",
    )
    .bind(ward_id)
    .fetch_all(db)
    .await?;
    let magnet = |(draw, lon, lat): (String, f64, f64)| Magnet {
        draw: match draw.as_str() {
            "campus" => Draw::Campus,
            "industry" => Draw::Industry,
            _ => Draw::Market,
        },
        at: Point::new(lon, lat),
    };
    Ok(rows.into_iter().map(magnet).collect())
}

fn surface(geometry: Geometry<f64>) -> Option<MultiPolygon<f64>> {
    match geometry {
        Geometry::MultiPolygon(surface) => Some(surface),
        Geometry::Polygon(surface) => Some(MultiPolygon(vec![surface])),
        _ => None,
    }
}

fn point(geometry: Geometry<f64>) -> Option<Point<f64>> {
    match geometry {
        Geometry::Point(point) => Some(point),
        _ => None,
    }
}
