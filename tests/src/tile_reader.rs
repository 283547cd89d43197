//! The points of a vector tile back in degrees, so that a test can hold them against the rows they were made from.
//! It deliberately takes no tile apart itself; `tile` does.

use std::f64::consts::PI;

use serde_json::{Map, Value};

use crate::tile::TileLayer;

/// A point feature, back in degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct TilePoint {
    pub id: i64,
    pub lon: f64,
    pub lat: f64,
    pub properties: Map<String, Value>,
}

/// The points of the one layer of a tile that lie in the tile itself, not in its margin.
pub fn points(tile: &[u8], zoom: u8, x: u32, y: u32) -> Vec<TilePoint> {
    let Some(layer) = TileLayer::decode(tile) else { return Vec::new() };
    let (tiles, extent) = (f64::from(1u32 << zoom), layer.extent as f64);
    let read = layer.features.into_iter().filter_map(|feature| {
        assert_eq!(feature.shape, "point", "a point layer holds points");
        let [[column, row]] = feature.vertices[..] else { panic!("one MoveTo per point, not {:?}", feature.vertices) };
        let (column, row) = (column as f64, row as f64);
        let is_inside = (0.0..extent).contains(&column) && (0.0..extent).contains(&row);
        let east = (f64::from(x) + column / extent) / tiles;
        let south = (f64::from(y) + row / extent) / tiles;
        let lat = (PI * (1.0 - 2.0 * south)).sinh().atan().to_degrees();
        let properties = feature.properties.into_iter().collect();
        is_inside.then_some(TilePoint { id: feature.id.cast_signed(), lon: east * 360.0 - 180.0, lat, properties })
    });
    read.collect()
}

/// Column and row of the tile that holds a place.
pub fn tile_of(zoom: u8, lon: f64, lat: f64) -> (u32, u32) {
    let tiles = f64::from(1u32 << zoom);
    let x = (lon + 180.0) / 360.0 * tiles;
    let y = (1.0 - lat.to_radians().tan().asinh() / PI) / 2.0 * tiles;
    (x as u32, y as u32)
}
