//! The ward as the generation sees it: its buildings, its roads, and what draws tenants and shops to a place.
//! It deliberately is plain values, so that everything built on it runs without a database.

use geo::{Contains, InteriorPoint, MultiPolygon, Point};
use geo_types::{Coord, LineString};

use super::dice::Dice;
use crate::geography::wards::Ward;

pub struct Site {
    pub ward: Ward,
    pub buildings: Vec<Building>,
    pub roads: Vec<Road>,
    pub magnets: Vec<Magnet>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    House,
    Villa,
    Apartments,
    Shop,
    Campus,
    Factory,
    Market,
    Office,
    /// A building of which nobody has said what it is for, as most are on OpenStreetMap.
    Unknown,
    /// Schools, temples, sheds, public houses: nobody lives or trades there.
    Apart,
}

impl Use {
    pub fn parse(stored: &str) -> Self {
        match stored {
            "house" => Self::House,
            "villa" => Self::Villa,
            "apartments" => Self::Apartments,
            "shop" => Self::Shop,
            "campus" => Self::Campus,
            "factory" => Self::Factory,
            "market" => Self::Market,
            "office" => Self::Office,
            "other" => Self::Unknown,
            _ => Self::Apart,
        }
    }
}

pub struct Building {
    pub id: i64,
    pub usage: Use,
    pub storeys: u32,
    pub ground_m2: f64,
    pub outline: MultiPolygon<f64>,
    pub centre: Point<f64>,
    /// Class of the road it stands on, where that is known.
    pub road_class: Option<RoadClass>,
    pub address: String,
}

/// Road classes, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoadClass {
    National,
    Main,
    Street,
    Alley,
    SideAlley,
    BranchAlley,
    Other,
}

impl RoadClass {
    pub fn parse(stored: &str) -> Self {
        match stored {
            "national_road" => Self::National,
            "main_road" => Self::Main,
            "street" => Self::Street,
            "alley" => Self::Alley,
            "side_alley" => Self::SideAlley,
            "branch_alley" => Self::BranchAlley,
            _ => Self::Other,
        }
    }
}

pub struct Road {
    pub class: RoadClass,
    pub name: Option<String>,
    pub width_m: f64,
    pub line: LineString<f64>,
}

/// What draws people to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    Campus,
    Industry,
    Market,
}

pub struct Magnet {
    pub draw: Draw,
    pub at: Point<f64>,
}

