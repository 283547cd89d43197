//! The job that publishes each ward's month, soon after it begins.
//! It deliberately holds no rule of what may be said.

use std::time::Duration;

use tracing::info;

use super::{count_ward, db, month_of};
use crate::platform::{
    clock::SharedClock,
    database::Pools,
    job::{Job, Lease},
};

/// Looks every hour, on one instance. Ends with the task that runs it.
pub async fn keep_published(pools: Pools, clock: SharedClock) {
    let job = Job { name: "residents.publication", every: Duration::from_secs(3600), lease: Duration::from_secs(120) };
    job.run(pools.job.clone(), |lease| publish_due(pools.clone(), clock.clone(), lease)).await;
}

/// Counts as `ioc_feed`, which may read households but publish nothing; publishes as `ioc_job`, for whom it is the reverse.
async fn publish_due(pools: Pools, clock: SharedClock, lease: Lease) -> anyhow::Result<()> {
    let mut feed = pools.feed.acquire().await?;
    let month = month_of(clock.now());
    for ward_id in db::wards_to_publish(&mut feed, month).await? {
        let at = clock.now();
        let Some(table) = count_ward(&mut feed, ward_id, at).await? else { continue };
        if db::publish(&mut *lease.pool().acquire().await?, ward_id, month_of(at), at, &table).await? {
            info!(ward.id = ward_id, %month, "the month's counts of people and households are published");
        }
    }
    Ok(())
}
