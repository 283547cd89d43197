//! Continues a published table into the next month, so that two months side by side tell no more than each alone.
//! It deliberately withholds nothing new and releases nothing: a figure moves by `LEAST` or more, or stays as it was.
//!
//! Whoever compares months looks for the difference that one household makes. So a figure is replaced only when both its
//! counts have moved by at least `LEAST` since it was counted, and the new ones may be said; and what is withheld stays so
//! until January counts everything anew.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::LEAST;
use super::table::{Cell, Count, Figure, Table, TdpTable, WardCounts};
use super::withhold::covers;

/// The table of `month` after `previous`, of the same TDPs.
pub fn carry_on(previous: &Table, counts: &WardCounts, month: NaiveDate) -> Table {
    let tdps = previous.tdps.iter().map(|(area_id, before)| (*area_id, carry_tdp(before, *area_id, counts, month)));
    let next = Table { ward: moved(previous.ward, counts.total(), month), tdps: tdps.collect() };
    let totals: Vec<Figure> = next.tdps.values().map(|tdp| tdp.total).collect();
    if stays_covered(next.ward, &totals) { next } else { previous.clone() }
}

/// One TDP and its cells, which move together or not at all: their sums must keep hiding what is withheld.
fn carry_tdp(before: &TdpTable, area_id: i32, counts: &WardCounts, month: NaiveDate) -> TdpTable {
    let total = moved(before.total, counts.of_tdp(area_id), month);
    let cells = before.cells.as_ref().map(|cells| carry_cells(cells, area_id, counts, month));
    let figures: Vec<Figure> = cells.iter().flat_map(BTreeMap::values).copied().collect();
    match stays_covered(total, &figures) {
        true => TdpTable { total, cells },
        false => before.clone(),
    }
}

fn carry_cells(before: &BTreeMap<Cell, Figure>, area_id: i32, counts: &WardCounts, month: NaiveDate) -> BTreeMap<Cell, Figure> {
    let mut cells: BTreeMap<Cell, Figure> =
        before.iter().map(|(cell, figure)| (*cell, moved(*figure, counts.of_cell(area_id, *cell), month))).collect();
    for (cell, count) in counts.0.get(&area_id).into_iter().flatten().filter(|(cell, _)| !before.contains_key(*cell)) {
        // It was not listed, so it was said to be empty.
        let figure = moved(Figure::of(Count::default(), month), *count, month);
        if figure.count.is_some_and(|count| count.households > 0) {
            cells.insert(*cell, figure);
        }
    }
    cells
}

/// The figure as it is now counted, if it moved enough to be said; as it was otherwise.
fn moved(before: Figure, now: Count, month: NaiveDate) -> Figure {
    match before.count {
        Some(said) if has_moved(said, now) && !now.is_small() => Figure::of(now, month),
        _ => before,
    }
}

fn has_moved(before: Count, now: Count) -> bool {
    before.households.abs_diff(now.households) >= LEAST && before.residents.abs_diff(now.residents) >= LEAST
}

/// Whether the withheld parts of a total still hide each other, by what is published now.
fn stays_covered(total: Figure, parts: &[Figure]) -> bool {
    let withheld = parts.iter().filter(|part| part.count.is_none()).count();
    let (Some(total), 1..) = (total.count, withheld) else { return true };
    let said: Count = parts.iter().filter_map(|part| part.count).sum();
    let rest = total.households.checked_sub(said.households).zip(total.residents.checked_sub(said.residents));
    rest.is_some_and(|(households, residents)| covers(withheld, Count { households, residents }))
}

#[cfg(test)]
mod tests {
    use super::super::{Square, next_table};
    use super::*;

    fn month(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, number, 1).unwrap()
    }

    fn square(east: i32) -> Cell {
        Some(Square { east, north: 0 })
    }

    /// One TDP with these households per cell, three people in each.
    fn ward(cells: &[u32]) -> WardCounts {
        let mut counts = WardCounts::default();
        for (east, households) in cells.iter().enumerate() {
            counts.add(7, square(east as i32), Count { households: *households, residents: households * 3 });
        }
        counts
    }

    fn households(table: &Table) -> Vec<Option<u32>> {
        table.tdps[&7].cells.as_ref().unwrap().values().map(|figure| figure.count.map(|count| count.households)).collect()
    }

    #[test]
    fn one_household_more_changes_no_figure() {
        let first = next_table(None, &ward(&[3, 40, 12, 9]), month(10));
        let second = next_table(Some(&first), &ward(&[3, 41, 12, 9]), month(11));
        assert_eq!(second, first, "not even the month in which it was counted");
    }

    #[test]
    fn a_cell_that_grew_by_a_terrace_is_counted_anew() {
        let first = next_table(None, &ward(&[20, 40]), month(10));
        let second = next_table(Some(&first), &ward(&[20, 47]), month(11));
        assert_eq!(households(&second), [Some(20), Some(47)]);
        assert_eq!(second.tdps[&7].cells.as_ref().unwrap()[&square(1)].counted, month(11));
        assert_eq!(second.ward.count.unwrap().households, 67);
    }

    #[test]
    fn a_cell_that_shrank_to_a_few_stays_as_it_was_until_it_is_empty() {
        let first = next_table(None, &ward(&[20, 40]), month(10));
        let second = next_table(Some(&first), &ward(&[3, 40]), month(11));
        assert_eq!(households(&second), [Some(20), Some(40)]);
        let third = next_table(Some(&second), &ward(&[0, 40]), month(12));
        assert_eq!(households(&third), [Some(0), Some(40)]);
    }

    #[test]
    fn what_is_withheld_stays_withheld_until_january() {
        let first = next_table(None, &ward(&[3, 40, 12, 9]), month(10));
        let grown = ward(&[30, 40, 12, 9]);
        let second = next_table(Some(&first), &grown, month(11));
        assert_eq!(households(&second), [None, Some(40), Some(12), None]);
        let january = next_table(Some(&second), &grown, NaiveDate::from_ymd_opt(2027, 1, 1).unwrap());
        assert_eq!(households(&january), [Some(30), Some(40), Some(12), Some(9)]);
    }

    #[test]
    fn a_total_that_would_uncover_its_cells_is_not_moved() {
        let first = next_table(None, &ward(&[3, 40, 12, 9]), month(10));
        // Nine households left one withheld cell: the rest would be 3 in two cells.
        let second = next_table(Some(&first), &ward(&[3, 40, 12, 0]), month(11));
        assert_eq!(second.tdps, first.tdps);
    }

    #[test]
    fn a_first_house_in_an_empty_square_is_not_said() {
        let first = next_table(None, &ward(&[20, 40]), month(10));
        let second = next_table(Some(&first), &ward(&[20, 40, 1]), month(11));
        assert_eq!(second, first);
        let third = next_table(Some(&second), &ward(&[20, 40, 8]), month(12));
        assert_eq!(households(&third), [Some(20), Some(40), Some(8)]);
    }
}
