//! A city's worth of rows: how long it takes to make, and how soon a server that starts on it answers.
//! It deliberately keeps the database for the next run: making it takes most of the time.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::Run;
use crate::address;
use crate::http::{Connection, get};
use crate::peers::Peer;
use crate::report::{Line, Report};

const WARDS: &str = "126";
const HOUSEHOLDS: &str = "2200000";
const SEED_GOAL_S: f64 = 600.0;
const TILES_GOAL_S: f64 = 15.0;
const SEARCH_GOAL_S: f64 = 120.0;

pub async fn measure(run: &Run, report: &mut Report) -> anyhow::Result<()> {
    let dir = std::path::absolute(&run.dir)?.join("province");
    std::fs::create_dir_all(&dir)?;
    seed(run, &dir, report)?;
    start(run, &dir, report).await
}

fn environment(dir: &Path) -> Vec<(&'static str, String)> {
    let mut environment = vec![("IOC_LOCAL_DIR", dir.to_string_lossy().into_owned()), ("IOC_DEMO", "1".to_owned())];
    if let Some(elsewhere) = std::env::var_os("IOC_BENCH_DATABASE_DIR") {
        environment.push(("IOC_PRIVATE_DATABASE_DIR", Path::new(&elsewhere).join("province").to_string_lossy().into_owned()));
    }
    environment
}

/// Seeds the province unless an earlier run has; only a seeding from nothing is a figure.
fn seed(run: &Run, dir: &Path, report: &mut Report) -> anyhow::Result<()> {
    let done = dir.join("seeded");
    if done.exists() {
        eprintln!("bench: the province of an earlier run is used");
        if let Ok(text) = std::fs::read_to_string(&done)
            && let Ok(took_s) = text.trim().parse()
        {
            report.line(seed_line(took_s, " (in an earlier run)"));
        }
        return Ok(());
    }
    eprintln!("bench: seeding {WARDS} wards with {HOUSEHOLDS} households (some ten minutes, 12 GB)");
    let begun = Instant::now();
    let status = Command::new(&run.ioc)
        .args(["demo", "seed", "--wards", WARDS, "--households", HOUSEHOLDS])
        .envs(environment(dir))
        .stdout(Stdio::null())
        .status()
        .context("ioc cannot be run")?;
    ensure!(status.success(), "the province could not be seeded");
    let took_s = begun.elapsed().as_secs_f64();
    std::fs::write(done, format!("{took_s:.0}"))?;
    report.line(seed_line(took_s, ""));
    Ok(())
}

fn seed_line(took_s: f64, when: &str) -> Line {
    Line {
        what: format!("`ioc demo seed --wards {WARDS} --households {HOUSEHOLDS}`{when}"),
        ours: format!("{took_s:.0} s"),
        against: format!("goal: {SEED_GOAL_S:.0} s"),
        ratio: format!("{:.2} ×", took_s / SEED_GOAL_S),
        goal: "≤ 1 ×".into(),
        is_met: Some(took_s <= SEED_GOAL_S),
    }
}

async fn start(run: &Run, dir: &Path, report: &mut Report) -> anyhow::Result<()> {
    // The database is up before the clock starts: it is the server's start that is measured.
    let started_here = database(run, dir, "start")?;
    // An earlier run's may be older than this program.
    let migrated = Command::new(&run.ioc).arg("migrate").envs(environment(dir)).stdout(Stdio::null()).status()?;
    ensure!(migrated.success(), "the province's database could not be brought up to date");
    let measured = start_server(run, dir, report).await;
    if started_here {
        database(run, dir, "stop")?;
    }
    measured
}

