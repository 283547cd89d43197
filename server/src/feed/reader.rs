//! The one reader of a process: asks the database every 20 ms what is new, hands it on, and outlives the database's restarts.
//! It deliberately knows neither who follows nor what a change means.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::Context;
use metrics::{counter, gauge, histogram};
use sqlx::PgPool;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{error, info, warn};
use uuid::Uuid;

use super::{
    Batch, Epoch, Follower, Head, Inner, Position, Snapshot,
    db::{Link, Reading},
    position::Reached,
};

const TICK: Duration = Duration::from_millis(20);
/// Changes handed on at a time. Followers hold a batch in memory; screens get their frames between two.
const MOST_CHANGES: usize = 1_000;
/// Changes read at a time. Every reading of a backlog looks through all of it, so one that is cut small is never caught up with.
const MOST_READ: usize = 10_000;
/// Longer than the statement timeout: only a database that is not there any more takes this long.
const NO_ANSWER: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(super) struct Reader {
    /// Weak, so that the feed ends when nobody holds it any more.
    feed: Weak<Inner>,
    pool: PgPool,
    followers: Vec<Arc<dyn Follower>>,
    standing: Standing,
    /// Which database this is, by its own account.
    origin: Epoch,
    generation: Uuid,
}

/// Where the reader stands. Moves only after every follower has taken a reading in, so nothing is lost with a connection.
#[derive(Debug, Clone)]
struct Standing {
    position: Position,
    covered: Snapshot,
    last_xid: u64,
}

/// Why reading on does not go on.
enum Trouble {
    /// The connection is of no more use.
    Link(anyhow::Error),
    /// This is not the database that the position was taken from.
    NewEpoch(&'static str),
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(cause: E) -> Self {
        Trouble::Link(cause.into())
    }
}

impl Reader {
    pub(super) async fn begin(feed: Weak<Inner>, pool: &PgPool, followers: Vec<Arc<dyn Follower>>) -> anyhow::Result<Self> {
        let mut link = Link::open(pool).await?;
        let (epoch, generation) = link.epoch().await?;
        let standing = Standing::at_the_beginning(epoch, &mut link).await?;
        let reader = Self { feed, pool: pool.clone(), followers, standing, origin: epoch, generation };
        reader.let_followers_begin().await?;
        reader.announce();
        link.close().await;
        Ok(reader)
    }

