//! Connections by role: the owner for migrations and imports, `ioc_app` for requests, `ioc_feed` for the feed and the indexes.
//! It deliberately runs no query of a domain.

use std::{fs, os::unix::fs::OpenOptionsExt, path::PathBuf, str::FromStr, time::Duration};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{config::Config, private_database::PrivateDatabase};

pub const OWNER: &str = "ioc_owner";
pub const APP: &str = "ioc_app";
pub const FEED: &str = "ioc_feed";
/// Name of the database in a private cluster.
const PRIVATE_NAME: &str = "ioc";

/// The pools of a running server; neither can change the schema or pass row-level security.
#[derive(Clone, Debug)]
pub struct Pools {
    pub app: PgPool,
    pub feed: PgPool,
}

/// The database that the settings name, started if it is ours.
pub struct Database {
    /// As given, or the private cluster's superuser: may create roles.
    admin: PgConnectOptions,
    app: PgConnectOptions,
    feed: PgConnectOptions,
    private: Option<PrivateDatabase>,
    /// Whether this process started the private cluster, and so stops it.
    started_here: bool,
    /// Whether both roles' addresses were given, so that their passwords are somebody else's business.
    roles_given: bool,
    /// Passwords of `ioc_app` and `ioc_feed` on a server of somebody else's.
    passwords: PathBuf,
}

/// Kept beside the keys, readable by the server's user alone.
#[derive(Serialize, Deserialize)]
struct RolePasswords {
    ioc_app: String,
    ioc_feed: String,
}

impl Database {
    /// Finds the database of `config`, and starts the private cluster when there is no other.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let passwords = config.data_dir.join("keys").join("database-roles.toml");
        match &config.database.owner_url {
            Some(url) => {
                let admin = PgConnectOptions::from_str(url).context("DATABASE_URL is not a PostgreSQL address")?;
                let known = read_passwords(&passwords)?;
                let derive = |role: &str, given: &Option<String>| -> anyhow::Result<PgConnectOptions> {
                    match (given, &known) {
                        (Some(url), _) => PgConnectOptions::from_str(url)
                            .with_context(|| format!("the address given for {role} is not a PostgreSQL address")),
                        (None, Some(known)) => {
                            let password = if role == APP { &known.ioc_app } else { &known.ioc_feed };
                            Ok(admin.clone().username(role).password(password))
                        }
                        (None, None) => Ok(admin.clone().username(role)),
                    }
                };
                let (app, feed) = (derive(APP, &config.database.app_url)?, derive(FEED, &config.database.feed_url)?);
                let roles_given = config.database.app_url.is_some() && config.database.feed_url.is_some();
                Ok(Self { admin, app, feed, private: None, started_here: false, roles_given, passwords })
            }
            None => {
                let private = PrivateDatabase::locate(&config.database.local_dir, config.database.private_dir.as_deref())?;
                let started_here = private.start()?;
                ensure_private_database(&private).await?;
                fs::write(config.database.local_dir.join("database-url"), private.url(OWNER, PRIVATE_NAME) + "\n")?;
                let options = |role: &str| PgConnectOptions::from_str(&private.url(role, PRIVATE_NAME));
                Ok(Self {
                    admin: PgConnectOptions::from_str(&private.superuser_url(PRIVATE_NAME))?,
                    app: options(APP)?,
                    feed: options(FEED)?,
                    private: Some(private),
                    started_here,
                    roles_given: false,
                    passwords,
                })
            }
        }
    }

    /// A connection that may create roles and extensions.
    pub async fn admin(&self) -> anyhow::Result<PgConnection> {
        PgConnection::connect_with(&self.admin).await.context("the database does not answer; check DATABASE_URL")
    }

    /// A pool as `ioc_owner`, for migrations, imports and seeds: outside row-level security.
    pub async fn owner(&self) -> anyhow::Result<PgPool> {
        PgPoolOptions::new()
            .max_connections(4)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute("set role ioc_owner").await?;
                    Ok(())
                })
            })
            .connect_with(self.admin.clone())
            .await
            .context("the database does not answer as its owner; has `ioc migrate` been run?")
    }

    /// The pools of a server, after making sure that neither role is more than it should be.
    pub async fn pools(&self) -> anyhow::Result<Pools> {
        let app = connect(&self.app, APP, 24).await?;
        let feed = connect(&self.feed, FEED, 6).await?;
        Ok(Pools { app, feed })
    }

    /// Passwords for the two login roles: kept ones, or new ones for a server of somebody else's. A private cluster has none.
    pub(super) async fn role_passwords(&self) -> anyhow::Result<Option<(String, String)>> {
        if self.private.is_some() || self.roles_given {
            return Ok(None);
        }
        let kept = match read_passwords(&self.passwords)? {
            Some(kept) => kept,
            None => {
                let fresh = || hex::encode(rand::random::<[u8; 24]>());
                let made = RolePasswords { ioc_app: fresh(), ioc_feed: fresh() };
                write_passwords(&self.passwords, &made)?;
                made
            }
        };
        Ok(Some((kept.ioc_app, kept.ioc_feed)))
    }

    /// Stops the private cluster if this process started it.
    pub fn close(self) -> anyhow::Result<()> {
        match &self.private {
            Some(private) if self.started_here => private.stop(),
            _ => Ok(()),
        }
    }
}