impl Site {
    /// Metres to the nearest magnet that `counts`, and which it is.
    pub fn nearest_magnet(&self, from: Point<f64>, counts: impl Fn(Draw) -> bool) -> Option<(Draw, f64)> {
        self.magnets
            .iter()
            .filter(|magnet| counts(magnet.draw))
            .map(|magnet| (magnet.draw, metres(from, magnet.at)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// East and north from `origin`, in metres: flat-earth, good to a centimetre over a ward.
pub fn offset_m(origin: Point<f64>, to: Point<f64>) -> (f64, f64) {
    let per_degree = 111_320.0;
    ((to.x() - origin.x()) * per_degree * origin.y().to_radians().cos(), (to.y() - origin.y()) * 110_700.0)
}

/// The point that lies `east` and `north` metres from `origin`.
pub fn moved_m(origin: Point<f64>, east: f64, north: f64) -> Point<f64> {
    Point::new(origin.x() + east / (111_320.0 * origin.y().to_radians().cos()), origin.y() + north / 110_700.0)
}

pub fn metres(a: Point<f64>, b: Point<f64>) -> f64 {
    let (east, north) = offset_m(a, b);
    east.hypot(north)
}

/// Seven decimals are a centimetre: what the database, its tiles and a digest can all agree on.
pub fn rounded(point: Point<f64>) -> Point<f64> {
    Point::new((point.x() * 1e7).round() / 1e7, (point.y() * 1e7).round() / 1e7)
}

/// `count` different points inside a building, as far apart as its size lets them be.
pub fn points_inside(dice: &mut Dice, building: &Building, count: usize) -> Vec<Point<f64>> {
    let middle = rounded(building.outline.interior_point().unwrap_or(building.centre));
    let mut points = if count == 1 { vec![middle] } else { Vec::with_capacity(count) };
    let mut apart_m = (building.ground_m2 / count.max(1) as f64).sqrt() * 0.6;
    while points.len() < count {
        let found = (0..40)
            .map(|_| somewhere(dice, &building.outline))
            .find(|candidate| building.outline.contains(candidate) && points.iter().all(|taken| metres(*taken, *candidate) >= apart_m));
        match found {
            Some(point) => points.push(point),
            // A sliver smaller than the centimetre grid holds but one point; then several households share it.
            None if apart_m < 0.02 => points.push(middle),
            None => apart_m *= 0.7,
        }
    }
    points
}

/// A point of the box around `outline`.
fn somewhere(dice: &mut Dice, outline: &MultiPolygon<f64>) -> Point<f64> {
    use geo::BoundingRect;
    let Some(bounds) = outline.bounding_rect() else {
        return Point::new(0.0, 0.0);
    };
    let (Coord { x, y }, width, height) = (bounds.min(), bounds.width(), bounds.height());
    rounded(Point::new(x + dice.fraction() * width, y + dice.fraction() * height))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use geo::{Polygon, Rect};

    /// A house of 5 by 16 metres whose south-west corner lies `east`, `north` of a point in Hà Nội.
    pub fn house(id: i64, east: f64, north: f64, storeys: u32) -> Building {
        let corner = moved_m(Point::new(105.74, 21.04), east, north);
        let opposite = moved_m(corner, 5.0, 16.0);
        let outline: Polygon<f64> = Rect::new(corner.0, opposite.0).to_polygon();
        Building {
            id,
            usage: Use::House,
            storeys,
            ground_m2: 80.0,
            centre: Point::new((corner.x() + opposite.x()) / 2.0, (corner.y() + opposite.y()) / 2.0),
            outline: MultiPolygon(vec![outline]),
            road_class: Some(RoadClass::Alley),
            address: format!("Số {id} Ngõ 12"),
        }
    }

    /// Streets of houses in rows, with a campus at one corner and a factory at the other.
    pub fn quarter(houses: usize) -> Site {
        let buildings = (0..houses)
            .map(|index| {
                let mut building = house(index as i64 + 1, (index % 60) as f64 * 7.0, (index / 60) as f64 * 24.0, index as u32 % 6 + 1);
                if index / 60 % 6 == 0 {
                    building.road_class = Some(RoadClass::Street);
                }
                building
            })
            .collect();
        let magnet = |draw, east| Magnet { draw, at: moved_m(Point::new(105.74, 21.04), east, 0.0) };
        Site {
            ward: Ward {
                id: 1,
                code: "quarter".into(),
                name: "Phường Thử".into(),
                boundary: MultiPolygon(vec![Rect::new((105.7, 21.0), (105.8, 21.1)).to_polygon()]),
                tdps: vec![],
            },
            buildings,
            roads: vec![],
            magnets: vec![magnet(Draw::Campus, 0.0), magnet(Draw::Industry, 420.0)],
        }
    }

    #[test]
    fn points_of_one_house_are_inside_it_and_apart() {
        let (building, mut dice) = (house(1, 0.0, 0.0, 4), Dice::new(1, "points"));
        for count in [1, 2, 7, 30] {
            let points = points_inside(&mut dice, &building, count);
            assert_eq!(points.len(), count);
            assert!(points.iter().all(|point| building.outline.contains(point)));
            for (index, a) in points.iter().enumerate() {
                assert!(points[index + 1..].iter().all(|b| metres(*a, *b) > 0.02));
            }
        }
    }

    #[test]
    fn metres_agree_with_the_ellipsoid() {
        use geo::{Distance, Geodesic};
        let (a, b) = (Point::new(105.742, 21.043), Point::new(105.750, 21.050));
        let exact = Geodesic.distance(a, b);
        assert!((metres(a, b) - exact).abs() < exact * 0.002, "{} for {exact}", metres(a, b));
    }
}
