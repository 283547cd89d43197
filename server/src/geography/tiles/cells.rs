//! Density tiles: how many points of a layer lie in each hexagon of a grid, for who may see the points themselves.
//! It deliberately publishes nothing: counts for everybody are `residents::publication`'s, with their suppression.

use std::collections::HashMap;
use std::f64::consts::PI;

use super::encode::{EXTENT, put_bytes, put_varint, zigzag};
use crate::geography::{audience::Audience, filter::Filter, map_index::PointLayer, mercator::TileAddress};

/// Corner to middle, as a share of the tile's width: 20 pixels of a tile drawn at 512.
const RADIUS: f64 = 20.0 / 512.0;

// Field tags of the specification's vector_tile.proto: number * 8 + wire type.
const TILE_LAYER: u8 = 3 * 8 + 2;
const LAYER_NAME: u8 = 8 + 2;
const LAYER_FEATURE: u8 = 2 * 8 + 2;
const LAYER_KEY: u8 = 3 * 8 + 2;
const LAYER_VALUE: u8 = 4 * 8 + 2;
const LAYER_EXTENT: u8 = 5 * 8;
const LAYER_VERSION: u8 = 15 * 8;
const FEATURE_TAGS: u8 = 2 * 8 + 2;
const FEATURE_TYPE: u8 = 3 * 8;
const FEATURE_GEOMETRY: u8 = 4 * 8 + 2;
const VALUE_UINT: u8 = 5 * 8;
const TYPE_POLYGON: u8 = 3;
const MOVE_TO_ONCE: u64 = 9;
const LINE_TO_FIVE_TIMES: u64 = 5 << 3 | 2;
const CLOSE_PATH: u64 = 15;

/// The tile's bytes: one layer `cells`, one hexagon per cell that holds a point, with `count`; none for an empty one.
///
/// The grid covers the world at each zoom, so that a hexagon over the edge of two tiles is the same, and counted whole,
/// in both.
pub fn encode(points: &PointLayer, tile: TileAddress, audience: &Audience, filter: &Filter) -> Vec<u8> {
    let grid = Grid::of(tile);
    let filter = points.prepare(filter);
    let [west, north, east, south] = tile.world_bounds();
    // A hexagon that reaches into the tile may hold points two of its radii away.
    let reach = 2.0 * grid.radius;
    let mut counts: HashMap<(i64, i64), u64> = HashMap::new();
    for (at, _) in
        points.in_box([west - reach, north - reach, east + reach, south + reach], audience).filter(|(_, row)| filter.accepts(*row))
    {
        *counts.entry(grid.cell_of(at)).or_default() += 1;
    }
    let mut cells: Vec<_> = counts.into_iter().filter(|(cell, _)| grid.touches_tile(*cell)).collect();
    cells.sort_unstable();
    write(&cells.into_iter().map(|(cell, count)| (grid.corners(cell), count)).collect::<Vec<_>>())
}

/// Hexagons with a corner to the north, in axial coordinates (after Amit Patel, "Hexagonal Grids").
struct Grid {
    tile: TileAddress,
    /// In units of the world square.
    radius: f64,
}

impl Grid {
    fn of(tile: TileAddress) -> Self {
        Self { tile, radius: RADIUS / tile.side() }
    }

    fn cell_of(&self, [x, y]: [f64; 2]) -> (i64, i64) {
        let (column, row) = ((x * 3.0_f64.sqrt() / 3.0 - y / 3.0) / self.radius, y * 2.0 / 3.0 / self.radius);
        let third = -column - row;
        let (mut column_at, mut row_at, third_at) = (column.round(), row.round(), third.round());
        let (column_off, row_off, third_off) = ((column_at - column).abs(), (row_at - row).abs(), (third_at - third).abs());
        if column_off > row_off && column_off > third_off {
            column_at = -row_at - third_at;
        } else if row_off > third_off {
            row_at = -column_at - third_at;
        }
        (column_at as i64, row_at as i64)
    }

    fn middle(&self, (column, row): (i64, i64)) -> [f64; 2] {
        let (column, row) = (column as f64, row as f64);
        [self.radius * 3.0_f64.sqrt() * (column + row / 2.0), self.radius * 1.5 * row]
    }

    fn touches_tile(&self, cell: (i64, i64)) -> bool {
        let [x, y] = self.middle(cell);
        let [west, north, east, south] = self.tile.world_bounds();
        x > west - self.radius && x < east + self.radius && y > north - self.radius && y < south + self.radius
    }