async fn start_server(run: &Run, dir: &Path, report: &mut Report) -> anyhow::Result<()> {
    let address = address::free()?;
    let begun = Instant::now();
    let process = Command::new(&run.ioc)
        .arg("serve")
        .envs(environment(dir))
        .env("IOC_LISTEN", address.to_string())
        .env("IOC_LOG", "warn")
        .stdout(Stdio::null())
        .spawn()
        .context("ioc cannot be run")?;
    let server = Peer { address, process };
    let tiles_s = wait(&server, begun, Duration::from_secs(120), |readiness| readiness["feed"] == true).await.context("tiles")?;
    let search_s = wait(&server, begun, Duration::from_secs(900), |readiness| readiness["search"] == true).await.context("search")?;
    for (what, took_s, goal_s) in
        [("tiles of 2.2 million households after a start", tiles_s, TILES_GOAL_S), ("search complete", search_s, SEARCH_GOAL_S)]
    {
        report.line(Line {
            what: what.into(),
            ours: format!("{took_s:.1} s"),
            against: format!("goal: {goal_s:.0} s"),
            ratio: format!("{:.2} ×", took_s / goal_s),
            goal: "≤ 1 ×".into(),
            is_met: Some(took_s <= goal_s),
        });
    }
    let metrics = String::from_utf8(Connection::open(address).await?.body(&get("/metrics", &[])).await?)?;
    let metric = |name: &str| {
        let wanted = format!("{name}{{layer=\"household\"}} ");
        metrics.lines().find_map(|line| line.strip_prefix(&wanted)?.parse::<f64>().ok()).unwrap_or(f64::NAN)
    };
    let (rows, bytes) = (metric("map_index_rows"), metric("map_index_bytes"));
    report.note(format!(
        "on the province the map index takes {:.0} bytes for each of {rows:.0} households; the whole server {} MB",
        bytes / rows,
        resident_megabytes(server.process.id())
    ));
    search_quality(run, dir, &server, report)
}

/// `find`'s own program prints its figures; here they only take their place in the table.
fn search_quality(run: &Run, dir: &Path, server: &Peer, report: &mut Report) -> anyhow::Result<()> {
    let Some(program) = &run.search_quality else { return Ok(()) };
    let file = dir.join("search.json");
    let url = std::fs::read_to_string(dir.join("database-url"))?;
    let status = Command::new(program)
        .args(["--url", &format!("http://{}", server.address), "--database-url", url.trim(), "--json"])
        .arg(&file)
        .status()
        .context("search-quality cannot be run")?;
    ensure!(status.success(), "search-quality failed");
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    for figure in figures.as_array().into_iter().flatten() {
        let number = |name: &str| figure[name].as_f64().unwrap_or(f64::NAN);
        let (p99_ms, recall) = (number("p99_ms"), number("recall_at_5"));
        report.line(Line {
            what: format!("1,000 misspelt searches, {}", figure["account"].as_str().unwrap_or("?")),
            ours: format!("p99 {p99_ms:.0} ms, recall at 5 {recall:.2}"),
            against: "brute force over the same rows: recall 1.00".into(),
            ratio: format!("{recall:.2}"),
            goal: "p99 ≤ 30 ms, recall ≥ 0.9".into(),
            is_met: Some(p99_ms <= 30.0 && recall >= 0.9),
        });
    }
    Ok(())
}

/// Whether this call started (or stopped) the private database.
fn database(run: &Run, dir: &Path, action: &str) -> anyhow::Result<bool> {
    let status = Command::new(&run.ioc).args(["database", action]).envs(environment(dir)).stdout(Stdio::null()).status()?;
    ensure!(status.success(), "the province's database does not {action}");
    Ok(true)
}

/// Seconds since `begun` until `/readyz` says so.
async fn wait(server: &Peer, begun: Instant, patience: Duration, is_there: impl Fn(&Value) -> bool) -> anyhow::Result<f64> {
    loop {
        if let Ok(mut connection) = Connection::open(server.address).await
            && let Ok(answer) = connection.ask(&get("/readyz", &[])).await
            && let Ok(readiness) = serde_json::from_slice(answer.body)
            && is_there(&readiness)
        {
            return Ok(begun.elapsed().as_secs_f64());
        }
        if begun.elapsed() > patience {
            bail!("not ready within {} s", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn resident_megabytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kb =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}
