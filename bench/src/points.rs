//! Points around Hà Nội that look like none in particular: even over the ground, with a few attributes each.
//! It deliberately draws from a formula and not from chance: every run has the same points.

use std::f64::consts::PI;

/// Points on a tile of zoom 14, whatever their number in all.
pub const PER_TILE: f64 = 25_000.0;
/// West and north of the square they lie in: a tile of zoom 14 over Hà Nội.
pub const CORNER: (u32, u32) = (13_001, 7_209);
pub const ZOOM: u8 = 14;

pub const SECTORS: [&str; 8] = ["C", "F", "G", "H", "I", "J", "P", "S"];
pub const KINDS: [&str; 2] = ["company", "household_business"];
pub const STATUSES: [&str; 3] = ["operating", "suspended", "closed"];

#[derive(Debug, Clone, Copy)]
pub struct SamplePoint {
    pub number: usize,
    pub lon: f64,
    pub lat: f64,
    /// From 0 to 15: which sixteenth of the square it lies in.
    pub part: usize,
    /// To draw attributes from.
    pub dice: u64,
}

impl SamplePoint {
    pub fn sector(&self) -> &'static str {
        SECTORS[(self.dice % 8) as usize]
    }

    pub fn vsic(&self) -> String {
        format!("{}", 1_000 + self.dice / 8 % 40 * 100)
    }

    pub fn kind(&self) -> &'static str {
        KINDS[usize::from(!(self.dice / 320).is_multiple_of(5))]
    }

    pub fn status(&self) -> &'static str {
        STATUSES[[0, 0, 0, 0, 0, 0, 0, 0, 1, 2][(self.dice / 1_600 % 10) as usize]]
    }

    pub fn members(&self) -> i32 {
        1 + (self.dice / 16_000 % 7) as i32
    }
}

/// Tiles of zoom 14 along a side of the square that `count` points lie in.
pub fn side(count: usize) -> f64 {
    (count as f64 / PER_TILE).sqrt()
}

/// `count` points, even over the square.
pub fn all(count: usize) -> impl Iterator<Item = SamplePoint> {
    let side = side(count);
    (0..count).map(move |number| {
        let (east, south) = (fraction(2 * number as u64), fraction(2 * number as u64 + 1));
        let (lon, lat) = degrees(f64::from(CORNER.0) + east * side, f64::from(CORNER.1) + south * side);
        let part = (east * 4.0) as usize + 4 * (south * 4.0) as usize;
        SamplePoint { number, lon, lat, part, dice: mixed(number as u64 ^ 0xd1ce) }
    })
}

/// West, south, east, north of the square, or of one of its sixteen parts.
pub fn bounds(count: usize, part: Option<usize>) -> [f64; 4] {
    let side = side(count);
    let (from, to) = match part {
        None => ((0.0, 0.0), (side, side)),
        Some(part) => {
            let (column, row, step) = ((part % 4) as f64, (part / 4) as f64, side / 4.0);
            ((column * step, row * step), ((column + 1.0) * step, (row + 1.0) * step))
        }
    };
    let (west, north) = degrees(f64::from(CORNER.0) + from.0, f64::from(CORNER.1) + from.1);
    let (east, south) = degrees(f64::from(CORNER.0) + to.0, f64::from(CORNER.1) + to.1);
    [west, south, east, north]
}

/// Tiles of a zoom that lie wholly in the square, `at_most` of them.
pub fn tiles(count: usize, zoom: u8, at_most: usize) -> Vec<(u32, u32)> {
    let deeper = 1 << (zoom - ZOOM);
    let whole = (side(count) * f64::from(deeper)).floor() as u32;
    let (x, y) = (CORNER.0 * deeper, CORNER.1 * deeper);
    // Far apart rather than side by side: nobody pans in rows.
    let all: Vec<_> = (0..whole).flat_map(|row| (0..whole).map(move |column| (x + column, y + row))).collect();
    let step = (all.len() / at_most).max(1);
    all.into_iter().step_by(step).take(at_most).collect()
}

fn degrees(x: f64, y: f64) -> (f64, f64) {
    let tiles = f64::from(1_u32 << ZOOM);
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    let lat = (PI * (1.0 - 2.0 * y / tiles)).sinh().atan().to_degrees();
    (round(x / tiles * 360.0 - 180.0), round(lat))
}

fn fraction(number: u64) -> f64 {
    (mixed(number) >> 11) as f64 / (1_u64 << 53) as f64
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
