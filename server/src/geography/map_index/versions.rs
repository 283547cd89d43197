//! Counts the changes of each cell of a layer, so that a tile's ETag changes when, and only when, something in it did.
//! It deliberately keeps no content.

use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::geography::mercator::{TileAddress, to_world};

/// Deepest cells counted; a deeper tile has the version of the cell that holds it (about 2.3 km wide in Hà Nội).
const CELL_ZOOM: u8 = 14;
/// A change over more cells than this counts for the whole layer.
const MAX_CELLS: u64 = 1024;
/// Lines and polygons are drawn this far beyond their tile, as a share of its width (`ST_AsMVTGeom`'s buffer of 64 in 4096).
pub const TILE_BUFFER: f64 = 64.0 / 4096.0;

/// Versions of the cells of one layer, at every zoom from 0 to 14.
#[derive(Default)]
pub struct CellVersions {
    latest: AtomicU64,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    /// No cell is older than this.
    floor: u64,
    cells: HashMap<TileAddress, u64>,
}

impl CellVersions {
    /// The version of what a tile shows.
    pub fn of(&self, tile: TileAddress) -> u64 {
        let state = self.state.read().expect("no panic while versions are held");
        state.cells.get(&tile.ancestor(CELL_ZOOM)).copied().unwrap_or(0).max(state.floor)
    }

    /// The version of the whole layer: changes with any change.
    pub fn latest(&self) -> u64 {
        self.latest.load(Ordering::Acquire)
    }

    /// Something changed at a point (degrees).
    pub fn touch_point(&self, lon: f64, lat: f64) {
        self.touch([lon, lat, lon, lat], 0.0);
    }

    /// A line or polygon within west, south, east, north (degrees) changed.
    pub fn touch_box(&self, bounds: [f64; 4]) {
        self.touch(bounds, TILE_BUFFER);
    }

    /// Everything may have changed.
    pub fn touch_all(&self) {
        let mut state = self.state.write().expect("no panic while versions are held");
        state.floor = self.next();
        state.cells.clear();
    }

    fn touch(&self, [west, south, east, north]: [f64; 4], buffer: f64) {
        let ([left, bottom], [right, top]) = (to_world(west, south), to_world(east, north));
        let mut state = self.state.write().expect("no panic while versions are held");
        let version = self.next();
        for z in (0..=CELL_ZOOM).rev() {
            let side = f64::from(1_u32 << z);
            let cell = |at: f64| (at * side).floor().clamp(0.0, side - 1.0) as u32;
            let (columns, rows) =
                (cell(left - buffer / side)..=cell(right + buffer / side), cell(top - buffer / side)..=cell(bottom + buffer / side));
            let count = |range: &std::ops::RangeInclusive<u32>| u64::from(range.end() - range.start() + 1);
            if count(&columns) * count(&rows) > MAX_CELLS {
                state.floor = version;
                state.cells.clear();
                return;
            }
            for x in columns {
                for y in rows.clone() {
                    state.cells.insert(TileAddress { z, x, y }, version);
                }
            }
        }
    }

    fn next(&self) -> u64 {
        self.latest.fetch_add(1, Ordering::AcqRel) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: TileAddress = TileAddress { z: 14, x: 13004, y: 7212 };

    #[test]
    fn a_change_counts_where_it_is_and_above_and_below_and_nowhere_else() {
        let versions = CellVersions::default();
        versions.touch_point(105.742, 21.043);
        let seen = versions.of(HERE);
        assert!(seen > 0);
        assert_eq!(versions.of(HERE.ancestor(3)), seen);
        assert_eq!(versions.of(TileAddress { z: 16, x: 52017, y: 28848 }), seen);
        assert_eq!(versions.of(TileAddress { x: 13006, ..HERE }), 0);
        versions.touch_point(106.7, 10.8);
        assert_eq!(versions.of(HERE), seen);
        assert!(versions.of(HERE.ancestor(3)) > seen);
    }

    #[test]
    fn a_polygon_at_the_edge_counts_for_the_neighbour_that_draws_its_rim() {
        let versions = CellVersions::default();
        let edge = 13005.0 / 16384.0 * 360.0 - 180.0;
        versions.touch_box([edge - 0.0002, 21.043, edge - 0.0001, 21.0431]);
        assert!(versions.of(TileAddress { x: 13005, ..HERE }) > 0);
    }

    #[test]
    fn a_province_counts_for_the_whole_layer() {
        let versions = CellVersions::default();
        versions.touch_box([102.0, 8.0, 110.0, 23.0]);
        assert!(versions.of(TileAddress { z: 14, x: 0, y: 0 }) > 0);
    }
}
