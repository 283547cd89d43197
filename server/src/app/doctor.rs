//! `ioc doctor`: what is in force, what is wrong, and what to do about it, one line each.
//! It deliberately mends nothing by itself.

mod device_clocks;

use std::{net::TcpListener, path::Path, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Row};

use super::refuse_outdated;
use crate::{
    accounts::{self, audit::checkpoints},
    feed,
    ingest::mqtt,
    platform::{
        config::Config,
        database::{Database, Pools},
        media::{ContentHash, Media},
        migrate,
        secrets::Secrets,
    },
};

/// Less free space than this on the data folder's disk is a warning.
const LOW_DISK_BYTES: u64 = 2 << 30;
/// The database's clock may be this far from ours before times on screen mislead.
const CLOCK_TOLERANCE_S: i64 = 5;

const BROKER_TIMEOUT: Duration = Duration::from_secs(3);

/// One thing looked at.
pub struct Finding {
    pub what: &'static str,
    pub state: State,
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Good,
    /// Works, but somebody should know.
    Note,
    Bad,
}

impl Finding {
    fn new(what: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self { what, state, detail: detail.into() }
    }

    pub fn line(&self) -> String {
        let mark = match self.state {
            State::Good => "ok  ",
            State::Note => "note",
            State::Bad => "BAD ",
        };
        format!("{mark}  {:<13} {}", self.what, self.detail)
    }
}

/// Looks at everything; never fails by itself, a failure is a finding.
pub async fn examine(config: &Config, database: anyhow::Result<&Database>, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = vec![settings(config), demo_mode(config), ports(config), bundle(config), disk(config)];
    let database = match database {
        Ok(database) => database,
        Err(cause) => {
            findings.push(Finding::new("database", State::Bad, format!("{cause:#}")));
            return findings;
        }
    };
    match database.owner().await {
        Ok(owner) => {
            findings.push(Finding::new("database", State::Good, version(&owner).await));
            findings.push(extensions(&owner).await);
            findings.push(migrations(&owner).await);
            findings.extend(demo_accounts(config, &owner).await);
            findings.push(clock(&owner, now).await);
            findings.push(areas_by_hand(&owner).await);
            findings.push(audit_chain(config, &owner).await);
            findings.push(pictures(config, &owner).await);
            findings.push(mqtt(config, &owner).await);
            findings.extend(device_clocks::examine(&owner, now).await);
        }
        Err(cause) => findings.push(Finding::new("database", State::Bad, format!("{cause:#}"))),
    }
    match database.pools().await {
        Ok(pools) => findings.extend(server_view(&pools).await),
        Err(cause) => findings.push(Finding::new("roles", State::Bad, format!("{cause:#}"))),
    }
    findings
}

fn settings(config: &Config) -> Finding {
    let given: Vec<String> =
        config.origins.iter().filter(|(_, from)| *from != "default").map(|(name, from)| format!("{name} ({from})")).collect();
    let given = if given.is_empty() { "all at their defaults".to_owned() } else { given.join(", ") };
    Finding::new("settings", State::Good, format!("listen {}, data {}, given: {given}", config.listen, config.data_dir.display()))
}

fn demo_mode(config: &Config) -> Finding {
    if config.demo {
        Finding::new(
            "demo mode",
            State::Note,
            "on: accounts with a known password may sign in, on loopback only; unset IOC_DEMO for a real ward",
        )
    } else {
        Finding::new("demo mode", State::Good, "off")
    }
}

fn ports(config: &Config) -> Finding {
    match TcpListener::bind(config.listen) {
        Ok(_) => Finding::new("port", State::Good, format!("{} is free", config.listen)),
        Err(cause) => {
            Finding::new("port", State::Note, format!("{}: {cause}; a server of ours may be running, else set IOC_LISTEN", config.listen))
        }
    }
}

fn bundle(config: &Config) -> Finding {
    let index = config.dist_dir.join("index.html");
    if index.exists() {
        Finding::new("front end", State::Good, format!("{} is there", config.dist_dir.display()))
    } else {
        Finding::new(
            "front end",
            State::Bad,
            format!("{} is missing: run `cargo run -p xtask -- frontend`, or set IOC_DIST_DIR", index.display()),
        )
    }
}

fn disk(config: &Config) -> Finding {
    let mut dir: &Path = &config.data_dir;
    while !dir.exists() {
        let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) else { break };
        dir = parent;
    }
    let dir = if dir.exists() { dir } else { Path::new(".") };
    match free_bytes(dir) {
        Some(free) if free < LOW_DISK_BYTES => Finding::new(
            "disk",
            State::Bad,
            format!("only {} MiB free at {}: make room, or set IOC_DATA_DIR elsewhere", free >> 20, dir.display()),
        ),
        Some(free) => Finding::new("disk", State::Good, format!("{} GiB free at {}", free >> 30, dir.display())),
        None => Finding::new("disk", State::Note, "free space could not be read (is `df` there?)"),
    }
}

