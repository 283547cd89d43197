//! The rows of one point layer in memory: where each is, whose it is, what it shows; found by place, area or id.
//! It deliberately reads no database and no feed: `map_index` puts rows in and takes them out.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use rstar::{AABB, RTree, primitives::GeomWithData};
use serde_json::{Map, Value as Json};
use shared::live::{Extent, LiveRow};

use super::curve::{self, Curve};
use super::rows::{About, Row, RowRef, Rows};
use super::shape::Shape;
use super::value::{Codes, Value};
use super::world_box;
use crate::geography::{
    audience::Audience,
    catalogue::Layer,
    filter::{Accepts, Filter},
    mercator::{TileAddress, to_world},
};
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

/// How many rows have each value of one property.
struct Shared {
    /// Position among the layer's properties.
    by: usize,
    rows_of: HashMap<i64, u32>,
}

impl Shared {
    fn value(&self, values: &[Value]) -> Option<i64> {
        match values[self.by] {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// How many rows share this one's value, itself included; none where it has none.
    fn count(&self, row: RowRef<'_>) -> Option<i64> {
        self.rows_of.get(&self.value(row.values)?).map(|count| i64::from(*count))
    }

    fn add(&mut self, row: &Row) {
        if let Some(value) = self.value(&row.values) {
            *self.rows_of.entry(value).or_default() += 1;
        }
    }

    fn take(&mut self, row: &Row) {
        let Some(value) = self.value(&row.values) else { return };
        if let Some(count) = self.rows_of.get_mut(&value) {
            *count -= 1;
            if *count == 0 {
                self.rows_of.remove(&value);
            }
        }
    }
}

impl PointLayer {
    pub fn new(layer: Arc<Layer>) -> Self {
        let place_of = |name: &str| layer.properties.iter().position(|property| property.name == name);
        let shared = layer.sharing.iter().filter_map(|sharing| Some(Shared { by: place_of(&sharing.by)?, rows_of: HashMap::new() }));
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
        // A hash map keeps an eighth of its places free, and a byte beside each.
        let by_id = self.slot_of.capacity() * 8 / 7 * (size_of::<(i64, u32)>() + 1);
        let by_area = self.per_area.values().map(|slots| slots.capacity() * size_of::<u32>()).sum::<usize>();
        // A node of the tree holds up to six others; packed nodes are full.
        let tree = self.tree.size() * size_of::<Entry>() * 7 / 5;
        let shared = self.shared.iter().map(|shared| shared.rows_of.capacity() * 8 / 7 * (size_of::<(i64, u32)>() + 1)).sum::<usize>();
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
        let conditions = filter.conditions().iter().map(|condition| {
            let test = match &condition.accepts {
                Accepts::Codes(codes) => Test::Codes(
                    (0..self.codes.len() as u32).filter(|code| codes.iter().any(|text| text == self.codes.text(*code))).collect(),
                ),
                Accepts::Boolean(value) => Test::Boolean(*value),
                Accepts::Integers(ranges) => Test::Integers(ranges.clone()),
                Accepts::Reals(ranges) => Test::Reals(ranges.clone()),
                Accepts::Times(ranges) => Test::Times(ranges.clone()),
            };
            let asked = match condition.property.checked_sub(self.layer.properties.len()) {
                None => Asked::Property(condition.property),
                Some(shared) => Asked::Shared(&self.shared[shared]),
            };
            (asked, test)
        });
        RowFilter(conditions.collect())
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

/// A filter with its codes looked up.
pub struct RowFilter<'a>(Vec<(Asked<'a>, Test)>);

/// What of a row is tested.
enum Asked<'a> {
    Property(usize),
    Shared(&'a Shared),
}

enum Test {
    Codes(Vec<u32>),
    Boolean(bool),
    Integers(Vec<(i64, i64)>),
    Reals(Vec<(f64, f64)>),
    Times(Vec<(i64, i64)>),
}

impl RowFilter<'_> {
    /// Null meets no condition.
    pub fn accepts(&self, row: RowRef<'_>) -> bool {
        self.0.iter().all(|(asked, test)| match asked {
            Asked::Property(property) => test.accepts(&row.values[*property]),
            Asked::Shared(shared) => shared.count(row).is_some_and(|count| test.accepts(&Value::Integer(count))),
        })
    }
}

impl Test {
    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Test::Codes(codes), Value::Code(code)) => codes.contains(code),
            (Test::Boolean(wanted), Value::Boolean(value)) => wanted == value,
            (Test::Integers(ranges), Value::Integer(value)) | (Test::Times(ranges), Value::Time(value)) => within(ranges, value),
            (Test::Reals(ranges), Value::Real(value)) => within(ranges, value),
            _ => false,
        }
    }
}

