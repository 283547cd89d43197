//! What must hold of every generated ward, asked of one that is grown once for all these tests.
//! They deliberately recompute from the outcome alone, not with the generator's own checks.

use super::*;
use geo::{Area, BoundingRect, Contains, Distance, Euclidean, GeodesicArea, Intersects};
use geo_types::Point;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static SKETCH: LazyLock<Sketch> = LazyLock::new(|| Sketch::phuong_canh().unwrap());
static WARD: LazyLock<Terrain> = LazyLock::new(|| generate(&SKETCH, DEFAULT_SEED));

fn in_metres(polygon: &Polygon<f64>) -> Polygon<f64> {
    plane::polygon(&polygon.exterior().coords().map(|&c| SKETCH.plane.to_metres(c)).collect::<Vec<_>>())
}

static FOOTPRINTS: LazyLock<Vec<Polygon<f64>>> =
    LazyLock::new(|| WARD.buildings.iter().map(|building| in_metres(&building.footprint)).collect());

type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

fn around(shape: &impl BoundingRect<f64, Output = Option<geo_types::Rect<f64>>>, margin: f64) -> ([f64; 2], [f64; 2]) {
    let bounds = shape.bounding_rect().unwrap();
    ([bounds.min().x - margin, bounds.min().y - margin], [bounds.max().x + margin, bounds.max().y + margin])
}

static BOXES: LazyLock<Boxes> = LazyLock::new(|| {
    let boxes = FOOTPRINTS.iter().enumerate().map(|(i, shape)| {
        let (low, high) = around(shape, 0.0);
        GeomWithData::new(Rectangle::from_corners(low, high), i)
    });
    RTree::bulk_load(boxes.collect())
});

fn near(low: [f64; 2], high: [f64; 2]) -> impl Iterator<Item = usize> {
    BOXES.locate_in_envelope_intersecting(&AABB::from_corners(low, high)).map(|found| found.data)
}

#[test]
fn the_ward_has_its_area_and_eight_groups_tile_it() {
    let hectares = WARD.ward.geodesic_area_unsigned() / 1e4;
    assert!((hectares - 260.76).abs() < 260.76 * 0.0005, "{hectares} ha");
    assert_eq!(WARD.groups.len(), 8);
    let sum: f64 = WARD.groups.iter().map(|group| group.geodesic_area_unsigned() / 1e4).sum();
    assert!((sum - hectares).abs() < 1e-6, "{sum} ha in groups, {hectares} ha in the ward");
    let groups: Vec<_> = WARD.groups.iter().map(in_metres).collect();
    for (i, a) in groups.iter().enumerate() {
        for b in &groups[..i] {
            assert!(a.intersection(b).unsigned_area() < 1e-3);
        }
    }
}

#[test]
fn there_are_homes_enough_and_no_more_than_plausible() {
    let homes = WARD.buildings.iter().filter(|building| ["house", "shop", "villa"].contains(&building.use_)).count();
    assert!((6_000..8_000).contains(&homes), "{homes} homes");
    let used: BTreeSet<_> = WARD.buildings.iter().map(|building| building.use_).collect();
    for wanted in ["factory", "school", "campus", "apartments", "market", "office", "religious", "public"] {
        assert!(used.contains(wanted), "no {wanted}");
    }
}

#[test]
fn no_building_overlaps_another() {
    for (i, shape) in FOOTPRINTS.iter().enumerate() {
        let (low, high) = around(shape, 0.0);
        for j in near(low, high).filter(|&j| j < i) {
            let shared = shape.intersection(&FOOTPRINTS[j]).unsigned_area();
            assert!(shared <= 0.5, "{} and {}: {shared} m2", WARD.buildings[i].address, WARD.buildings[j].address);
        }
    }
}

#[test]
fn no_building_stands_on_a_road_or_in_water_or_outside() {
    for road in &WARD.roads {
        let line = LineString(road.line.coords().map(|&c| SKETCH.plane.to_metres(c)).collect());
        let (low, high) = around(&line, road.width_m);
        for i in near(low, high) {
            let distance = Euclidean.distance(&line, &FOOTPRINTS[i]);
            assert!(distance > road.width_m / 2.0 - 0.01, "{} on {}", WARD.buildings[i].address, road.address);
        }
    }
    let ward = in_metres(&WARD.ward);
    let waters: Vec<_> = WARD.waters.iter().flat_map(|water| water.shape.iter().map(in_metres)).collect();
    for (building, shape) in WARD.buildings.iter().zip(FOOTPRINTS.iter()) {
        assert!(ward.contains(shape), "{} leaves the ward", building.address);
        assert!(!waters.iter().any(|water| water.intersects(shape)), "{} stands in water", building.address);
    }
}

