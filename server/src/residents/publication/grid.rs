//! The grid of the published cells: squares of fixed side in UTM zone 48N, numbered from its origin.
//! It deliberately holds no geometry; PostGIS cuts the squares to their TDPs.

use std::fmt;

/// Small enough to show where a ward is dense, large enough that most cells can be published (of the demo ward: 82 of 86).
pub const CELL_SIDE_M: u32 = 250;

/// Column and row, in sides of a square from the origin of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Square {
    pub east: i32,
    pub north: i32,
}

impl fmt::Display for Square {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        write!(out, "E{}N{}", self.east, self.north)
    }
}