/// As `df` says it; the standard library does not tell.
fn free_bytes(dir: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").args(["-B1", "--output=avail"]).arg(dir).output().ok()?;
    String::from_utf8(output.stdout).ok()?.lines().nth(1)?.trim().parse().ok()
}

async fn version(owner: &PgPool) -> String {
    let text: sqlx::Result<String> = sqlx::query_scalar("select 'PostgreSQL ' || current_setting('server_version')").fetch_one(owner).await;
    text.unwrap_or_else(|cause| cause.to_string())
}

async fn extensions(owner: &PgPool) -> Finding {
    let found: sqlx::Result<Option<String>> =
        sqlx::query_scalar("select extversion from pg_extension where extname = 'postgis'").fetch_optional(owner).await;
    match found {
        Ok(Some(version)) => Finding::new("extensions", State::Good, format!("PostGIS {version}")),
        Ok(None) => Finding::new("extensions", State::Bad, "PostGIS is missing: run `ioc migrate`"),
        Err(cause) => Finding::new("extensions", State::Bad, cause.to_string()),
    }
}

async fn migrations(owner: &PgPool) -> Finding {
    match migrate::pending(owner).await {
        Ok(pending) if pending.is_empty() => Finding::new("migrations", State::Good, "all applied"),
        Ok(pending) => {
            Finding::new("migrations", State::Bad, format!("{} are missing, first {}: run `ioc migrate`", pending.len(), pending[0]))
        }
        Err(cause) => Finding::new("migrations", State::Bad, format!("{cause:#}")),
    }
}

async fn clock(owner: &PgPool, now: DateTime<Utc>) -> Finding {
    let theirs: sqlx::Result<DateTime<Utc>> = sqlx::query_scalar("select clock_timestamp()").fetch_one(owner).await;
    match theirs {
        Ok(theirs) => {
            let apart = (theirs - now).num_seconds();
            if apart.abs() > CLOCK_TOLERANCE_S {
                Finding::new("clock", State::Bad, format!("the database's clock is {apart} s from this machine's: set both by NTP"))
            } else {
                Finding::new("clock", State::Good, "this machine and the database agree")
            }
        }
        Err(cause) => Finding::new("clock", State::Bad, cause.to_string()),
    }
}

/// Outside demo mode they cannot sign in, and alerts would be given to them all the same.
async fn demo_accounts(config: &Config, owner: &PgPool) -> Option<Finding> {
    if config.demo {
        return None;
    }
    let counted = async { accounts::demo::count_appointed(&mut *owner.acquire().await?).await };
    match counted.await {
        Ok(0) => None,
        Ok(many) => Some(Finding::new(
            "demo accounts",
            State::Bad,
            format!("{many} are appointed and cannot sign in, but alerts are given to them: run `ioc demo leave`"),
        )),
        Err(cause) => Some(Finding::new("demo accounts", State::Bad, cause.to_string())),
    }
}

/// Rows whose area somebody set against the map: right perhaps, but worth a look. An alert that lies where its camera was put by
/// hand is not told beside the camera.
async fn areas_by_hand(owner: &PgPool) -> Finding {
    let counted = sqlx::query(
        "select 'household' as kind, count(*) as n from household where area_by_hand
         union all select 'boarding_house', count(*) from boarding_house where area_by_hand
         union all select 'business', count(*) from business where area_by_hand
         union all select 'camera', count(*) from camera where area_by_hand
         union all select 'camera_alert', count(*) from camera_alert a where a.area_by_hand
            and not exists (select from camera c where c.id = a.camera_id and c.area_id = a.area_id and c.area_by_hand)
         union all select 'place', count(*) from place where area_by_hand
         union all select 'building', count(*) from building where area_by_hand
         union all select 'road', count(*) from road where area_by_hand",
    )
    .fetch_all(owner)
    .await;
    match counted {
        Ok(rows) => {
            let set: Vec<String> = rows
                .iter()
                .map(|row| (row.get::<String, _>("kind"), row.get::<i64, _>("n")))
                .filter(|(_, n)| *n > 0)
                .map(|(kind, n)| format!("{n} {kind}"))
                .collect();
            if set.is_empty() {
                Finding::new("areas", State::Good, "every row lies in the area that the map gives it")
            } else {
                Finding::new(
                    "areas",
                    State::Note,
                    format!("area set by hand: {}; clear area_by_hand to follow the map again", set.join(", ")),
                )
            }
        }
        Err(cause) => Finding::new("areas", State::Bad, cause.to_string()),
    }
}

