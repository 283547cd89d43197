//! Where a row says it is: a shape of the file, or columns of longitude and latitude, of x and y, of both in one.
//! It deliberately repairs only what cannot be meant otherwise: in Vietnam latitude and longitude, northing and easting
//! are numbers of different size, so that swapped ones show themselves.

use geo::{Area, CoordsIter, Euclidean, Length};
use geo_types::{Coord, Geometry, LineString, Point};

use super::columns::Columns;
use super::{Trouble, values};
use crate::geography::placing::Reference;
use crate::import::source::{Cell, Row};

/// Where the row lies, in the file's own reference system; nothing where it does not say.
pub struct Spot {
    pub shape: Option<Geometry<f64>>,
    pub note: Option<Trouble>,
}

pub fn of_row(columns: &Columns, row: &Row, reference: &Reference) -> Result<Spot, Trouble> {
    let shape = match &row.shape {
        Some(shape) => Some(single(shape).map_err(|why| Trouble::new("bad_shape", "geometry", "", why))?),
        None => of_columns(columns, row)?.map(Geometry::from),
    };
    let Some(shape) = shape else { return Ok(Spot { shape: None, note: None }) };
    let coords: Vec<Coord<f64>> = shape.coords_iter().collect();
    let shown = coords.first().map_or_else(String::new, |coord| format!("{} {}", coord.x, coord.y));
    if coords.iter().any(|coord| !coord.x.is_finite() || !coord.y.is_finite()) {
        return Err(Trouble::new("bad_value", "geometry", shown, "is no number"));
    }
    if coords.iter().all(|coord| coord.x.abs() < 0.01 && coord.y.abs() < 0.01) {
        return Err(Trouble::new("zero_coordinates", "geometry", shown, "lies at (0, 0): the place is not known; leave it empty"));
    }
    let (is_degrees, is_grid) = match reference {
        Reference::Wgs84 => (true, false),
        Reference::Other { is_vietnamese_grid, .. } => (false, *is_vietnamese_grid),
    };
    if is_degrees && coords.iter().any(|coord| coord.x.abs() > 180.0 || coord.y.abs() > 180.0) {
        let detail = "are metres, not degrees: say which system with --srid (VN-2000 in Hà Nội: 5897 for maps of 3 degrees, 3405 for UTM)";
        return Err(Trouble::new("not_degrees", "geometry", shown, detail));
    }
    let swapped = coords.iter().all(|coord| (is_degrees && is_swapped_degrees(*coord)) || (is_grid && coord.x > coord.y));
    let shape = if swapped { flipped(shape) } else { shape };
    // In VN-2000 the first number is the northing by custom: nothing to remark.
    let note = (swapped && is_degrees)
        .then(|| Trouble::new("swapped", "geometry", shown, "latitude and longitude stood in each other's place, and were swapped"));
    Ok(Spot { shape: Some(shape), note })
}

/// Latitude 8 to 24, longitude 102 to 118 (with the islands): in each other's place they lie in no other country we serve.
fn is_swapped_degrees(coord: Coord<f64>) -> bool {
    (7.0..24.0).contains(&coord.x) && (102.0..118.0).contains(&coord.y)
}

fn flipped(shape: Geometry<f64>) -> Geometry<f64> {
    use geo::MapCoords;
    shape.map_coords(|coord| Coord { x: coord.y, y: coord.x })
}

fn of_columns(columns: &Columns, row: &Row) -> Result<Option<Point<f64>>, Trouble> {
    for (first, second) in [("lon", "lat"), ("x", "y")] {
        let read = |field: &'static str| {
            let cell = columns.cell(row, field);
            values::number(&cell).map_err(|why| Trouble::bad_value(field, &cell, why))
        };
        match (read(first)?, read(second)?) {
            (Some(x), Some(y)) => return Ok(Some(Point::new(x, y))),
            (Some(_), None) => return Err(Trouble::missing(second)),
            (None, Some(_)) => return Err(Trouble::missing(first)),
            (None, None) => {}
        }
    }
    both_in_one(&columns.cell(row, "coordinates"))
}

/// "21.0285, 105.8542", as map programs copy it: latitude first.
fn both_in_one(cell: &Cell) -> Result<Option<Point<f64>>, Trouble> {
    let Cell::Text(text) = cell else { return Ok(None) };
    let bare = text.trim_matches(['(', ')', '[', ']', ' ']);
    let separator = if bare.contains(';') {
        ";"
    } else if bare.contains(", ") {
        ", "
    } else if bare.matches(',').count() == 1 {
        ","
    } else {
        " "
    };
    let numbers: Vec<Option<f64>> = bare.split(separator).map(|part| values::number(&Cell::of_text(part)).ok().flatten()).collect();
    match numbers.as_slice() {
        [Some(latitude), Some(longitude)] => Ok(Some(Point::new(*longitude, *latitude))),
        _ => Err(Trouble::bad_value("coordinates", cell, "are not two numbers: latitude, longitude".to_owned())),
    }
}

