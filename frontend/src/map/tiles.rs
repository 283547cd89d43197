//! Which tiles a change touches, and which of them must be asked for once more when they arrive.
//! Asking is the surface's part; this module only counts, so that a moved household costs two requests and no more.

use std::collections::HashSet;

use shared::live::{Extent, LiveRow, RemovedRow};

use crate::number;

/// A tile of the web map grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

/// A line or an edge is drawn a little beyond its tile (MVT buffers), so a box is widened by about 40 m.
const BUFFER_DEG: f64 = 0.0004;
/// A change that touches more tiles than this at one zoom asks for the whole source instead.
const MANY_TILES: usize = 64;
const LARGEST_LATITUDE_DEG: f64 = 85.051_128;

/// What to ask for again after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    Tiles(HashSet<TileId>),
    Everything,
}

/// The tiles of every zoom of a source that hold the old or new place of these rows. The map asks again only for
/// those on screen, which are of one zoom.
pub fn touched(upsert: &[LiveRow], remove: &[RemovedRow], zooms: (u8, u8)) -> Touched {
    let places = upsert.iter().flat_map(|row| [row.at, row.was_at]).chain(remove.iter().map(|row| row.was_at)).flatten();
    let mut tiles = HashSet::new();
    for place in places {
        for z in zooms.0..=zooms.1 {
            let Some(covered) = covering(place, z) else {
                return Touched::Everything;
            };
            tiles.extend(covered);
        }
    }
    Touched::Tiles(tiles)
}

/// The tiles of one zoom that a place lies in; none where they are too many to name.
fn covering(place: Extent, z: u8) -> Option<Vec<TileId>> {
    // A point is drawn by the one tile it lies in, whatever the buffers hold.
    let (west, south, east, north) = match place {
        Extent::Point([lon, lat]) => (lon, lat, lon, lat),
        Extent::Box([west, south, east, north]) => (west - BUFFER_DEG, south - BUFFER_DEG, east + BUFFER_DEG, north + BUFFER_DEG),
    };
    let (first, last) = (tile_at(west, north, z), tile_at(east, south, z));
    let across = (last.x - first.x + 1) as usize;
    let down = (last.y - first.y + 1) as usize;
    if across.saturating_mul(down) > MANY_TILES {
        return None;
    }
    Some((first.x..=last.x).flat_map(|x| (first.y..=last.y).map(move |y| TileId { z, x, y })).collect())
}

/// Web Mercator tile addressing (EPSG:3857, y from the north).
fn tile_at(lon: f64, lat: f64, z: u8) -> TileId {
    let side = f64::from(1_u32 << z);
    let lat = number::within(lat, -LARGEST_LATITUDE_DEG, LARGEST_LATITUDE_DEG).to_radians();
    let across = (lon + 180.0) / 360.0;
    let down = (1.0 - number::asinh(number::tan(lat)) / std::f64::consts::PI) / 2.0;
    let index = |share: f64| number::within((share * side).floor(), 0.0, side - 1.0) as u32;
    TileId { z, x: index(across), y: index(down) }
}

/// Tiles on their first way here. MapLibre does not ask again for a tile that has never arrived, so a change that
/// falls into that time is remembered until it does.
#[derive(Debug, Default)]
pub struct Ledger {
    under_way: HashSet<(String, TileId)>,
    overtaken: HashSet<(String, TileId)>,
}

impl Ledger {
    pub fn asked(&mut self, source: &str, tile: TileId) {
        self.under_way.insert((source.to_owned(), tile));
    }

    /// Whether the tile that came is already out of date.
    pub fn arrived(&mut self, source: &str, tile: TileId) -> bool {
        let key = (source.to_owned(), tile);
        self.under_way.remove(&key);
        self.overtaken.remove(&key)
    }

    pub fn changed(&mut self, source: &str, touched: &Touched) {
        for key in &self.under_way {
            let concerned = match touched {
                Touched::Everything => true,
                Touched::Tiles(tiles) => tiles.contains(&key.1),
            };
            if key.0 == source && concerned {
                self.overtaken.insert(key.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: [f64; 2], was_at: Option<[f64; 2]>) -> LiveRow {
        LiveRow { id: 1, at: Some(Extent::Point(at)), was_at: was_at.map(Extent::Point), properties: Default::default() }
    }

    fn named(touched: Touched) -> Vec<TileId> {
        let Touched::Tiles(tiles) = touched else { panic!("everything") };
        let mut tiles: Vec<_> = tiles.into_iter().collect();
        tiles.sort();
        tiles
    }

    /// Checked against a second implementation (Python, from the definition of the grid).
    #[test]
    fn a_point_lies_in_one_tile() {
        let tiles = named(touched(&[row([105.742, 21.043], None)], &[], (16, 16)));
        assert_eq!(tiles, [TileId { z: 16, x: 52017, y: 28848 }]);
    }

    #[test]
    fn a_move_touches_two_tiles_at_each_zoom_and_one_where_both_places_share_it() {
        let moved = row([105.742, 21.043], Some([105.752, 21.043]));
        assert_eq!(named(touched(std::slice::from_ref(&moved), &[], (16, 16))).len(), 2);
        assert_eq!(named(touched(&[moved], &[], (10, 10))).len(), 1);
    }

    #[test]
    fn a_province_is_not_named_tile_by_tile() {
        let gone = RemovedRow { id: 1, was_at: Some(Extent::Box([105.0, 20.5, 106.0, 21.5])) };
        assert_eq!(touched(&[], &[gone], (5, 15)), Touched::Everything);
    }

    #[test]
    fn a_change_during_the_first_way_is_asked_for_again_once() {
        let tile = TileId { z: 14, x: 1, y: 2 };
        let mut ledger = Ledger::default();
        ledger.asked("household", tile);
        ledger.changed("business", &Touched::Everything);
        ledger.changed("household", &Touched::Tiles([tile].into()));
        assert!(ledger.arrived("household", tile));
        assert!(!ledger.arrived("household", tile));
    }
}
