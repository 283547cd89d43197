//! Finds where roads meet, and in which directions they leave.
//! It deliberately does not need the roads to share a vertex: an alley may begin anywhere along a street.

use geo::{BoundingRect, Point};
use geo_types::LineString;

use super::site::{Road, RoadClass, metres, moved_m, offset_m};

/// Roads within this of each other meet. Surveyors and mappers both stop a lane's line short of the kerb.
const REACH_M: f64 = 2.5;
/// A stub shorter than this is the end of the crossing, not an arm of it.
const SHORTEST_ARM_M: f64 = 12.0;

pub struct Junction {
    pub at: Point<f64>,
    /// The arms, widest road first.
    pub arms: Vec<Arm>,
}

#[derive(Debug, Clone)]
pub struct Arm {
    /// Index of the road among those given.
    pub road: usize,
    pub class: RoadClass,
    /// From north, clockwise, as the road leaves the junction.
    pub heading_deg: f64,
    /// How far the road goes on.
    pub length_m: f64,
}

/// Junctions of three arms or more, in the order of the roads.
pub fn find(roads: &[Road]) -> Vec<Junction> {
    let boxes: Vec<Option<geo::Rect<f64>>> = roads.iter().map(|road| road.line.bounding_rect()).collect();
    let mut junctions: Vec<Junction> = Vec::new();
    for at in meeting_points(roads, &boxes) {
        if junctions.iter().any(|known| metres(known.at, at) < 2.0 * REACH_M) {
            continue;
        }
        let mut arms: Vec<Arm> = (0..roads.len())
            .filter(|&road| boxes[road].is_some_and(|bounds| is_near(bounds, at)))
            .flat_map(|road| arms_of(roads, road, at))
            .collect();
        arms.sort_by(|a, b| a.class.cmp(&b.class).then(a.road.cmp(&b.road)).then(a.heading_deg.total_cmp(&b.heading_deg)));
        let distinct = arms
            .iter()
            .enumerate()
            .filter(|(index, arm)| arms[..*index].iter().all(|other| turn(arm.heading_deg, other.heading_deg) > 20.0));
        let arms: Vec<Arm> = distinct.map(|(_, arm)| arm.clone()).collect();
        if arms.len() >= 3 {
            junctions.push(Junction { at, arms });
        }
    }
    junctions
}

/// Ends of every road, and where two streets cross without either ending.
fn meeting_points(roads: &[Road], boxes: &[Option<geo::Rect<f64>>]) -> Vec<Point<f64>> {
    let mut points: Vec<Point<f64>> =
        roads.iter().flat_map(|road| [road.line.points().next(), road.line.points().next_back()]).flatten().collect();
    let streets: Vec<usize> = (0..roads.len()).filter(|&road| roads[road].class <= RoadClass::Street).collect();
    for (place, &a) in streets.iter().enumerate() {
        for &b in &streets[place + 1..] {
            if let (Some(first), Some(second)) = (boxes[a], boxes[b])
                && overlap(first, second)
            {
                points.extend(crossings(&roads[a].line, &roads[b].line));
            }
        }
    }
    points
}

fn crossings(a: &LineString<f64>, b: &LineString<f64>) -> Vec<Point<f64>> {
    use geo::line_intersection::{LineIntersection, line_intersection};
    let mut points = Vec::new();
    for first in a.lines() {
        for second in b.lines() {
            if let Some(LineIntersection::SinglePoint { intersection, .. }) = line_intersection(first, second) {
                points.push(Point(intersection));
            }
        }
    }
    points
}

/// The directions in which a road leaves `at`: none if it does not pass, one if it ends there, else two.
fn arms_of(roads: &[Road], road: usize, at: Point<f64>) -> Vec<Arm> {
    // In metres around the point, where angles are angles.
    let line: Vec<(f64, f64)> = roads[road].line.points().map(|point| offset_m(at, point)).collect();
    let Some((segment, fraction, distance_m)) = nearest(&line) else {
        return Vec::new();
    };
    if distance_m > REACH_M {
        return Vec::new();
    }
    let foot = along(line[segment], line[segment + 1], fraction);
    let mut ahead = vec![foot];
    ahead.extend(&line[segment + 1..]);
    let mut back = vec![foot];
    back.extend(line[..=segment].iter().rev());
    [ahead, back]
        .into_iter()
        .filter_map(|path| {
            let length_m: f64 = path.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
            // The bearing of its first twelve metres: a kink in the kerb is not where the road goes.
            let towards = point_at(&path, SHORTEST_ARM_M)?;
            let heading_deg = (towards.0 - foot.0).atan2(towards.1 - foot.1).to_degrees().rem_euclid(360.0);
            Some(Arm { road, class: roads[road].class, heading_deg, length_m })
        })
        .collect()
}

