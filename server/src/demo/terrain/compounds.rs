//! Fills the lots that have a use of their own: factory halls, school wings, market halls, towers, temples.
//! It deliberately keeps each lot's buildings inside the lot and leaves the ground between them open.

use super::alleys::GrownRoad;
use super::ground::Ground;
use super::houses::GrownBuilding;
use super::plane::{Metres, centre, cross, dot, left_of, length, unit};
use super::sketch::{Sketch, Surface};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// What stands on a lot of one kind; ranges in metres.
struct Plan {
    use_: &'static str,
    width_m: (f64, f64),
    depth_m: (f64, f64),
    gap_m: f64,
    storeys: (i16, i16),
    /// How many at most, the largest first.
    most: usize,
    /// Of the places where one would fit, how many stay empty: a yard, a lawn, a court.
    open: f64,
}

fn plan(kind: &str) -> Option<Plan> {
    let plan = |use_, width_m, depth_m, gap_m, storeys, most, open| Plan { use_, width_m, depth_m, gap_m, storeys, most, open };
    Some(match kind {
        "industrial" => plan("factory", (34.0, 68.0), (22.0, 34.0), 8.0, (1, 2), 99, 0.06),
        "university" => plan("campus", (36.0, 62.0), (14.0, 18.0), 15.0, (4, 9), 24, 0.18),
        "school" => plan("school", (24.0, 46.0), (9.0, 11.0), 13.0, (2, 4), 5, 0.05),
        "apartments" => plan("apartments", (34.0, 44.0), (22.0, 26.0), 18.0, (18, 27), 6, 0.0),
        "market" => plan("market", (22.0, 34.0), (11.0, 14.0), 4.5, (1, 2), 9, 0.0),
        "ward_office" => plan("office", (30.0, 40.0), (12.0, 14.0), 9.0, (3, 5), 3, 0.0),
        "police" => plan("office", (24.0, 34.0), (10.0, 12.0), 6.0, (3, 4), 2, 0.0),
        "health" => plan("public", (18.0, 26.0), (9.0, 11.0), 6.0, (2, 3), 2, 0.0),
        "culture_house" => plan("public", (15.0, 20.0), (9.0, 11.0), 8.0, (1, 2), 1, 0.0),
        "religious" => plan("religious", (14.0, 20.0), (8.0, 11.0), 6.0, (1, 1), 3, 0.1),
        "sports" => plan("public", (36.0, 50.0), (20.0, 26.0), 34.0, (1, 2), 5, 0.0),
        "cemetery" => plan("outbuilding", (8.0, 12.0), (5.0, 7.0), 20.0, (1, 1), 1, 0.0),
        "park" => plan("outbuilding", (6.0, 9.0), (5.0, 7.0), 60.0, (1, 1), 2, 0.3),
        "farmland" => plan("outbuilding", (4.0, 9.0), (4.0, 6.0), 70.0, (1, 1), 9, 0.5),
        _ => return None,
    })
}

pub fn build(sketch: &Sketch, ground: &mut Ground, roads: &[GrownRoad], rng: &mut ChaCha8Rng) -> Vec<GrownBuilding> {
    let mut built = vec![];
    for (index, zone) in sketch.zones.iter().enumerate() {
        if let Some(plan) = plan(&zone.kind) {
            built.extend(fill(ground, roads, zone, index, &plan, rng));
        }
    }
    built
}

/// Lays rows parallel to the lot's longest side.
fn fill(ground: &mut Ground, roads: &[GrownRoad], zone: &Surface, index: usize, plan: &Plan, rng: &mut ChaCha8Rng) -> Vec<GrownBuilding> {
    const EDGE_M: f64 = 3.0;
    let ring: Vec<Metres> = zone.shape.exterior().coords().copied().collect();
    let side = ring.windows(2).max_by(|a, b| length(a[1] - a[0]).total_cmp(&length(b[1] - b[0])));
    let Some(along) = side.map(|side| unit(side[1] - side[0])) else { return vec![] };
    let up = left_of(along);
    let reach = |axis: Metres| {
        let values = ring.iter().map(|&p| dot(p, axis));
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((left, right), (bottom, top)) = (reach(along), reach(up));
    let Some(address) = entrance(roads, centre(&ring[1..])) else { return vec![] };
    let mut built: Vec<GrownBuilding> = vec![];
    let mut y = bottom + EDGE_M;
    while y < top - plan.depth_m.0 && built.len() < plan.most {
        let mut depth = rng.random_range(plan.depth_m.0..plan.depth_m.1);
        let mut x = left + EDGE_M;
        let mut stands = false;
        while x < right - plan.width_m.0 * 0.5 && built.len() < plan.most {
            let mut width = rng.random_range(plan.width_m.0..plan.width_m.1);
            let ring = loop {
                let corner = along * x + up * y;
                let ring = vec![corner, corner + along * width, corner + along * width + up * depth, corner + up * depth];
                if ground.is_free(&ring, Some(index)) {
                    break Some(ring);
                }
                width *= 0.85;
                if width < plan.width_m.0 * 0.6 {
                    break None;
                }
            };
            match ring {
                Some(_) if rng.random_bool(plan.open) => x += width + plan.gap_m,
                Some(ring) => {
                    ground.add_building(ring.clone());
                    stands = true;
                    x += width + plan.gap_m * rng.random_range(0.8..1.3);
                    built.push(GrownBuilding {
                        ring,
                        road: address.0,
                        along_m: address.1,
                        side: address.2,
                        use_: plan.use_,
                        storeys: rng.random_range(plan.storeys.0..=plan.storeys.1),
                        name: None,
                        zone: Some(index),
                    });
                    depth = rng.random_range(plan.depth_m.0..plan.depth_m.1).min(depth);
                }
                None => x += 3.0,
            }
        }
        y += if stands { depth + plan.gap_m } else { 3.0 };
    }
    name(&mut built, zone, plan);
    built
}

/// The street a lot is addressed by, and where along it and on which side.
fn entrance(roads: &[GrownRoad], p: Metres) -> Option<(usize, f64, f64)> {
    let streets = roads.iter().enumerate().filter(|(_, road)| road.level == 0 && road.class != "service");
    let (road, (along, _)) = streets.map(|(i, road)| (i, road.path.project(p))).min_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let path = &roads[road].path;
    let side = if cross(path.direction(along), p - path.at(along)) >= 0.0 { 1.0 } else { -1.0 };
    Some((road, along, side))
}

fn name(built: &mut [GrownBuilding], zone: &Surface, plan: &Plan) {
    if plan.use_ == "outbuilding" {
        return;
    }
    let word = match plan.use_ {
        "factory" => "xưởng",
        "apartments" => "tòa",
        _ => "nhà",
    };
    let several = built.len() > 1;
    for (i, building) in built.iter_mut().enumerate() {
        building.name = Some(if several { format!("{}, {word} {}", zone.name, letters(i)) } else { zone.name.clone() });
    }
}

/// A, B, ..., Z, A1, B1, ...
pub fn letters(i: usize) -> String {
    let letter = char::from(b'A' + (i % 26) as u8);
    if i < 26 { letter.to_string() } else { format!("{letter}{}", i / 26) }
}
