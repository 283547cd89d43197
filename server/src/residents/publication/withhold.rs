//! Decides, from exact counts alone, which figures of a ward are withheld: the small ones, and enough others that no small
//! one can be computed from the totals. It deliberately knows no earlier month; `carry` does.
//!
//! Primary and secondary suppression of a table with nested totals (Willenborg and de Waal, *Elements of Statistical
//! Disclosure Control*, 2001, chapter 4). Totals nest as a tree, so what an outsider can say of the withheld parts of one
//! total follows from their number and their sum, and both are checked here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::LEAST;
use super::table::{Cell, Count, Figure, Table, TdpTable, WardCounts};

/// The table of a month that continues no other.
pub fn decide(counts: &WardCounts, month: NaiveDate) -> Table {
    let tdps: BTreeMap<i32, Count> = counts.0.keys().map(|area_id| (*area_id, counts.of_tdp(*area_id))).collect();
    let Some(withheld) = to_withhold(&tdps).filter(|_| !counts.total().is_small()) else {
        return nothing_but_names(counts, month);
    };
    let table = |(area_id, total): (&i32, &Count)| {
        let tdp = match withheld.contains(area_id) {
            true => TdpTable { total: Figure::withheld(month), cells: None },
            false => TdpTable { total: Figure::of(*total, month), cells: cells(&counts.0[area_id], month) },
        };
        (*area_id, tdp)
    };
    Table { ward: Figure::of(counts.total(), month), tdps: tdps.iter().map(table).collect() }
}

/// A ward of so few people that not even its total can be said.
fn nothing_but_names(counts: &WardCounts, month: NaiveDate) -> Table {
    let nothing = TdpTable { total: Figure::withheld(month), cells: None };
    Table { ward: Figure::withheld(month), tdps: counts.0.keys().map(|area_id| (*area_id, nothing.clone())).collect() }
}

/// The inhabited cells of a TDP whose total is published; none where no choice of withheld ones would cover the small ones.
fn cells(counts: &BTreeMap<Cell, Count>, month: NaiveDate) -> Option<BTreeMap<Cell, Figure>> {
    let withheld = to_withhold(counts)?;
    let inhabited = counts.iter().filter(|(_, count)| count.households > 0);
    let figure = |(cell, count): (&Cell, &Count)| {
        let figure = if withheld.contains(cell) { Figure::withheld(month) } else { Figure::of(*count, month) };
        (*cell, figure)
    };
    Some(inhabited.map(figure).collect())
}

/// The parts of a published total that are withheld: every small one, and the next smallest until all are covered. None
/// where even withholding every part would not do.
fn to_withhold<K: Copy + Ord>(parts: &BTreeMap<K, Count>) -> Option<BTreeSet<K>> {
    let (small, mut others): (Vec<_>, Vec<_>) =
        parts.iter().filter(|(_, count)| count.households > 0).partition(|(_, count)| count.is_small());
    let mut withheld: BTreeMap<K, Count> = small.into_iter().map(|(key, count)| (*key, *count)).collect();
    if withheld.is_empty() {
        return Some(BTreeSet::new());
    }
    // The smallest first: the table loses least. Largest last, to be popped from the end.
    others.sort_by_key(|(key, count)| std::cmp::Reverse((**count, **key)));
    while !covers(withheld.len(), withheld.values().copied().sum()) {
        let (key, count) = others.pop()?;
        withheld.insert(*key, *count);
    }
    Some(withheld.into_keys().collect())
}

/// Whether withheld parts hide each other, when their number and their sum are known.
///
/// Every part is known to hold at least one household, so each lies between 1 and the sum less one for each other part:
/// with two parts or more that range must be `LEAST` wide, in households and in people.
pub fn covers(parts: usize, sum: Count) -> bool {
    let wide_enough = |sum: u32| sum as usize >= parts + LEAST as usize;
    parts >= 2 && wide_enough(sum.households) && wide_enough(sum.residents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residents::publication::Square;

    fn month() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 1).unwrap()
    }

    /// TDPs by their cells' households, three people in each.
    fn ward(tdps: &[&[u32]]) -> WardCounts {
        let mut counts = WardCounts::default();
        for (area_id, cells) in tdps.iter().enumerate() {
            counts.0.entry(area_id as i32).or_default();
            for (east, households) in cells.iter().enumerate() {
                let square = Some(Square { east: east as i32, north: 0 });
                counts.add(area_id as i32, square, Count { households: *households, residents: households * 3 });
            }
        }
        counts
    }

    fn shown(table: &Table, area_id: i32) -> Vec<Option<u32>> {
        let cells = table.tdps[&area_id].cells.as_ref().expect("cells are listed");
        cells.values().map(|figure| figure.count.map(|count| count.households)).collect()
    }

    #[test]
    fn a_small_cell_is_covered_by_the_next_smallest() {
        let table = decide(&ward(&[&[3, 40, 12, 9]]), month());
        assert_eq!(shown(&table, 0), [None, Some(40), Some(12), None]);
        assert_eq!(table.ward.count.unwrap().households, 64);
    }

    #[test]
    fn small_cells_that_sum_to_little_take_a_larger_one_along() {
        let table = decide(&ward(&[&[1, 1, 6, 50]]), month());
        assert_eq!(shown(&table, 0), [None, None, None, Some(50)], "two households in two cells would be one each");
    }

    #[test]
    fn a_cell_of_few_people_is_small_whatever_its_households() {
        let mut counts = ward(&[&[20, 30]]);
        counts.add(0, None, Count { households: 6, residents: 4 });
        let table = decide(&counts, month());
        assert_eq!(shown(&table, 0), [None, None, Some(30)], "households without a place come first");
    }

    #[test]
    fn a_tdp_too_small_for_any_cover_lists_no_cells() {
        let table = decide(&ward(&[&[3, 3], &[100]]), month());
        assert_eq!(table.tdps[&0].total.count.unwrap().households, 6);
        assert_eq!(table.tdps[&0].cells, None);
        assert_eq!(shown(&table, 1), [Some(100)]);
    }

    #[test]
    fn a_small_tdp_takes_another_with_it_and_neither_lists_cells() {
        let table = decide(&ward(&[&[3], &[100, 20], &[30, 10]]), month());
        let totals: Vec<_> = table.tdps.values().map(|tdp| tdp.total.count.map(|count| count.households)).collect();
        assert_eq!(totals, [None, Some(120), None]);
        assert!(table.tdps[&2].cells.is_none());
    }

    #[test]
    fn of_a_handful_of_people_nothing_is_said() {
        for counts in [ward(&[&[2]]), ward(&[&[2], &[3]]), ward(&[&[4, 1], &[1]])] {
            let table = decide(&counts, month());
            assert_eq!(table.ward.count, None, "{counts:?}");
            assert!(table.tdps.values().all(|tdp| tdp.total.count.is_none() && tdp.cells.is_none()));
        }
    }

    #[test]
    fn an_empty_tdp_is_said_to_be_empty() {
        let table = decide(&ward(&[&[], &[100]]), month());
        assert_eq!(table.tdps[&0].total.count, Some(Count::default()));
    }
}
