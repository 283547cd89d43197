//! The rows of one point layer as they lie in memory: one after the other, their attributes in one long run.
//! It deliberately finds nothing: trees and maps beside it know the slots.
//!
//! Rows that were put in together are read together without a pointer to follow: a crowded tile reads 25,000 of them.

use std::ops::Deref;

use super::value::Value;

/// A row by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub about: About,
    /// In the order of the layer's properties.
    pub values: Box<[Value]>,
}

/// What every row has, whatever its layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct About {
    pub id: i64,
    pub area_id: Option<i32>,
    /// The account that sees it wherever it is.
    pub owner: Option<i64>,
    /// Longitude and latitude; none while it has no place.
    pub at: Option<[f64; 2]>,
}

impl Deref for Row {
    type Target = About;

    fn deref(&self) -> &About {
        &self.about
    }
}

/// A row where it lies.
#[derive(Debug, Clone, Copy)]
pub struct RowRef<'a> {
    about: &'a About,
    /// In the order of the layer's properties.
    pub values: &'a [Value],
}

impl Deref for RowRef<'_> {
    type Target = About;

    fn deref(&self) -> &About {
        self.about
    }
}

impl RowRef<'_> {
    pub fn to_row(self) -> Row {
        Row { about: *self.about, values: self.values.into() }
    }
}

/// Rows by slot. A slot that was emptied is used again.
pub struct Rows {
    /// Attributes of each row.
    width: usize,
    abouts: Vec<Option<About>>,
    /// `width` of them a slot.
    values: Vec<Value>,
    free: Vec<u32>,
}

impl Rows {
    pub fn new(width: usize) -> Self {
        Self { width, abouts: Vec::new(), values: Vec::new(), free: Vec::new() }
    }

    pub fn reserve(&mut self, rows: usize) {
        self.abouts.reserve_exact(rows);
        self.values.reserve_exact(rows * self.width);
    }

    pub fn put(&mut self, row: Row) -> u32 {
        debug_assert_eq!(row.values.len(), self.width);
        if let Some(slot) = self.free.pop() {
            self.abouts[slot as usize] = Some(row.about);
            let places = self.places(slot);
            for (place, value) in self.values[places].iter_mut().zip(row.values) {
                *place = value;
            }
            return slot;
        }
        self.abouts.push(Some(row.about));
        self.values.extend(row.values);
        u32::try_from(self.abouts.len() - 1).expect("fewer than 2^32 rows")
    }

    pub fn take(&mut self, slot: u32) -> Option<Row> {
        let about = self.abouts[slot as usize].take()?;
        self.free.push(slot);
        let places = self.places(slot);
        let values = self.values[places].iter_mut().map(|value| std::mem::replace(value, Value::Null)).collect();
        Some(Row { about, values })
    }

    pub fn get(&self, slot: u32) -> Option<RowRef<'_>> {
        let about = self.abouts[slot as usize].as_ref()?;
        Some(RowRef { about, values: &self.values[self.places(slot)] })
    }

    /// Those that are there, in the order of their slots.
    pub fn iter(&self) -> impl Iterator<Item = RowRef<'_>> {
        (0..self.abouts.len() as u32).filter_map(|slot| self.get(slot))
    }

    /// How many slots there are, empty ones too.
    #[cfg(test)]
    pub fn slots(&self) -> usize {
        self.abouts.len()
    }

    /// About how much memory they and their texts take.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.values.iter().map(Value::heap_bytes).sum();
        self.abouts.capacity() * size_of::<Option<About>>() + self.values.capacity() * size_of::<Value>() + texts
    }

    fn places(&self, slot: u32) -> std::ops::Range<usize> {
        let begin = slot as usize * self.width;
        begin..begin + self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, value: i64) -> Row {
        let about = About { id, area_id: None, owner: None, at: None };
        Row { about, values: [Value::Integer(value), Value::Text(format!("row {id}").into())].into() }
    }

    #[test]
    fn a_slot_is_used_again_and_keeps_nothing_of_the_row_before() {
        let mut rows = Rows::new(2);
        let slots: Vec<u32> = (1..=3).map(|id| rows.put(row(id, id * 10))).collect();
        assert_eq!(rows.take(slots[1]), Some(row(2, 20)));
        assert_eq!(rows.take(slots[1]), None);
        assert!(rows.get(slots[1]).is_none());
        assert_eq!(rows.put(row(9, 90)), slots[1]);
        let there: Vec<Row> = rows.iter().map(RowRef::to_row).collect();
        assert_eq!(there, [row(1, 10), row(9, 90), row(3, 30)]);
        assert_eq!(rows.slots(), 3);
    }
}
