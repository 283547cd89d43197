//! Places in the order of the Z-order curve (Morton 1966), on which every map tile is one unbroken run.
//! It deliberately finds nothing but tiles: shapes and neighbours are the R-tree's.
//!
//! Why beside a tree: a crowded tile has 25,000 points. From the tree they come in an order of its own, each from another
//! corner of memory; along the curve rows that were filled together lie together, and a position is a few shifts away.

use std::collections::BTreeSet;

use crate::geography::mercator::TileAddress;

/// Bits of each axis: 9 mm at the equator.
const BITS: u32 = 32;

/// Which rows lie where, by code and slot.
#[derive(Default)]
pub struct Curve(BTreeSet<(u64, u32)>);

impl Curve {
    /// Of rows that already come in the order of their codes.
    pub fn of(rows: impl Iterator<Item = (u64, u32)>) -> Self {
        Self(rows.collect())
    }

    pub fn insert(&mut self, code: u64, slot: u32) {
        self.0.insert((code, slot));
    }

    pub fn remove(&mut self, code: u64, slot: u32) {
        self.0.remove(&(code, slot));
    }

    /// About how much memory it takes: a node of the tree holds up to eleven pairs and is two thirds full.
    pub fn bytes(&self) -> usize {
        self.0.len() * size_of::<(u64, u32)>() * 3 / 2
    }

    /// What lies on a tile: where, in units of `1 / 2^unit_bits` of its side, and the slot. Its upper and left rims are its own.
    pub fn on_tile(&self, tile: TileAddress, unit_bits: u32) -> impl Iterator<Item = ([u32; 2], u32)> {
        let zoom = u32::from(tile.z);
        let rest = BITS - zoom;
        let (first, last) = match zoom {
            0 => (0, u64::MAX),
            _ => {
                let first = interleaved(tile.x, tile.y) << (2 * rest);
                (first, first | (u64::MAX >> (2 * zoom)))
            }
        };
        let within = move |axis: u32| {
            let beyond = u64::from(axis) & ((1_u64 << rest) - 1);
            (if rest >= unit_bits { beyond >> (rest - unit_bits) } else { beyond << (unit_bits - rest) }) as u32
        };
        self.0
            .range((first, 0)..=(last, u32::MAX))
            .map(move |(code, slot)| ([within(gathered(*code)), within(gathered(*code >> 1))], *slot))
    }
}

/// Where a place of the unit square comes on the curve.
pub fn code([x, y]: [f64; 2]) -> u64 {
    // Saturates: the eastern and southern edges belong to the last cell.
    let axis = |unit: f64| (unit * (1_u64 << BITS) as f64) as u32;
    interleaved(axis(x), axis(y))
}

// Both from "Interleave bits by Binary Magic Numbers", S. E. Anderson, Bit Twiddling Hacks.
const STEPS: [(u32, u64); 5] =
    [(16, 0x0000_ffff_0000_ffff), (8, 0x00ff_00ff_00ff_00ff), (4, 0x0f0f_0f0f_0f0f_0f0f), (2, 0x3333_3333_3333_3333), (1, EVERY_OTHER)];
const EVERY_OTHER: u64 = 0x5555_5555_5555_5555;

fn interleaved(x: u32, y: u32) -> u64 {
    let spread = |axis: u32| STEPS.iter().fold(u64::from(axis), |bits, (shift, mask)| (bits | bits << shift) & mask);
    spread(x) | spread(y) << 1
}

/// Every other bit, moved together again.
fn gathered(bits: u64) -> u32 {
    let mut bits = bits & EVERY_OTHER;
    for (shift, mask) in [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0xffff_ffff_u64),
    ] {
        bits = (bits | bits >> shift) & mask;
    }
    bits as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::mercator::to_world;

    #[test]
    fn bits_come_apart_as_they_were_put_together() {
        for (x, y) in [(0, 0), (u32::MAX, 0), (0, u32::MAX), (0x1234_5678, 0x9abc_def0), (u32::MAX, u32::MAX)] {
            let code = interleaved(x, y);
            assert_eq!((gathered(code), gathered(code >> 1)), (x, y));
        }
    }

    #[test]
    fn neighbours_come_together() {
        let at = |x, y| code([x, y]);
        assert!(at(0.1, 0.1).abs_diff(at(0.1001, 0.1001)) < at(0.1, 0.1).abs_diff(at(0.6, 0.1)));
        assert_eq!((at(0.0, 0.0), at(1.0, 1.0)), (0, u64::MAX));
        assert!(at(0.999, 0.999) > at(0.999, 0.4));
    }

    /// Against the definition of tiles, at every zoom.
    #[test]
    fn every_place_is_on_one_tile_of_each_zoom_and_where_it_should_be() {
        let places: Vec<[f64; 2]> =
            (0..500).map(|i| to_world(105.5 + f64::from(i * 7_919 % 1_000) * 5e-4, 20.8 + f64::from(i * 104_729 % 997) * 5e-4)).collect();
        let curve = Curve::of(places.iter().enumerate().map(|(slot, place)| (code(*place), slot as u32)));
        for zoom in 0..=22_u8 {
            let side = f64::from(1_u32 << zoom);
            let place = places[17];
            let tile = TileAddress::new(zoom, (place[0] * side) as u32, (place[1] * side) as u32).unwrap();
            let on_tile = |[x, y]: [f64; 2]| (x * side) as u32 == tile.x && (y * side) as u32 == tile.y;
            let mut found: Vec<u32> = curve.on_tile(tile, 12).map(|(_, slot)| slot).collect();
            found.sort_unstable();
            let wanted: Vec<u32> = (0..500).filter(|slot| on_tile(places[*slot as usize])).collect();
            assert_eq!(found, wanted, "zoom {zoom}");
            let at = curve.on_tile(tile, 12).find(|(_, slot)| *slot == 17).unwrap().0;
            let exact = [(place[0] * side).fract() * 4096.0, (place[1] * side).fract() * 4096.0];
            // Beyond zoom 20 the curve is coarser than a tile's units.
            let slack = if zoom <= 20 { 1.0 } else { 4.0 };
            for (at, exact) in at.into_iter().zip(exact) {
                assert!(f64::from(at) <= exact && exact < f64::from(at) + slack, "zoom {zoom}: {at} for {exact}");
            }
        }
    }

    #[test]
    fn what_is_taken_out_is_found_no_more() {
        let mut curve = Curve::default();
        let place = code(to_world(105.742, 21.043));
        curve.insert(place, 1);
        curve.insert(place, 2);
        curve.remove(place, 1);
        let all = TileAddress::new(0, 0, 0).unwrap();
        assert_eq!(curve.on_tile(all, 12).map(|(_, slot)| slot).collect::<Vec<_>>(), [2]);
    }
}
