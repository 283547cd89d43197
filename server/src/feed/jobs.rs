//! Keeps the partitions of `change`: a week ahead, a week back.
//! It deliberately never touches a row itself: the owner's function in the database does, on this job's word.

use std::time::Duration;

use sqlx::PgPool;
use tracing::info;

use super::db;
use crate::platform::job::{Job, Lease};

const DAYS_AHEAD: i32 = 7;
const KEEP_DAYS: i32 = 7;
/// So long that nothing is dropped.
const KEEP_ALL: i32 = 36_500;

/// What `/readyz` and `doctor` look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partitions {
    /// Days that have their partition, today being the first, until the first that has none.
    pub days_ready: i64,
    /// Changes lie in the default partition: a day was missing when they were written.
    pub default_is_used: bool,
}

impl Partitions {
    /// Today and tomorrow are there; less, and changes are about to fall into the default partition.
    pub fn are_ready(&self) -> bool {
        self.days_ready >= 2
    }
}

/// The state of the partitions, read as `ioc_feed`.
pub async fn partitions(pool: &PgPool) -> sqlx::Result<Partitions> {
    let (days_ready, default_is_used) = db::partitions(pool).await?;
    Ok(Partitions { days_ready, default_is_used })
}

/// The hourly job; `pool` is that of `ioc_job`. Ends with the task that runs it.
pub async fn keep_partitions(pool: PgPool) {
    let job = Job { name: "feed.partitions", every: Duration::from_secs(3600), lease: Duration::from_secs(60) };
    job.run(pool, |lease: Lease| async move {
        // Apart, so that days are made even while a long transaction keeps old ones from being dropped.
        db::maintain(lease.pool(), DAYS_AHEAD, KEEP_ALL).await?;
        db::maintain(lease.pool(), 0, KEEP_DAYS).await?;
        info!(days_ahead = DAYS_AHEAD, keep_days = KEEP_DAYS, "the partitions of the change feed are kept");
        Ok(())
    })
    .await;
}
