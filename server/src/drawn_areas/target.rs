//! From what was drawn to the polygon that is counted in.
//! It deliberately refuses what nobody could have drawn, and asks the database only where areas and roads lie.

use axum::http::StatusCode;
use geo::{Coord, Destination, Geodesic, LineString, MultiPolygon, Point, Polygon};
use shared::drawn_area::{AlongRoad, Circle, DrawnArea, LARGEST_RADIUS_M, MOST_CORNERS, WIDEST_ALONG_ROAD_M};
use sqlx::PgConnection;

use super::db;
use crate::geography::map_index::Shape;
use crate::platform::error::{ApiError, ApiResult};

/// A circle is drawn and counted with so many corners: at 500 m they lie within 15 cm of it.
const CORNERS_OF_A_CIRCLE: usize = 128;

/// The polygon of a drawn area, ready to be asked, and its name where it has one.
pub struct Target {
    pub shape: Shape,
    pub name: Option<String>,
}

impl Target {
    pub async fn of(db: &mut PgConnection, area: &DrawnArea) -> ApiResult<Self> {
        let (outline, name) = match area {
            DrawnArea::Polygon(rings) => (polygon(rings)?, None),
            DrawnArea::Circle(circle) => (round(*circle)?, None),
            DrawnArea::Area(area) => named(db::area_outline(db, area.id).await?, || format!("area {}", area.id))?,
            DrawnArea::AlongRoad(along) => {
                check_metres(*along)?;
                named(db::road_outline(db, along.road_id, along.metres).await?, || format!("road {}", along.road_id))?
            }
        };
        Ok(Self { shape: Shape::new(outline), name })
    }
}

fn named(found: Option<(MultiPolygon, Option<String>)>, what: impl Fn() -> String) -> ApiResult<(MultiPolygon, Option<String>)> {
    found.ok_or_else(|| {
        let detail = format!("there is no {} on the map; it may have been changed since it was drawn along", what());
        ApiError::new(StatusCode::NOT_FOUND, "drawn_areas.no_such_ground", detail)
    })
}

/// Code: `drawn_areas.bad_shape`.
fn bad_shape(detail: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "drawn_areas.bad_shape", detail)
}

fn polygon(rings: &[Vec<[f64; 2]>]) -> ApiResult<MultiPolygon> {
    let corners: usize = rings.iter().map(Vec::len).sum();
    if corners > MOST_CORNERS {
        return Err(bad_shape(format!("{corners} corners are too many; {MOST_CORNERS} are allowed, so leave some out")));
    }
    let lines = rings.iter().map(|ring| line(ring)).collect::<ApiResult<Vec<_>>>()?;
    let mut lines = lines.into_iter();
    let exterior = lines.next().ok_or_else(|| bad_shape("a polygon needs an outer ring"))?;
    Ok(MultiPolygon(vec![Polygon::new(exterior, lines.collect())]))
}

fn line(ring: &[[f64; 2]]) -> ApiResult<LineString> {
    let corners = if ring.first() == ring.last() && ring.len() > 1 { &ring[..ring.len() - 1] } else { ring };
    if corners.len() < 3 {
        return Err(bad_shape("a ring needs three corners or more"));
    }
    for &[lon, lat] in corners {
        check_place(lon, lat)?;
    }
    Ok(LineString(corners.iter().map(|&[x, y]| Coord { x, y }).collect()))
}

fn check_place(lon: f64, lat: f64) -> ApiResult<()> {
    match lon.abs() <= 180.0 && lat.abs() <= 85.0 {
        true => Ok(()),
        false => Err(bad_shape(format!("{lon}, {lat} is no longitude and latitude of the map"))),
    }
}

fn round(Circle { lon, lat, radius_m }: Circle) -> ApiResult<MultiPolygon> {
    check_place(lon, lat)?;
    if !(1.0..=LARGEST_RADIUS_M).contains(&radius_m) {
        return Err(bad_shape(format!("a radius of {radius_m} m is not within 1 to {LARGEST_RADIUS_M} m")));
    }
    let corner = |at: usize| {
        let bearing_deg = at as f64 * 360.0 / CORNERS_OF_A_CIRCLE as f64;
        Geodesic.destination(Point::new(lon, lat), bearing_deg, radius_m).0
    };
    // Counter-clockwise, as GeoJSON wants outer rings.
    let ring = LineString((0..CORNERS_OF_A_CIRCLE).rev().map(corner).collect());
    Ok(MultiPolygon(vec![Polygon::new(ring, Vec::new())]))
}

fn check_metres(AlongRoad { metres, .. }: AlongRoad) -> ApiResult<()> {
    match (1.0..=WIDEST_ALONG_ROAD_M).contains(&metres) {
        true => Ok(()),
        false => Err(bad_shape(format!("{metres} m beside a road is not within 1 to {WIDEST_ALONG_ROAD_M} m"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, GeodesicArea};

    #[test]
    fn a_circle_is_as_wide_as_it_says() {
        let circle = round(Circle { lon: 105.742, lat: 21.043, radius_m: 500.0 }).unwrap();
        for corner in circle.0[0].exterior().points() {
            let radius = Geodesic.distance(Point::new(105.742, 21.043), corner);
            assert!((radius - 500.0).abs() < 0.001, "{radius}");
        }
        let area = circle.geodesic_area_signed();
        let share = area / (std::f64::consts::PI * 500.0 * 500.0);
        assert!((0.9995..1.0).contains(&share), "{share} of a circle");
    }

    #[test]
    fn what_nobody_could_have_drawn_is_refused() {
        let square = vec![[105.0, 21.0], [105.1, 21.0], [105.1, 21.1]];
        assert!(polygon(std::slice::from_ref(&square)).is_ok());
        let closed = [square.clone(), vec![square[0]]].concat();
        assert_eq!(polygon(&[closed]).unwrap(), polygon(std::slice::from_ref(&square)).unwrap(), "closing a ring may be left out");
        let refused = [
            vec![],
            vec![vec![[105.0, 21.0], [105.1, 21.0]]],
            vec![vec![[105.0, 21.0], [105.1, f64::NAN], [105.1, 21.1]]],
            vec![vec![[0.0, 90.0], [1.0, 90.0], [1.0, 89.0]]],
            vec![vec![[105.0, 21.0]; MOST_CORNERS + 1]],
        ];
        for rings in refused {
            assert_eq!(polygon(&rings).unwrap_err().code(), "drawn_areas.bad_shape", "{} rings", rings.len());
        }
        for radius_m in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(round(Circle { lon: 105.0, lat: 21.0, radius_m }).is_err(), "{radius_m}");
        }
    }
}
