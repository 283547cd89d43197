//! What must hold of every generated ward, asked of two neighbours.
//! They deliberately recompute from the outcome alone.

use std::collections::HashSet;

use geo::{Area, BooleanOps, BoundingRect, Contains, Intersects};
use geo_types::Point;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use super::super::plan::plan;
use super::*;

fn neighbours() -> Vec<(PlannedWard, Terrain)> {
    let names = Names::load().unwrap();
    // 1, 0 and 0, 1 and their neighbours: the nearest eight.
    let wards = plan(151, 9, 9 * 9_000).unwrap();
    wards.into_iter().take(3).map(|ward| (ward.clone(), grow(151, &names, &ward))).collect()
}

#[test]
fn tdps_tile_the_ward_and_wards_share_only_their_sides() {
    let wards = neighbours();
    for (planned, terrain) in &wards {
        let sum: f64 = terrain.groups.iter().map(Area::unsigned_area).sum();
        assert!((sum - terrain.ward.unsigned_area()).abs() < 1e-9, "{sum}");
        let (boundary, groups) = areas(151, planned);
        assert_eq!(boundary.0[0], terrain.ward);
        assert_eq!(groups.len(), terrain.groups.len());
    }
    for (index, (_, a)) in wards.iter().enumerate() {
        for (_, b) in &wards[..index] {
            assert!(a.ward.intersection(&b.ward).unsigned_area() < 1e-12);
        }
    }
}

#[test]
fn houses_stand_in_the_ward_on_no_road_and_apart() {
    let (_, terrain) = neighbours().remove(0);
    let boxes: Vec<_> = terrain
        .buildings
        .iter()
        .enumerate()
        .map(|(index, building)| {
            let bounds = building.footprint.bounding_rect().unwrap();
            GeomWithData::new(Rectangle::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]), index)
        })
        .collect();
    let tree = RTree::bulk_load(boxes);
    let near = |bounds: geo::Rect<f64>| {
        let envelope = AABB::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
        tree.locate_in_envelope_intersecting(&envelope).map(|found| found.data).collect::<Vec<_>>()
    };
    for (index, building) in terrain.buildings.iter().enumerate() {
        assert!(terrain.ward.contains(&building.footprint), "{}", building.address);
        for other in near(building.footprint.bounding_rect().unwrap()).into_iter().filter(|other| *other < index) {
            let shared = building.footprint.intersection(&terrain.buildings[other].footprint).unsigned_area();
            // A square metre is about 1e-10 square degrees.
            assert!(shared < 1e-11, "{} and {}", building.address, terrain.buildings[other].address);
        }
    }
    for road in &terrain.roads {
        for found in near(road.line.bounding_rect().unwrap()) {
            let building = &terrain.buildings[found];
            assert!(!road.line.intersects(&building.footprint), "{} on {}", building.address, road.address);
        }
    }
}

#[test]
fn addresses_are_understood_and_come_once() {
    let (_, terrain) = neighbours().remove(0);
    let mut seen = HashSet::new();
    for building in &terrain.buildings {
        let text = building.address.to_string();
        assert_eq!(text.parse::<Address>().as_ref(), Ok(&building.address));
        assert_eq!(building.address.house("1"), terrain.roads[building.road].address.house("1"));
        assert!(seen.insert(text), "{} twice", building.address);
    }
    assert!(terrain.roads.iter().any(|road| road.class == "side_alley"), "ngách");
    for road in &terrain.roads {
        assert!(seen.insert(road.address.to_string()), "{} twice", road.address);
    }
}

#[test]
fn there_are_about_as_many_homes_as_households() {
    for (ward, terrain) in neighbours() {
        let homes: f64 = terrain
            .buildings
            .iter()
            .map(|building| match building.use_ {
                "house" => 1.0 + 0.12 * f64::from(building.storeys - 1),
                "villa" => 1.0,
                "apartments" => 34.0 * 26.0 * f64::from(building.storeys - 1) / 95.0,
                _ => 0.0,
            })
            .sum();
        let ratio = homes / ward.households as f64;
        assert!((0.8..1.35).contains(&ratio), "{homes} homes for {}", ward.households);
    }
}

#[test]
fn every_open_place_is_inside_and_each_tdp_has_its_culture_house() {
    for (_, terrain) in neighbours() {
        assert!(terrain.places.iter().all(|place| terrain.ward.contains(&Point::from(place.at))));
        for (number, group) in (1..).zip(&terrain.groups) {
            let name = format!("Nhà văn hóa TDP {number}");
            let hall = terrain.places.iter().find(|place| place.name == name).unwrap();
            assert!(group.contains(&Point::from(hall.at)), "{name}");
        }
    }
}

#[test]
fn the_same_seed_grows_the_same_ward_and_another_seed_another() {
    let names = Names::load().unwrap();
    let ward = plan(151, 3, 40_000).unwrap().remove(0);
    let told = |seed| format!("{:?}", grow(seed, &names, &ward).buildings[..200].to_vec());
    assert_eq!(told(151), told(151));
    assert_ne!(told(151), told(152));
}