/// The leading digits of "12", "12A", "120B1".
fn value(number: &str) -> u32 {
    number
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .unwrap_or_else(|_| number.split(|c: char| c.is_ascii_alphabetic()).next().unwrap().parse().unwrap())
}

/// What stands along one road: where along it, on its left or not, and the number.
fn fronts() -> BTreeMap<usize, Vec<(f64, bool, String)>> {
    let paths: Vec<_> =
        WARD.roads.iter().map(|road| plane::Path::new(road.line.coords().map(|&c| SKETCH.plane.to_metres(c)).collect())).collect();
    let mut fronts: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    let mut note = |road: usize, p: plane::Metres, number: String| {
        let (along, _) = paths[road].project(p);
        let is_left = plane::cross(paths[road].direction(along), p - paths[road].at(along)) > 0.0;
        fronts.entry(road).or_default().push((along, is_left, number));
    };
    for (i, road) in WARD.roads.iter().enumerate() {
        if let Some(parent) = road.parent {
            note(parent, paths[i].at(8.0), road.address.alleys.last().unwrap().clone());
        }
    }
    for (building, shape) in WARD.buildings.iter().zip(FOOTPRINTS.iter()) {
        if ["house", "shop", "villa"].contains(&building.use_) {
            let middle = plane::centre(&shape.exterior().0[1..]);
            note(building.road, middle, building.address.number.clone().unwrap());
        }
    }
    fronts
}

#[test]
fn odd_numbers_stand_left_even_ones_right_and_both_rise() {
    for (road, mut front) in fronts() {
        let name = &WARD.roads[road].address;
        front.sort_by(|a, b| a.0.total_cmp(&b.0));
        for side in [true, false] {
            // The house that closes a dead end looks down the alley: it stands on neither side.
            let end = WARD.roads[road].parent.map(|_| front.iter().map(|f| f.0).fold(0.0, f64::max));
            let on_side: Vec<_> = front.iter().filter(|f| f.1 == side && end.is_none_or(|end| f.0 < end - 0.5)).collect();
            for (along, _, number) in &on_side {
                assert_eq!(value(number) % 2 == 1, side, "{number} {name} at {along:.0} m");
            }
            // Where a road bends, the middles of deep houses may come a little out of order: look further apart.
            for (i, a) in on_side.iter().enumerate() {
                for b in on_side[i..].iter().filter(|b| b.0 > a.0 + 12.0) {
                    assert!(value(&b.2) >= value(&a.2), "{} before {} on {name}", a.2, b.2);
                }
            }
        }
    }
}

#[test]
fn an_alley_carries_its_parents_chain_and_no_number_comes_twice() {
    let mut seen = BTreeSet::new();
    for road in &WARD.roads {
        if let Some(parent) = road.parent {
            let parent = &WARD.roads[parent].address;
            assert_eq!(road.address.street, parent.street);
            assert_eq!(road.address.alleys[..road.address.alleys.len() - 1], parent.alleys[..]);
        }
        assert!(seen.insert(road.address.to_string()), "{} twice", road.address);
    }
    for building in &WARD.buildings {
        let text = building.address.to_string();
        assert_eq!(text.parse::<Address>().as_ref(), Ok(&building.address));
        assert!(seen.insert(text), "{} twice", building.address);
        assert_eq!(building.address.house("1"), WARD.roads[building.road].address.house("1"));
    }
}

#[test]
fn open_places_are_as_many_as_the_facts_say_and_inside() {
    let count = |kind: &str| WARD.places.iter().filter(|place| place.kind == kind).count();
    let counts = [("qr_board", 20), ("loudspeaker", 34), ("culture_house", 8), ("cashless_market", 2), ("ward_office", 1), ("police", 1)];
    for (kind, wanted) in counts {
        assert_eq!(count(kind), wanted, "{kind}");
    }
    assert!(count("heritage") > 0 && count("wifi") > 8 && count("school") > 0 && count("health") == 1);
    for place in &WARD.places {
        assert!(WARD.ward.contains(&Point::from(place.at)), "{} outside", place.name);
    }
    for (i, group) in WARD.groups.iter().enumerate() {
        let hall = WARD.places.iter().find(|place| place.name == format!("Nhà văn hóa TDP {}", i + 1)).unwrap();
        assert!(group.contains(&Point::from(hall.at)), "{} in another TDP", hall.name);
    }
}

fn digest(terrain: &Terrain) -> String {
    hex::encode(Sha256::digest(format!("{terrain:?}")))
}

#[test]
fn the_same_seed_grows_the_same_ward_and_another_seed_another() {
    assert_eq!(digest(&WARD), digest(&generate(&SKETCH, DEFAULT_SEED)));
    assert_ne!(digest(&WARD), digest(&generate(&SKETCH, DEFAULT_SEED + 1)));
}
