//! Camera alerts, from the device to the screen: the demo ward on a cluster of its own, and a device that reports as fast as it can.
//! It deliberately begins each measurement without alerts: what one has left lying is no business of the next.

mod fan_out;
mod freshness;
mod ingest;
mod mqtt;
mod samples;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use server::app;
use server::demo;
use server::ingest::commands::{self, AddDevice, DeviceCommand};
use server::platform::{database::Database, secrets::Secrets};
use shared::ingest::IngestAnswer;
use sqlx::PgPool;

use self::samples::SampleCamera;
use crate::Run;
use crate::http::{Connection, post};
use crate::report::Report;
use crate::stage;

/// The moment of each commit is kept by the database itself, so that nobody has to guess it from outside.
const SETTINGS: [(&str, &str); 3] = [("shared_buffers", "512MB"), ("max_wal_size", "8GB"), ("track_commit_timestamp", "on")];
const DEVICE: &str = "bench";

pub async fn measure(run: &Run, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(&run.dir).await.context("the ward of the alerts could not be made")?;
    ingest::measure(run, &stage, report).await.context("alerts by HTTP")?;
    mqtt::measure(run, &stage, report).await.context("alerts by MQTT")?;
    freshness::measure(run, &stage, report).await.context("from commit to frame")?;
    fan_out::measure(run, &stage, report).await.context("frames to many screens")?;
    stage.close().await
}

struct Stage {
    dir: PathBuf,
    owner: PgPool,
    database: Database,
    token: String,
    cameras: Vec<SampleCamera>,
}

impl Stage {
    async fn set(dir: &Path) -> anyhow::Result<Self> {
        let dir = std::path::absolute(dir)?.join("alerts");
        std::fs::create_dir_all(&dir)?;
        let config = stage::config(&dir);
        let database = stage::open_with(&config, &SETTINGS).await?;
        let owner = app::migrate(&database).await?;
        demo::seed_if_empty(&owner, &Secrets::open(&config.data_dir)?).await?;
        let token = add_device(&owner).await?;
        let cameras = samples::cameras(&owner).await?;
        ensure!(!cameras.is_empty(), "the demo ward has no cameras");
        Ok(Self { dir, owner, database, token, cameras })
    }

    /// Environment of a server on this database that takes whatever the device sends.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = stage::environment(&self.dir);
        environment.push(("IOC_DEVICE_REPORTS_PER_MINUTE", "1000000000".into()));
        environment
    }

    /// Forgets all alerts and what was told of them. No server may be running: it would go on from a feed that is gone.
    async fn clear(&self) -> anyhow::Result<()> {
        sqlx::raw_sql("truncate camera_alert cascade; truncate change; delete from history where topic = 'camera_alert'")
            .execute(&self.owner)
            .await?;
        sqlx::raw_sql("vacuum analyze").execute(&self.owner).await?;
        Ok(())
    }

    /// Once the first alerts are there: what autovacuum does within a minute. Until then every plan is one for an empty table, which
    /// is right for the first minute of a ward's life and for no other.
    async fn settle(&self) -> sqlx::Result<()> {
        sqlx::raw_sql("analyze").execute(&self.owner).await?;
        Ok(())
    }

    async fn close(self) -> anyhow::Result<()> {
        self.owner.close().await;
        self.database.close()
    }

    /// A request that reports these alerts.
    fn report(&self, alerts: &[samples::SampleAlert]) -> Vec<u8> {
        let bearer = format!("Bearer {}", self.token);
        let body = serde_json::Value::Array(alerts.iter().map(|alert| alert.reported(&self.cameras)).collect());
        post("/ingest/camera-alerts", &[("Authorization", &bearer)], &body.to_string())
    }
}

/// Reports a batch that nobody has reported before; whoever is answered 200 knows it committed.
async fn send(connection: &mut Connection, request: &[u8], alerts: usize) -> anyhow::Result<()> {
    let answer = connection.ask(request).await?;
    ensure!(answer.status == 200, "alerts were answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
    let said: IngestAnswer = serde_json::from_slice(answer.body)?;
    ensure!(said.accepted == alerts, "of {alerts} alerts {} were taken in: {said:?}", said.accepted);
    Ok(())
}

/// As many connections as asked for, warm.
async fn connections(address: SocketAddr, count: usize) -> anyhow::Result<Vec<Connection>> {
    let mut open = Vec::new();
    for _ in 0..count {
        open.push(Connection::open(address).await?);
    }
    Ok(open)
}

async fn add_device(owner: &PgPool) -> anyhow::Result<String> {
    // The token of an earlier run is lost; in the first run there is none to revoke.
    _ = commands::run(owner, DeviceCommand::Revoke { name: DEVICE.into() }, &mut Vec::new()).await;
    let mut said = Vec::new();
    commands::run(owner, DeviceCommand::Add(AddDevice { name: DEVICE.into(), area: None }), &mut said).await?;
    let said = String::from_utf8(said)?;
    Ok(said.split("shown this once): ").nth(1).context("no token was shown")?.trim().to_owned())
}
