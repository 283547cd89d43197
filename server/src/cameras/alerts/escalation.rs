//! What nobody takes in time goes one step up, and at the last step is overdue: a job that looks every second.
//! Who is asked next is the roster's rule (`duty`); taking, closing and reopening are people's steps (`handling`).

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tracing::info;

use super::db::{self, NextUp};
use crate::{
    duty,
    platform::{
        clock::SharedClock,
        job::{Job, Lease},
    },
};

const TICK: Duration = Duration::from_secs(1);
/// So many looks under one lease: taking a lease is two writes, and a look at nothing is none.
const LOOKS: u32 = 60;
const BATCH: usize = 200;

/// Looks every second, on one instance; another takes over within ten. Ends with the task that runs it.
pub async fn keep_answered(pool: PgPool, clock: SharedClock) {
    let job = Job { name: "cameras.escalation", every: TICK, lease: Duration::from_secs(10) };
    job.run(pool, |lease| look_for_a_minute(lease, clock.clone())).await;
}

async fn look_for_a_minute(lease: Lease, clock: SharedClock) -> anyhow::Result<()> {
    for _ in 0..LOOKS {
        // After a flood, or an hour without a server, batch follows batch.
        while escalate_due(lease.pool(), clock.now()).await? == BATCH {}
        tokio::time::sleep(TICK).await;
    }
    Ok(())
}

/// One batch of what is due, the longest first; answers how many they were.
async fn escalate_due(pool: &PgPool, now: DateTime<Utc>) -> anyhow::Result<usize> {
    let mut transaction = pool.begin().await?;
    let due = db::find_due(&mut transaction, now, BATCH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let areas: BTreeSet<i32> = due.iter().flat_map(|alert| alert.areas.iter().copied()).collect();
    let areas: Vec<i32> = areas.into_iter().collect();
    let on_duty = duty::on_duty(&mut transaction, &areas, now).await?;
    let leaders = duty::leaders(&mut transaction, &areas).await?;
    let moves: Vec<NextUp> = due
        .iter()
        .map(|alert| NextUp {
            id: alert.id,
            to: duty::next_up(&on_duty, &leaders, &alert.areas, alert.kind, alert.handler_id, alert.escalation),
        })
        .collect();
    db::escalate(&mut transaction, &moves, now).await?;
    transaction.commit().await?;
    let overdue = moves.iter().filter(|alert| alert.to.is_none()).count();
    info!(escalated = moves.len() - overdue, overdue, "alerts that nobody took in time went one step up");
    Ok(due.len())
}
