//! A drawn area as a page's address has it, where it is short enough to be sent.
//! It deliberately leaves long polygons out: an address is read by people too.

use shared::drawn_area::{AlongRoad, AreaOnMap, Circle, DrawnArea};

use crate::number::{self, fixed};

/// A polygon of more corners stays on this screen.
const MOST_CORNERS: usize = 60;

/// `circle:105.74200,21.04300,350`, `area:7`, `road:12,30`, `polygon:105.74200,21.04300,…`.
pub fn written(area: &DrawnArea) -> Option<String> {
    Some(match area {
        DrawnArea::Circle(Circle { lon, lat, radius_m }) => format!("circle:{},{},{}", fixed(*lon, 5), fixed(*lat, 5), fixed(*radius_m, 0)),
        DrawnArea::Area(AreaOnMap { id }) => format!("area:{id}"),
        DrawnArea::AlongRoad(AlongRoad { road_id, metres }) => format!("road:{road_id},{}", fixed(*metres, 0)),
        DrawnArea::Polygon(rings) => {
            let ring = rings.first().filter(|ring| rings.len() == 1 && ring.len() <= MOST_CORNERS)?;
            let corners: Vec<String> = ring.iter().map(|[lon, lat]| format!("{},{}", fixed(*lon, 5), fixed(*lat, 5))).collect();
            format!("polygon:{}", corners.join(","))
        }
    })
}

/// Reads what [`written`] wrote; none for what makes no sense.
pub fn read(text: &str) -> Option<DrawnArea> {
    let (kind, rest) = text.split_once(':')?;
    let numbers: Vec<f64> = rest.split(',').map(number::read).collect::<Option<_>>()?;
    match (kind, &numbers[..]) {
        ("circle", &[lon, lat, radius_m]) if radius_m >= 1.0 => Some(DrawnArea::Circle(Circle { lon, lat, radius_m })),
        ("area", &[id]) => Some(DrawnArea::Area(AreaOnMap { id: id as i32 })),
        ("road", &[road_id, metres]) if metres >= 1.0 => Some(DrawnArea::AlongRoad(AlongRoad { road_id: road_id as i64, metres })),
        ("polygon", corners) if corners.len() >= 6 && corners.len().is_multiple_of(2) => {
            Some(DrawnArea::Polygon(vec![corners.chunks_exact(2).map(|corner| [corner[0], corner[1]]).collect()]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let areas = [
            DrawnArea::Circle(Circle { lon: 105.742, lat: 21.043, radius_m: 350.0 }),
            DrawnArea::Area(AreaOnMap { id: 7 }),
            DrawnArea::AlongRoad(AlongRoad { road_id: 12, metres: 30.0 }),
            DrawnArea::Polygon(vec![vec![[105.742, 21.043], [105.745, 21.043], [105.745, 21.04612]]]),
        ];
        for area in areas {
            assert_eq!(written(&area).and_then(|text| read(&text)), Some(area));
        }
    }

    #[test]
    fn what_makes_no_sense_or_is_long_is_left_out() {
        for text in
            ["", "circle:1,2", "circle:1,2,NaN", "circle:1,2,0", "polygon:1,2,3,4", "polygon:1,2,3,4,5,6,7", "household:7", "road:x,1"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(written(&DrawnArea::Polygon(vec![vec![[105.0, 21.0]; MOST_CORNERS + 1]])), None);
    }
}
