//! Grows ngõ off streets, ngách off ngõ and hẻm off ngách until no open ground is far from a way to it.
//! It deliberately gives no numbers: those follow from the houses.

use super::ground::Ground;
use super::plane::{Metres, Path, dot, left_of, length, turned, unit};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A road while it grows. `level`: 0 street, 1 ngõ, 2 ngách, 3 hẻm.
pub struct GrownRoad {
    pub name: Option<String>,
    pub class: &'static str,
    pub level: usize,
    pub width_m: f64,
    pub path: Path,
    /// The road it leaves and where: distance along it, and side (+1 left, -1 right).
    pub leaves: Option<Leaves>,
}

#[derive(Clone, Copy)]
pub struct Leaves {
    pub road: usize,
    pub along_m: f64,
    pub side: f64,
}

/// How alleys of one level grow.
struct Habit {
    /// Between one mouth and the next on the same side.
    spacing_m: (f64, f64),
    length_m: (f64, f64),
    /// Two houses back to back must fit between parallel alleys.
    clearance_m: f64,
    width_m: (f64, f64),
    class: &'static str,
}

const HABITS: [Habit; 3] = [
    Habit { spacing_m: (44.0, 96.0), length_m: (90.0, 300.0), clearance_m: 39.0, width_m: (3.0, 4.6), class: "alley" },
    Habit { spacing_m: (38.0, 52.0), length_m: (40.0, 150.0), clearance_m: 37.0, width_m: (2.2, 3.2), class: "side_alley" },
    Habit { spacing_m: (35.0, 44.0), length_m: (25.0, 90.0), clearance_m: 34.0, width_m: (1.6, 2.4), class: "branch_alley" },
];

const STEP_M: f64 = 7.0;
const EDGE_M: f64 = 7.0;
const SHORTEST_M: f64 = 22.0;

/// Open ground farther than this from every road asks for an alley of its own.
const REMOTE_M: f64 = 25.0;

pub fn grow(ground: &mut Ground, roads: &mut Vec<GrownRoad>, rng: &mut ChaCha8Rng) {
    for level in 1..=3 {
        let parents: Vec<usize> = (0..roads.len()).filter(|&road| roads[road].level + 1 == level && bears_alleys(&roads[road])).collect();
        for parent in parents {
            for side in [1.0, -1.0] {
                branch_off(ground, roads, rng, parent, side, level);
            }
        }
    }
    reach_remote_ground(ground, roads, rng);
}

fn bears_alleys(road: &GrownRoad) -> bool {
    road.class != "service"
}

fn branch_off(ground: &mut Ground, roads: &mut Vec<GrownRoad>, rng: &mut ChaCha8Rng, parent: usize, side: f64, level: usize) {
    let habit = &HABITS[level - 1];
    let mut along = rng.random_range(14.0..habit.spacing_m.1 * 0.7);
    while along < roads[parent].path.length() - 10.0 {
        let outwards = left_of(roads[parent].path.direction(along)) * side;
        let heading = turned(outwards, rng.random_range(-0.16..0.16));
        let most = rng.random_range(habit.length_m.0..habit.length_m.1);
        let start = roads[parent].path.at(along);
        match wander(ground, rng, start, heading, parent, roads[parent].width_m / 2.0, habit, most) {
            Some(points) => {
                plant(ground, roads, rng, points, Leaves { road: parent, along_m: along, side }, level);
                along += rng.random_range(habit.spacing_m.0..habit.spacing_m.1);
            }
            None => along += 9.0,
        }
    }
}

fn plant(ground: &mut Ground, roads: &mut Vec<GrownRoad>, rng: &mut ChaCha8Rng, points: Vec<Metres>, leaves: Leaves, level: usize) {
    let habit = &HABITS[level - 1];
    let width_m = (rng.random_range(habit.width_m.0..habit.width_m.1) * 10.0).round() / 10.0;
    let path = Path::new(points);
    ground.add_road(roads.len(), &path, width_m / 2.0);
    roads.push(GrownRoad { name: None, class: habit.class, level, width_m, path, leaves: Some(leaves) });
}

