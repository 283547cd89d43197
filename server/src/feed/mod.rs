//! Reads `change` in order and hands it to whoever follows: indexes, caches, the hub of live screens.
//! It deliberately knows no domain: a change is a topic, areas and two images.

mod db;
mod jobs;
mod position;
mod reader;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use serde_json::Value;
use sqlx::PgPool;
use tokio::{sync::watch, time::Instant};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

pub(crate) use db::first_eight;
pub use db::{recent, tell_reload};
pub use jobs::{Partitions, keep_partitions, partitions};
pub use position::{Epoch, Position, Snapshot, UnreadablePosition};

/// One row of `change`.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Order of writing. Of two writes of one row the later has the higher number; otherwise it is no order of commits.
    pub seq: i64,
    pub xid: u64,
    pub at: DateTime<Utc>,
    pub topic: Arc<str>,
    pub op: Op,
    pub old_area_id: Option<i32>,
    pub area_id: Option<i32>,
    /// None for a `Reload`.
    pub row_id: Option<i64>,
    /// Catalogue columns, and `lon`, `lat` or `bbox`; none where the row did not exist.
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The account that did it; none where it was written in the database itself.
    pub actor: Option<i64>,
    pub request_id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Insert,
    Update,
    Delete,
    /// TRUNCATE or a bulk load: everything of this topic in `area_id` is to be read again (no area: the whole topic).
    Reload,
}

/// What one reading of `change` brought, in the order of writing; never empty.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where the batch continues from.
    pub from: Position,
    /// Where whoever has taken it in stands.
    pub position: Position,
    pub changes: Arc<[Change]>,
}

/// How far the feed has handed changes on.
#[derive(Debug, Clone)]
pub struct Head {
    pub position: Position,
    /// Every change that this snapshot of the database sees was handed on. It moves even when nothing changes.
    pub covered: Snapshot,
    /// The highest transaction that a change handed on came from.
    pub last_xid: u64,
}

/// Whoever keeps something in memory that must follow the database. The reader calls one follower after the other and
/// waits for each, so what comes later may rely on what came before.
pub trait Follower: Send + Sync {
    /// For the log.
    fn name(&self) -> &'static str;

    /// Reads everything anew: at the start, and when a restore has begun a new epoch. What is read now is at or after
    /// `start`; changes that it already contains may come again.
    fn begin<'a>(&'a self, start: &'a Head) -> BoxFuture<'a, anyhow::Result<()>>;

    /// Takes in a batch. After an error the same batch comes again, so taking it in twice must do no harm.
    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>>;
}

/// A handle to the one reader of this process. Dropping the last one stops it.
#[derive(Clone)]
pub struct Feed(Arc<Inner>);

struct Inner {
    pool: PgPool,
    head: watch::Sender<Option<Head>>,
    /// When the database last answered and every follower had taken the answer in.
    last_read: Mutex<Option<Instant>>,
    reader: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Feed {
    /// A feed that reads as `ioc_feed`; nothing is read before [`Feed::start`].
    pub fn new(pool: PgPool) -> Self {
        let (head, _) = watch::channel(None);
        Self(Arc::new(Inner { pool, head, last_read: Mutex::new(None), reader: Mutex::new(None) }))
    }

    /// Lets every follower read its beginning, in order, then follows the database until the last handle is dropped.
    pub async fn start(&self, followers: Vec<Arc<dyn Follower>>) -> anyhow::Result<()> {
        let reader =
            reader::Reader::begin(Arc::downgrade(&self.0), &self.0.pool, followers).await.context("the change feed could not begin")?;
        let task = AbortOnDropHandle::new(tokio::spawn(reader.run()));
        *self.0.reader.lock().expect("nobody panics while holding the reader") = Some(task);
        Ok(())
    }

    /// How long ago the reader was last level with the database; none before the start.
    pub fn behind(&self) -> Option<Duration> {
        self.0.last_read.lock().expect("nobody panics while holding the time").map(|at| at.elapsed())
    }

    /// Whether the reader was level with the database within the last five seconds; what `/readyz` asks.
    pub fn is_current(&self) -> bool {
        self.behind().is_some_and(|behind| behind < Duration::from_secs(5))
    }

    /// Where the feed stands, as it moves; none before the start.
    pub fn head(&self) -> watch::Receiver<Option<Head>> {
        self.0.head.subscribe()
    }

    /// Waits until everything that a snapshot of the database sees has been handed to every follower.
    pub async fn reached(&self, snapshot: &Snapshot) -> Head {
        let mut head = self.head();
        let reached = head.wait_for(|head| head.as_ref().is_some_and(|head| head.covered.includes(snapshot))).await;
        // The sender lives in this very handle.
        reached.expect("the feed outlives its handle").clone().expect("waited for one")
    }

    /// Stops reading; followers stand still from here on.
    pub fn stop(&self) {
        self.0.reader.lock().expect("nobody panics while holding the reader").take();
    }
}

impl Inner {
    fn level_at(&self, head: Head) {
        *self.last_read.lock().expect("nobody panics while holding the time") = Some(Instant::now());
        self.head.send_replace(Some(head));
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("behind", &self.behind()).finish_non_exhaustive()
    }
}
