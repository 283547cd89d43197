//! How soon a change stands in a tile: written by SQL, committed, and asked for until the tile tells another story.
//! It deliberately counts from the commit's answer, and includes asking and encoding.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::Run;
use crate::http::{Connection, get};
use crate::load::percentile;
use crate::peers;
use crate::points;
use crate::report::{Line, Report};
use crate::stage::Stage;
use crate::tile::TileLayer;

const GOAL_MS: f64 = 50.0;
const ZOOM: u8 = 16;

pub async fn measure(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let ours = peers::ours(&run.ioc, &stage.environment(), true).await?;
    let (x, y) = points::tiles(stage.points, ZOOM, 1)[0];
    let path = format!("/tiles/business/{ZOOM}/{x}/{y}.mvt");
    let mut connection = Connection::open(ours.address).await?;
    let first = connection.body(&get(&path, &[])).await?;
    let id = TileLayer::decode(&first).context("an empty tile")?.features[0].id;
    // There and back again: an even number of changes leaves the row as the peer's table has it.
    let statuses = if shows(&first, id, "operating") { ["suspended", "operating"] } else { ["operating", "suspended"] };
    // Let what the start has left behind settle.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut waits_ms = Vec::new();
    for round in 0..run.size.changes() {
        let status = statuses[round % 2];
        let etag = connection.ask(&get(&path, &[])).await?.header("etag").context("a tile without ETag")?;
        let request = get(&path, &[("If-None-Match", etag.as_str())]);
        sqlx::query("update business set status = $2 where id = $1").bind(id as i64).bind(status).execute(&stage.owner).await?;
        let committed = Instant::now();
        let tile = loop {
            let answer = connection.ask(&request).await?;
            if answer.status == 200 {
                break answer.body.to_vec();
            }
            ensure!(committed.elapsed() < Duration::from_secs(10), "the change never came");
        };
        waits_ms.push(committed.elapsed().as_secs_f64() * 1000.0);
        ensure!(shows(&tile, id, status), "the tile is another, but does not show the change");
        // Never in step with whatever ticks inside the server.
        tokio::time::sleep(Duration::from_micros(7_000 + round as u64 * 7_919 % 31_000)).await;
    }
    let (half, worst) = (percentile(waits_ms.clone(), 0.5), percentile(waits_ms.clone(), 0.99));
    report.line(Line {
        what: format!("one change in a tile, from its commit ({} changes)", waits_ms.len()),
        ours: format!("p50 {half:.0} ms, p99 {worst:.0} ms"),
        against: format!("goal: {GOAL_MS:.0} ms at p99"),
        ratio: format!("{:.2} ×", worst / GOAL_MS),
        goal: "≤ 1 ×".into(),
        is_met: Some(worst <= GOAL_MS),
    });
    Ok(())
}

fn shows(tile: &[u8], id: u64, status: &str) -> bool {
    let layer = TileLayer::decode(tile);
    let feature = layer.as_ref().and_then(|layer| layer.features.iter().find(|feature| feature.id == id));
    feature.and_then(|feature| feature.properties.get("status")).and_then(Value::as_str) == Some(status)
}
