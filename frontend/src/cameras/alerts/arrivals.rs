//! What of a changing list stands on the screen: while somebody's eyes or hands are on it no row comes or goes from under them.
//! Rows that are shown go on being true; only new ones wait, and are counted.

use shared::camera_alert::CameraAlert;

use super::folding::Row;

/// One row among others, though the alerts that it stands for may become more: camera, kind, since when, and which of several
/// that share all that.
pub type RowKey = (i64, &'static str, i64, usize);

fn keyed(rows: Vec<Row>) -> Vec<(RowKey, Row)> {
    let happening = |row: &Row| (row.alert.camera_id, row.alert.kind.name(), row.since.timestamp_micros());
    let which = |row: &Row| rows.iter().filter(|other| happening(other) == happening(row) && other.alert.id < row.alert.id).count();
    let keys: Vec<RowKey> = rows
        .iter()
        .map(|row| {
            let (camera, kind, since) = happening(row);
            (camera, kind, since, which(row))
        })
        .collect();
    keys.into_iter().zip(rows).collect()
}

/// Each alert in a row of its own, in their order: a list that is searched leaves nothing out.
pub fn one_by_one(alerts: Vec<CameraAlert>) -> Vec<Row> {
    alerts.into_iter().map(Row::of).collect()
}

/// Rows on the screen, and how many wait to come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    pub rows: Vec<(RowKey, Row)>,
    pub waiting: usize,
}

impl Shown {
    pub fn all(rows: Vec<Row>) -> Shown {
        Shown { rows: keyed(rows), waiting: 0 }
    }

    /// The rows that stood there before, as they are now and where they were. What is new above or among them waits; what comes
    /// below the last of them is in nobody's way.
    pub fn held(before: &Shown, rows: Vec<Row>) -> Shown {
        let rows = keyed(rows);
        let is_known = |(key, _): &(RowKey, Row)| before.rows.iter().any(|(known, _)| known == key);
        let below = rows.iter().rposition(is_known).map_or(0, |last| last + 1);
        let as_it_is = |(known, _): &(RowKey, Row)| rows.iter().find(|(key, _)| key == known).cloned();
        let mut shown: Vec<(RowKey, Row)> = before.rows.iter().filter_map(as_it_is).collect();
        shown.extend_from_slice(&rows[below..]);
        Shown { waiting: rows.len() - shown.len(), rows: shown }
    }

    pub fn find(&self, key: &RowKey) -> Option<&Row> {
        self.rows.iter().find(|(known, _)| known == key).map(|(_, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{folding, sample::alert};
    use super::*;
    use shared::camera_alert::{AlertStatus, Severity};

    fn rows(ids: &[i64], status: AlertStatus) -> Vec<Row> {
        folding::rows(ids.iter().map(|id| alert(*id, *id as u32, *id, Severity::Medium, status)).collect())
    }

    #[test]
    fn while_somebody_looks_rows_stay_where_they_are_and_new_ones_wait() {
        let before = Shown::all(rows(&[2, 3], AlertStatus::New));
        let held = Shown::held(&before, rows(&[0, 1, 2, 3], AlertStatus::New));
        assert_eq!(held.rows.iter().map(|(_, row)| row.alert.id).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(held.waiting, 2);
    }

    #[test]
    fn what_is_read_on_below_the_last_row_comes_at_once() {
        let before = Shown::all(rows(&[2, 3], AlertStatus::New));
        let held = Shown::held(&before, rows(&[1, 2, 3, 4, 5], AlertStatus::New));
        assert_eq!(held.rows.iter().map(|(_, row)| row.alert.id).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(held.waiting, 1);
    }

    #[test]
    fn a_list_that_was_empty_waits_for_nothing() {
        let held = Shown::held(&Shown::default(), rows(&[1], AlertStatus::New));
        assert_eq!((held.rows.len(), held.waiting), (1, 0));
    }

    #[test]
    fn what_is_shown_stays_true_and_what_is_done_goes() {
        let before = Shown::all(rows(&[2, 3], AlertStatus::New));
        let held = Shown::held(&before, rows(&[3], AlertStatus::Taken));
        assert_eq!(held.rows.len(), 1);
        assert_eq!(held.rows[0].1.alert.status, AlertStatus::Taken);
        assert_eq!(held.waiting, 0);
    }

    #[test]
    fn a_row_stays_the_same_row_while_more_fold_into_it() {
        let parked =
            |ids: &[i64]| folding::rows(ids.iter().map(|id| alert(*id, *id as u32, 7, Severity::Medium, AlertStatus::New)).collect());
        let before = Shown::all(parked(&[1, 2]));
        let held = Shown::held(&before, parked(&[1, 2, 3]));
        assert_eq!((held.rows.len(), held.waiting), (1, 0));
        assert_eq!((held.rows[0].1.alert.id, held.rows[0].1.times), (3, 3));
    }

    #[test]
    fn alerts_of_one_moment_are_rows_of_their_own_in_a_list_that_is_searched() {
        let same = [1, 2].map(|id| alert(id, 5, 7, Severity::Medium, AlertStatus::New));
        let shown = Shown::all(one_by_one(same.to_vec()));
        assert_ne!(shown.rows[0].0, shown.rows[1].0);
    }
}
