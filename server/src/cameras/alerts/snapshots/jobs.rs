//! The job that deletes pictures when their time is over: rows first, then the files that nobody else refers to.
//! It deliberately passes over what is held; what a crash leaves between row and file is `media::sweep`'s.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tracing::info;

use super::db;
use crate::platform::{
    clock::SharedClock,
    job::{Job, Lease},
    media::{Media, sweep},
};

/// Rows in one statement.
const AT_ONCE: i32 = 500;

/// Deletes every hour, on one instance, what was taken in more than `days` ago; `jobs`: as `ioc_job`. Ends with the task that runs it.
pub async fn keep_for_days(jobs: PgPool, media: Media, clock: SharedClock, days: u16) {
    let job = Job { name: "cameras.snapshots", every: Duration::from_secs(3600), lease: Duration::from_secs(120) };
    let delete = |lease: Lease| {
        let (media, clock) = (media.clone(), clock.clone());
        async move {
            let forgotten = forget_old(lease.pool(), &media, clock.now(), days).await?;
            if forgotten > 0 {
                info!(forgotten, days, "pictures of alerts whose time was over are deleted");
            }
            Ok(())
        }
    };
    job.run(jobs, delete).await;
}

/// Deletes what was taken in more than `days` before `now` and is not held; how many pictures that were.
pub async fn forget_old(jobs: &PgPool, media: &Media, now: DateTime<Utc>, days: u16) -> anyhow::Result<usize> {
    let before = now - TimeDelta::days(i64::from(days));
    let mut forgotten = 0;
    loop {
        let files = db::forget(jobs, before, now, AT_ONCE).await?;
        if files.is_empty() {
            return Ok(forgotten);
        }
        // A picture and its thumbnail.
        forgotten += files.len() / 2;
        sweep::remove_unused(jobs, media, &files).await?;
    }
}
