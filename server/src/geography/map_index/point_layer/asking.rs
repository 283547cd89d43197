//! What is asked of a point layer: its rows by audience, box, tile, shape, nearness, and filter.
//! It deliberately changes nothing, and gives no row that the audience does not reach.

use rstar::AABB;
use shared::live::{Extent, LiveRow};

use super::{PointLayer, RowFilter};
use crate::geography::{
    audience::Audience,
    filter::Filter,
    map_index::{RowRef, Shape, Value, world_box},
    mercator::{TileAddress, to_world},
};

impl PointLayer {
    /// How many rows an audience reaches, placed or not.
    pub fn count(&self, audience: &Audience) -> u64 {
        match audience.areas() {
            None => self.len() as u64,
            Some(areas) if audience.owner().is_none() => {
                areas.iter().map(|area| self.per_area.get(&Some(*area)).map_or(0, Vec::len) as u64).sum()
            }
            Some(_) => self.rows(audience).count() as u64,
        }
    }

    /// Whether an account owns any row here.
    pub fn is_owner(&self, account: i64) -> bool {
        self.owners.get(&account).is_some_and(|rows| *rows > 0)
    }

    /// Every row an audience reaches, placed or not, in no particular order.
    pub fn rows<'a>(&'a self, audience: &'a Audience) -> impl Iterator<Item = RowRef<'a>> {
        self.rows.iter().filter(|row| audience.sees(row.area_id, row.owner))
    }

    /// Placed rows within west, north, east, south of the unit square (edges included) with their position there.
    pub fn in_box<'a>(
        &'a self,
        [west, north, east, south]: [f64; 4],
        audience: &'a Audience,
    ) -> impl Iterator<Item = ([f64; 2], RowRef<'a>)> {
        let envelope = AABB::from_corners([west, north], [east, south]);
        self.tree.locate_in_envelope_intersecting(&envelope).filter_map(move |entry| {
            let row = self.rows.get(entry.data)?;
            audience.sees(row.area_id, row.owner).then_some((*entry.geom(), row))
        })
    }

    /// Placed rows on a tile, with their place in units of `1 / 2^unit_bits` of its side. A row is on exactly one tile of each
    /// zoom: a tile's upper and left rims are its own.
    pub fn on_tile<'a>(
        &'a self,
        tile: TileAddress,
        unit_bits: u32,
        audience: &'a Audience,
    ) -> impl Iterator<Item = ([u32; 2], RowRef<'a>)> {
        self.curve.on_tile(tile, unit_bits).filter_map(move |(at, slot)| {
            let row = self.rows.get(slot)?;
            audience.sees(row.area_id, row.owner).then_some((at, row))
        })
    }

    /// Placed rows within a shape, its rim included.
    pub fn in_shape<'a>(&'a self, shape: &'a Shape, audience: &'a Audience) -> impl Iterator<Item = RowRef<'a>> {
        let near = shape.bounds().into_iter().flat_map(move |bounds| self.in_box(world_box(bounds), audience));
        near.map(|(_, row)| row).filter(move |row| row.at.is_some_and(|at| shape.holds(at)))
    }

    /// Placed rows from the nearest outwards.
    pub fn nearest<'a>(&'a self, lon: f64, lat: f64, audience: &'a Audience) -> impl Iterator<Item = RowRef<'a>> {
        // Web Mercator is conformal: near a point, distances on the square rank as on the ground.
        self.tree
            .nearest_neighbor_iter(&to_world(lon, lat))
            .filter_map(|entry| self.rows.get(entry.data))
            .filter(|row| audience.sees(row.area_id, row.owner))
    }

    /// How many rows share a value with this one, for each `sharing` of the layer.
    pub fn shared_counts<'a>(&'a self, row: RowRef<'a>) -> impl Iterator<Item = Value> + 'a {
        self.shared.iter().map(move |shared| shared.count(row).map_or(Value::Null, Value::Integer))
    }

    /// Resolves a filter against this layer's codes once, so that asking a row costs no text comparison.
    pub fn prepare(&self, filter: &Filter) -> RowFilter<'_> {
        RowFilter::new(filter, self.layer.properties.len(), &self.codes, &self.shared)
    }

    /// A row as a live snapshot shows it.
    pub fn live_row(&self, row: RowRef<'_>) -> LiveRow {
        let properties = self.layer.properties.iter().zip(row.values);
        LiveRow {
            id: row.id,
            at: row.at.map(Extent::Point),
            was_at: None,
            properties: properties.map(|(property, value)| (property.name.clone(), value.to_json(&self.codes))).collect(),
        }
    }
}
