//! Distances and surfaces on the ground, on a sphere of the mean Earth radius: within 0.5 % of the ellipsoid.
//! What is measured, and how it is said, is the tools' business.

use crate::number;

/// IUGG mean radius.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Great-circle distance between two places (longitude, latitude), by the haversine formula.
pub fn distance_m([lon_a, lat_a]: [f64; 2], [lon_b, lat_b]: [f64; 2]) -> f64 {
    let (lat_a, lat_b) = (lat_a.to_radians(), lat_b.to_radians());
    let across = number::sin((lon_b - lon_a).to_radians() / 2.0).powi(2);
    let down = number::sin((lat_b - lat_a) / 2.0).powi(2);
    2.0 * EARTH_RADIUS_M * number::asin((down + number::cos(lat_a) * number::cos(lat_b) * across).sqrt())
}

/// Along all these places, in order.
pub fn length_m(places: &[[f64; 2]]) -> f64 {
    places.windows(2).map(|pair| distance_m(pair[0], pair[1])).sum()
}

/// The surface that a ring of places encloses (closed by itself), after Chamberlain and Duquette, "Some algorithms for
/// polygons on a sphere" (JPL 07-03): exact enough for anything smaller than a province.
pub fn area_m2(ring: &[[f64; 2]]) -> f64 {
    if ring.len() < 3 {
        return 0.0;
    }
    let next = ring.iter().cycle().skip(1);
    let sum: f64 = ring
        .iter()
        .zip(next)
        .map(|(from, to)| (to[0] - from[0]).to_radians() * (2.0 + number::sin(from[1].to_radians()) + number::sin(to[1].to_radians())))
        .sum();
    (sum * EARTH_RADIUS_M * EARTH_RADIUS_M / 2.0).abs()
}

/// A ring of places around a middle, closed: a circle on the ground.
pub fn circle([lon, lat]: [f64; 2], radius_m: f64, corners: u32) -> Vec<[f64; 2]> {
    let north_deg = (radius_m / EARTH_RADIUS_M).to_degrees();
    let east_deg = north_deg / number::cos(lat.to_radians());
    (0..=corners)
        .map(|corner| {
            let turn = f64::from(corner) / f64::from(corners) * std::f64::consts::TAU;
            [lon + east_deg * number::sin(turn), lat + north_deg * number::cos(turn)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hồ Gươm's Tháp Rùa to the gate of Văn Miếu; PostGIS: `st_distance(a::geography, b::geography, false)`.
    #[test]
    fn a_walk_in_ha_noi_is_as_long_as_postgis_says() {
        let metres = distance_m([105.85225, 21.02779], [105.83548, 21.02812]);
        assert!((metres - 1740.8).abs() < 1.0, "{metres}");
    }

    #[test]
    fn a_hundredth_of_a_degree_squared_at_the_equator_is_124_hectares() {
        let hectares = area_m2(&[[0.0, 0.0], [0.01, 0.0], [0.01, 0.01], [0.0, 0.01]]) / 10_000.0;
        assert!((hectares - 123.64).abs() < 0.05, "{hectares}");
        // Which way it is walked round does not matter.
        let other_way = area_m2(&[[0.0, 0.01], [0.01, 0.01], [0.01, 0.0], [0.0, 0.0]]) / 10_000.0;
        assert!((hectares - other_way).abs() < 1e-9);
    }

    #[test]
    fn two_places_enclose_nothing() {
        assert_eq!(area_m2(&[[105.0, 21.0], [105.1, 21.0]]), 0.0);
        assert_eq!(length_m(&[[105.0, 21.0]]), 0.0);
    }

    #[test]
    fn a_circle_is_as_far_all_round_and_as_large_as_it_should() {
        let ring = circle([105.74, 21.04], 100.0, 64);
        assert!(ring.iter().all(|place| (distance_m([105.74, 21.04], *place) - 100.0).abs() < 0.1));
        let surface = area_m2(&ring);
        assert!((surface - std::f64::consts::PI * 10_000.0).abs() < 100.0, "{surface}");
    }
}