/// Walks from a mouth into open ground, bending as old village alleys do, until something is in the way.
#[allow(clippy::too_many_arguments)] // a walk's state, asked once
fn wander(
    ground: &Ground,
    rng: &mut ChaCha8Rng,
    start: Metres,
    outwards: Metres,
    parent: usize,
    parent_half: f64,
    habit: &Habit,
    most: f64,
) -> Option<Vec<Metres>> {
    let mut points = vec![start];
    let (mut p, mut heading, mut drift, mut walked) = (start, outwards, 0.0, 0.0);
    let joins = rng.random_bool(0.4);
    while walked < most {
        let step = if walked == 0.0 { parent_half + STEP_M } else { STEP_M };
        drift = drift * 0.7 + rng.random_range(-0.07..0.07);
        let kink = if walked > 25.0 && rng.random_bool(0.05) { rng.random_range(-0.7..0.7) } else { 0.0 };
        heading = turned(heading, drift + kink);
        let next = p + heading * step;
        if !ground.is_open(next, EDGE_M) {
            break;
        }
        let in_the_way = ground
            .roads_near(next, habit.clearance_m)
            .filter(|&(road, q, _)| dot(q - start, outwards) > 2.0 && (road != parent || walked > 40.0))
            .min_by(|a, b| a.2.total_cmp(&b.2));
        if let Some((_, q, distance)) = in_the_way {
            if joins && walked > 30.0 && dot(unit(q - p), heading) > 0.75 && is_clear(ground, p, q) {
                points.push(q);
                walked += length(q - p);
            } else if walked > SHORTEST_M && distance > habit.clearance_m * 0.75 && dot(q - next, heading) > 0.0 {
                points.push(next);
                walked += step;
            }
            break;
        }
        points.push(next);
        walked += step;
        p = next;
    }
    (walked >= SHORTEST_M + parent_half).then_some(points)
}

/// Nothing but open ground between two points?
fn is_clear(ground: &Ground, a: Metres, b: Metres) -> bool {
    let steps = (length(b - a) / 4.0).ceil().max(1.0);
    (1..steps as usize).all(|i| ground.is_open(a + (b - a) * (i as f64 / steps), 3.5))
}

/// Sends an alley to every spot of open ground that none has come near, from the nearest road that may still branch.
fn reach_remote_ground(ground: &mut Ground, roads: &mut Vec<GrownRoad>, rng: &mut ChaCha8Rng) {
    for round in 0..6 {
        let before = roads.len();
        for p in remote_spots(ground, rng) {
            if ground.roads_near(p, REMOTE_M).next().is_none() {
                reach(ground, roads, rng, p, 60.0 + 20.0 * f64::from(round));
            }
        }
        if roads.len() == before {
            break;
        }
    }
}

fn remote_spots(ground: &Ground, rng: &mut ChaCha8Rng) -> Vec<Metres> {
    const GRID_M: f64 = 8.0;
    let Some(bounds) = geo::BoundingRect::bounding_rect(&ground.ward) else { return vec![] };
    let mut spots = vec![];
    for i in 0..(bounds.width() / GRID_M) as i32 {
        for j in 0..(bounds.height() / GRID_M) as i32 {
            let jitter = Metres { x: rng.random_range(-2.0..2.0), y: rng.random_range(-2.0..2.0) };
            let p = bounds.min() + Metres { x: f64::from(i), y: f64::from(j) } * GRID_M + jitter;
            if ground.roads_near(p, REMOTE_M).next().is_none() && ground.is_open(p, EDGE_M + 3.0) {
                spots.push(p);
            }
        }
    }
    spots
}

fn reach(ground: &mut Ground, roads: &mut Vec<GrownRoad>, rng: &mut ChaCha8Rng, p: Metres, far: f64) {
    let mut candidates: Vec<(usize, Metres, f64)> =
        ground.roads_near(p, far).filter(|&(road, ..)| roads[road].level < 3 && bears_alleys(&roads[road])).collect();
    candidates.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
    for (road, q, distance) in candidates.into_iter().take(4) {
        let (along, _) = roads[road].path.project(q);
        let side = if super::plane::cross(roads[road].path.direction(along), p - q) >= 0.0 { 1.0 } else { -1.0 };
        let middle = q + (p - q) * 0.5 + left_of(unit(p - q)) * rng.random_range(-2.5..2.5);
        let crosses_none = [0.35, 0.5, 0.7, 0.85, 1.0].iter().all(|&t| {
            let spot = q + (p - q) * t;
            ground.is_open(spot, 4.0) && ground.roads_near(spot, 9.0).all(|(other, r, _)| other == road || length(r - q) < 5.0)
        });
        if !crosses_none || distance < roads[road].width_m / 2.0 + 10.0 {
            continue;
        }
        let level = roads[road].level + 1;
        let mut points = vec![q, middle, p];
        points.extend(extend(ground, rng, q, p, unit(p - middle), road));
        plant(ground, roads, rng, points, Leaves { road, along_m: along, side }, level);
        return;
    }
}

/// Goes on past the spot it was sent for, as long as the ground there is just as remote.
fn extend(ground: &Ground, rng: &mut ChaCha8Rng, start: Metres, from: Metres, mut heading: Metres, parent: usize) -> Vec<Metres> {
    let mut points = vec![];
    let mut p = from;
    for _ in 0..12 {
        heading = turned(heading, rng.random_range(-0.12..0.12));
        let next = p + heading * STEP_M;
        let is_remote = ground.roads_near(next, 30.0).all(|(road, q, _)| road == parent && length(q - start) < 12.0);
        if !is_remote || !ground.is_open(next, EDGE_M) {
            break;
        }
        points.push(next);
        p = next;
    }
    points
}
