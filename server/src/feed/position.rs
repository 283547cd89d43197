//! Where a reader of the change feed stands: a snapshot of the database rather than a number, and how clients carry it.
//! It deliberately reads nothing: what a position sees is decided by values alone.

use std::{fmt, str::FromStr, sync::Arc};

use super::{Change, Head};

/// The life of one database between two restores. A position means nothing in another epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch(pub u64);

/// A `pg_snapshot`: which transactions were finished when it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The first transaction that had not begun (`xmax`).
    ends: u64,
    /// Transactions below `ends` that were still running, ascending.
    running: Arc<[u64]>,
}

/// Where a reader stands: the changes of everything that it `sees` have been handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub epoch: Epoch,
    pub(super) reached: Reached,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reached {
    Whole(Snapshot),
    /// On the way between two snapshots: of what became visible between them, everything up to `seq`.
    Part {
        from: Snapshot,
        to: Snapshot,
        seq: i64,
    },
}

impl Snapshot {
    /// Sees every transaction before `xid` and none from there on.
    pub(super) fn before(xid: u64) -> Self {
        Self { ends: xid, running: Arc::new([]) }
    }

    pub fn sees(&self, xid: u64) -> bool {
        xid < self.ends && self.running.binary_search(&xid).is_err()
    }

    /// Whether everything that `other` sees is seen by this one too.
    pub fn includes(&self, other: &Snapshot) -> bool {
        other.ends <= self.ends && self.running.iter().all(|xid| !other.sees(*xid))
    }

    /// The same snapshot for whoever knows that no transaction above `last_xid` which it sees has written a change.
    ///
    /// Positions are kept this low because a crash may give numbers above the last flushed transaction to others: a
    /// position that claimed to have seen them would skip what those write. It also stands still while nothing changes.
    pub(super) fn lowered(&self, last_xid: u64) -> Self {
        let ends = self.ends.min(last_xid + 1);
        Self { ends, running: self.running.iter().copied().filter(|xid| *xid < ends).collect() }
    }

    pub(super) fn ends(&self) -> u64 {
        self.ends
    }

    pub(super) fn running(&self) -> &[u64] {
        &self.running
    }
}

impl Position {
    /// Whether whoever stands here has been handed `change`.
    pub fn sees(&self, change: &Change) -> bool {
        match &self.reached {
            Reached::Whole(snapshot) => snapshot.sees(change.xid),
            Reached::Part { from, to, seq } => from.sees(change.xid) || (to.sees(change.xid) && change.seq <= *seq),
        }
    }

    /// Whether everything seen from `other` is surely seen from here. Of two positions that cannot be compared: no.
    pub fn includes(&self, other: &Position) -> bool {
        if self.epoch != other.epoch {
            return false;
        }
        match (&self.reached, &other.reached) {
            (Reached::Part { from: f, to: t, seq: s }, Reached::Part { from, to, seq }) if f == from && t == to => s >= seq,
            _ => self.reached.surely().includes(other.reached.at_most()),
        }
    }

    /// Not on the way through a backlog.
    pub fn is_whole(&self) -> bool {
        matches!(self.reached, Reached::Whole(_))
    }

    /// The position between two batches' ends at which the changes up to `seq` have been handed on.
    pub fn part_way(from: &Position, to: &Position, seq: i64) -> Position {
        Position {
            epoch: from.epoch,
            reached: Reached::Part { from: from.reached.surely().clone(), to: to.reached.at_most().clone(), seq },
        }
    }

    pub fn at(epoch: Epoch, snapshot: Snapshot) -> Position {
        Position { epoch, reached: Reached::Whole(snapshot) }
    }

    /// The same place, named for somebody else: a position is of use only to whoever it was given to.
    pub fn in_epoch(&self, epoch: Epoch) -> Position {
        Position { epoch, reached: self.reached.clone() }
    }
}