/// Segment nearest to the origin, how far along it, and how far away.
fn nearest(line: &[(f64, f64)]) -> Option<(usize, f64, f64)> {
    line.windows(2)
        .enumerate()
        .map(|(segment, pair)| {
            let (a, b) = (pair[0], pair[1]);
            let (east, north) = (b.0 - a.0, b.1 - a.1);
            let length = (east * east + north * north).max(1e-12);
            let fraction = (-(a.0 * east + a.1 * north) / length).clamp(0.0, 1.0);
            let foot = along(a, b, fraction);
            (segment, fraction, foot.0.hypot(foot.1))
        })
        .min_by(|a, b| a.2.total_cmp(&b.2))
}

/// The point `distance_m` along a path; `None` if it is shorter.
fn point_at(path: &[(f64, f64)], distance_m: f64) -> Option<(f64, f64)> {
    let mut left = distance_m;
    for pair in path.windows(2) {
        let length = distance(pair[0], pair[1]);
        if length >= left {
            return Some(along(pair[0], pair[1], left / length.max(1e-9)));
        }
        left -= length;
    }
    None
}

fn along(a: (f64, f64), b: (f64, f64), fraction: f64) -> (f64, f64) {
    (a.0 + (b.0 - a.0) * fraction, a.1 + (b.1 - a.1) * fraction)
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// The angle between two headings, 0 to 180.
pub fn turn(a_deg: f64, b_deg: f64) -> f64 {
    let difference = (a_deg - b_deg).rem_euclid(360.0);
    difference.min(360.0 - difference)
}

fn is_near(bounds: geo::Rect<f64>, at: Point<f64>) -> bool {
    let (low, high) = (moved_m(Point(bounds.min()), -REACH_M, -REACH_M), moved_m(Point(bounds.max()), REACH_M, REACH_M));
    (low.x()..=high.x()).contains(&at.x()) && (low.y()..=high.y()).contains(&at.y())
}

fn overlap(a: geo::Rect<f64>, b: geo::Rect<f64>) -> bool {
    a.min().x <= b.max().x && b.min().x <= a.max().x && a.min().y <= b.max().y && b.min().y <= a.max().y
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A road through these points, in metres east and north of a point in Hà Nội.
    pub fn road(class: RoadClass, name: &str, points: &[(f64, f64)]) -> Road {
        let origin = Point::new(105.74, 21.04);
        let line = points.iter().map(|(east, north)| moved_m(origin, *east, *north).0).collect();
        Road { class, name: Some(name.into()), width_m: 8.0, line }
    }

    #[test]
    fn an_alley_that_leaves_a_street_between_its_vertices_makes_a_junction_of_three() {
        let roads =
            [road(RoadClass::Street, "Phố", &[(-200.0, 0.0), (200.0, 0.0)]), road(RoadClass::Alley, "Ngõ", &[(30.0, 1.0), (30.0, 90.0)])];
        let junctions = find(&roads);
        assert_eq!(junctions.len(), 1);
        let headings: Vec<f64> = junctions[0].arms.iter().map(|arm| arm.heading_deg.round()).collect();
        assert_eq!(headings, [90.0, 270.0, 0.0]);
    }

    #[test]
    fn two_streets_that_cross_make_a_junction_of_four() {
        let roads = [
            road(RoadClass::National, "Đường", &[(-200.0, -200.0), (200.0, 200.0)]),
            road(RoadClass::Street, "Phố", &[(-200.0, 200.0), (200.0, -200.0)]),
        ];
        let junctions = find(&roads);
        assert_eq!(junctions.len(), 1);
        assert_eq!(junctions[0].arms.len(), 4);
        assert!(metres(junctions[0].at, Point::new(105.74, 21.04)) < 0.1);
    }

    #[test]
    fn a_bend_and_a_dead_end_are_no_junctions() {
        let roads = [
            road(RoadClass::Street, "Phố", &[(-200.0, 0.0), (0.0, 0.0)]),
            road(RoadClass::Street, "Phố", &[(0.0, 0.0), (0.0, 200.0)]),
            road(RoadClass::Alley, "Ngõ", &[(90.0, 60.0), (150.0, 60.0)]),
        ];
        assert!(find(&roads).is_empty());
    }
}
