//! A filter with its codes looked up in one layer, so that asking a row costs no text comparison.
//! It deliberately reads no query: `filter` does, and says what is accepted.

use super::sharing::Shared;
use crate::geography::filter::{Accepts, Filter};
use crate::geography::map_index::{Codes, RowRef, Value};

/// Conditions that all hold.
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

impl<'a> RowFilter<'a> {
    /// For a layer of so many properties, behind which a filter counts what rows share.
    pub(super) fn new(filter: &Filter, properties: usize, codes: &Codes, shared: &'a [Shared]) -> Self {
        let conditions = filter.conditions().iter().map(|condition| {
            let asked = match condition.property.checked_sub(properties) {
                None => Asked::Property(condition.property),
                Some(beyond) => Asked::Shared(&shared[beyond]),
            };
            (asked, Test::of(&condition.accepts, codes))
        });
        Self(conditions.collect())
    }

    /// Null meets no condition.
    pub fn accepts(&self, row: RowRef<'_>) -> bool {
        self.0.iter().all(|(asked, test)| match asked {
            Asked::Property(property) => test.accepts(&row.values[*property]),
            Asked::Shared(shared) => shared.count(row).is_some_and(|count| test.accepts(&Value::Integer(count))),
        })
    }
}

impl Test {
    fn of(accepts: &Accepts, codes: &Codes) -> Self {
        match accepts {
            Accepts::Codes(texts) => {
                Self::Codes((0..codes.len() as u32).filter(|code| texts.iter().any(|text| text == codes.text(*code))).collect())
            }
            Accepts::Boolean(value) => Self::Boolean(*value),
            Accepts::Integers(ranges) => Self::Integers(ranges.clone()),
            Accepts::Reals(ranges) => Self::Reals(ranges.clone()),
            Accepts::Times(ranges) => Self::Times(ranges.clone()),
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Codes(codes), Value::Code(code)) => codes.contains(code),
            (Self::Boolean(wanted), Value::Boolean(value)) => wanted == value,
            (Self::Integers(ranges), Value::Integer(value)) | (Self::Times(ranges), Value::Time(value)) => within(ranges, value),
            (Self::Reals(ranges), Value::Real(value)) => within(ranges, value),
            _ => false,
        }
    }
}

fn within<T: PartialOrd>(ranges: &[(T, T)], value: &T) -> bool {
    ranges.iter().any(|(from, to)| from <= value && value <= to)
}
