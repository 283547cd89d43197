//! The base map of a whole ward as COPY rows, for loads of a province's size.
//! It deliberately sends nothing: the caller has taken ids and areas, and keeps the order in which tables are filled.

use geo::{Centroid, InteriorPoint, MultiPolygon, Point};
use uuid::Uuid;

use super::load::{NewBuilding, NewPlace, NewRoad, NewSurface};
use super::wards::Ward;
use crate::platform::copy::CopyRows;

pub const ROAD: &str =
    "copy road (id, uid, ward_id, area_id, code, class, name, number, parent_id, width_m, geom) from stdin (format binary)";
pub const BUILDING: &str = "copy building (id, uid, ward_id, area_id, code, use, name, storeys, road_id, house_number, address, footprint) \
     from stdin (format binary)";
pub const WATER: &str = "copy water (id, uid, ward_id, area_id, code, kind, name, geom) from stdin (format binary)";
pub const LAND_USE: &str = "copy land_use (id, uid, ward_id, area_id, code, kind, name, geom) from stdin (format binary)";
pub const PLACE: &str = "copy place (id, uid, ward_id, area_id, code, kind, name, address, geom) from stdin (format binary)";

/// Roads with the ids `first_id`, `first_id + 1`, …
pub fn roads(ward: &Ward, first_id: i64, roads: &[NewRoad]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, road) in (first_id..).zip(roads) {
        let middle = middle_of(&road.geom);
        let parent = road.parent.map(|parent| first_id + parent as i64);
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &ward.id,
            &ward.area_at(middle),
            &road.code,
            &road.class,
            &road.name,
            &road.number,
            &parent,
            &road.width_m,
            &road.geom,
        ]);
    }
    rows
}

/// Buildings with the ids `first_id`, `first_id + 1`, …
pub fn buildings(ward: &Ward, first_id: i64, buildings: &[NewBuilding]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, building) in (first_id..).zip(buildings) {
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &ward.id,
            &ward.area_at(inside(&building.footprint)),
            &building.code,
            &building.use_,
            &building.name,
            &building.storeys,
            &building.road_id,
            &building.house_number,
            &building.address,
            &building.footprint,
        ]);
    }
    rows
}

/// Water or land use with the ids `first_id`, `first_id + 1`, …
pub fn surfaces(ward: &Ward, first_id: i64, surfaces: &[NewSurface]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, surface) in (first_id..).zip(surfaces) {
        let area_id = ward.area_at(inside(&surface.geom));
        rows.row(&[&id, &Uuid::now_v7(), &ward.id, &area_id, &surface.code, &surface.kind, &surface.name, &surface.geom]);
    }
    rows
}

/// Places with the ids `first_id`, `first_id + 1`, …
pub fn places(ward: &Ward, first_id: i64, places: &[NewPlace]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, place) in (first_id..).zip(places) {
        let area_id = place.geom.map_or(ward.id, |at| ward.area_at(at));
        rows.row(&[&id, &Uuid::now_v7(), &ward.id, &area_id, &place.code, &place.kind, &place.name, &place.address, &place.geom]);
    }
    rows
}

/// Where the database's `derive_area` would look: half-way along a line.
fn middle_of(line: &geo::LineString<f64>) -> Point<f64> {
    use geo::{Euclidean, InterpolateLine};
    Euclidean.point_at_ratio_from_start(line, 0.5).unwrap_or_else(|| line.0.first().copied().unwrap_or_default().into())
}

fn inside(shape: &MultiPolygon<f64>) -> Point<f64> {
    shape.interior_point().or_else(|| shape.centroid()).unwrap_or_else(|| Point::new(0.0, 0.0))
}
