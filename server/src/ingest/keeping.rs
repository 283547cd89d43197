//! The job that empties the quarantine of what nobody took in: after three months a report says nothing that helps, and it may hold a plate.
//! It deliberately looks at nothing but age; the database deletes nothing of the last 30 days, whoever asks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tracing::info;

use super::db;
use crate::platform::{
    clock::SharedClock,
    job::{Job, Lease},
};

const KEPT: TimeDelta = TimeDelta::days(90);
/// Rows in one statement.
const AT_ONCE: i32 = 1000;

/// Deletes every hour, on one instance, what was last told too long ago; `jobs`: as `ioc_job`. Ends with the task that runs it.
pub async fn keep_quarantine_short(jobs: PgPool, clock: SharedClock) {
    let job = Job { name: "ingest.quarantine", every: Duration::from_secs(3600), lease: Duration::from_secs(120) };
    let delete = |lease: Lease| {
        let clock = clock.clone();
        async move {
            let forgotten = forget_old(lease.pool(), clock.now()).await?;
            if forgotten > 0 {
                info!(forgotten, days = KEPT.num_days(), "what waited in the quarantine for too long is deleted");
            }
            Ok(())
        }
    };
    job.run(jobs, delete).await;
}

/// Deletes what was last told more than 90 days before `now`; how many reports that were.
pub async fn forget_old(jobs: &PgPool, now: DateTime<Utc>) -> sqlx::Result<i64> {
    let mut forgotten = 0;
    loop {
        match db::forget_quarantined(jobs, now - KEPT, AT_ONCE).await? {
            0 => return Ok(forgotten),
            some => forgotten += some,
        }
    }
}
