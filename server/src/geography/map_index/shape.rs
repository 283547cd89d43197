//! A polygon prepared to be asked about many points: inside, on the rim, or out.
//! It deliberately knows no rows; `map_index` asks it about theirs.
//!
//! The answer is that of `geo::Intersects` (winding number with exact orientation tests; Hormann and Agathos, "The point in
//! polygon problem for arbitrary polygons", 2001), but each point meets only the edges that its latitude crosses.

use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{BoundingRect, Coord, LineString, MultiPolygon};

/// Bands per ring at most: with some tens of edges a band holds one or two, with thousands a handful.
const MOST_BANDS: usize = 512;

pub struct Shape {
    polygons: Vec<Polygon>,
    bounds: Option<[f64; 4]>,
    outline: MultiPolygon,
}

struct Polygon {
    exterior: Ring,
    holes: Vec<Ring>,
}

/// A closed line, its edges sorted into bands of latitude.
struct Ring {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
    bands: Vec<Vec<[Coord; 2]>>,
}

#[derive(PartialEq)]
enum Place {
    Inside,
    OnRim,
    Outside,
}

impl Shape {
    pub fn new(outline: MultiPolygon) -> Self {
        let bounds = outline.bounding_rect().map(|rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y]);
        let polygon = |polygon: &geo::Polygon| {
            let exterior = Ring::new(polygon.exterior())?;
            Some(Polygon { exterior, holes: polygon.interiors().iter().filter_map(Ring::new).collect() })
        };
        Self { polygons: outline.iter().filter_map(polygon).collect(), bounds, outline }
    }

    /// West, south, east, north; none of an empty shape.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        self.bounds
    }

    pub fn outline(&self) -> &MultiPolygon {
        &self.outline
    }

    /// Whether a place lies within, the rim included.
    pub fn holds(&self, [lon, lat]: [f64; 2]) -> bool {
        let point = Coord { x: lon, y: lat };
        self.polygons.iter().any(|polygon| match polygon.exterior.place(point) {
            Place::Outside => false,
            Place::OnRim => true,
            // The rim of a hole belongs to the polygon.
            Place::Inside => polygon.holes.iter().all(|hole| hole.place(point) != Place::Inside),
        })
    }
}

impl Ring {
    fn new(line: &LineString) -> Option<Self> {
        let rect = line.bounding_rect()?;
        let count = line.0.len().clamp(1, MOST_BANDS);
        let mut ring =
            Self { west: rect.min().x, east: rect.max().x, south: rect.min().y, north: rect.max().y, bands: vec![Vec::new(); count] };
        for edge in line.lines() {
            let (low, high) = (edge.start.y.min(edge.end.y), edge.start.y.max(edge.end.y));
            for band in ring.band(low)..=ring.band(high) {
                ring.bands[band].push([edge.start, edge.end]);
            }
        }
        Some(ring)
    }

    /// Never falls as the latitude rises, so a point's band holds every edge that its latitude crosses.
    fn band(&self, lat: f64) -> usize {
        let share = (lat - self.south) / (self.north - self.south).max(f64::MIN_POSITIVE);
        ((share * self.bands.len() as f64) as usize).min(self.bands.len() - 1)
    }

    fn place(&self, point: Coord) -> Place {
        if point.x < self.west || point.x > self.east || point.y < self.south || point.y > self.north {
            return Place::Outside;
        }
        let mut winding = 0;
        for [start, end] in &self.bands[self.band(point.y)] {
            if point.y < start.y.min(end.y) || point.y > start.y.max(end.y) || point.x > start.x.max(end.x) {
                continue;
            }
            // Left of the whole edge: no need to ask on which side.
            let side = if point.x < start.x.min(end.x) { None } else { Some(RobustKernel::orient2d(*start, *end, point)) };
            if side == Some(Orientation::Collinear) {
                return Place::OnRim;
            }
            if start.y <= point.y && end.y > point.y && side.is_none_or(|side| side == Orientation::CounterClockwise) {
                winding += 1;
            } else if start.y > point.y && end.y <= point.y && side.is_none_or(|side| side == Orientation::Clockwise) {
                winding -= 1;
            }
        }
        if winding == 0 { Place::Outside } else { Place::Inside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Intersects, Point, polygon};
    use proptest::prelude::*;

    /// A star-shaped ring around a centre; coarse coordinates, so that points fall on rims and corners too.
    fn star(centre: (f64, f64), radii: Vec<u8>) -> LineString {
        let corners = radii.len() as f64;
        let corner = |(at, radius): (usize, &u8)| {
            let angle = at as f64 / corners * std::f64::consts::TAU;
            let snap = |value: f64| (value * 4.0).round() / 4.0;
            Coord { x: snap(centre.0 + f64::from(*radius) * angle.cos()), y: snap(centre.1 + f64::from(*radius) * angle.sin()) }
        };
        let mut ring: Vec<Coord> = radii.iter().enumerate().map(corner).collect();
        ring.push(ring[0]);
        LineString(ring)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn it_answers_as_geo_does(
            outer in prop::collection::vec(6_u8..20, 3..60),
            hole in prop::collection::vec(1_u8..6, 3..12),
            island in prop::collection::vec(1_u8..8, 3..9),
            points in prop::collection::vec((-100_i32..200, -100_i32..100), 60),
        ) {
            let shape = MultiPolygon(vec![
                geo::Polygon::new(star((0.0, 0.0), outer), vec![star((0.5, 0.5), hole)]),
                geo::Polygon::new(star((30.0, 0.0), island), vec![]),
            ]);
            let prepared = Shape::new(shape.clone());
            for (x, y) in points {
                let (x, y) = (f64::from(x) / 4.0, f64::from(y) / 4.0);
                prop_assert_eq!(prepared.holds([x, y]), shape.intersects(&Point::new(x, y)), "{}, {}", x, y);
            }
        }
    }

    #[test]
    fn rims_of_shape_and_hole_belong_to_it() {
        let shape = Shape::new(MultiPolygon(vec![polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 8.0, y: 0.0), (x: 8.0, y: 8.0), (x: 0.0, y: 8.0)],
            interiors: [[(x: 2.0, y: 2.0), (x: 4.0, y: 2.0), (x: 4.0, y: 4.0), (x: 2.0, y: 4.0)]],
        )]));
        for rim in [[0.0, 0.0], [8.0, 3.0], [4.0, 8.0], [2.0, 3.0], [3.0, 4.0], [2.0, 2.0]] {
            assert!(shape.holds(rim), "{rim:?}");
        }
        assert!(!shape.holds([3.0, 3.0]), "in the hole");
        assert!(!shape.holds([8.000_001, 3.0]) && !shape.holds([-1.0, 0.0]));
        assert!(!Shape::new(MultiPolygon(vec![])).holds([0.0, 0.0]));
    }
}
