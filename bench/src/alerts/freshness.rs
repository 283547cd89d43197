//! How soon an alert is with those who watch: from its commit, as the database notes it, to the frame in each client's hands.
//! It deliberately has clients that only listen: what a browser draws afterwards is the browser's own time.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval_at};

use super::samples;
use super::{Stage, connections, send};
use crate::load::percentile;
use crate::peers::{self, sign_in};
use crate::report::{Line, Report};
use crate::sockets::{Socket, allow_many};
use crate::{Run, Size};

const CLIENTS: usize = 200;
const ALERTS_PER_SECOND: usize = 500;
const BATCH: usize = 10;
const CONNECTIONS: usize = 4;
const GOAL_MS: f64 = 50.0;
/// Each hears of the ward's alerts, as another role.
const LOGINS: [&str; 3] = ["trucban", "congan", "lanhdao"];
/// After the last answer; a frame that takes longer is missing.
const PATIENCE: Duration = Duration::from_secs(3);

/// What one client heard.
#[derive(Default)]
struct Heard {
    frames: usize,
    /// Alert, and when its first frame came: microseconds since 1970.
    alerts: Vec<(i64, i64)>,
}

/// As little of a frame as names its rows.
#[derive(Deserialize)]
struct Frame {
    delta: Option<Delta>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    upsert: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: i64,
}

pub async fn measure(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let seconds = if run.size == Size::Full { 20 } else { 4 };
    stage.clear().await?;
    allow_many(CLIENTS as u64)?;
    let ours = peers::ours(&run.ioc, &stage.environment(), true).await?;
    let (stop, stopped) = watch::channel(false);
    let mut clients = Vec::new();
    for socket in screens(ours.address).await? {
        clients.push(tokio::spawn(listen(socket, stopped.clone())));
    }
    // Let what the start and two hundred snapshots have left behind settle.
    tokio::time::sleep(Duration::from_secs(2)).await;

    let alerts = ALERTS_PER_SECOND * seconds;
    let begun = Instant::now();
    report_evenly(stage, ours.address, alerts).await?;
    let per_second = alerts as f64 / begun.elapsed().as_secs_f64();
    tokio::time::sleep(PATIENCE).await;
    stop.send(true)?;

    let committed_at = commits(stage).await?;
    ensure!(committed_at.len() == alerts, "{alerts} alerts were acknowledged, {} stand in the change feed", committed_at.len());
    let (mut waits_ms, mut frames) = (Vec::with_capacity(alerts * CLIENTS), 0);
    for client in clients {
        let heard = client.await??;
        frames += heard.frames;
        let waited = heard.alerts.iter().filter_map(|(id, at)| Some((at - committed_at.get(id)?) as f64 / 1000.0));
        let before = waits_ms.len();
        waits_ms.extend(waited);
        ensure!(waits_ms.len() - before == alerts, "of {alerts} alerts a client heard of {}", waits_ms.len() - before);
    }
    let (half, worst) = (percentile(waits_ms.clone(), 0.5), percentile(waits_ms, 0.99));
    report.line(Line {
        what: format!(
            "an alert's commit to its frame: {CLIENTS} websocket clients (of this program, no browsers), {per_second:.0} alerts/s"
        ),
        ours: format!("p50 {half:.0} ms, p99 {worst:.0} ms"),
        against: format!("goal: {GOAL_MS:.0} ms at p99"),
        ratio: format!("{:.2} ×", worst / GOAL_MS),
        goal: format!("≤ 1 ×, at {ALERTS_PER_SECOND} alerts/s"),
        is_met: Some(worst <= GOAL_MS && per_second >= 0.95 * ALERTS_PER_SECOND as f64),
    });
    report.note(format!(
        "from commit to frame: {alerts} alerts in requests of {BATCH}, {frames} frames to {CLIENTS} clients in {} roles, each from the \
         commit as PostgreSQL notes it (`pg_xact_commit_timestamp`) to the frame read",
        LOGINS.len()
    ));
    Ok(())
}

async fn screens(address: SocketAddr) -> anyhow::Result<Vec<Socket>> {
    let mut cookies = Vec::new();
    for login in LOGINS {
        cookies.push(sign_in(address, login).await?);
    }
    let mut screens = Vec::new();
    for cookie in cookies.iter().cycle().take(CLIENTS) {
        let mut socket = Socket::open(address, Some(cookie)).await?;
        socket.subscribe(&["camera_alert"]).await?;
        screens.push(socket);
    }
    Ok(screens)
}

async fn listen(mut socket: Socket, mut stopped: watch::Receiver<bool>) -> anyhow::Result<Heard> {
    let (mut heard, mut known) = (Heard::default(), HashSet::new());
    loop {
        let text = tokio::select! {
            text = socket.hear() => text?,
            _ = stopped.changed() => return Ok(heard),
        };
        let at = micros(SystemTime::now());
        let frame: Frame = serde_json::from_str(&text)?;
        ensure!(!text.starts_with(r#"{"resync""#), "a client fell behind and was told to begin anew");
        if let Some(delta) = frame.delta {
            heard.frames += 1;
            // A row that is told once more (somebody was given it) has been told already.
            heard.alerts.extend(delta.upsert.iter().filter(|row| known.insert(row.id)).map(|row| (row.id, at)));
        }
    }
}

/// Reports `count` alerts at the pace that the goal names, each connection in its turn.
async fn report_evenly(stage: &Stage, address: SocketAddr, count: usize) -> anyhow::Result<()> {
    let alerts = samples::alerts("f", 0, count, stage.cameras.len());
    let mut shares: Vec<Vec<Vec<u8>>> = (0..CONNECTIONS).map(|_| Vec::new()).collect();
    for (number, batch) in alerts.chunks(BATCH).enumerate() {
        shares[number % CONNECTIONS].push(stage.report(batch));
    }
    let apart = Duration::from_secs_f64(BATCH as f64 / ALERTS_PER_SECOND as f64);
    let begin = tokio::time::Instant::now() + apart;
    let open = connections(address, CONNECTIONS).await?;
    let each = open.into_iter().zip(shares).enumerate().map(|(place, (mut connection, share))| {
        tokio::spawn(async move {
            let mut turn = interval_at(begin + apart * place as u32, apart * CONNECTIONS as u32);
            turn.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for request in &share {
                turn.tick().await;
                send(&mut connection, request, BATCH).await?;
            }
            anyhow::Ok(())
        })
    });
    for task in each.collect::<Vec<_>>() {
        task.await??;
    }
    Ok(())
}

/// When each alert was committed, by the database's own account: microseconds since 1970.
async fn commits(stage: &Stage) -> anyhow::Result<HashMap<i64, i64>> {
    let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(
        "select a.id, (extract(epoch from pg_xact_commit_timestamp(c.xid::xid)) * 1000000)::bigint
         from camera_alert a join change c on c.topic = 'camera_alert' and c.op = 'insert' and c.row_id = a.id
         where a.external_id like 'f-%'",
    )
    .fetch_all(&stage.owner)
    .await?;
    let known = rows.into_iter().map(|(id, at)| Some((id, at?)));
    known.collect::<Option<_>>().context("the database has not noted when it committed")
}

fn micros(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}
