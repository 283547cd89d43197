//! What of the register stands on the screen while it changes: under an eye or a hand no row comes, goes or moves.
//! What has been opened again stays where it was and says so; what is new waits, and is counted. It deliberately asks nobody.

use shared::violation::Violation;

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub violation: Violation,
    /// Opened again: no violation any more, and not here any more once nobody looks.
    pub is_gone: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    pub entries: Vec<Entry>,
    pub waiting: usize,
}

impl Shown {
    pub fn all(rows: Vec<Violation>) -> Shown {
        Shown { entries: rows.into_iter().map(|violation| Entry { violation, is_gone: false }).collect(), waiting: 0 }
    }

    /// What stood there before, as it is now and where it was; what comes below the last of it is in nobody's way. `is_whole`: there
    /// is nothing after these rows. Else what lies beyond them was not read again, and nothing is known of it.
    pub fn held(before: &Shown, rows: Vec<Violation>, is_whole: bool) -> Shown {
        let place = |row: &Violation| (row.started_at, row.id);
        let end = rows.last().map(place).filter(|_| !is_whole);
        let is_known = |row: &Violation| before.entries.iter().any(|entry| entry.violation.id == row.id);
        let last = before.entries.last().map(|entry| place(&entry.violation));
        let belongs_above = |row: &Violation| last.is_some_and(|last| place(row) > last);
        let mut entries: Vec<Entry> = before
            .entries
            .iter()
            .map(|entry| match rows.iter().find(|row| row.id == entry.violation.id) {
                Some(row) => Entry { violation: row.clone(), is_gone: false },
                None => Entry { is_gone: entry.is_gone || end.is_none_or(|end| place(&entry.violation) > end), ..entry.clone() },
            })
            .collect();
        let (above, below): (Vec<Violation>, Vec<Violation>) = rows.into_iter().filter(|row| !is_known(row)).partition(belongs_above);
        entries.extend(below.into_iter().map(|violation| Entry { violation, is_gone: false }));
        let waiting = above.len();
        Shown { entries, waiting }
    }

    pub fn find(&self, id: i64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.violation.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newest first: the higher the id, the later it began.
    fn rows(ids: &[i64]) -> Vec<Violation> {
        let row = |id: &i64| {
            let at = format!("2026-11-22T08:{id:02}:00Z");
            serde_json::from_value(serde_json::json!({
                "id": id, "code": format!("CB{id}"), "kind": "illegal_parking", "severity": "medium", "started_at": at, "closed_at": at,
                "camera_id": 7, "camera_code": "C07", "camera_name": "", "area_id": 1, "area_name": "",
            }))
            .expect("a violation as the server writes it")
        };
        ids.iter().map(row).collect()
    }

    fn told(shown: &Shown) -> (Vec<(i64, bool)>, usize) {
        (shown.entries.iter().map(|entry| (entry.violation.id, entry.is_gone)).collect(), shown.waiting)
    }

    #[test]
    fn while_somebody_looks_no_row_comes_between_and_the_new_ones_are_counted() {
        let before = Shown::all(rows(&[5, 3]));
        assert_eq!(told(&Shown::held(&before, rows(&[6, 5, 4, 3]), true)), (vec![(5, false), (3, false)], 2));
        assert_eq!(told(&Shown::all(rows(&[6, 5, 4, 3]))).1, 0, "and come once nobody does");
    }

    #[test]
    fn what_is_opened_again_stays_where_it_was_and_says_so() {
        let before = Shown::all(rows(&[5, 4, 3]));
        let held = Shown::held(&before, rows(&[5, 3]), true);
        assert_eq!(told(&held), (vec![(5, false), (4, true), (3, false)], 0));
        assert_eq!(told(&Shown::held(&held, rows(&[5, 4, 3]), true)).0[1], (4, false), "closed once more, it is one again");
        let alone = Shown::held(&Shown::all(rows(&[4])), rows(&[6, 3]), true);
        assert_eq!(told(&alone), (vec![(4, true), (3, false)], 1), "what belongs above waits, also above what is gone");
    }

    #[test]
    fn what_lies_beyond_what_was_read_again_is_not_said_to_be_gone() {
        let before = Shown::all(rows(&[5, 4, 3]));
        let held = Shown::held(&before, rows(&[7, 6, 5]), false);
        assert_eq!(told(&held), (vec![(5, false), (4, false), (3, false)], 2));
        let read_on = Shown::held(&held, rows(&[7, 6, 5, 4, 3, 2]), false);
        assert_eq!(told(&read_on), (vec![(5, false), (4, false), (3, false), (2, false)], 2), "and what is read on comes below, once");
    }

    #[test]
    fn a_register_that_was_empty_waits_for_nothing() {
        assert_eq!(told(&Shown::held(&Shown::default(), rows(&[1]), true)), (vec![(1, false)], 0));
    }
}