/// Whether there is a broker where one is set, and whose reports come that way.
async fn mqtt(config: &Config, owner: &PgPool) -> Finding {
    let Some(settings) = &config.mqtt else {
        return Finding::new("mqtt", State::Good, "not used; IOC_MQTT_URL would name a broker");
    };
    let device = match mqtt::device_of(settings, owner).await {
        Ok(device) => device,
        Err(cause) => return Finding::new("mqtt", State::Bad, format!("{cause:#}")),
    };
    let broker = settings.address();
    match tokio::time::timeout(BROKER_TIMEOUT, mqtt::reach(settings)).await {
        Ok(Ok(())) => {
            let how = if settings.tls.is_some() { "by TLS with a certificate that is trusted" } else { "without TLS" };
            let detail = format!("{broker} answers {how}, device {device}; /readyz says whether the server is connected");
            Finding::new("mqtt", State::Good, detail)
        }
        Ok(Err(cause)) => Finding::new("mqtt", State::Bad, format!("{broker}: {cause:#}")),
        Err(_) => Finding::new("mqtt", State::Bad, format!("{broker} does not answer; is the broker running, and IOC_MQTT_URL right?")),
    }
}

async fn audit_chain(config: &Config, owner: &PgPool) -> Finding {
    let checked = async {
        let secrets = Secrets::open(&config.data_dir)?;
        checkpoints::verify(owner, &config.data_dir, &secrets.audit_verifying_key()).await
    };
    match checked.await {
        Ok(report) if report.findings.is_empty() => Finding::new(
            "audit chain",
            State::Good,
            format!("{} entries, {} signed checkpoints, unbroken", report.entries, report.checkpoints),
        ),
        Ok(report) => {
            let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
            Finding::new(
                "audit chain",
                State::Bad,
                format!("{}; keep the disk as it is and find out who was at the database", told.join("; ")),
            )
        }
        Err(cause) => Finding::new("audit chain", State::Bad, format!("{cause:#}")),
    }
}

/// Rows and files are backed up apart: each picture that a row names must be there, and the next one must find room.
async fn pictures(config: &Config, owner: &PgPool) -> Finding {
    const NAMED: &str = "select sha256 from camera_alert_snapshot where removed_at is null
        union select thumbnail_sha256 from camera_alert_snapshot where removed_at is null";
    let named: Vec<ContentHash> = match sqlx::query_scalar::<_, Vec<u8>>(NAMED).fetch_all(owner).await {
        Ok(named) => named.iter().filter_map(|hash| ContentHash::read(hash)).collect(),
        Err(cause) => return Finding::new("pictures", State::Bad, cause.to_string()),
    };
    let media = Media::of(&config.data_dir);
    let folder = media.root().display().to_string();
    if named.is_empty() && !media.root().exists() {
        return Finding::new("pictures", State::Good, format!("none yet; {folder} is made when the server starts"));
    }
    if let Err(cause) = media.check_writable() {
        return Finding::new("pictures", State::Bad, format!("{folder} cannot be written to ({cause}): give it to the server's user"));
    }
    let missing: Vec<&ContentHash> = named.iter().filter(|hash| !media.has(hash)).collect();
    match missing.first() {
        None => {
            let (files, days) = (named.len(), config.snapshot_days);
            Finding::new(
                "pictures",
                State::Good,
                format!("{files} files in {folder}, deleted after {days} days unless held (IOC_SNAPSHOT_DAYS)"),
            )
        }
        Some(first) => Finding::new(
            "pictures",
            State::Bad,
            format!(
                "{} of {} files are missing in {folder}, first {first}: restore the folder from the backup",
                missing.len(),
                named.len()
            ),
        ),
    }
}

/// What the server itself would find: its roles, the mirrored data, the feed's partitions.
async fn server_view(pools: &Pools) -> Vec<Finding> {
    let mut findings = vec![Finding::new("roles", State::Good, "ioc_app, ioc_feed and ioc_job log in and are bound by row-level security")];
    findings.push(match refuse_outdated(&pools.app).await {
        Ok(()) => Finding::new("mirrored data", State::Good, "layers and access matrix are those of this program"),
        Err(cause) => Finding::new("mirrored data", State::Bad, format!("{cause:#}")),
    });
    findings.push(match feed::partitions(&pools.feed).await {
        Ok(partitions) if partitions.default_is_used => {
            Finding::new("partitions", State::Note, "changes lie in the default partition; a running server moves them within the hour")
        }
        Ok(partitions) if partitions.are_ready() => {
            Finding::new("partitions", State::Good, format!("{} days of the change feed are ready", partitions.days_ready))
        }
        Ok(_) => Finding::new("partitions", State::Bad, "the change feed lacks its next days: start the server, or run `ioc migrate`"),
        Err(cause) => Finding::new("partitions", State::Bad, cause.to_string()),
    });
    findings
}
