//! The rows of one point layer in memory: where each is, whose it is, what it shows; put in, taken out, let go.
//! It deliberately reads no database and no feed (`map_index` puts rows in and takes them out), and answers in `asking`.

mod asking;
mod row_filter;
mod sharing;

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use rstar::{RTree, primitives::GeomWithData};
use serde_json::{Map, Value as Json};

pub use self::row_filter::RowFilter;
use self::sharing::{Shared, bytes_of_map};
use super::curve::{self, Curve};
use super::rows::{About, Row, RowRef, Rows};
use super::value::{Codes, Value};
use crate::geography::{catalogue::Layer, mercator::to_world};
use crate::platform::copy::CopyRow;

/// Position in the unit square of Web Mercator, and the row's slot.
type Entry = GeomWithData<[f64; 2], u32>;

/// All rows of one layer.
pub struct PointLayer {
    layer: Arc<Layer>,
    codes: Codes,
    rows: Rows,
    slot_of: HashMap<i64, u32>,
    per_area: HashMap<Option<i32>, Vec<u32>>,
    /// How many rows each account owns.
    owners: HashMap<i64, usize>,
    shared: Vec<Shared>,
    /// Positions among the layer's properties of what decides whether a row has left.
    leaving: Option<[usize; 2]>,
    tree: RTree<Entry>,
    curve: Curve,
}

impl PointLayer {
    pub fn new(layer: Arc<Layer>) -> Self {
        let place_of = |name: &str| layer.properties.iter().position(|property| property.name == name);
        let shared = layer.sharing.iter().filter_map(|sharing| Some(Shared::by(place_of(&sharing.by)?)));
        let leaving = layer.leaves.as_ref().and_then(|leaving| Some([place_of(&leaving.column)?, place_of(&leaving.since)?]));
        Self {
            shared: shared.collect(),
            leaving,
            rows: Rows::new(layer.properties.len()),
            layer,
            codes: Codes::default(),
            slot_of: HashMap::new(),
            per_area: HashMap::new(),
            owners: HashMap::new(),
            tree: RTree::new(),
            curve: Curve::default(),
        }
    }

    pub fn layer(&self) -> &Arc<Layer> {
        &self.layer
    }

    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    pub fn len(&self) -> usize {
        self.slot_of.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slot_of.is_empty()
    }