async fn connect(options: &PgConnectOptions, role: &str, at_most: u32) -> anyhow::Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(at_most)
        .acquire_timeout(Duration::from_secs(5))
        .connect_with(
            // Our queries take a millisecond. Where the planner overestimates one (a recursive one, fresh tables),
            // compiling it takes more than half a second.
            options.clone().application_name(role).options([("jit", "off")]),
        )
        .await
        .with_context(|| {
            format!("the database does not let {role} in; run `ioc migrate`, or give its address in {}", address_setting(role))
        })?;
    refuse_powerful_role(&pool, role).await?;
    Ok(pool)
}

fn address_setting(role: &str) -> &'static str {
    if role == APP { "IOC_APP_DATABASE_URL" } else { "IOC_FEED_DATABASE_URL" }
}

/// Row-level security does not bind superusers, roles with BYPASSRLS and the owners of tables: a server must be none of these.
pub async fn refuse_powerful_role(pool: &PgPool, expected: &str) -> anyhow::Result<()> {
    let (user, is_super, bypasses, owns): (String, bool, bool, bool) = sqlx::query_as(
        "select current_user::text, rolsuper, rolbypassrls,
            exists (select from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
                    and pg_has_role(current_user, c.relowner, 'member') and c.relname <> 'spatial_ref_sys')
         from pg_roles where rolname = current_user",
    )
    .fetch_one(pool)
    .await?;
    if is_super || bypasses || owns {
        let power = if is_super {
            "is a superuser"
        } else if bypasses {
            "has BYPASSRLS"
        } else {
            "owns tables"
        };
        bail!(
            "the server would run as {user}, which {power}, so row-level security would not hold; give it {expected} in {}",
            address_setting(expected)
        );
    }
    if user != expected {
        bail!("the server would run as {user}, but its rights are granted to {expected}; correct {}", address_setting(expected));
    }
    Ok(())
}

/// Roles, database and PostGIS of a fresh private cluster; nothing where they are there.
async fn ensure_private_database(private: &PrivateDatabase) -> anyhow::Result<()> {
    let mut admin = PgConnection::connect(&private.superuser_url("postgres")).await.context("the private PostgreSQL does not answer")?;
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(PRIVATE_NAME).fetch_one(&mut admin).await?;
    if !is_there {
        super::migrate::ensure_roles(&mut admin, None).await?;
        admin.execute("alter role ioc_owner login").await?;
        admin.execute("create database ioc owner ioc_owner").await?;
    }
    admin.close().await?;
    Ok(())
}

fn read_passwords(path: &PathBuf) -> anyhow::Result<Option<RolePasswords>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(toml::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?)),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause).with_context(|| format!("{} cannot be read", path.display())),
    }
}

fn write_passwords(path: &PathBuf, passwords: &RolePasswords) -> anyhow::Result<()> {
    use std::io::Write;
    fs::create_dir_all(path.parent().expect("a file in the data folder has a parent"))?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(toml::to_string(passwords)?.as_bytes())?;
    Ok(())
}

/// A value stored as text under a check constraint, as the wire's enum.
pub fn from_text<T: serde::de::DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = serde::de::IntoDeserializer::into_deserializer(text);
    T::deserialize(deserializer).map_err(|cause| sqlx::Error::Decode(Box::new(cause)))
}