    /// In tile coordinates, clockwise as the specification wants an outer ring.
    fn corners(&self, cell: (i64, i64)) -> [[i64; 2]; 6] {
        let [x, y] = self.middle(cell);
        let side = self.tile.side();
        let within = |at: f64, tile: u32| ((at * side - f64::from(tile)) * f64::from(EXTENT)).round() as i64;
        std::array::from_fn(|corner| {
            let turn = (corner as f64 * 60.0 - 90.0) / 180.0 * PI;
            [within(x + self.radius * turn.cos(), self.tile.x), within(y + self.radius * turn.sin(), self.tile.y)]
        })
    }
}

fn write(cells: &[([[i64; 2]; 6], u64)]) -> Vec<u8> {
    if cells.is_empty() {
        return Vec::new();
    }
    let mut values: Vec<u64> = cells.iter().map(|(_, count)| *count).collect();
    values.sort_unstable();
    values.dedup();
    let mut layer = Vec::new();
    put_bytes(&mut layer, LAYER_NAME, b"cells");
    for (corners, count) in cells {
        let value = values.binary_search(count).unwrap_or(0) as u64;
        let mut tags = Vec::new();
        put_varint(&mut tags, 0);
        put_varint(&mut tags, value);
        let mut feature = Vec::new();
        put_bytes(&mut feature, FEATURE_TAGS, &tags);
        feature.extend([FEATURE_TYPE, TYPE_POLYGON]);
        put_bytes(&mut feature, FEATURE_GEOMETRY, &ring(corners));
        put_bytes(&mut layer, LAYER_FEATURE, &feature);
    }
    put_bytes(&mut layer, LAYER_KEY, b"count");
    for value in values {
        let mut bytes = vec![VALUE_UINT];
        put_varint(&mut bytes, value);
        put_bytes(&mut layer, LAYER_VALUE, &bytes);
    }
    layer.push(LAYER_EXTENT);
    put_varint(&mut layer, u64::from(EXTENT));
    layer.extend([LAYER_VERSION, 2]);
    let mut tile = Vec::with_capacity(layer.len() + 8);
    put_bytes(&mut tile, TILE_LAYER, &layer);
    tile
}

fn ring(corners: &[[i64; 2]; 6]) -> Vec<u8> {
    let mut geometry = Vec::new();
    let mut from = [0, 0];
    for (number, corner) in corners.iter().enumerate() {
        match number {
            0 => put_varint(&mut geometry, MOVE_TO_ONCE),
            1 => put_varint(&mut geometry, LINE_TO_FIVE_TIMES),
            _ => {}
        }
        put_varint(&mut geometry, zigzag(corner[0] - from[0]));
        put_varint(&mut geometry, zigzag(corner[1] - from[1]));
        from = *corner;
    }
    put_varint(&mut geometry, CLOSE_PATH);
    geometry
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HERE: TileAddress = TileAddress { z: 14, x: 13004, y: 7212 };

    proptest! {
        /// Whatever point: no other cell's middle is nearer than that of the cell it was given.
        #[test]
        fn a_point_lies_in_the_cell_whose_middle_is_nearest(x in 0.79370..0.79380_f64, y in 0.44019..0.44029_f64) {
            let grid = Grid::of(HERE);
            let cell = grid.cell_of([x, y]);
            let distance = |cell| { let [cx, cy] = grid.middle(cell); (cx - x).hypot(cy - y) };
            for (column, row) in [(1, 0), (-1, 0), (0, 1), (0, -1), (1, -1), (-1, 1)] {
                prop_assert!(distance(cell) <= distance((cell.0 + column, cell.1 + row)) + 1e-15);
            }
        }
    }

    #[test]
    fn a_cell_over_an_edge_is_the_same_ground_in_both_tiles() {
        let (left, right) = (Grid::of(HERE), Grid::of(TileAddress { x: HERE.x + 1, ..HERE }));
        let [_, north, east, south] = HERE.world_bounds();
        let cell = left.cell_of([east, (north + south) / 2.0]);
        assert!(left.touches_tile(cell) && right.touches_tile(cell));
        for (one, other) in left.corners(cell).iter().zip(right.corners(cell)) {
            assert!((one[0] - i64::from(EXTENT) - other[0]).abs() <= 1 && (one[1] - other[1]).abs() <= 1, "{one:?} {other:?}");
        }
    }
}
