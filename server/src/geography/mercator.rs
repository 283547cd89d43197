//! Web Mercator as tiles use it: the world as the unit square, x to the east, y to the south (OGC two-dimensional tile
//! matrix set `WebMercatorQuad`). It deliberately knows neither layers nor what a tile holds.

use std::f64::consts::PI;

/// Zooms of tiles that are answered.
pub const MAX_ZOOM: u8 = 22;

/// Longitude and latitude (degrees) to the unit square. Latitudes beyond the square (85.05°) fall on its edge.
pub fn to_world(lon: f64, lat: f64) -> [f64; 2] {
    let x = (lon / 360.0 + 0.5).clamp(0.0, 1.0);
    let sine = lat.to_radians().sin().clamp(-0.999_999_999, 0.999_999_999);
    let y = (0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * PI)).clamp(0.0, 1.0);
    [x, y]
}

/// Metres on the ground per unit of the world square at a latitude, on the sphere that Web Mercator is drawn on.
pub fn metres_per_world(lat: f64) -> f64 {
    2.0 * PI * 6_378_137.0 * lat.to_radians().cos()
}

/// A tile that exists: zoom 0 to 22, column and row within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TileAddress {
    pub z: u8,
    pub x: u32,
    pub y: u32,
}

impl TileAddress {
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && u64::from(x) < 1 << z && u64::from(y) < 1 << z).then_some(Self { z, x, y })
    }

    /// Tiles along one side of the world at this zoom.
    pub fn side(self) -> f64 {
        f64::from(1_u32 << self.z)
    }

    /// West, north, east, south in the unit square.
    pub fn world_bounds(self) -> [f64; 4] {
        let side = self.side();
        [f64::from(self.x) / side, f64::from(self.y) / side, f64::from(self.x + 1) / side, f64::from(self.y + 1) / side]
    }

    /// This tile and those that touch it.
    pub fn and_around(self) -> impl Iterator<Item = Self> {
        let last = (1_u32 << self.z) - 1;
        let near = move |at: u32| at.saturating_sub(1)..=(at + 1).min(last);
        near(self.x).flat_map(move |x| near(self.y).map(move |y| Self { z: self.z, x, y }))
    }

    /// The tile of zoom `z` that holds this one; itself when it is no deeper than that.
    pub fn ancestor(self, z: u8) -> Self {
        let up = self.z.saturating_sub(z);
        Self { z: self.z - up, x: self.x >> up, y: self.y >> up }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tiles of Phương Canh as every slippy map numbers them.
    #[test]
    fn a_real_place_falls_on_its_tile() {
        let [x, y] = to_world(105.742, 21.043);
        assert_eq!(((x * 16384.0) as u32, (y * 16384.0) as u32), (13004, 7212));
        let tile = TileAddress::new(14, 13004, 7212).unwrap();
        let [west, north, east, south] = tile.world_bounds();
        assert!(west <= x && x < east && north <= y && y < south);
    }

    #[test]
    fn the_middle_of_the_world_is_the_middle() {
        let [x, y] = to_world(0.0, 0.0);
        assert!((x - 0.5).abs() < 1e-15 && (y - 0.5).abs() < 1e-15);
        assert_eq!(to_world(180.0, 90.0)[0], 1.0);
        assert!(to_world(0.0, 90.0)[1] < 1e-6);
    }

    #[test]
    fn tiles_outside_the_world_do_not_exist() {
        assert!(TileAddress::new(0, 0, 0).is_some());
        assert!(TileAddress::new(0, 1, 0).is_none());
        assert!(TileAddress::new(23, 0, 0).is_none());
        assert_eq!(TileAddress::new(16, 52017, 28848).unwrap().ancestor(14), TileAddress { z: 14, x: 13004, y: 7212 });
        assert_eq!(TileAddress::new(3, 1, 1).unwrap().ancestor(14).z, 3);
    }
}
