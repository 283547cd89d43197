//! The changes of the last minutes, so that a client that was away continues where it was.
//! It deliberately keeps them in memory only: after a restart the feed reads them from the database again.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::feed::{Batch, Change, Position};

pub const MINUTES: i32 = 10;
pub const MOST: usize = 20_000;

pub struct Recent {
    /// Whoever stands here or further misses nothing that is not kept.
    floor: Position,
    batches: VecDeque<Kept>,
    count: usize,
}

struct Kept {
    changes: Arc<[Change]>,
    /// Where whoever has these stands.
    position: Position,
}

impl Recent {
    /// Begins with changes read from the database; all of them come after `floor`, and `position` after all of them.
    pub fn new(floor: Position, changes: Vec<Change>, position: Position) -> Self {
        let count = changes.len();
        let batches = if changes.is_empty() { VecDeque::new() } else { VecDeque::from([Kept { changes: changes.into(), position }]) };
        Self { floor, batches, count }
    }

    /// Keeps a batch and forgets the oldest ones that are too old or too many. A batch is forgotten whole.
    pub fn keep(&mut self, batch: &Batch) {
        self.batches.push_back(Kept { changes: batch.changes.clone(), position: batch.position.clone() });
        self.count += batch.changes.len();
        let Some(newest) = batch.changes.last() else { return };
        let too_old = newest.at - chrono::TimeDelta::minutes(i64::from(MINUTES));
        while self.batches.len() > 1 {
            let oldest = &self.batches[0];
            let is_old = oldest.changes.last().is_none_or(|change| change.at < too_old);
            if !is_old && self.count <= MOST {
                break;
            }
            self.count -= oldest.changes.len();
            self.floor = oldest.position.clone();
            self.batches.pop_front();
        }
    }

    /// Everything that whoever stands at `position` has not been handed yet; none when some of it was forgotten.
    pub fn since(&self, position: &Position) -> Option<Vec<&Change>> {
        if !position.includes(&self.floor) {
            return None;
        }
        Some(self.batches.iter().flat_map(|kept| kept.changes.iter()).filter(|change| !position.sees(change)).collect())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::feed::{Epoch, Op, Snapshot};

    fn position(snapshot: &str) -> Position {
        Position::at(Epoch(1), snapshot.parse::<Snapshot>().unwrap())
    }

    fn change(seq: i64, xid: u64, minute: i64) -> Change {
        Change {
            seq,
            xid,
            at: DateTime::UNIX_EPOCH + TimeDelta::minutes(minute),
            topic: "camera".into(),
            op: Op::Update,
            old_area_id: None,
            area_id: None,
            row_id: Some(1),
            before: None,
            after: None,
            actor: None,
            request_id: None,
        }
    }

    fn batch(from: &str, to: &str, changes: &[(i64, u64)], minute: i64) -> Batch {
        let changes: Vec<_> = changes.iter().map(|(seq, xid)| change(*seq, *xid, minute)).collect();
        Batch { from: position(from), position: position(to), changes: changes.into() }
    }

    fn seqs(recent: &Recent, at: &str) -> Option<Vec<i64>> {
        Some(recent.since(&position(at))?.iter().map(|change| change.seq).collect())
    }

    #[test]
    fn a_client_gets_what_it_missed_and_nothing_else() {
        let mut recent = Recent::new(position("10:10:"), Vec::new(), position("10:10:"));
        recent.keep(&batch("10:10:", "10:13:10", &[(3, 11), (4, 12)], 0));
        recent.keep(&batch("10:13:10", "14:14:", &[(2, 10), (5, 13)], 0));
        assert_eq!(seqs(&recent, "10:10:"), Some(vec![3, 4, 2, 5]));
        assert_eq!(seqs(&recent, "10:13:10"), Some(vec![2, 5]), "10 was still open when the client left");
        assert_eq!(seqs(&recent, "14:14:"), Some(vec![]));
        assert_eq!(seqs(&recent, "9:9:"), None, "what came between 9 and 10 is not kept");
    }

    #[test]
    fn what_is_older_than_ten_minutes_is_forgotten_and_who_needs_it_is_told() {
        let mut recent = Recent::new(position("10:10:"), Vec::new(), position("10:10:"));
        recent.keep(&batch("10:10:", "11:11:", &[(1, 10)], 0));
        recent.keep(&batch("11:11:", "12:12:", &[(2, 11)], 9));
        recent.keep(&batch("12:12:", "13:13:", &[(3, 12)], 11));
        assert_eq!(seqs(&recent, "10:10:"), None);
        assert_eq!(seqs(&recent, "11:11:"), Some(vec![2, 3]));
    }

    #[test]
    fn a_restarted_server_knows_what_the_database_kept() {
        let recent = Recent::new(position("10:10:"), vec![change(1, 10, 0), change(2, 11, 0)], position("12:12:"));
        assert_eq!(seqs(&recent, "11:11:"), Some(vec![2]));
    }
}
