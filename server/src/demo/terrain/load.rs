//! Writes a grown ward into the tables, all or nothing.
//! It deliberately holds no SQL of the base map: that is `geography::load`'s.

use super::{Surface, Terrain};
use crate::geography::load::{self, NewArea, NewBuilding, NewPlace, NewRoad, NewSurface};
use geo_types::{MultiPolygon, Point};
use sqlx::{PgConnection, PgPool};

/// Code of the demo ward: no official one, so that an import of the real ward never meets it.
pub const WARD_CODE: &str = "demo-phuong-canh";
pub(in crate::demo) const PROVINCE_CODE: &str = "01";

/// How many rows went where, for the command's closing line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub ward_id: i32,
    pub groups: usize,
    pub roads: usize,
    pub buildings: usize,
    pub surfaces: usize,
    pub places: usize,
}

/// Writes the ward in one transaction; refused by the unique codes when it is there already.
pub async fn load(owner: &PgPool, terrain: &Terrain) -> sqlx::Result<Loaded> {
    let mut transaction = owner.begin().await?;
    let loaded = write(&mut transaction, terrain).await?;
    transaction.commit().await?;
    Ok(loaded)
}

/// The same within the caller's transaction, so that terrain and people can stand or fall together.
pub async fn write(db: &mut PgConnection, terrain: &Terrain) -> sqlx::Result<Loaded> {
    load::begin_bulk(db).await?;
    let ward_id = write_areas(db, terrain).await?;
    let road_ids = load::insert_roads(db, ward_id, &roads(terrain)).await?;
    load::insert_buildings(db, ward_id, &buildings(terrain, &road_ids)).await?;
    load::insert_water(db, ward_id, &surfaces("W", &terrain.waters)).await?;
    load::insert_land_use(db, ward_id, &surfaces("L", &terrain.land_uses)).await?;
    load::insert_places(db, ward_id, &places(terrain)).await?;
    Ok(Loaded {
        ward_id,
        groups: terrain.groups.len(),
        roads: terrain.roads.len(),
        buildings: terrain.buildings.len(),
        surfaces: terrain.waters.len() + terrain.land_uses.len(),
        places: terrain.places.len(),
    })
}

async fn write_areas(db: &mut PgConnection, terrain: &Terrain) -> sqlx::Result<i32> {
    let area = |kind: &str, code: String, name: String, parent_id, boundary| NewArea {
        code,
        kind: kind.into(),
        parent_id,
        name,
        boundary,
        is_demo: true,
    };
    let province_id = match load::find_area(db, PROVINCE_CODE).await? {
        Some(id) => id,
        None => load::insert_area(db, &area("province", PROVINCE_CODE.into(), "Thành phố Hà Nội".into(), None, None)).await?,
    };
    let whole = Some(MultiPolygon(vec![terrain.ward.clone()]));
    let ward = area("ward", WARD_CODE.into(), "Phường Phương Canh".into(), Some(province_id), whole);
    let ward_id = load::insert_area(db, &ward).await?;
    for (i, group) in terrain.groups.iter().enumerate() {
        let (code, name) = (format!("{WARD_CODE}-{}", i + 1), format!("TDP {}", i + 1));
        let boundary = Some(MultiPolygon(vec![group.clone()]));
        load::insert_area(db, &area("tdp", code, name, Some(ward_id), boundary)).await?;
    }
    Ok(ward_id)
}

pub(in crate::demo) fn roads(terrain: &Terrain) -> Vec<NewRoad> {
    let road = |(i, road): (usize, &super::Road)| NewRoad {
        code: format!("R{:04}", i + 1),
        class: road.class.into(),
        name: Some(road.address.to_string()),
        number: (!road.address.alleys.is_empty()).then(|| road.address.alleys.join("/")),
        parent: road.parent,
        width_m: road.width_m as f32,
        geom: road.line.clone(),
    };
    terrain.roads.iter().enumerate().map(road).collect()
}

pub(in crate::demo) fn buildings(terrain: &Terrain, road_ids: &[i64]) -> Vec<NewBuilding> {
    let building = |(i, building): (usize, &super::Building)| NewBuilding {
        code: format!("B{:05}", i + 1),
        use_: building.use_.into(),
        name: building.name.clone(),
        storeys: Some(building.storeys),
        road_id: Some(road_ids[building.road]),
        house_number: building.address.number.clone(),
        address: Some(building.address.to_string()),
        footprint: MultiPolygon(vec![building.footprint.clone()]),
    };
    terrain.buildings.iter().enumerate().map(building).collect()
}

pub(in crate::demo) fn surfaces(prefix: &str, surfaces: &[Surface]) -> Vec<NewSurface> {
    let surface = |(i, surface): (usize, &Surface)| NewSurface {
        code: format!("{prefix}{:03}", i + 1),
        kind: surface.kind.into(),
        name: surface.name.clone(),
        geom: surface.shape.clone(),
    };
    surfaces.iter().enumerate().map(surface).collect()
}

pub(in crate::demo) fn places(terrain: &Terrain) -> Vec<NewPlace> {
    let place = |(i, place): (usize, &super::Place)| NewPlace {
        code: format!("P{:03}", i + 1),
        kind: place.kind.into(),
        name: place.name.clone(),
        address: place.address.clone(),
        geom: Some(Point::from(place.at)),
    };
    terrain.places.iter().enumerate().map(place).collect()
}