impl Head {
    /// Whether everything that is seen from `position` has been handed on.
    pub fn has_passed(&self, position: &Position) -> bool {
        let is_covered = self.position.epoch == position.epoch && self.covered.includes(position.reached.at_most());
        is_covered || self.position.includes(position)
    }
}

impl Reached {
    /// A snapshot all of which has been seen.
    pub(super) fn surely(&self) -> &Snapshot {
        match self {
            Reached::Whole(snapshot) => snapshot,
            Reached::Part { from, .. } => from,
        }
    }

    /// A snapshot beyond which nothing has been seen.
    pub(super) fn at_most(&self) -> &Snapshot {
        match self {
            Reached::Whole(snapshot) => snapshot,
            Reached::Part { to, .. } => to,
        }
    }
}

/// As PostgreSQL writes it: `xmin:xmax:running,running`.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begins = self.running.first().copied().unwrap_or(self.ends);
        write!(f, "{begins}:{}:", self.ends)?;
        for (index, xid) in self.running.iter().enumerate() {
            write!(f, "{}{xid}", if index == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Snapshot {
    type Err = UnreadablePosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let (Some(_), Some(ends), Some(running), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(UnreadablePosition);
        };
        let ends = ends.parse().map_err(|_| UnreadablePosition)?;
        let running: Result<Arc<[u64]>, _> = running.split(',').filter(|xid| !xid.is_empty()).map(str::parse).collect();
        Ok(Self { ends, running: running.map_err(|_| UnreadablePosition)? })
    }
}

/// As clients carry it: `epoch.place`, letters, digits, `_`, `~` and `.` only.
///
/// A snapshot is its end and, counted back from there, what was still running: `ends_back_back`, base 36. A part is
/// `from~to~seq`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", base36(self.epoch.0))?;
        match &self.reached {
            Reached::Whole(snapshot) => f.write_str(&compact(snapshot)),
            Reached::Part { from, to, seq } => write!(f, "{}~{}~{}", compact(from), compact(to), base36(seq.unsigned_abs())),
        }
    }
}

impl FromStr for Position {
    type Err = UnreadablePosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, place) = text.split_once('.').ok_or(UnreadablePosition)?;
        let epoch = Epoch(from_base36(epoch)?);
        let mut parts = place.split('~');
        let from = expand(parts.next().ok_or(UnreadablePosition)?)?;
        let reached = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Reached::Whole(from),
            (Some(to), Some(seq), None) => {
                let seq = i64::try_from(from_base36(seq)?).map_err(|_| UnreadablePosition)?;
                Reached::Part { from, to: expand(to)?, seq }
            }
            _ => return Err(UnreadablePosition),
        };
        Ok(Self { epoch, reached })
    }
}

/// Not a position that this server gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position of the change feed")]
pub struct UnreadablePosition;

/// No server keeps this many transactions open; a longer list is not ours.
const MOST_RUNNING: usize = 10_000;

fn compact(snapshot: &Snapshot) -> String {
    let running = snapshot.running.iter().map(|xid| format!("_{}", base36(snapshot.ends - xid)));
    base36(snapshot.ends) + &running.collect::<String>()
}

fn expand(text: &str) -> Result<Snapshot, UnreadablePosition> {
    let mut parts = text.split('_');
    let ends = from_base36(parts.next().ok_or(UnreadablePosition)?)?;
    let mut running = Vec::new();
    for back in parts {
        let xid = ends.checked_sub(from_base36(back)?).ok_or(UnreadablePosition)?;
        if running.last().is_some_and(|last| *last >= xid) || xid == ends || running.len() == MOST_RUNNING {
            return Err(UnreadablePosition);
        }
        running.push(xid);
    }
    Ok(Snapshot { ends, running: running.into() })
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).expect("below 36");
        digits.push(char::from_digit(digit, 36).expect("below 36"));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect();
        }
    }
}

