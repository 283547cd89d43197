//! Small layers as GeoJSON: the rows that live frames keep, and what cameras see.
//! Which rows there are is `live`'s business, how they look the map style's.

use std::collections::HashMap;
use std::f64::consts::TAU;

use serde_json::{Map, Value, json};
use shared::area::{AreaKind, AreaList, AreaSummary};
use shared::layer::PastPoint;
use shared::live::{Extent, LiveRow};

use super::{Here, ground};
use crate::number;

/// Metres in a degree of latitude (mean Earth radius 6,371,008.8 m): good to a hand's breadth over a camera's range.
pub const METRES_PER_DEGREE: f64 = 111_195.08;
/// Drawn where a camera does not say how far or how wide it sees.
pub const ASSUMED_RANGE_M: f64 = 25.0;
const ASSUMED_WIDTH_DEG: f64 = 60.0;
/// One corner of the arc every so many degrees.
const ARC_STEP_DEG: f64 = 6.0;

/// The rows that have a place, as points.
pub fn points(rows: &[LiveRow]) -> Value {
    collection(rows.iter().filter_map(|row| {
        let Some(Extent::Point(place)) = row.at else { return None };
        Some(feature(row.id, json!({"type": "Point", "coordinates": place}), row.properties.clone()))
    }))
}

/// Points as they stood on an earlier day.
pub fn past_points(points: &[PastPoint]) -> Value {
    collection(
        points
            .iter()
            .map(|point| feature(point.id, json!({"type": "Point", "coordinates": [point.lon, point.lat]}), point.properties.clone())),
    )
}

/// Where this device is, with how sure it is of it as a circle on the ground.
pub fn here(here: Option<Here>) -> Value {
    collection(here.into_iter().flat_map(|Here { lon, lat, accuracy_m }| {
        let circle = json!({"type": "Polygon", "coordinates": [ground::circle([lon, lat], accuracy_m, 48)]});
        [feature(0, circle, Map::new()), feature(1, json!({"type": "Point", "coordinates": [lon, lat]}), Map::new())]
    }))
}

/// Where area names are written, with how many households an area has where that may be known.
pub fn area_labels(areas: &AreaList, households: &HashMap<i32, u64>) -> Value {
    collection(areas.areas.iter().map(|area: &AreaSummary| {
        let mut properties = Map::new();
        properties.insert("name".into(), short_name(area).into());
        properties.insert("kind".into(), json!(area.kind));
        if let Some(households) = households.get(&area.id.0) {
            properties.insert("count".into(), crate::t!("households-count", count = *households as i64).into());
        }
        let place = json!({"type": "Point", "coordinates": [area.label_lon, area.label_lat]});
        feature(i64::from(area.id.0), place, properties)
    }))
}

/// As people say it: "TDP 3" for "Tổ dân phố số 3". A map has no room for the whole.
fn short_name(area: &AreaSummary) -> String {
    match area.name.strip_prefix("Tổ dân phố") {
        Some(rest) if area.kind == AreaKind::Tdp => {
            let rest = rest.trim_start();
            format!("TDP {}", rest.strip_prefix("số ").unwrap_or(rest))
        }
        _ => area.name.clone(),
    }
}

/// The ground each camera sees: a sector where its heading is known, a circle where not.
pub fn camera_views(cameras: &[LiveRow], selected: Option<i64>) -> Value {
    collection(cameras.iter().filter_map(|camera| {
        let Some(Extent::Point(place)) = camera.at else { return None };
        let measure = |name: &str| camera.properties.get(name).and_then(Value::as_f64);
        let heading_deg = measure("heading_deg");
        let outline = view_outline(place, heading_deg, measure("field_of_view_deg"), measure("range_m"));
        let offline = camera.properties.get("status").and_then(Value::as_str) == Some("offline");
        let mut properties = Map::new();
        properties.insert("heading_known".into(), heading_deg.is_some().into());
        properties.insert("edge_only".into(), offline.into());
        properties.insert("selected".into(), (selected == Some(camera.id)).into());
        Some(feature(camera.id, json!({"type": "Polygon", "coordinates": [outline]}), properties))
    }))
}

/// The ground that a camera sees: a sector, or a circle where nobody knows where it looks.
pub fn view_outline(place: [f64; 2], heading_deg: Option<f64>, width_deg: Option<f64>, range_m: Option<f64>) -> Vec<[f64; 2]> {
    let range_m = range_m.unwrap_or(ASSUMED_RANGE_M);
    match heading_deg {
        Some(heading) => sector(place, heading, width_deg.unwrap_or(ASSUMED_WIDTH_DEG), range_m),
        None => arc(place, 0.0, 360.0, range_m),
    }
}