/// One point, line or polygon: of several the largest, and a point before the surface around it.
pub fn single(shape: &Geometry<f64>) -> Result<Geometry<f64>, String> {
    match shape {
        Geometry::Point(_) => Ok(shape.clone()),
        Geometry::Polygon(polygon) if polygon.exterior().0.len() >= 4 => Ok(shape.clone()),
        Geometry::LineString(line) => line_of(line),
        Geometry::Line(line) => line_of(&LineString::from(*line)),
        Geometry::MultiPoint(points) => match points.0.as_slice() {
            [one] => Ok((*one).into()),
            points => Err(format!("is {} points; a row has one place", points.len())),
        },
        Geometry::MultiLineString(lines) => {
            let longest = lines.0.iter().max_by(|a, b| Euclidean.length(*a).total_cmp(&Euclidean.length(*b)));
            longest.ok_or_else(|| "is empty".to_owned()).and_then(line_of)
        }
        Geometry::MultiPolygon(polygons) => {
            let largest = polygons.0.iter().max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
            largest.ok_or_else(|| "is empty".to_owned()).and_then(|polygon| single(&Geometry::Polygon(polygon.clone())))
        }
        Geometry::Rect(rect) => Ok(rect.to_polygon().into()),
        Geometry::Triangle(triangle) => Ok(triangle.to_polygon().into()),
        Geometry::GeometryCollection(parts) => {
            let of = |wanted: fn(&Geometry<f64>) -> bool| parts.0.iter().find(|part| wanted(part));
            let is_surface = |part: &Geometry<f64>| matches!(part, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
            let best = of(|part| matches!(part, Geometry::Point(_))).or_else(|| of(is_surface)).or(parts.0.first());
            best.ok_or_else(|| "is empty".to_owned()).and_then(single)
        }
        Geometry::Polygon(_) => Err("is a surface of fewer than three corners".to_owned()),
    }
}

fn line_of(line: &LineString<f64>) -> Result<Geometry<f64>, String> {
    if line.0.windows(2).any(|pair| pair[0] != pair[1]) { Ok(line.clone().into()) } else { Err("is a line without length".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::super::Layer;
    use super::super::columns::ColumnMap;
    use super::*;

    fn spot(header: &[&str], cells: &[&str], reference: &Reference) -> Result<(f64, f64), &'static str> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let columns = Columns::find(Layer::Camera, &header, &ColumnMap::default()).unwrap();
        let row = Row { line: 2, cells: cells.iter().map(|cell| Cell::of_text(cell)).collect(), shape: None, flaw: None };
        let spot = of_row(&columns, &row, reference).map_err(|trouble| trouble.kind)?;
        match spot.shape {
            Some(Geometry::Point(point)) => Ok((point.x(), point.y())),
            _ => Err("none"),
        }
    }

    #[test]
    fn degrees_are_found_however_they_stand() {
        let hanoi = Ok((105.75, 21.03));
        assert_eq!(spot(&["Kinh độ", "Vĩ độ"], &["105,75", "21,03"], &Reference::Wgs84), hanoi);
        assert_eq!(spot(&["lat", "lng"], &["21.03", "105.75"], &Reference::Wgs84), hanoi);
        assert_eq!(spot(&["Kinh độ", "Vĩ độ"], &["21.03", "105.75"], &Reference::Wgs84), hanoi, "swapped");
        assert_eq!(spot(&["Tọa độ"], &["21.03, 105.75"], &Reference::Wgs84), hanoi);
        assert_eq!(spot(&["Tọa độ"], &["21,03; 105,75"], &Reference::Wgs84), hanoi);
        assert_eq!(spot(&["X", "Y"], &["105.75", "21.03"], &Reference::Wgs84), hanoi);
    }

    #[test]
    fn northing_and_easting_are_told_apart_by_their_size() {
        let zone = Reference::of_srid(5897);
        assert_eq!(spot(&["X", "Y"], &["2326123,4", "577890,1"], &zone), Ok((577_890.1, 2_326_123.4)), "the custom of the land registry");
        assert_eq!(spot(&["X", "Y"], &["577890.1", "2326123.4"], &zone), Ok((577_890.1, 2_326_123.4)), "the custom of map programs");
    }

    #[test]
    fn what_is_no_place_is_refused_or_none() {
        assert_eq!(spot(&["lon", "lat"], &["0", "0"], &Reference::Wgs84), Err("zero_coordinates"));
        assert_eq!(spot(&["lon", "lat"], &["105.75", ""], &Reference::Wgs84), Err("missing"));
        assert_eq!(spot(&["lon", "lat"], &["", ""], &Reference::Wgs84), Err("none"));
        assert_eq!(spot(&["lon", "lat"], &["577890", "2326123"], &Reference::Wgs84), Err("not_degrees"));
        assert_eq!(spot(&["lon", "lat"], &["đông", "bắc"], &Reference::Wgs84), Err("bad_value"));
        assert_eq!(spot(&["Tọa độ"], &["gần chợ"], &Reference::Wgs84), Err("bad_value"));
    }
}
