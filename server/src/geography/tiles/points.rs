//! Tiles of point layers: which points of the map index a tile shows, and how they thin out at low zoom.
//! It deliberately knows neither HTTP nor caches.

use std::collections::HashMap;

use super::encode::{EXTENT, PointTile};
use crate::geography::{
    audience::Audience,
    filter::Filter,
    map_index::{PointLayer, RowRef, Value},
    mercator::TileAddress,
};

/// Below this zoom points share dots: several within one screen pixel would only hide each other.
pub const THIN_BELOW: u8 = 14;
/// Tile units per dot: one pixel of a tile drawn at 512 pixels.
const DOT: u32 = EXTENT / 512;
/// How many points a dot stands for; only on thinned tiles.
pub const POINT_COUNT: &str = "point_count";

/// The tile's bytes; none for an empty one.
pub fn encode(points: &PointLayer, tile: TileAddress, audience: &Audience, filter: &Filter) -> Vec<u8> {
    let layer = points.layer();
    if tile.z < layer.min_zoom {
        return Vec::new();
    }
    let shown = placed(points, tile, audience, filter);
    let properties: Vec<usize> = (0..layer.properties.len()).filter(|p| layer.properties[*p].from_zoom <= tile.z).collect();
    let mut keys: Vec<&str> = properties.iter().map(|p| layer.properties[*p].name.as_str()).collect();
    if tile.z >= THIN_BELOW {
        let counted: Vec<usize> = (0..layer.sharing.len()).filter(|s| layer.sharing[*s].from_zoom <= tile.z).collect();
        let counts: Vec<Vec<Value>> = match counted.is_empty() {
            true => Vec::new(),
            false => shown.iter().map(|(_, row)| points.shared_counts(*row).collect()).collect(),
        };
        keys.extend(counted.iter().map(|s| layer.sharing[*s].name.as_str()));
        let mut writer = PointTile::new(&layer.name, keys, points.codes(), shown.len());
        for (number, (at, row)) in shown.iter().enumerate() {
            let own = properties.iter().enumerate().map(|(key, p)| (key, &row.values[*p]));
            let shared = counted.iter().enumerate().map(|(key, s)| (properties.len() + key, &counts[number][*s]));
            writer.add(row.id.unsigned_abs(), *at, own.chain(shared));
        }
        return writer.finish();
    }
    keys.push(POINT_COUNT);
    let dots = thin(shown);
    let mut writer = PointTile::new(&layer.name, keys, points.codes(), dots.len());
    for dot in &dots {
        let shared =
            properties.iter().enumerate().map(|(key, p)| (key, &dot.first.values[*p])).filter(|(key, _)| dot.agrees(properties[*key]));
        writer.add(dot.first.id.unsigned_abs(), dot.at, shared.chain([(properties.len(), &dot.count)]));
    }
    writer.finish()
}

/// Rows on the tile and where, in the order in which they lie in memory.
fn placed<'a>(points: &'a PointLayer, tile: TileAddress, audience: &'a Audience, filter: &Filter) -> Vec<([u32; 2], RowRef<'a>)> {
    let filter = points.prepare(filter);
    points.on_tile(tile, EXTENT.ilog2(), audience).filter(|(_, row)| filter.accepts(*row)).collect()
}

/// Points that share a pixel: drawn as one, at the first of them, with what they agree on.
struct Dot<'a> {
    at: [u32; 2],
    first: RowRef<'a>,
    /// As a value of the tile.
    count: Value,
    others: Vec<RowRef<'a>>,
}

impl Dot<'_> {
    fn agrees(&self, property: usize) -> bool {
        self.others.iter().all(|row| row.values[property] == self.first.values[property])
    }
}

/// One dot per pixel, so that a dense quarter stays denser than a sparse one and no point goes uncounted.
fn thin(mut shown: Vec<([u32; 2], RowRef<'_>)>) -> Vec<Dot<'_>> {
    // The map index finds rows in no particular order; which of them a dot stands at must not change from tile to tile.
    shown.sort_unstable_by_key(|(_, row)| row.id);
    let mut dots: Vec<Dot<'_>> = Vec::new();
    let mut by_pixel: HashMap<[u32; 2], usize> = HashMap::new();
    for (at, row) in shown {
        let pixel = [at[0] / DOT, at[1] / DOT];
        match by_pixel.get(&pixel) {
            Some(index) => dots[*index].others.push(row),
            None => {
                by_pixel.insert(pixel, dots.len());
                dots.push(Dot { at, first: row, count: Value::Null, others: Vec::new() });
            }
        }
    }
    for dot in &mut dots {
        dot.count = Value::Integer(1 + dot.others.len() as i64);
    }
    dots
}