    pub fn get(&self, id: i64) -> Option<RowRef<'_>> {
        self.slot_of.get(&id).and_then(|slot| self.rows.get(*slot))
    }

    /// Makes a row of a change image (or of the same JSON read from the table).
    pub fn row(&mut self, id: i64, area_id: Option<i32>, image: &Map<String, Json>) -> Row {
        let degrees = |name: &str| image.get(name).and_then(Json::as_f64);
        let codes = &mut self.codes;
        Row {
            about: About {
                id,
                area_id,
                owner: self.layer.owner_column.as_ref().and_then(|column| image.get(column)).and_then(Json::as_i64),
                at: degrees("lon").zip(degrees("lat")).map(|(lon, lat)| [lon, lat]),
            },
            values: self
                .layer
                .properties
                .iter()
                .map(|property| Value::from_json(property.kind, image.get(&property.name).unwrap_or(&Json::Null), codes))
                .collect(),
        }
    }

    /// Makes a row of what `db::read` hands over.
    pub(super) fn row_read(&mut self, mut row: CopyRow<'_>) -> anyhow::Result<Row> {
        Ok(Row {
            about: About {
                id: row.integer()?.context("a row without an id")?,
                area_id: row.integer()?.map(i32::try_from).transpose()?,
                owner: row.integer()?,
                at: row.real()?.zip(row.real()?).map(|(lon, lat)| [lon, lat]),
            },
            values: {
                let (codes, kinds) = (&mut self.codes, self.layer.properties.iter().map(|property| property.kind));
                kinds.map(|kind| Value::read(kind, &mut row, codes)).collect::<anyhow::Result<_>>()?
            },
        })
    }

    /// Puts a row in, in place of the one with its id; returns that one.
    pub fn insert(&mut self, row: Row) -> Option<Row> {
        let before = self.remove(row.id);
        let at = row.at;
        let slot = self.take_slot(row);
        if let Some([lon, lat]) = at {
            let place = to_world(lon, lat);
            self.tree.insert(Entry::new(place, slot));
            self.curve.insert(curve::code(place), slot);
        }
        before
    }

    /// Takes many rows at once into an empty layer: the tree is packed, which makes it both quicker to build and to ask.
    ///
    /// Neighbours on the ground become neighbours in memory. A tile of 25,000 points would else wait for as many cache misses.
    pub fn fill(&mut self, mut rows: Vec<Row>) {
        debug_assert!(self.is_empty());
        rows.sort_by_cached_key(|row| row.at.map(|[lon, lat]| curve::code(to_world(lon, lat))));
        self.rows.reserve(rows.len());
        self.slot_of.reserve(rows.len());
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let at = row.at;
            let slot = self.take_slot(row);
            entries.extend(at.map(|[lon, lat]| Entry::new(to_world(lon, lat), slot)));
        }
        self.curve = Curve::of(entries.iter().map(|entry| (curve::code(*entry.geom()), entry.data)));
        self.tree = RTree::bulk_load(entries);
    }

    /// About how much memory the rows, their texts and the tree take.
    pub fn bytes(&self) -> usize {
        let by_id = bytes_of_map(&self.slot_of);
        let by_area = self.per_area.values().map(|slots| slots.capacity() * size_of::<u32>()).sum::<usize>();
        // A node of the tree holds up to six others; packed nodes are full.
        let tree = self.tree.size() * size_of::<Entry>() * 7 / 5;
        let shared = self.shared.iter().map(Shared::bytes).sum::<usize>();
        self.rows.bytes() + by_id + by_area + shared + tree + self.curve.bytes()
    }

    /// Takes a row out.
    pub fn remove(&mut self, id: i64) -> Option<Row> {
        let slot = self.slot_of.remove(&id)?;
        let row = self.rows.take(slot)?;
        for shared in &mut self.shared {
            shared.take(&row);
        }
        if let Some(slots) = self.per_area.get_mut(&row.area_id) {
            // Order within an area does not matter.
            if let Some(position) = slots.iter().position(|other| *other == slot) {
                slots.swap_remove(position);
            }
        }
        if let Some(owner) = row.owner {
            self.owners.entry(owner).and_modify(|rows| *rows -= 1);
        }
        if let Some([lon, lat]) = row.at {
            let place = to_world(lon, lat);
            self.tree.remove(&Entry::new(place, slot));
            self.curve.remove(curve::code(place), slot);
        }
        Some(row)
    }

    /// Takes a row out if it has left by `now`.
    pub fn let_go(&mut self, id: i64, now: DateTime<Utc>) -> Option<Row> {
        self.get(id).is_some_and(|row| self.has_left(row, now)).then(|| self.remove(id)).flatten()
    }

    /// Rows that have left by `now` and are still here.
    pub fn left(&self, now: DateTime<Utc>) -> Vec<i64> {
        if self.leaving.is_none() {
            return Vec::new();
        }
        self.rows.iter().filter(|row| self.has_left(*row, now)).map(|row| row.id).collect()
    }

    fn has_left(&self, row: RowRef<'_>, now: DateTime<Utc>) -> bool {
        let (Some(rule), Some([column, since])) = (&self.layer.leaves, self.leaving) else { return false };
        let value = match row.values[column] {
            Value::Code(code) => Some(self.codes.text(code)),
            _ => None,
        };
        let since = match row.values[since] {
            Value::Time(micros) => DateTime::from_timestamp_micros(micros),
            _ => None,
        };
        rule.has_left(value, since, now)
    }

    /// Takes out the rows of an area itself (not of those below it).
    pub fn remove_area(&mut self, area_id: Option<i32>) {
        let slots = self.per_area.get(&area_id).cloned().unwrap_or_default();
        let ids: Vec<i64> = slots.iter().filter_map(|slot| self.rows.get(*slot)).map(|row| row.id).collect();
        for id in ids {
            self.remove(id);
        }
    }

    /// Puts in rows that `reader` made, a layer object of its own so that nobody waited for it: its codes become ours.
    pub(super) fn take_over(&mut self, rows: Vec<Row>, reader: &Self) {
        for mut row in rows {
            for value in &mut row.values {
                if let Value::Code(code) = value {
                    *code = self.codes.intern(reader.codes.text(*code));
                }
            }
            self.insert(row);
        }
    }

    fn take_slot(&mut self, row: Row) -> u32 {
        let (id, area_id) = (row.id, row.area_id);
        if let Some(owner) = row.owner {
            *self.owners.entry(owner).or_default() += 1;
        }
        for shared in &mut self.shared {
            shared.add(&row);
        }
        let slot = self.rows.put(row);
        self.slot_of.insert(id, slot);
        self.per_area.entry(area_id).or_default().push(slot);
        slot
    }
}

#[cfg(test)]
mod tests;