fn sector(from: [f64; 2], heading_deg: f64, width_deg: f64, range_m: f64) -> Vec<[f64; 2]> {
    let mut outline = vec![from];
    outline.extend(arc(from, heading_deg - width_deg / 2.0, width_deg.min(360.0), range_m));
    outline.push(from);
    outline
}

/// Corners at `range_m` around a place, clockwise from `start_deg` (0 is north), first and last included.
fn arc([lon, lat]: [f64; 2], start_deg: f64, width_deg: f64, range_m: f64) -> Vec<[f64; 2]> {
    let steps = (width_deg / ARC_STEP_DEG).ceil().max(1.0);
    let north_deg = range_m / METRES_PER_DEGREE;
    let east_deg = north_deg / number::cos(lat.to_radians());
    let corner = |step: f64| {
        let bearing = (start_deg + width_deg * step / steps) / 360.0 * TAU;
        [lon + east_deg * number::sin(bearing), lat + north_deg * number::cos(bearing)]
    };
    (0..=steps as u32).map(|step| corner(f64::from(step))).collect()
}

pub fn collection(features: impl Iterator<Item = Value>) -> Value {
    json!({"type": "FeatureCollection", "features": features.collect::<Vec<_>>()})
}

fn feature(id: i64, geometry: Value, properties: Map<String, Value>) -> Value {
    json!({"type": "Feature", "id": id, "geometry": geometry, "properties": properties})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera(properties: Value) -> LiveRow {
        let Value::Object(properties) = properties else { panic!("no object") };
        LiveRow { id: 7, at: Some(Extent::Point([105.742, 21.043])), was_at: None, properties }
    }

    #[test]
    fn a_camera_looking_east_sees_eastwards_as_far_as_its_range() {
        let views = camera_views(&[camera(json!({"heading_deg": 90.0, "field_of_view_deg": 60.0, "range_m": 100.0}))], Some(7));
        let view = &views["features"][0];
        assert_eq!(view["properties"], json!({"heading_known": true, "edge_only": false, "selected": true}));
        let outline = view["geometry"]["coordinates"][0].as_array().unwrap();
        assert_eq!(outline.first(), outline.last());
        let farthest = &outline[outline.len() / 2];
        let metres = (farthest[0].as_f64().unwrap() - 105.742) * METRES_PER_DEGREE * 21.043_f64.to_radians().cos();
        assert!((metres - 100.0).abs() < 0.5, "{metres} m east");
        assert!((farthest[1].as_f64().unwrap() - 21.043).abs() < 1e-9);
    }

    #[test]
    fn a_camera_of_unknown_heading_has_a_closed_ring_around_it() {
        let views = camera_views(&[camera(json!({"status": "offline"}))], None);
        let view = &views["features"][0];
        assert_eq!(view["properties"]["heading_known"], false);
        assert_eq!(view["properties"]["edge_only"], true);
        let ring = view["geometry"]["coordinates"][0].as_array().unwrap();
        assert_eq!(ring.len(), 61);
        let gap = ring[0][0].as_f64().unwrap() - ring[60][0].as_f64().unwrap();
        assert!(gap.abs() < 1e-9);
    }

    #[test]
    fn a_tdp_is_written_short_and_a_ward_in_full() {
        let area = |kind, name: &str| AreaSummary {
            id: shared::area::AreaId(1),
            parent_id: None,
            kind,
            code: "1".into(),
            name: name.into(),
            label_lon: 105.74,
            label_lat: 21.04,
            bounds: [105.7, 21.0, 105.8, 21.1],
            demo: false,
            attribution: None,
        };
        assert_eq!(short_name(&area(AreaKind::Tdp, "Tổ dân phố số 3")), "TDP 3");
        assert_eq!(short_name(&area(AreaKind::Tdp, "Tổ dân phố Hoè Thị")), "TDP Hoè Thị");
        assert_eq!(short_name(&area(AreaKind::Tdp, "TDP 5")), "TDP 5");
        assert_eq!(short_name(&area(AreaKind::Ward, "Phương Canh")), "Phương Canh");
    }

    #[test]
    fn a_row_without_a_place_is_not_drawn() {
        let mut unplaced = camera(json!({}));
        unplaced.at = None;
        assert_eq!(points(&[unplaced])["features"], json!([]));
    }
}