    pub(super) async fn run(mut self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let stood = self.standing.covered.clone();
            let trouble = self.read_on().await;
            gauge!("feed_connected").set(0.0);
            if self.standing.covered != stood {
                pause = FIRST_PAUSE;
            }
            match trouble {
                Ok(()) => return,
                Err(Trouble::Link(cause)) => {
                    warn!(
                        cause = format!("{cause:#}"),
                        pause_ms = pause.as_millis(),
                        "the change feed lost the database; reading on from where it stood"
                    );
                }
                Err(Trouble::NewEpoch(why)) => match self.begin_anew().await {
                    Ok(()) => info!(why, "the change feed has begun a new epoch; everything that follows it was read again"),
                    Err(cause) => error!(why, cause = format!("{cause:#}"), "a new epoch could not begin; trying again"),
                },
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Reads over one connection until it fails; Ok when nobody needs the feed any more.
    async fn read_on(&mut self) -> Result<(), Trouble> {
        let mut link = timeout(NO_ANSWER, Link::open(&self.pool)).await.context("connecting took too long")??;
        let (epoch, generation) = timeout(NO_ANSWER, link.epoch()).await.context("the database fell silent")??;
        if epoch != self.origin {
            return Err(Trouble::NewEpoch("the database behind the address is another one"));
        }
        self.generation = generation;
        gauge!("feed_connected").set(1.0);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.feed.strong_count() > 0 {
            if self.standing.is_level() {
                tick.tick().await;
            }
            let reading =
                timeout(NO_ANSWER, link.read(&self.standing.position, MOST_READ as i64)).await.context("the database fell silent")??;
            if reading.generation != self.generation {
                return Err(Trouble::NewEpoch("a restore has renewed feed_epoch"));
            }
            if self.standing.is_ahead_of(&reading.seen) {
                return Err(Trouble::NewEpoch("the database knows fewer transactions than were read from it"));
            }
            let more_to_read = reading.changes.len() >= MOST_READ;
            let mut portions = reading.in_portions(MOST_CHANGES).into_iter().peekable();
            while let Some(portion) = portions.next() {
                let is_cut = more_to_read || portions.peek().is_some();
                self.take_in(portion, is_cut).await;
            }
        }
        link.close().await;
        Ok(())
    }

    /// Hands a reading to every follower in order, then moves on. `is_cut`: there is more that was to be read then.
    async fn take_in(&mut self, reading: Reading, is_cut: bool) {
        let next = self.standing.after(&reading, is_cut);
        if let Some(first) = reading.changes.first() {
            histogram!("feed_batch_changes").record(reading.changes.len() as f64);
            counter!("feed_changes_total").increment(reading.changes.len() as u64);
            let lag = (reading.at - first.at).to_std().unwrap_or_default();
            let batch = Batch { from: self.standing.position.clone(), position: next.position.clone(), changes: reading.changes.into() };
            for follower in &self.followers {
                follow_until_taken_in(follower.as_ref(), &batch).await;
            }
            histogram!("feed_lag_seconds").record(lag.as_secs_f64());
        }
        self.standing = next;
        self.announce();
    }

    async fn begin_anew(&mut self) -> anyhow::Result<()> {
        let mut link = Link::open(&self.pool).await?;
        let (epoch, generation) = link.epoch().await?;
        // The same origin, but fewer transactions: the files were put back from a copy. The positions given out must not fit.
        let name = if epoch == self.origin { Epoch(epoch.0 ^ rand::random::<u64>()) } else { epoch };
        self.standing = Standing::at_the_beginning(name, &mut link).await?;
        self.origin = epoch;
        self.generation = generation;
        self.let_followers_begin().await?;
        self.announce();
        link.close().await;
        Ok(())
    }

    async fn let_followers_begin(&self) -> anyhow::Result<()> {
        let head = self.standing.head();
        for follower in &self.followers {
            follower.begin(&head).await.with_context(|| format!("{} could not read its beginning", follower.name()))?;
        }
        Ok(())
    }

    fn announce(&self) {
        if let Some(feed) = self.feed.upgrade() {
            feed.level_at(self.standing.head());
        }
    }
}

/// A follower's trouble is not the next one's: the batch is kept until it has been taken in.
async fn follow_until_taken_in(follower: &dyn Follower, batch: &Batch) {
    let mut pause = FIRST_PAUSE;
    while let Err(cause) = follower.follow(batch).await {
        error!(follower = follower.name(), cause = format!("{cause:#}"), "changes were not taken in; trying again");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

impl Standing {
    async fn at_the_beginning(epoch: Epoch, link: &mut Link) -> anyhow::Result<Self> {
        let beginning = link.beginning().await?;
        Ok(Self {
            position: Position::at(epoch, beginning.seen.lowered(beginning.last_xid)),
            covered: beginning.seen,
            last_xid: beginning.last_xid,
        })
    }

    /// Where a reader stands that has handed `reading` on. `is_cut`: it is the first part of what was to be read.
    fn after(&self, reading: &Reading, is_cut: bool) -> Self {
        let epoch = self.position.epoch;
        let last_xid = reading.changes.iter().map(|change| change.xid).fold(self.last_xid, u64::max);
        let last_seq = reading.changes.last().map_or(0, |change| change.seq);
        match &self.position.reached {
            Reached::Whole(from) if is_cut => Self {
                position: Position { epoch, reached: Reached::Part { from: from.clone(), to: reading.seen.clone(), seq: last_seq } },
                covered: self.covered.clone(),
                last_xid,
            },
            Reached::Part { from, to, .. } if is_cut => Self {
                position: Position { epoch, reached: Reached::Part { from: from.clone(), to: to.clone(), seq: last_seq } },
                covered: self.covered.clone(),
                last_xid,
            },
            Reached::Whole(_) => {
                Self { position: Position::at(epoch, reading.seen.lowered(last_xid)), covered: reading.seen.clone(), last_xid }
            }
            Reached::Part { to, .. } => Self { position: Position::at(epoch, to.lowered(last_xid)), covered: to.clone(), last_xid },
        }
    }

    /// Nothing is known to be left to read.
    fn is_level(&self) -> bool {
        matches!(self.position.reached, Reached::Whole(_))
    }

    fn is_ahead_of(&self, seen: &Snapshot) -> bool {
        seen.ends() < self.position.reached.at_most().ends()
    }

    fn head(&self) -> Head {
        Head { position: self.position.clone(), covered: self.covered.clone(), last_xid: self.last_xid }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::feed::{Change, Op};

    fn change(seq: i64, xid: u64) -> Change {
        Change {
            seq,
            xid,
            at: DateTime::UNIX_EPOCH,
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

    fn reading(seen: &str, changes: &[(i64, u64)]) -> Reading {
        Reading {
            seen: seen.parse().unwrap(),
            changes: changes.iter().map(|(seq, xid)| change(*seq, *xid)).collect(),
            generation: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn standing() -> Standing {
        let covered: Snapshot = "10:20:10".parse().unwrap();
        Standing { position: Position::at(Epoch(0), covered.lowered(15)), covered, last_xid: 15 }
    }

    #[test]
    fn a_quiet_reading_moves_what_is_covered_and_not_the_position() {
        let next = standing().after(&reading("10:30:10", &[]), false);
        assert_eq!(next.position, standing().position);
        assert_eq!(next.covered.to_string(), "10:30:10");
        assert!(next.is_level());
    }

    #[test]
    fn a_long_backlog_is_cut_and_keeps_the_snapshot_it_was_first_seen_in() {
        let first = standing().after(&reading("10:30:10", &[(1, 21), (2, 25), (3, 21)]), true);
        assert_eq!(first.position.to_string(), "0.g_6~u_k~3");
        assert_eq!(first.covered, standing().covered, "nothing past the old snapshot is known to be complete yet");
        assert!(!first.is_level());
        let second = first.after(&reading("10:99:10", &[(4, 26), (6, 25), (7, 21)]), true);
        assert_eq!(second.position.to_string(), "0.g_6~u_k~7");
        let last = second.after(&reading("10:99:10", &[(9, 28)]), false);
        assert_eq!(last.position, Position::at(Epoch(0), "10:29:10".parse().unwrap()));
        assert_eq!(last.covered.to_string(), "10:30:10", "what came after the cut began is still to be read");
    }

    #[test]
    fn a_reading_is_handed_on_in_portions_that_lose_nothing() {
        let seqs = |count: i64| reading("10:30:10", &(1..=count).map(|seq| (seq, 21)).collect::<Vec<_>>());
        let cut = |count, most| -> Vec<usize> { seqs(count).in_portions(most).iter().map(|portion| portion.changes.len()).collect() };
        assert_eq!(cut(7, 3), [3, 3, 1]);
        assert_eq!(cut(6, 3), [3, 3]);
        assert_eq!(cut(0, 3), [0], "a quiet reading moves what is covered");
        let all: Vec<i64> = seqs(7).in_portions(3).iter().flat_map(|portion| &portion.changes).map(|change| change.seq).collect();
        assert_eq!(all, (1..=7).collect::<Vec<_>>());
    }

    #[test]
    fn a_database_with_fewer_transactions_is_another_one() {
        assert!(standing().is_ahead_of(&"12:12:".parse().unwrap()));
        assert!(!standing().is_ahead_of(&"16:16:".parse().unwrap()));
    }
}
