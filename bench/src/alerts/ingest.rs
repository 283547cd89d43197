//! Alerts by HTTP, each answered after its commit, beside plain COPY of the same rows: in turns, on the same cluster.
//! It deliberately gives COPY everything ready: nothing to look up, two indexes, no feed, no history. A second COPY, into a table
//! with all that keeps alerts whole and found, tells how much of the distance is the table's own.

use std::time::Instant;

use anyhow::ensure;
use server::platform::copy::CopyRows;

use super::samples::{self, COLUMNS, SampleAlert};
use super::{Stage, connections, send};
use crate::load::median;
use crate::peers::{self, Peer};
use crate::report::{Line, Report};
use crate::{Run, Size};

const BATCH: usize = 500;
const CONNECTIONS: usize = 4;
/// One for each way of copying, so that both grow as ours does.
const COPIED: [&str; 2] = ["bench_copied_whole", "bench_copied_in_batches"];
/// As alerts lie: with their table's indexes, keys and checks, but no trigger, feed, duty or history.
const COPIED_AS_KEPT: &str = "bench_copied_as_kept";
const GOAL_PERCENT: f64 = 30.0;

pub async fn measure(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let (alerts, rounds) = if run.size == Size::Full { (20_000, 5) } else { (2_000, 2) };
    stage.clear().await?;
    make_tables(stage).await?;
    let ours = peers::ours(&run.ioc, &stage.environment(), true).await?;
    let (mut ratios, mut in_batches_ratios, mut as_kept_ratios, mut table_ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut rates = Vec::new();
    // The first round warms up and does not count.
    for round in 0..=rounds {
        let some = samples::alerts("h", round * alerts, alerts, stage.cameras.len());
        let by_http = by_http(stage, &ours, &some).await?;
        let by_copy = copy_whole(stage, &some, round * alerts, COPIED[0]).await?;
        let in_batches = copy_in_batches(stage, &some, round * alerts).await?;
        let as_kept = copy_whole(stage, &some, round * alerts, COPIED_AS_KEPT).await?;
        if round == 0 {
            stage.settle().await?;
        } else {
            rates.push([by_http, by_copy, in_batches, as_kept]);
            as_kept_ratios.push(by_http / as_kept * 100.0);
            table_ratios.push(as_kept / by_copy * 100.0);
            ratios.push(by_http / by_copy * 100.0);
            in_batches_ratios.push(by_http / in_batches * 100.0);
        }
    }
    let sent = (alerts * (rounds + 1)) as i64;
    let there: i64 = sqlx::query_scalar("select count(*) from camera_alert where external_id like 'h-%'").fetch_one(&stage.owner).await?;
    ensure!(there == sent, "{sent} alerts were acknowledged, {there} are there");
    let rate = |contender: usize| median(rates.iter().map(|rates| rates[contender]).collect());
    let (share, as_kept_share) = (median(ratios), median(as_kept_ratios));
    report.line(Line {
        what: format!("camera alerts by HTTP, {BATCH} a request over {CONNECTIONS} connections, answered after the commit"),
        ours: format!("{:.0}/s", rate(0)),
        against: format!("plain COPY of the same rows: {:.0}/s", rate(1)),
        ratio: format!("{share:.0} %"),
        goal: format!("≥ {GOAL_PERCENT:.0} %"),
        is_met: Some(share >= GOAL_PERCENT),
    });
    report.line(Line {
        what: "the same, held against a table as alerts are kept in".into(),
        ours: format!("{:.0}/s", rate(0)),
        against: format!("COPY with the alerts' indexes, keys and checks: {:.0}/s", rate(3)),
        ratio: format!("{as_kept_share:.0} %"),
        goal: format!("≥ {GOAL_PERCENT:.0} %"),
        is_met: Some(as_kept_share >= GOAL_PERCENT),
    });
    report.note(format!(
        "indexes, keys and checks of the alerts' table cost COPY itself so much that it makes {:.0} % of plain COPY there",
        median(table_ratios)
    ));
    report.note(format!(
        "plain COPY: {alerts} rows in one binary statement into a logged table with the alert's columns, a primary key and unique \
         (camera, external id); ours adds the other indexes, keys, checks and the change feed. Cut into {BATCH}s over {CONNECTIONS} \
         connections, each committed, COPY writes {:.0}/s, and ours is {:.0} % of that",
        rate(2),
        median(in_batches_ratios)
    ));
    sqlx::raw_sql(&format!("drop table {}, {COPIED_AS_KEPT}", COPIED.join(", "))).execute(&stage.owner).await?;
    Ok(())
}

async fn make_tables(stage: &Stage) -> sqlx::Result<()> {
    for table in COPIED {
        let make = format!(
            "drop table if exists {table}; create table {table} (like camera_alert including defaults); \
             alter table {table} alter column area_by_hand set default false, add primary key (id), add unique (camera_id, external_id)"
        );
        sqlx::raw_sql(&make).execute(&stage.owner).await?;
    }
    let make = format!(
        "drop table if exists {COPIED_AS_KEPT}; create table {COPIED_AS_KEPT} (like camera_alert including all); \
         do $$ declare key text; begin \
             for key in select pg_get_constraintdef(oid) from pg_constraint where conrelid = 'camera_alert'::regclass and contype = 'f' loop \
                 execute 'alter table {COPIED_AS_KEPT} add ' || key; \
             end loop; end $$; \
         alter table {COPIED_AS_KEPT} alter column area_by_hand set default false"
    );
    sqlx::raw_sql(&make).execute(&stage.owner).await?;
    Ok(())
}

/// Alerts per second.
async fn by_http(stage: &Stage, ours: &Peer, alerts: &[SampleAlert]) -> anyhow::Result<f64> {
    let requests: Vec<(Vec<u8>, usize)> = alerts.chunks(BATCH).map(|batch| (stage.report(batch), batch.len())).collect();
    let mut shares: Vec<Vec<(Vec<u8>, usize)>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (number, request) in requests.into_iter().enumerate() {
        shares[number % CONNECTIONS].push(request);
    }
    let open = connections(ours.address, CONNECTIONS).await?;
    let begun = Instant::now();
    let each = open.into_iter().zip(shares).map(|(mut connection, share)| {
        tokio::spawn(async move {
            for (request, alerts) in &share {
                send(&mut connection, request, *alerts).await?;
            }
            anyhow::Ok(())
        })
    });
    for task in each.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(alerts.len() as f64 / begun.elapsed().as_secs_f64())
}

/// One statement, one commit. `from`: the number of the first row.
async fn copy_whole(stage: &Stage, alerts: &[SampleAlert], from: usize, table: &str) -> anyhow::Result<f64> {
    let rows = rows(stage, alerts, from);
    let mut connection = stage.owner.acquire().await?;
    let begun = Instant::now();
    rows.send(&mut connection, &statement(table)).await?;
    Ok(alerts.len() as f64 / begun.elapsed().as_secs_f64())
}

/// As the batches come by HTTP: as many connections, as many commits.
async fn copy_in_batches(stage: &Stage, alerts: &[SampleAlert], from: usize) -> anyhow::Result<f64> {
    let mut shares: Vec<Vec<CopyRows>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (number, batch) in alerts.chunks(BATCH).enumerate() {
        shares[number % CONNECTIONS].push(rows(stage, batch, from + number * BATCH));
    }
    let mut open = Vec::new();
    for share in shares {
        open.push((stage.owner.acquire().await?, share));
    }
    let begun = Instant::now();
    let each = open.into_iter().map(|(mut connection, share)| {
        tokio::spawn(async move {
            for rows in share {
                rows.send(&mut connection, &statement(COPIED[1])).await?;
            }
            anyhow::Ok(())
        })
    });
    for task in each.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(alerts.len() as f64 / begun.elapsed().as_secs_f64())
}

fn rows(stage: &Stage, alerts: &[SampleAlert], from: usize) -> CopyRows {
    let mut rows = CopyRows::default();
    for (place, alert) in alerts.iter().enumerate() {
        alert.copy((from + place) as i64, &stage.cameras, &mut rows);
    }
    rows
}

fn statement(table: &str) -> String {
    format!("copy {table} ({COLUMNS}) from stdin (format binary)")
}
