//! How many rows of a layer have the same value of one property: a column that no table has, such as the households of a house.
//! It deliberately knows no rows: the layer says which came and which went.

use std::collections::HashMap;

use crate::geography::map_index::{Row, RowRef, Value};

/// How many rows have each value of one property.
pub(super) struct Shared {
    /// Position among the layer's properties.
    by: usize,
    rows_of: HashMap<i64, u32>,
}

impl Shared {
    /// By a position among the layer's properties.
    pub fn by(by: usize) -> Self {
        Self { by, rows_of: HashMap::new() }
    }

    /// How many rows share this one's value, itself included; none where it has none.
    pub fn count(&self, row: RowRef<'_>) -> Option<i64> {
        self.rows_of.get(&self.value(row.values)?).map(|count| i64::from(*count))
    }

    pub fn add(&mut self, row: &Row) {
        if let Some(value) = self.value(&row.values) {
            *self.rows_of.entry(value).or_default() += 1;
        }
    }

    pub fn take(&mut self, row: &Row) {
        let Some(value) = self.value(&row.values) else { return };
        if let Some(count) = self.rows_of.get_mut(&value) {
            *count -= 1;
            if *count == 0 {
                self.rows_of.remove(&value);
            }
        }
    }

    pub fn bytes(&self) -> usize {
        bytes_of_map(&self.rows_of)
    }

    fn value(&self, values: &[Value]) -> Option<i64> {
        match values[self.by] {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }
}

/// About how much memory a map takes: it keeps an eighth of its places free, and a byte beside each.
pub(super) fn bytes_of_map<K, V>(map: &HashMap<K, V>) -> usize {
    map.capacity() * 8 / 7 * (size_of::<(K, V)>() + 1)
}
