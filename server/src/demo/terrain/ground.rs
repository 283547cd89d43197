//! What already occupies the ground while the ward grows: roads, footprints, water, lots with a use of their own.
//! It deliberately decides nothing: it answers whether a spot is free.

use super::plane::{Metres, Path, distance_to_ring, length, nearest_on, overlap, polygon};
use super::sketch::Sketch;
use geo::{BoundingRect, Contains, Distance, Euclidean, Intersects};
use geo_types::{Point, Polygon, Rect};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree, RTreeObject};

/// Neighbours share walls; two centimetres along a wall of 20 m stay under the half square metre that may overlap.
const SLACK_M: f64 = 0.02;

/// Between wall and road: a straight line here and the same line on the ellipsoid part by some centimetres.
const KERB_M: f64 = 0.08;

/// The widest half-road of any sketch, so that one box finds every road that could matter.
const WIDEST_HALF_ROAD_M: f64 = 16.0;

struct RoadSegment {
    a: Metres,
    b: Metres,
    road: usize,
    half: f64,
}

impl RTreeObject for RoadSegment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.a.x, self.a.y], [self.b.x, self.b.y])
    }
}

/// Water or a lot of the sketch.
struct Taken {
    bounds: Rect<f64>,
    shape: Polygon<f64>,
    zone: Option<usize>,
    /// Villas stand along the sketch's own streets: houses may, alleys may not.
    houses_may: bool,
}

pub struct Ground {
    pub ward: Polygon<f64>,
    taken: Vec<Taken>,
    roads: RTree<RoadSegment>,
    footprints: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
    rings: Vec<Vec<Metres>>,
}

impl Ground {
    pub fn of(sketch: &Sketch) -> Self {
        let taken = |zone: Option<usize>, kind: &str, shape: &Polygon<f64>| {
            let bounds = shape.bounding_rect()?;
            Some(Taken { bounds, shape: shape.clone(), zone, houses_may: kind == "villas" })
        };
        let waters = sketch.waters.iter().filter_map(|water| taken(None, &water.kind, &water.shape));
        let zones = sketch.zones.iter().enumerate().filter_map(|(i, zone)| taken(Some(i), &zone.kind, &zone.shape));
        Self {
            ward: sketch.ward_in_metres(),
            taken: waters.chain(zones).collect(),
            roads: RTree::new(),
            footprints: RTree::new(),
            rings: vec![],
        }
    }

    pub fn add_road(&mut self, road: usize, path: &Path, half: f64) {
        for pair in path.points.windows(2) {
            self.roads.insert(RoadSegment { a: pair[0], b: pair[1], road, half });
        }
    }

    /// Every road within `reach` metres of `p`: which, its nearest point, and how far that is.
    pub fn roads_near(&self, p: Metres, reach: f64) -> impl Iterator<Item = (usize, Metres, f64)> {
        let nearby = AABB::from_corners([p.x - reach, p.y - reach], [p.x + reach, p.y + reach]);
        self.roads.locate_in_envelope_intersecting(&nearby).filter_map(move |segment| {
            let q = nearest_on(segment.a, segment.b, p);
            let distance = length(p - q);
            (distance <= reach).then_some((segment.road, q, distance))
        })
    }

    /// May an alley run here, `margin` metres away from water, lots and the ward's edge?
    pub fn is_open(&self, p: Metres, margin: f64) -> bool {
        let point = Point::from(p);
        self.ward.contains(&point)
            && Euclidean.distance(&point, self.ward.exterior()) > margin
            && !self.taken.iter().any(|taken| {
                is_near(&taken.bounds, p, margin)
                    && (taken.shape.contains(&point) || Euclidean.distance(&point, taken.shape.exterior()) < margin)
            })
    }

    /// May a building with this footprint stand here? `zone` is the lot it belongs to, if any.
    pub fn is_free(&self, ring: &[Metres], zone: Option<usize>) -> bool {
        let (low, high) = corners(ring);
        let box_of = AABB::from_corners([low.x, low.y], [high.x, high.y]);
        let meets_another = |near: &GeomWithData<Rectangle<[f64; 2]>, usize>| overlap(ring, &self.rings[near.data], SLACK_M);
        if self.footprints.locate_in_envelope_intersecting(&box_of).any(meets_another) {
            return false;
        }
        let m = WIDEST_HALF_ROAD_M;
        let around = AABB::from_corners([low.x - m, low.y - m], [high.x + m, high.y + m]);
        let stands_on = |segment: &RoadSegment| distance_to_ring(segment.a, segment.b, ring) < segment.half + KERB_M;
        if self.roads.locate_in_envelope_intersecting(&around).any(stands_on) {
            return false;
        }
        let shape = polygon(ring);
        let bounds = Rect::new(low, high);
        self.is_inside_ward(ring)
            && self.taken.iter().all(|taken| {
                if taken.zone.is_some() && taken.zone == zone {
                    return taken.shape.contains(&shape);
                }
                (zone.is_none() && taken.houses_may) || !taken.bounds.intersects(&bounds) || !taken.shape.intersects(&shape)
            })
    }

    /// Corner by corner and wall by wall: a general polygon test costs a hundred times as much and is asked a million times.
    fn is_inside_ward(&self, ring: &[Metres]) -> bool {
        let border = &self.ward.exterior().0;
        ring.iter().all(|&corner| self.ward.contains(&Point::from(corner)))
            && border.windows(2).all(|edge| distance_to_ring(edge[0], edge[1], ring) > 0.0)
    }

    pub fn add_building(&mut self, ring: Vec<Metres>) {
        let (low, high) = corners(&ring);
        let bounds = Rectangle::from_corners([low.x, low.y], [high.x, high.y]);
        self.footprints.insert(GeomWithData::new(bounds, self.rings.len()));
        self.rings.push(ring);
    }
}

fn is_near(bounds: &Rect<f64>, p: Metres, margin: f64) -> bool {
    let (low, high) = (bounds.min(), bounds.max());
    p.x > low.x - margin && p.x < high.x + margin && p.y > low.y - margin && p.y < high.y + margin
}

fn corners(ring: &[Metres]) -> (Metres, Metres) {
    let (mut low, mut high) = (ring[0], ring[0]);
    for p in ring {
        (low.x, low.y) = (low.x.min(p.x), low.y.min(p.y));
        (high.x, high.y) = (high.x.max(p.x), high.y.max(p.y));
    }
    (low, high)
}