fn within<T: PartialOrd>(ranges: &[(T, T)], value: &T) -> bool {
    ranges.iter().any(|(from, to)| from <= value && value <= to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::AreaSet;
    use crate::geography::catalogue::Catalogue;
    use serde_json::json;

    fn cameras() -> PointLayer {
        PointLayer::new(Catalogue::embedded().layer("camera").unwrap().clone())
    }

    fn put(layer: &mut PointLayer, id: i64, area: i32, lon: f64, lat: f64, status: &str) {
        let image = json!({"code": format!("C{id}"), "status": status, "area_id": area, "lon": lon, "lat": lat});
        let row = layer.row(id, Some(area), image.as_object().unwrap());
        layer.insert(row);
    }

    fn ids<'a>(rows: impl Iterator<Item = RowRef<'a>>) -> Vec<i64> {
        let mut ids: Vec<i64> = rows.map(|row| row.id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn a_moved_row_is_found_where_it_is_now_only() {
        let mut layer = cameras();
        put(&mut layer, 1, 3, 105.742, 21.043, "online");
        put(&mut layer, 1, 4, 105.750, 21.043, "online");
        let everybody = Audience::everybody();
        let around = |lon: f64| {
            let [x, y] = to_world(lon, 21.043);
            [x - 1e-6, y - 1e-6, x + 1e-6, y + 1e-6]
        };
        assert_eq!(layer.in_box(around(105.742), &everybody).count(), 0);
        assert_eq!(layer.in_box(around(105.750), &everybody).count(), 1);
        layer.remove_area(Some(3));
        assert_eq!(layer.len(), 1);
        layer.remove_area(Some(4));
        assert!(layer.is_empty());
        assert_eq!(layer.in_box(around(105.750), &everybody).count(), 0);
    }

    #[test]
    fn rows_are_cut_to_the_audience() {
        let mut layer = cameras();
        for (id, area) in [(1, 3), (2, 3), (3, 4)] {
            put(&mut layer, id, area, 105.742, 21.043, "online");
        }
        let head = Audience::of_areas(AreaSet::from_iter([3]), None);
        assert_eq!(ids(layer.rows(&head)), [1, 2]);
        assert_eq!(layer.count(&head), 2);
        assert_eq!(layer.count(&Audience::everybody()), 3);
        assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &head).count(), 2);
    }

    #[test]
    fn the_nearest_comes_first_and_an_unplaced_row_never() {
        let mut layer = cameras();
        put(&mut layer, 1, 3, 105.750, 21.043, "online");
        put(&mut layer, 2, 3, 105.743, 21.043, "online");
        let unplaced = layer.row(3, Some(3), json!({"code": "C3"}).as_object().unwrap());
        layer.insert(unplaced);
        let everybody = Audience::everybody();
        assert_eq!(layer.nearest(105.742, 21.043, &everybody).map(|row| row.id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(layer.count(&everybody), 3);
    }

    #[test]
    fn a_filter_asks_codes_and_ranges() {
        let mut layer = cameras();
        put(&mut layer, 1, 3, 105.742, 21.043, "online");
        put(&mut layer, 2, 4, 105.742, 21.043, "offline");
        let wanted = |query: &[(&str, &str)]| {
            let query: Vec<_> = query.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let filter = layer.prepare(&Filter::parse(layer.layer(), &query).unwrap());
            ids(layer.rows(&Audience::everybody()).filter(|row| filter.accepts(*row)))
        };
        assert_eq!(wanted(&[("status", "online")]), [1]);
        assert_eq!(wanted(&[("status", "online,offline"), ("area_id", "4..")]), [2]);
        assert_eq!(wanted(&[("status", "no_such_status")]), Vec::<i64>::new());
    }

    #[test]
    fn households_of_one_house_are_counted_while_they_come_and_go() {
        let mut layer = PointLayer::new(Catalogue::embedded().layer("household").unwrap().clone());
        let put = |layer: &mut PointLayer, id: i64, building: Option<i64>| {
            let image = json!({"member_count": 3, "building_id": building, "lon": 105.742, "lat": 21.043});
            let row = layer.row(id, Some(3), image.as_object().unwrap());
            layer.insert(row);
        };
        let alone = |layer: &PointLayer, accepts: &str| {
            let filter = layer.prepare(&Filter::parse(layer.layer(), &[("house_households".into(), accepts.into())]).unwrap());
            ids(layer.rows(&Audience::everybody()).filter(|row| filter.accepts(*row)))
        };
        for (id, building) in [(1, Some(7)), (2, Some(7)), (3, Some(8)), (4, None)] {
            put(&mut layer, id, building);
        }
        assert_eq!(alone(&layer, "2.."), [1, 2]);
        assert_eq!(alone(&layer, "1"), [3]);
        // One moves next door.
        put(&mut layer, 2, Some(8));
        assert_eq!(alone(&layer, "2.."), [2, 3]);
        assert_eq!(layer.shared_counts(layer.get(1).unwrap()).collect::<Vec<_>>(), [Value::Integer(1)]);
        layer.remove(2);
        layer.remove(3);
        assert_eq!(alone(&layer, "1.."), [1]);
        assert_eq!(layer.shared_counts(layer.get(4).unwrap()).collect::<Vec<_>>(), [Value::Null]);
    }

    #[test]
    fn a_filled_layer_answers_like_one_that_was_filled_row_by_row() {
        let (mut packed, mut grown) = (cameras(), cameras());
        let mut rows = Vec::new();
        for id in 0..2_000_i64 {
            let (lon, lat) = (105.5 + (id * 7_919 % 1_000) as f64 * 5e-4, 20.8 + (id * 104_729 % 997) as f64 * 5e-4);
            put(&mut grown, id, (id % 7) as i32, lon, lat, "online");
            let image = json!({"code": format!("C{id}"), "status": "online", "area_id": id % 7, "lon": lon, "lat": lat});
            rows.push(packed.row(id, Some((id % 7) as i32), image.as_object().unwrap()));
        }
        packed.fill(rows);
        let head = Audience::of_areas(AreaSet::from_iter([3]), None);
        let ([west, south], [east, north]) = (to_world(105.6, 20.9), to_world(105.8, 21.1));
        for audience in [&Audience::everybody(), &head] {
            let found = |layer: &PointLayer| {
                let mut found: Vec<Row> = layer.in_box([west, north, east, south], audience).map(|(_, row)| row.to_row()).collect();
                found.sort_by_key(|row| row.id);
                found
            };
            assert!(found(&grown).len() > 20);
            assert_eq!(found(&packed), found(&grown));
        }
        assert_eq!(packed.get(77).map(RowRef::to_row), grown.get(77).map(RowRef::to_row));
        assert!(packed.bytes() > 2_000 * 100, "{}", packed.bytes());
    }

    #[test]
    fn rows_that_another_layer_object_read_keep_their_codes() {
        let (mut layer, mut reader) = (cameras(), cameras());
        put(&mut layer, 1, 3, 105.742, 21.043, "offline");
        let image = |status: &str| json!({"code": "C", "status": status, "lon": 105.742, "lat": 21.043});
        let rows = vec![
            reader.row(2, Some(3), image("online").as_object().unwrap()),
            reader.row(3, Some(3), image("offline").as_object().unwrap()),
        ];
        layer.take_over(rows, &reader);
        let status = |id: i64| layer.live_row(layer.get(id).unwrap()).properties["status"].clone();
        assert_eq!([status(1), status(2), status(3)], ["offline", "online", "offline"]);
    }

    #[test]
    fn an_alert_that_was_closed_long_ago_is_let_go_and_one_that_was_opened_again_is_not() {
        let mut layer = PointLayer::new(Catalogue::embedded().layer("camera_alert").unwrap().clone());
        let put = |layer: &mut PointLayer, id: i64, status: &str, started_at: &str| {
            let image = json!({"status": status, "started_at": started_at, "lon": 105.742, "lat": 21.043});
            let row = layer.row(id, Some(3), image.as_object().unwrap());
            layer.insert(row);
        };
        put(&mut layer, 1, "closed", "2026-10-01T07:00:00+07:00");
        put(&mut layer, 2, "closed", "2026-11-20T07:00:00+07:00");
        put(&mut layer, 3, "taken", "2026-10-01T07:00:00+07:00");
        put(&mut layer, 4, "closed", "2026-10-02T07:00:00+07:00");
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        assert_eq!(layer.left(now), [1, 4]);
        // Between looking and taking out somebody opens it again.
        put(&mut layer, 4, "new", "2026-10-02T07:00:00+07:00");
        let gone: Vec<i64> = [1, 4, 5].into_iter().filter_map(|id| layer.let_go(id, now)).map(|row| row.id).collect();
        assert_eq!(gone, [1]);
        assert_eq!(ids(layer.rows(&Audience::everybody())), [2, 3, 4]);
        assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &Audience::everybody()).count(), 3);
        assert_eq!(cameras().left(now), Vec::<i64>::new(), "a layer without a rule keeps everything");
    }

    #[test]
    fn a_thousand_changes_leave_no_trace_of_what_is_gone() {
        let mut layer = cameras();
        for round in 0..10 {
            for id in 0..100 {
                put(&mut layer, id, (id % 5) as i32, 105.7 + (id * 31 % 100 + round) as f64 * 1e-4, 21.0, "online");
            }
        }
        for id in 0..90 {
            layer.remove(id);
        }
        let everybody = Audience::everybody();
        assert_eq!(ids(layer.rows(&everybody)), (90..100).collect::<Vec<_>>());
        assert_eq!(layer.in_box([0.0, 0.0, 1.0, 1.0], &everybody).count(), 10);
        assert!(layer.rows.slots() <= 101, "slots are used again");
    }
}
