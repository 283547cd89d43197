//! Background jobs under a lease in the table `job`, so that of many server instances one runs each.
//! It deliberately does not know what a job does, and keeps no schedule finer than "every so often".

use std::{future::Future, time::Duration};

use sqlx::PgPool;
use tracing::{error, warn};
use uuid::Uuid;

/// A job that some instance runs every so often.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub name: &'static str,
    /// From one start to the next, over all instances.
    pub every: Duration,
    /// For how long a silent holder keeps the others out. A running job renews it.
    pub lease: Duration,
}

/// The right to run a job now.
#[derive(Debug, Clone)]
pub struct Lease {
    pool: PgPool,
    name: &'static str,
    holder: Uuid,
    length: Duration,
}

/// What came of trying to run a job once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed,
    /// Another instance is at it, or was a moment ago.
    NotDue,
    /// Another instance took over because this one could not renew its lease; the work was dropped.
    Lost,
}

impl Lease {
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Extends the lease; false when somebody else has it by now.
    async fn renew(&self) -> sqlx::Result<bool> {
        let renewed = sqlx::query(
            "update job set leased_until = clock_timestamp() + make_interval(secs => $3)
             where name = $1 and holder = $2 and leased_until > clock_timestamp()",
        )
        .bind(self.name)
        .bind(self.holder)
        .bind(self.length.as_secs_f64())
        .execute(&self.pool)
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    async fn give_back(&self, failure: Option<String>) -> sqlx::Result<()> {
        sqlx::query(
            "update job set leased_until = null, holder = null, last_error = $3,
                last_finished_at = case when $3 is null then clock_timestamp() else last_finished_at end
             where name = $1 and holder = $2",
        )
        .bind(self.name)
        .bind(self.holder)
        .bind(failure)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Returns once the lease could not be held any longer.
    async fn hold(&self) {
        let mut beat = tokio::time::interval(self.length / 3);
        beat.tick().await;
        loop {
            beat.tick().await;
            match self.renew().await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease itself says when this becomes serious: once it ran out, renewing finds nothing.
                Err(cause) => warn!(job = self.name, %cause, "a lease could not be renewed; trying again"),
            }
        }
    }
}

impl Job {
    /// Runs the job whenever it is due, until the task is dropped. A failure is logged, kept in the table, and tried again
    /// when next due or after a minute, whichever is sooner.
    pub async fn run<Work, Doing>(self, pool: PgPool, work: Work)
    where
        Work: Fn(Lease) -> Doing,
        Doing: Future<Output = anyhow::Result<()>>,
    {
        let mut look = tokio::time::interval(self.every.min(Duration::from_secs(60)));
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            if let Err(cause) = self.run_once(&pool, &work).await {
                warn!(job = self.name, %cause, "the database did not answer when a job was due; trying again");
            }
        }
    }

    /// Runs the job if it is due and nobody else has it.
    pub async fn run_once<Work, Doing>(&self, pool: &PgPool, work: Work) -> sqlx::Result<Outcome>
    where
        Work: FnOnce(Lease) -> Doing,
        Doing: Future<Output = anyhow::Result<()>>,
    {
        let Some(lease) = self.take(pool).await? else {
            return Ok(Outcome::NotDue);
        };
        let done = tokio::select! {
            done = work(lease.clone()) => done,
            () = lease.hold() => {
                error!(job = self.name, "a job lost its lease and was dropped; is the database slow, or the lease too short?");
                return Ok(Outcome::Lost);
            }
        };
        let failure = done.err().map(|cause| format!("{cause:#}"));
        if let Some(cause) = &failure {
            error!(job = self.name, cause, "a background job failed");
        }
        let outcome = if failure.is_none() { Outcome::Done } else { Outcome::Failed };
        lease.give_back(failure).await?;
        Ok(outcome)
    }

    /// A lease, if the job is due. A failed run is due again at once; whoever calls decides how often to look.
    async fn take(&self, pool: &PgPool) -> sqlx::Result<Option<Lease>> {
        let holder = Uuid::new_v4();
        let taken: Option<String> = sqlx::query_scalar(
            "insert into job (name, holder, leased_until, last_started_at)
             values ($1, $2, clock_timestamp() + make_interval(secs => $3), clock_timestamp())
             on conflict (name) do update
                set holder = excluded.holder, leased_until = excluded.leased_until, last_started_at = excluded.last_started_at
                where (job.leased_until is null or job.leased_until < clock_timestamp())
                  and (job.last_error is not null or job.last_finished_at is null
                       or job.last_started_at <= clock_timestamp() - make_interval(secs => $4))
             returning name",
        )
        .bind(self.name)
        .bind(holder)
        .bind(self.lease.as_secs_f64())
        .bind(self.every.as_secs_f64())
        .fetch_optional(pool)
        .await?;
        Ok(taken.map(|_| Lease { pool: pool.clone(), name: self.name, holder, length: self.lease }))
    }
}