fn from_base36(text: &str) -> Result<u64, UnreadablePosition> {
    let is_ours = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    if !is_ours {
        return Err(UnreadablePosition);
    }
    u64::from_str_radix(text, 36).map_err(|_| UnreadablePosition)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn snapshot(text: &str) -> Snapshot {
        text.parse().unwrap()
    }

    #[test]
    fn a_snapshot_sees_what_was_finished() {
        let taken = snapshot("10:14:10,12");
        let seen: Vec<u64> = (8..16).filter(|xid| taken.sees(*xid)).collect();
        assert_eq!(seen, [8, 9, 11, 13]);
        assert_eq!(taken.to_string(), "10:14:10,12");
    }

    #[test]
    fn a_later_snapshot_includes_an_earlier_one_and_not_the_other_way_round() {
        let earlier = snapshot("10:14:10,12");
        let later = snapshot("12:15:12");
        assert!(later.includes(&earlier) && !earlier.includes(&later));
        assert!(!snapshot("10:15:10,11").includes(&earlier), "11 was finished for the earlier one");
    }

    #[test]
    fn lowering_forgets_only_transactions_that_wrote_no_change() {
        let lowered = snapshot("10:90:10,12,80").lowered(13);
        assert_eq!(lowered.to_string(), "10:14:10,12");
        assert_eq!(snapshot("5:6:5").lowered(13).to_string(), "5:6:5");
    }

    #[test]
    fn a_client_carries_a_short_word() {
        let position = Position { epoch: Epoch(1_000_000), reached: Reached::Whole(snapshot("998:1000:998,999")) };
        assert_eq!(position.to_string(), "lfls.rs_2_1");
        let part = Position::part_way(&position, &position, 35);
        assert_eq!(part.to_string(), "lfls.rs_2_1~rs_2_1~z");
    }

    #[test]
    fn words_that_we_did_not_give_out_are_refused() {
        for word in [
            "",
            ".",
            "1",
            "1.",
            "1.RS",
            "1.rs_",
            "1.rs_1_2",
            "1.rs_0",
            "1.rs~rs",
            "1.rs~rs~1~1",
            "1.+5",
            "1.2_5",
            "-1.2",
            "1.zzzzzzzzzzzzzzzz",
        ] {
            assert_eq!(word.parse::<Position>(), Err(UnreadablePosition), "{word}");
        }
    }

    fn any_snapshot() -> impl Strategy<Value = Snapshot> {
        (1..5_000u64, proptest::collection::btree_set(0..40u64, 0..6)).prop_map(|(ends, back)| {
            let running: std::collections::BTreeSet<u64> = back.iter().filter_map(|back| ends.checked_sub(back + 1)).collect();
            Snapshot { ends, running: running.into_iter().collect() }
        })
    }

    proptest! {
        #[test]
        fn every_position_survives_the_wire(from in any_snapshot(), to in any_snapshot(), seq in 0..i64::MAX, epoch: u64) {
            let whole = Position::at(Epoch(epoch), from.clone());
            prop_assert_eq!(whole.to_string().parse(), Ok(whole.clone()));
            let part = Position { epoch: Epoch(epoch), reached: Reached::Part { from, to, seq } };
            prop_assert_eq!(part.to_string().parse(), Ok(part));
        }

        #[test]
        fn including_means_seeing_all_that_the_other_sees(a in any_snapshot(), b in any_snapshot()) {
            let sees_all = (0..5_000).all(|xid| !b.sees(xid) || a.sees(xid));
            // The two differ only where the end of one counts transactions that were all running.
            prop_assert!(!a.includes(&b) || sees_all);
            prop_assert!(a.includes(&b) || !sees_all || b.ends > a.ends);
        }

        #[test]
        fn nonsense_is_refused_without_a_panic(word in "\\PC{0,40}") {
            _ = word.parse::<Position>();
            _ = word.parse::<Snapshot>();
        }
    }
}
