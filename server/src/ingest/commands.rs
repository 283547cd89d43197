//! `ioc device add`, `list` and `revoke`: what an administrator does at the machine itself; and the device of the demonstration.
//! A token is shown once, when it is made; the database knows its hash.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use sqlx::{PgConnection, PgPool};

use super::{db, device::DeviceToken};

/// The device of the demonstration.
const DEMO_DEVICE: &str = "demo";

#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Lets a recorder or an AI box report, and shows its token once
    Add(AddDevice),
    /// Lists the devices, and when each was last heard of
    List,
    /// Takes a device's token out of force, at once
    Revoke {
        /// The name it was added by
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct AddDevice {
    /// Letters, digits, dot, dash, underscore
    pub name: String,
    /// Code of the area whose cameras it speaks for; not needed where there is one ward
    #[arg(long)]
    pub area: Option<String>,
}

/// Runs a command as owner; what the administrator must hand on is written to `out`, once.
pub async fn run(owner: &PgPool, command: DeviceCommand, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut transaction = owner.begin().await?;
    match command {
        DeviceCommand::Add(device) => {
            let (area_id, area_name) = area_of(&mut transaction, device.area.as_deref()).await?;
            let token = add(&mut transaction, &device.name, area_id).await?;
            transaction.commit().await?;
            writeln!(out, "Device {} may report for the cameras of {area_name}.", device.name)?;
            writeln!(out, "Token (shown this once): {}", token.secret())?;
        }
        DeviceCommand::List => {
            for device in db::devices(&mut transaction).await? {
                let state = match (device.revoked_at, device.last_seen_at) {
                    (Some(at), _) => format!("revoked {}", said(at)),
                    (None, Some(at)) => format!("last heard of {}", said(at)),
                    (None, None) => "never heard of".to_owned(),
                };
                writeln!(out, "{}\t{} {}\tadded {}\t{state}", device.name, device.area_code, device.area_name, said(device.created_at))?;
            }
        }
        DeviceCommand::Revoke { name } => {
            if !db::revoke_device(&mut transaction, &name).await? {
                bail!("no device {name} is in force; `ioc device list` shows them");
            }
            transaction.commit().await?;
            writeln!(out, "Device {name} may not report any more.")?;
        }
    }
    Ok(())
}

/// Makes sure that the device of the demonstration exists and that `path` holds its token, readable by the owner alone.
pub async fn keep_demo_device(owner: &PgPool, path: &Path) -> anyhow::Result<()> {
    let mut transaction = owner.begin().await?;
    let Some((area_id, _)) = db::first_wards(&mut transaction).await?.into_iter().next() else { return Ok(()) };
    if let Some(kept) = fs::read_to_string(path).ok().and_then(|text| DeviceToken::read(text.trim()))
        && db::is_in_force(&mut transaction, DEMO_DEVICE, &kept.hash()).await?
    {
        return Ok(());
    }
    db::revoke_device(&mut transaction, DEMO_DEVICE).await?;
    let token = add(&mut transaction, DEMO_DEVICE, area_id).await?;
    write_token(path, &token).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(transaction.commit().await?)
}

/// Takes the device of the demonstration out of force, where there is one.
pub async fn revoke_demo_device(owner: &mut PgConnection) -> sqlx::Result<bool> {
    db::revoke_device(owner, DEMO_DEVICE).await
}

fn write_token(path: &Path, token: &DeviceToken) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // A new file: one that is there already may be open to others.
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    writeln!(OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?, "{}", token.secret())
}

async fn add(owner: &mut PgConnection, name: &str, area_id: i32) -> anyhow::Result<DeviceToken> {
    let token = DeviceToken::generate();
    match db::add_device(owner, name, area_id, &token.hash()).await {
        Ok(()) => Ok(token),
        Err(sqlx::Error::Database(cause)) if cause.is_unique_violation() => {
            bail!("there is a device {name} already; `ioc device revoke {name}` first, if its token is lost")
        }
        Err(sqlx::Error::Database(cause)) if cause.is_check_violation() => {
            bail!("{name:?} cannot be a device's name: up to 64 letters, digits, dots, dashes, underscores")
        }
        Err(cause) => Err(cause.into()),
    }
}

async fn area_of(owner: &mut PgConnection, code: Option<&str>) -> anyhow::Result<(i32, String)> {
    if let Some(code) = code {
        let area = db::area_by_code(owner, code).await?;
        return area.with_context(|| format!("there is no current area with the code {code}; `select code, name from area` lists them"));
    }
    let mut wards = db::first_wards(owner).await?;
    match wards.len() {
        0 => bail!("there is no ward yet; import one first, or run `ioc demo seed`"),
        1 => Ok(wards.remove(0)),
        _ => bail!("there are several wards; say with --area CODE for whose cameras the device speaks"),
    }
}

fn said(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
