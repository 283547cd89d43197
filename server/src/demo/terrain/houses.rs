//! Lines every road with tube houses: narrow fronts, deep bodies, wall to wall.
//! It deliberately leaves lots with a use of their own to `compounds`.

use super::alleys::GrownRoad;
use super::ground::Ground;
use super::plane::{Metres, is_sound, left_of, turned};
use super::sketch::Sketch;
use geo::Contains;
use geo_types::Point;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A building while the ward grows; its number comes with `numbering`.
pub struct GrownBuilding {
    pub ring: Vec<Metres>,
    pub road: usize,
    pub along_m: f64,
    pub side: f64,
    pub use_: &'static str,
    pub storeys: i16,
    pub name: Option<String>,
    /// Buildings of one lot share its number: "120", "120B", ...
    pub zone: Option<usize>,
}

/// The least a house may be deep before its place stays a yard.
const SHALLOWEST_M: f64 = 7.5;

pub fn build(sketch: &Sketch, ground: &mut Ground, roads: &[GrownRoad], rng: &mut ChaCha8Rng) -> Vec<GrownBuilding> {
    let villas: Vec<_> = sketch.zones.iter().filter(|zone| zone.kind == "villas").map(|zone| &zone.shape).collect();
    let mut built = vec![];
    for level in 0..=3 {
        for (index, road) in roads.iter().enumerate().filter(|(_, road)| road.level == level && road.class != "service") {
            for side in [1.0, -1.0] {
                let mut along = rng.random_range(0.0..2.0);
                while along < road.path.length() - 3.0 {
                    let spot = road.path.at(along) + left_of(road.path.direction(along)) * (side * (road.width_m / 2.0 + 8.0));
                    let in_villas = villas.iter().any(|shape| shape.contains(&Point::from(spot)));
                    let wish = if in_villas { villa(rng) } else { tube_house(road, rng) };
                    match fit(ground, road, along, side, &wish) {
                        Some(ring) => {
                            ground.add_building(ring.clone());
                            let middle = along + wish.width_m / 2.0;
                            built.push(house(road, index, middle, side, ring, &wish, rng));
                            along += wish.width_m + wish.gap_m;
                        }
                        None => along += 1.2,
                    }
                }
            }
            if level > 0 {
                built.extend(close_the_end(ground, road, index, rng));
            }
        }
    }
    built
}

/// What somebody would like to build; the ground decides what fits.
struct Wish {
    width_m: f64,
    depth_m: f64,
    setback_m: f64,
    gap_m: f64,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Tube,
    Yard,
    Villa,
}

fn tube_house(road: &GrownRoad, rng: &mut ChaCha8Rng) -> Wish {
    if rng.random_bool(if road.level == 0 { 0.06 } else { 0.42 }) {
        return yard_house(rng);
    }
    let depth_m = if road.level == 0 { rng.random_range(14.0..20.0) } else { rng.random_range(10.0..19.0) };
    let setback_m = if road.level == 0 {
        rng.random_range(0.8..1.6) + if road.width_m > 14.0 { 3.0 } else { 0.0 }
    } else if rng.random_bool(0.2) {
        rng.random_range(1.0..3.2)
    } else {
        rng.random_range(0.15..0.5)
    };
    let gap_m = if rng.random_bool(0.28) { rng.random_range(1.0..6.0) } else { 0.0 };
    Wish { width_m: rng.random_range(4.0..6.0), depth_m, setback_m, gap_m, kind: Kind::Tube }
}

/// What is left of the village: a low, wide house behind its yard.
fn yard_house(rng: &mut ChaCha8Rng) -> Wish {
    Wish {
        width_m: rng.random_range(7.0..11.0),
        depth_m: rng.random_range(8.0..12.0),
        setback_m: rng.random_range(2.5..7.0),
        gap_m: rng.random_range(1.5..6.0),
        kind: Kind::Yard,
    }
}

fn villa(rng: &mut ChaCha8Rng) -> Wish {
    Wish {
        width_m: rng.random_range(8.5..11.0),
        depth_m: rng.random_range(11.0..14.0),
        setback_m: rng.random_range(3.5..4.5),
        gap_m: rng.random_range(2.5..3.5),
        kind: Kind::Villa,
    }
}

fn house(road: &GrownRoad, index: usize, along_m: f64, side: f64, ring: Vec<Metres>, wish: &Wish, rng: &mut ChaCha8Rng) -> GrownBuilding {
    let busy = match road.class {
        "national_road" | "main_road" => 0.55,
        "street" => 0.35,
        "alley" => 0.05,
        _ => 0.0,
    };
    let (least, most) = match (wish.kind, road.level) {
        (Kind::Villa, _) => (3, 4),
        (Kind::Yard, _) => (1, 3),
        (_, 0) => (3, 7),
        (_, 1) => (2, 6),
        (_, 2) => (2, 5),
        _ => (1, 4),
    };
    // The mean of two draws: most houses have the middle height, few the extremes.
    let storeys = (rng.random_range(least..=most) + rng.random_range(least..=most)) / 2;
    let use_ = match () {
        () if wish.kind == Kind::Villa => "villa",
        () if rng.random_bool(busy) => "shop",
        () => "house",
    };
    GrownBuilding { ring, road: index, along_m, side, use_, storeys, name: None, zone: None }
}

/// The footprint between two dividing walls square to the road, as deep as wished or as the ground allows.
fn fit(ground: &Ground, road: &GrownRoad, along: f64, side: f64, wish: &Wish) -> Option<Vec<Metres>> {
    if along + wish.width_m > road.path.length() + 1.0 {
        return None;
    }
    let wall = |s: f64| (road.path.at(s), left_of(road.path.direction(s)) * side);
    let ((a, a_out), (b, b_out)) = (wall(along), wall(along + wish.width_m));
    let front = road.width_m / 2.0 + wish.setback_m;
    let footprint = |depth: f64| {
        let mut ring = vec![a + a_out * front, b + b_out * front, b + b_out * (front + depth), a + a_out * (front + depth)];
        if side < 0.0 {
            ring.reverse();
        }
        (is_sound(&ring, 2.6) && ground.is_free(&ring, None)).then_some(ring)
    };
    // Most spots that fail do so at the street: ask for the least first.
    let least = footprint(SHALLOWEST_M)?;
    let steps = ((wish.depth_m - SHALLOWEST_M) / 0.8) as i32;
    Some((0..steps).find_map(|step| footprint(wish.depth_m - 0.8 * f64::from(step))).unwrap_or(least))
}

/// A dead end is closed by a house that looks down the alley.
fn close_the_end(ground: &mut Ground, road: &GrownRoad, index: usize, rng: &mut ChaCha8Rng) -> Option<GrownBuilding> {
    let end = road.path.length();
    let heading = turned(road.path.direction(end), rng.random_range(-0.04..0.04));
    let half = rng.random_range(2.2..4.5);
    let corner = road.path.at(end) + heading * 0.4;
    let across = left_of(heading);
    let mut depth = rng.random_range(9.0..16.0);
    while depth >= SHALLOWEST_M {
        let back = heading * depth;
        let ring = vec![corner - across * half, corner - across * half + back, corner + across * half + back, corner + across * half];
        if is_sound(&ring, 2.6) && ground.is_free(&ring, None) {
            ground.add_building(ring.clone());
            let wish = Wish { width_m: half * 2.0, depth_m: depth, setback_m: 0.4, gap_m: 0.0, kind: Kind::Tube };
            return Some(house(road, index, end, 1.0, ring, &wish, rng));
        }
        depth -= 0.8;
    }
    None
}
