//! Cameras that fall silent: one alert for each silence, graded and routed as any other, closed by itself once the camera is heard
//! again and nobody has done anything about it. When a camera counts as silent is said in the migration (`camera_patience`), beside its heartbeats.

mod db;

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use shared::camera_alert::AlertKind;
use sqlx::{PgConnection, PgPool};
use tracing::info;

use super::alerts::grade_kind;
use crate::{
    duty,
    platform::{
        clock::SharedClock,
        job::{Job, Lease},
    },
};

/// Looks every minute, on one instance. Ends with the task that runs it.
pub async fn watch_for_silences(jobs: PgPool, clock: SharedClock) {
    let job = Job { name: "cameras.silence", every: Duration::from_secs(60), lease: Duration::from_secs(60) };
    let listening_since = clock.now();
    job.run(jobs, |lease| look(clock.clone(), listening_since, lease)).await;
}

async fn look(clock: SharedClock, listening_since: DateTime<Utc>, lease: Lease) -> anyhow::Result<()> {
    let mut db = lease.pool().acquire().await?;
    let (closed, raised) = look_for_silences(&mut db, clock.now(), listening_since).await?;
    if (closed, raised) != (0, 0) {
        info!(closed, raised, "alerts of silent cameras");
    }
    Ok(())
}

/// Closes what is over and raises what is new, as of `now`; answers with how many of each. `listening_since`: before that no report
/// could have come in. `jobs`: as `ioc_job`, which reads no camera; it knows functions that name the silent ones, and raise nothing
/// but a silence.
pub async fn look_for_silences(jobs: &mut PgConnection, now: DateTime<Utc>, listening_since: DateTime<Utc>) -> sqlx::Result<(i32, u32)> {
    let closed = db::close(jobs, now).await?;
    let silences = db::find(jobs, now, listening_since).await?;
    let areas: BTreeSet<i32> = silences.iter().flat_map(|silence| silence.areas.iter().copied()).collect();
    let areas: Vec<i32> = areas.into_iter().collect();
    let sets = db::find_rules(jobs, &areas).await?;
    let on_duty = duty::on_duty(jobs, &areas, now).await?;
    let mut raised = 0;
    for silence in silences {
        let (severity, by_rule) = grade_kind(AlertKind::CameraSilent, None, silence.since, &silence.areas, &sets);
        let handler_id = by_rule.or_else(|| duty::who_answers(&on_duty, &silence.areas, AlertKind::CameraSilent));
        raised += u32::from(db::raise(jobs, &silence, severity, handler_id, now).await?);
    }
    Ok((closed, raised))
}
