//! One ward of a generated province as COPY rows of every table, in the order in which they are filled.
//! It deliberately sends nothing and asks the database nothing: ids and areas were taken before.

use chrono::{DateTime, Utc};
use geo::{Area, Centroid, InteriorPoint, MultiPolygon, Point};

use super::ground;
use super::names::Names;
use super::plan::PlannedWard;
use crate::demo::people::figures::Figures;
use crate::demo::people::identity::Registry;
use crate::demo::people::site::{self, Draw, Magnet, RoadClass, Site, Use};
use crate::demo::people::{self, Lists, Population, Settled};
use crate::demo::terrain::Terrain;
use crate::demo::terrain::load as rows;
use crate::demo::terrain::plane::Plane;
use crate::geography::wards::Ward;
use crate::platform::copy::CopyRows;
use crate::platform::secrets::Secrets;
use crate::{boarding, businesses, cameras, geography, residents};

/// Tables that a ward fills, parents before children.
pub const TABLES: [&str; 12] =
    ["road", "building", "water", "land_use", "place", "household", "resident", "boarding_house", "room", "tenancy", "business", "camera"];

/// The next id of each of [`TABLES`].
pub type NextIds = [i64; TABLES.len()];

/// A ward ready to be sent.
pub struct WardRows {
    pub settled: Settled,
    /// COPY statement and rows, in the order of [`TABLES`].
    pub copies: [(&'static str, CopyRows); TABLES.len()],
}

/// What wards are made with.
pub struct Maker<'a> {
    pub seed: u64,
    pub names: Names,
    pub lists: Lists,
    pub secrets: &'a Secrets,
    pub now: DateTime<Utc>,
}

impl Maker<'_> {
    /// Makes one ward whose areas are in the database; its rows take their ids from `next`.
    pub fn make(&self, planned: &PlannedWard, ward: Ward, next: &mut NextIds) -> anyhow::Result<WardRows> {
        let terrain = ground::grow(self.seed, &self.names, planned);
        let [road, building, water, land_use, place, household, resident, boarding_house, room, tenancy, business, camera] = *next;
        let site = site_of(ward, &terrain, building);
        let figures = Figures::of_province_ward(planned.households, planned.residents);
        // Each ward has dice of its own: what a neighbour throws moves nobody here.
        let seed = self.seed ^ (planned.number as u64) << 32;
        let people: Population = people::invent(seed, &self.lists, &mut Registry::of_block(planned.numbers), &site, &figures, self.now)?;
        let ward = &site.ward;
        let road_ids: Vec<i64> = (road..).take(terrain.roads.len()).collect();
        let (houses, homes) = (&people.boarding_houses, &people.households);
        let copies = [
            (geography::copy::ROAD, geography::copy::roads(ward, road, &rows::roads(&terrain))),
            (geography::copy::BUILDING, geography::copy::buildings(ward, building, &rows::buildings(&terrain, &road_ids))),
            (geography::copy::WATER, geography::copy::surfaces(ward, water, &rows::surfaces("W", &terrain.waters))),
            (geography::copy::LAND_USE, geography::copy::surfaces(ward, land_use, &rows::surfaces("L", &terrain.land_uses))),
            (geography::copy::PLACE, geography::copy::places(ward, place, &rows::places(&terrain))),
            (residents::copy::HOUSEHOLD, residents::copy::households(household, homes)),
            (residents::copy::RESIDENT, residents::copy::residents(self.secrets, resident, household, homes)),
            (boarding::copy::BOARDING_HOUSE, boarding::copy::boarding_houses(boarding_house, houses)),
            (boarding::copy::ROOM, boarding::copy::rooms(room, boarding_house, houses)),
            (boarding::copy::TENANCY, boarding::copy::tenancies(self.secrets, tenancy, room, houses)),
            (businesses::copy::BUSINESS, businesses::copy::businesses(business, &people.businesses)),
            (cameras::copy::CAMERA, cameras::copy::cameras(ward, camera, &people.cameras)),
        ];
        for (next, (_, rows)) in next.iter_mut().zip(&copies) {
            *next += rows.count() as i64;
        }
        Ok(WardRows { settled: people.counts(), copies })
    }
}

/// The ground as people see it who move in: what `people::db` reads of a ward that is in the database.
fn site_of(ward: Ward, terrain: &Terrain, first_building: i64) -> Site {
    let plane = Plane::at(ground::ORIGIN);
    let buildings: Vec<site::Building> = (first_building..)
        .zip(&terrain.buildings)
        .map(|(id, building)| {
            let in_metres: geo::LineString<f64> = building.footprint.exterior().coords().map(|&corner| plane.to_metres(corner)).collect();
            site::Building {
                id,
                usage: Use::parse(building.use_),
                storeys: u32::try_from(building.storeys).unwrap_or(1),
                ground_m2: geo::Polygon::new(in_metres, vec![]).unsigned_area(),
                outline: MultiPolygon(vec![building.footprint.clone()]),
                centre: building.footprint.centroid().unwrap_or_else(|| Point::new(0.0, 0.0)),
                road_class: Some(RoadClass::parse(terrain.roads[building.road].class)),
                address: building.address.to_string(),
            }
        })
        .collect();
    let roads = terrain
        .roads
        .iter()
        .map(|road| site::Road {
            class: RoadClass::parse(road.class),
            name: Some(road.address.to_string()),
            width_m: road.width_m,
            line: road.line.clone(),
        })
        .collect();
    let magnets = magnets(terrain, &buildings);
    Site { ward, buildings, roads, magnets }
}

/// A market by its building; a college or workshop quarter by its ground, or its two dozen halls would each be asked about.
fn magnets(terrain: &Terrain, buildings: &[site::Building]) -> Vec<Magnet> {
    let markets =
        buildings.iter().filter(|building| building.usage == Use::Market).map(|market| Magnet { draw: Draw::Market, at: market.centre });
    let quarters = terrain.land_uses.iter().filter_map(|land| {
        let draw = match land.kind {
            "industrial" => Draw::Industry,
            "education" => Draw::Campus,
            _ => return None,
        };
        Some(Magnet { draw, at: land.shape.interior_point()? })
    });
    markets.chain(quarters).collect()
}
