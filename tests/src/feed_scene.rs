//! The change feed with somebody who writes and somebody who follows and keeps all of it, held up where a test wants it.
//! It deliberately starts no server, and judges nothing of what came.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde_json::json;
use server::{
    feed::{Batch, Change, Feed, Follower, Head, Position},
    platform::{database::FEED, secrets::Secrets},
};
use sqlx::PgConnection;
use tokio::{sync::RwLock, time::timeout};

use crate::{cluster::TestDatabase, small_ward};

/// Follows the feed and keeps all of it. While `hold` is held for writing, the reader waits in it.
#[derive(Default)]
pub struct Recorder {
    pub batches: Mutex<Vec<Batch>>,
    pub begun: Mutex<Vec<Position>>,
    pub hold: RwLock<()>,
    /// Batches that have come as far as `hold`.
    pub arrived: AtomicUsize,
    pub refuse: AtomicUsize,
}

impl Recorder {
    pub fn changes(&self) -> Vec<Change> {
        locked(&self.batches).iter().flat_map(|batch| batch.changes.to_vec()).collect()
    }

    pub fn seqs(&self) -> Vec<i64> {
        self.changes().iter().map(|change| change.seq).collect()
    }

    /// What the changes of one topic say, in the order they came.
    pub fn words(&self, topic: &str) -> Vec<String> {
        let said = self.changes().into_iter().filter(|change| &*change.topic == topic);
        said.map(|change| change.after.expect("it says something")["word"].as_str().expect("a word").to_owned()).collect()
    }
}

impl Follower for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn begin<'a>(&'a self, start: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            locked(&self.begun).push(start.position.clone());
            Ok(())
        })
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.arrived.fetch_add(1, Ordering::SeqCst);
            let _pass = self.hold.read().await;
            if self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                anyhow::bail!("refused, as the test wants it");
            }
            locked(&self.batches).push(batch.clone());
            Ok(())
        })
    }
}

/// A feed with a recorder behind it, on a database of its own.
pub struct Scene {
    pub feed: Feed,
    pub recorder: Arc<Recorder>,
    pub database: TestDatabase,
}

impl Scene {
    pub async fn start() -> Self {
        Self::on(TestDatabase::create().await).await
    }

    pub async fn with_small_wards() -> Self {
        let database = TestDatabase::create().await;
        let dir = tempfile::tempdir().expect("a folder for the keys");
        let secrets = Secrets::open(dir.path()).expect("keys are made");
        small_ward::build(&mut database.connect("ioc_owner").await, &secrets).await.expect("the small wards are built");
        Self::on(database).await
    }

    async fn on(database: TestDatabase) -> Self {
        let (feed, recorder) = follow(&database).await;
        Self { feed, recorder, database }
    }

    pub async fn writer(&self) -> PgConnection {
        self.database.connect("ioc_owner").await
    }

    /// Waits until everything committed before this call has been handed on.
    pub async fn level(&self) {
        let now: String = sqlx::query_scalar("select pg_current_snapshot()::text")
            .fetch_one(&mut self.writer().await)
            .await
            .expect("the database says where it is");
        let reached = timeout(Duration::from_secs(20), self.feed.reached(&now.parse().expect("a snapshot"))).await;
        reached.expect("the feed gets as far as the database within 20 s");
    }

    /// Brings the reader to wait inside the recorder, with one change in its hands.
    pub async fn hold(&self) -> tokio::sync::RwLockWriteGuard<'_, ()> {
        let held = self.recorder.hold.write().await;
        let before = self.recorder.arrived.load(Ordering::SeqCst);
        say(&mut self.writer().await, "marker", 0, "held").await;
        while self.recorder.arrived.load(Ordering::SeqCst) == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        held
    }

    /// Every change in the table, by the topics that were said.
    pub async fn written(&self) -> BTreeSet<i64> {
        let all: Vec<i64> =
            sqlx::query_scalar("select seq from change").fetch_all(&mut self.writer().await).await.expect("changes are read");
        all.into_iter().collect()
    }
}

pub async fn follow(database: &TestDatabase) -> (Feed, Arc<Recorder>) {
    let feed = Feed::new(database.pool(FEED).await);
    let recorder = Arc::new(Recorder::default());
    feed.start(vec![recorder.clone()]).await.expect("the feed starts");
    (feed, recorder)
}

/// Writes a change by hand, in whatever transaction `db` is in.
pub async fn say(db: &mut PgConnection, topic: &str, row_id: i64, word: &str) -> i64 {
    sqlx::query_scalar("insert into change (topic, op, row_id, after) values ($1, 'update', $2, $3) returning seq")
        .bind(topic)
        .bind(row_id)
        .bind(json!({"word": word}))
        .fetch_one(db)
        .await
        .expect("a change is written")
}

fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().expect("nobody panics while holding what was recorded")
}
