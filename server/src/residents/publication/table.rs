//! What is counted of a ward and what is published of it, as values.
//! It deliberately decides nothing: `withhold` and `carry` do.

use std::collections::BTreeMap;
use std::ops::{Add, AddAssign};

use chrono::NaiveDate;

use super::{LEAST, Square};

/// Households, and the people in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    pub households: u32,
    pub residents: u32,
}

/// Where in a TDP: a square of the grid; none for households without a place on the map.
pub type Cell = Option<Square>;

/// Exact counts by area and cell. The ward's own id stands for what lies in no TDP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WardCounts(pub BTreeMap<i32, BTreeMap<Cell, Count>>);

/// A figure as it is published; none: withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    pub count: Option<Count>,
    /// The month in which it was counted.
    pub counted: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub ward: Figure,
    pub tdps: BTreeMap<i32, TdpTable>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdpTable {
    pub total: Figure,
    /// None: not even which cells are inhabited is said. A cell that is not listed is empty.
    pub cells: Option<BTreeMap<Cell, Figure>>,
}

impl Count {
    /// Somebody is there, and fewer than may be said.
    pub fn is_small(self) -> bool {
        self.households > 0 && (self.households < LEAST || self.residents < LEAST)
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { households: self.households + other.households, residents: self.residents + other.residents }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

impl WardCounts {
    pub fn add(&mut self, area_id: i32, cell: Cell, count: Count) {
        *self.0.entry(area_id).or_default().entry(cell).or_default() += count;
    }

    pub fn of_tdp(&self, area_id: i32) -> Count {
        self.0.get(&area_id).map_or_else(Count::default, |cells| cells.values().copied().sum())
    }

    pub fn of_cell(&self, area_id: i32, cell: Cell) -> Count {
        self.0.get(&area_id).and_then(|cells| cells.get(&cell)).copied().unwrap_or_default()
    }

    pub fn total(&self) -> Count {
        self.0.values().flat_map(BTreeMap::values).copied().sum()
    }
}

impl Figure {
    pub fn of(count: Count, counted: NaiveDate) -> Self {
        Self { count: Some(count), counted }
    }

    pub fn withheld(counted: NaiveDate) -> Self {
        Self { count: None, counted }
    }
}

impl Table {
    /// Whether it speaks of the same TDPs, so that it can be continued.
    pub fn is_of_the_areas_of(&self, counts: &WardCounts) -> bool {
        self.tdps.keys().eq(counts.0.keys())
    }
}
