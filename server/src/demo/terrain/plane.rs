//! The flat arithmetic of the generator: a local metric plane, polylines, convex footprints.
//! It deliberately knows nothing of roads, houses or the ward.

use geo_types::{Coord, Polygon};

/// A point or vector in metres, east and north of the plane's origin.
pub type Metres = Coord<f64>;

/// An equirectangular plane on the WGS84 ellipsoid; over the two kilometres of a ward its error stays under a centimetre per 100 m.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    origin: Coord<f64>,
    metres_per_degree: Coord<f64>,
}

impl Plane {
    /// A plane that touches the ellipsoid at `origin` (longitude, latitude).
    pub fn at(origin: Coord<f64>) -> Self {
        let (equator, eccentricity2) = (6_378_137.0_f64, 0.006_694_379_990_14_f64);
        let sin = origin.y.to_radians().sin();
        let w = 1.0 - eccentricity2 * sin * sin;
        let east = equator / w.sqrt() * origin.y.to_radians().cos();
        let north = equator * (1.0 - eccentricity2) / (w * w.sqrt());
        Self { origin, metres_per_degree: Coord { x: east.to_radians(), y: north.to_radians() } }
    }

    pub fn to_metres(self, place: Coord<f64>) -> Metres {
        let d = place - self.origin;
        Coord { x: d.x * self.metres_per_degree.x, y: d.y * self.metres_per_degree.y }
    }

    /// Rounded to 1e-8 degrees (a millimetre), so that the same seed gives the same text everywhere.
    pub fn to_degrees(self, point: Metres) -> Coord<f64> {
        let round = |value: f64| (value * 1e8).round() / 1e8;
        Coord { x: round(self.origin.x + point.x / self.metres_per_degree.x), y: round(self.origin.y + point.y / self.metres_per_degree.y) }
    }
}

pub fn dot(a: Metres, b: Metres) -> f64 {
    a.x * b.x + a.y * b.y
}

pub fn cross(a: Metres, b: Metres) -> f64 {
    a.x * b.y - a.y * b.x
}

pub fn length(a: Metres) -> f64 {
    a.x.hypot(a.y)
}

pub fn unit(a: Metres) -> Metres {
    a / length(a).max(1e-9)
}

/// A quarter turn to the left.
pub fn left_of(a: Metres) -> Metres {
    Coord { x: -a.y, y: a.x }
}

pub fn turned(a: Metres, angle: f64) -> Metres {
    let (sin, cos) = angle.sin_cos();
    Coord { x: a.x * cos - a.y * sin, y: a.x * sin + a.y * cos }
}

/// The point of segment `ab` nearest to `p`.
pub fn nearest_on(a: Metres, b: Metres, p: Metres) -> Metres {
    let d = b - a;
    let t = (dot(p - a, d) / dot(d, d).max(1e-12)).clamp(0.0, 1.0);
    a + d * t
}

/// A polyline walked by distance from its start.
#[derive(Clone, Debug)]
pub struct Path {
    pub points: Vec<Metres>,
    along: Vec<f64>,
}

impl Path {
    pub fn new(points: Vec<Metres>) -> Self {
        let mut along = vec![0.0];
        for pair in points.windows(2) {
            along.push(along[along.len() - 1] + length(pair[1] - pair[0]));
        }
        Self { points, along }
    }

    pub fn length(&self) -> f64 {
        self.along[self.along.len() - 1]
    }

    pub fn at(&self, s: f64) -> Metres {
        let last = self.points.len() - 1;
        let i = self.along.partition_point(|&along| along <= s).clamp(1, last);
        let t = (s - self.along[i - 1]) / (self.along[i] - self.along[i - 1]).max(1e-9);
        self.points[i - 1] + (self.points[i] - self.points[i - 1]) * t.clamp(0.0, 1.0)
    }

    /// Direction of travel, eased over corners so that neighbouring houses turn with the road.
    pub fn direction(&self, s: f64) -> Metres {
        const EASE: f64 = 3.0;
        unit(self.at((s + EASE).min(self.length())) - self.at((s - EASE).max(0.0)))
    }

    /// Distance along the path of its point nearest to `p`, and how far that is.
    pub fn project(&self, p: Metres) -> (f64, f64) {
        let mut best = (0.0, f64::INFINITY);
        for (i, pair) in self.points.windows(2).enumerate() {
            let q = nearest_on(pair[0], pair[1], p);
            let distance = length(p - q);
            if distance < best.1 {
                best = (self.along[i] + length(q - pair[0]), distance);
            }
        }
        best
    }

    /// The band of this half-width along the path, as a closed ring.
    pub fn band(&self, half: f64) -> Vec<Metres> {
        let side = |sign: f64| {
            let edge = move |(i, &p): (usize, &Metres)| p + left_of(self.direction(self.along[i])) * (half * sign);
            self.points.iter().enumerate().map(edge).collect::<Vec<_>>()
        };
        let mut ring = side(1.0);
        ring.extend(side(-1.0).into_iter().rev());
        ring.push(ring[0]);
        ring
    }
}

/// Is this ring convex and counter-clockwise, with no edge shorter than `least`?
pub fn is_sound(ring: &[Metres], least: f64) -> bool {
    (0..ring.len()).all(|i| {
        let (a, b, c) = (ring[i], ring[(i + 1) % ring.len()], ring[(i + 2) % ring.len()]);
        length(b - a) >= least && cross(b - a, c - b) > 0.0
    })
}

/// Do two convex rings overlap by more than `slack` metres? (Separating axis theorem.)
pub fn overlap(a: &[Metres], b: &[Metres], slack: f64) -> bool {
    let separated = |one: &[Metres], other: &[Metres]| {
        (0..one.len()).any(|i| {
            let (p, q) = (one[i], one[(i + 1) % one.len()]);
            let outwards = left_of(unit(q - p)) * -1.0;
            other.iter().all(|&v| dot(v - p, outwards) > -slack)
        })
    };
    !separated(a, b) && !separated(b, a)
}

/// Distance between a segment and a convex ring; 0 where they meet.
pub fn distance_to_ring(a: Metres, b: Metres, ring: &[Metres]) -> f64 {
    let edges = || (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]));
    let inside = |p: Metres| edges().all(|(u, v)| cross(v - u, p - u) >= 0.0);
    let crosses =
        |(u, v): (Metres, Metres)| cross(b - a, u - a) * cross(b - a, v - a) < 0.0 && cross(v - u, a - u) * cross(v - u, b - u) < 0.0;
    if inside(a) || inside(b) || edges().any(crosses) {
        return 0.0;
    }
    edges()
        .map(|(u, v)| {
            let to_edge = length(a - nearest_on(u, v, a)).min(length(b - nearest_on(u, v, b)));
            to_edge.min(length(u - nearest_on(a, b, u)))
        })
        .fold(f64::INFINITY, f64::min)
}

pub fn polygon(ring: &[Metres]) -> Polygon<f64> {
    Polygon::new(ring.to_vec().into(), vec![])
}

pub fn centre(ring: &[Metres]) -> Metres {
    ring.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, &p| sum + p) / ring.len() as f64
}
