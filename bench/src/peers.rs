//! Programs that are measured: our server, martin where it is installed, and constant bytes.
//! It deliberately starts each on a free port of this machine and ends it with the handle.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;
use tokio::net::TcpStream;

use crate::address;
use crate::http::{Connection, get, post};
use crate::stage::{PEER_TABLE, Stage};

/// A running program; ended when dropped.
pub struct Peer {
    pub address: SocketAddr,
    pub process: Child,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Politely first: our server stops a private database that it started.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Our server; `caches` says whether it keeps tiles that were asked for.
pub async fn ours(ioc: &Path, environment: &[(&'static str, String)], caches: bool) -> anyhow::Result<Peer> {
    let address = address::free()?;
    let mut command = Command::new(ioc);
    command.arg("serve").envs(environment.iter().map(|(name, value)| (name, value))).env("IOC_LISTEN", address.to_string());
    if !caches {
        command.env("IOC_TILE_CACHE_MB", "0");
    }
    start(command, address, "/healthz", Duration::from_secs(120)).await.context("our server did not start")
}

/// martin on the peer's table, with the attributes that our tiles show at each zoom; none where it is not on the PATH.
pub async fn martin(stage: &Stage) -> anyhow::Result<Option<Peer>> {
    let Ok(version) = Command::new("martin").arg("--version").output() else { return Ok(None) };
    eprintln!("bench: peer {}", String::from_utf8_lossy(&version.stdout).trim());
    let address = address::free()?;
    let table = |with_name: bool| {
        let mut properties = json!({"sector": "text", "vsic": "text", "kind": "text", "status": "text", "area_id": "int4"});
        if with_name {
            properties["name"] = json!("text");
        }
        json!({
            "layer_id": "business", "schema": "public", "table": PEER_TABLE, "srid": 3857, "geometry_column": "geom",
            "geometry_type": "POINT", "id_column": "id", "extent": 4096, "buffer": 0, "clip_geom": false,
            "bounds": [-180.0, -85.0, 180.0, 85.0], "properties": properties,
        })
    };
    let config = json!({
        "listen_addresses": address.to_string(),
        "worker_processes": 2,
        "cache": "disable",
        "postgres": {
            "connection_string": stage.owner_url()?,
            "pool_size": 8,
            "auto_publish": false,
            "tables": {"far": table(false), "near": table(true)},
        },
    });
    // JSON is YAML.
    let file = stage.dir.join("martin.yaml");
    std::fs::write(&file, config.to_string())?;
    let mut command = Command::new("martin");
    command.arg("--config").arg(&file).env("RUST_LOG", "error");
    start(command, address, "/health", Duration::from_secs(30)).await.context("martin did not start").map(Some)
}

/// The same bytes over and over, from this very program.
pub async fn constant(files: &[std::path::PathBuf]) -> anyhow::Result<Peer> {
    let address = address::free()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("constant").arg("--listen").arg(address.to_string()).args(files);
    start(command, address, "/0", Duration::from_secs(10)).await
}

/// Sends everybody what somebody says, from this very program.
pub async fn broadcast() -> anyhow::Result<Peer> {
    let address = address::free()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("broadcast").arg("--listen").arg(address.to_string());
    let mut peer = spawn(command, address)?;
    wait_until_it(&mut peer, Duration::from_secs(10), async |address| TcpStream::connect(address).await.is_ok()).await?;
    Ok(peer)
}

async fn start(command: Command, address: SocketAddr, path: &str, patience: Duration) -> anyhow::Result<Peer> {
    let mut peer = spawn(command, address)?;
    wait_until_it(&mut peer, patience, async |address| {
        let Ok(mut connection) = Connection::open(address).await else { return false };
        connection.ask(&get(path, &[])).await.is_ok_and(|answer| answer.status == 200)
    })
    .await?;
    Ok(peer)
}

/// A program that is not waited for yet.
pub fn spawn(mut command: Command, address: SocketAddr) -> anyhow::Result<Peer> {
    let process = command.stdout(Stdio::null()).spawn().with_context(|| format!("{command:?} cannot be run"))?;
    Ok(Peer { address, process })
}

pub async fn wait_until_it(peer: &mut Peer, patience: Duration, answers: impl AsyncFn(SocketAddr) -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !answers(peer.address).await {
        if let Some(status) = peer.process.try_wait()? {
            bail!("it ended with {status}");
        }
        if begun.elapsed() > patience {
            bail!("it did not answer within {} s", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The cookie of a demo account, signed in.
pub async fn sign_in(address: SocketAddr, login: &str) -> anyhow::Result<String> {
    let body = json!({"login": login, "password": server::accounts::demo::PASSWORD}).to_string();
    let mut connection = Connection::open(address).await?;
    let answer = connection.ask(&post("/api/session", &[], &body)).await?;
    let cookie = answer.header("set-cookie").with_context(|| format!("{login} was not let in: {}", answer.status))?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}
