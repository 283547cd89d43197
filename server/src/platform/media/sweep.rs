//! Takes away files that no row refers to: what retention let go, and what a crash left between a file and its row.
//! It deliberately does not decide what is too old to keep; rows go first, by the rule of whoever owns them.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use tracing::info;

use super::{ContentHash, Media};
use crate::platform::{
    clock::SharedClock,
    job::{Job, Lease},
};

/// A file younger than this may belong to a transaction that is still open.
const SETTLED_AFTER: TimeDelta = TimeDelta::days(1);
/// Files looked at under one lock: devices with pictures wait that long.
const AT_ONCE: usize = 500;

/// Whoever writes a row that names files holds this until the commit, so that none of them is taken away in between: first
/// this, then look whether the files are (still) there.
pub async fn hold_files(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock_shared(hashtext('ioc media'))").execute(db).await.map(drop)
}

/// Takes away those of `files` that nothing refers to; how many that were. `jobs`: as `ioc_job`.
pub async fn remove_unused(jobs: &PgPool, media: &Media, files: &[ContentHash]) -> anyhow::Result<usize> {
    let mut removed = 0;
    for files in files.chunks(AT_ONCE) {
        let mut transaction = jobs.begin().await?;
        // A statement of its own: what was committed while this waited must be seen by the next one.
        sqlx::query("select pg_advisory_xact_lock(hashtext('ioc media'))").execute(&mut *transaction).await?;
        let names: Vec<&[u8]> = files.iter().map(ContentHash::as_bytes).collect();
        let used: Vec<Vec<u8>> = sqlx::query_scalar("select media_in_use($1)").bind(names).fetch_all(&mut *transaction).await?;
        let used: Vec<ContentHash> = used.iter().filter_map(|hash| ContentHash::read(hash)).collect();
        let (media, unused) = (media.clone(), files.iter().copied().filter(|file| !used.contains(file)).collect::<Vec<_>>());
        removed += tokio::task::spawn_blocking(move || {
            unused.iter().map(|file| media.remove(file)).try_fold(0, |sum, done| done.map(|done| sum + usize::from(done)))
        })
        .await??;
        transaction.commit().await?;
    }
    Ok(removed)
}

/// Looks through the whole store for what was written more than a day ago and belongs to nothing.
pub async fn sweep(jobs: &PgPool, media: &Media, now: DateTime<Utc>) -> anyhow::Result<usize> {
    let since_epoch = (now - SETTLED_AFTER).timestamp().max(0).unsigned_abs();
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(since_epoch);
    let looked_in = media.clone();
    let old = tokio::task::spawn_blocking(move || looked_in.older_than(moment)).await??;
    remove_unused(jobs, media, &old).await
}

/// Sweeps once a day, on one instance; `jobs`: as `ioc_job`. Ends with the task that runs it.
pub async fn keep_swept(jobs: PgPool, media: Media, clock: SharedClock) {
    let job = Job { name: "media.sweep", every: Duration::from_secs(24 * 3600), lease: Duration::from_secs(300) };
    let sweep_once = |lease: Lease| {
        let (media, clock) = (media.clone(), clock.clone());
        async move {
            let removed = sweep(lease.pool(), &media, clock.now()).await?;
            if removed > 0 {
                info!(removed, "files that nothing referred to are gone");
            }
            Ok(())
        }
    };
    job.run(jobs, sweep_once).await;
}
