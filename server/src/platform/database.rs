//! Connections by role: the owner for migrations and imports, `ioc_app` for requests, `ioc_feed` for the feed and the indexes,
//! `ioc_job` for what runs without a person.
//! It deliberately runs no query of a domain.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::{Context, bail};
use sqlx::{
    Connection, Executor, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult},
};

use super::{config::Config, private_database::PrivateDatabase};

pub const OWNER: &str = "ioc_owner";
pub const APP: &str = "ioc_app";
pub const FEED: &str = "ioc_feed";
pub const JOB: &str = "ioc_job";
/// The roles that a server logs in as.
const LOGINS: [&str; 3] = [APP, FEED, JOB];
/// Name of the database in a private cluster.
const PRIVATE_NAME: &str = "ioc";

/// The pools of a running server; none can change the schema or pass row-level security.
#[derive(Clone, Debug)]
pub struct Pools {
    pub app: PgPool,
    pub feed: PgPool,
    pub job: PgPool,
}

/// The database that the settings name, started if it is ours.
pub struct Database {
    /// As given, or the private cluster's superuser: may create roles.
    admin: PgConnectOptions,
    /// Addresses of roles that were given, so that their passwords are somebody else's business.
    given: BTreeMap<&'static str, PgConnectOptions>,
    private: Option<PrivateDatabase>,
    /// Whether this process started the private cluster, and so stops it.
    started_here: bool,
    /// Passwords of the other roles on a server of somebody else's.
    passwords: PathBuf,
}

/// By role. Kept beside the keys, readable by the server's user alone.
type RolePasswords = BTreeMap<String, String>;

impl Database {
    /// Finds the database of `config`, and starts the private cluster when there is no other.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let passwords = config.data_dir.join("keys").join("database-roles.toml");
        match &config.database.owner_url {
            Some(url) => {
                let admin = PgConnectOptions::from_str(url).context("DATABASE_URL is not a PostgreSQL address")?;
                let mut given = BTreeMap::new();
                for (role, url) in [(APP, &config.database.app_url), (FEED, &config.database.feed_url), (JOB, &config.database.job_url)] {
                    let Some(url) = url else { continue };
                    let address = PgConnectOptions::from_str(url)
                        .with_context(|| format!("{} is not a PostgreSQL address", address_setting(role)))?;
                    given.insert(role, address);
                }
                Ok(Self { admin, given, private: None, started_here: false, passwords })
            }
            None => {
                let private = PrivateDatabase::locate(&config.database.local_dir, config.database.private_dir.as_deref())?;
                let started_here = private.start()?;
                ensure_private_database(&private).await?;
                fs::write(config.database.local_dir.join("database-url"), private.url(OWNER, PRIVATE_NAME) + "\n")?;
                let admin = PgConnectOptions::from_str(&private.superuser_url(PRIVATE_NAME))?;
                Ok(Self { admin, given: BTreeMap::new(), private: Some(private), started_here, passwords })
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

    /// The pools of a server, after making sure that no role is more than it should be.
    pub async fn pools(&self) -> anyhow::Result<Pools> {
        Ok(Pools {
            app: connect(&self.address_of(APP)?, APP, 24).await?,
            feed: connect(&self.address_of(FEED)?, FEED, 6).await?,
            job: connect(&self.address_of(JOB)?, JOB, 6).await?,
        })
    }

    /// Asked for when it is needed: `ioc migrate` may have made the password a moment ago, in this very process.
    fn address_of(&self, role: &str) -> anyhow::Result<PgConnectOptions> {
        if let Some(given) = self.given.get(role) {
            return Ok(given.clone());
        }
        let address = self.admin.clone().username(role);
        if self.private.is_some() {
            return Ok(address);
        }
        Ok(match read_passwords(&self.passwords)?.get(role) {
            Some(password) => address.password(password),
            None => address,
        })
    }

    /// Passwords for the login roles whose addresses were not given: kept ones, or new ones. A private cluster has none.
    pub(super) fn role_passwords(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let ours: Vec<&'static str> = LOGINS.into_iter().filter(|role| !self.given.contains_key(role)).collect();
        if self.private.is_some() || ours.is_empty() {
            return Ok(Vec::new());
        }
        let mut passwords = read_passwords(&self.passwords)?;
        let kept = passwords.len();
        for role in &ours {
            passwords.entry((*role).to_owned()).or_insert_with(|| hex::encode(rand::random::<[u8; 24]>()));
        }
        if passwords.len() > kept {
            write_passwords(&self.passwords, &passwords)?;
        }
        Ok(ours.into_iter().map(|role| (role, passwords[role].clone())).collect())
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

pub(super) fn address_setting(role: &str) -> &'static str {
    match role {
        APP => "IOC_APP_DATABASE_URL",
        FEED => "IOC_FEED_DATABASE_URL",
        _ => "IOC_JOB_DATABASE_URL",
    }
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
        super::migrate::ensure_roles(&mut admin, &[]).await?;
        admin.execute("alter role ioc_owner login").await?;
        admin.execute("create database ioc owner ioc_owner").await?;
    }
    admin.close().await?;
    Ok(())
}

/// None are kept where there is no file yet.
fn read_passwords(path: &Path) -> anyhow::Result<RolePasswords> {
    match fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("{} is damaged", path.display())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(RolePasswords::new()),
        Err(cause) => Err(cause).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Whole or not at all: the passwords that are kept there already open the database.
fn write_passwords(path: &Path, passwords: &RolePasswords) -> anyhow::Result<()> {
    use std::io::Write;
    fs::create_dir_all(path.parent().expect("a file in the data folder has a parent"))?;
    let unfinished = path.with_extension("toml.new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(toml::to_string(passwords)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    Ok(())
}

/// A write that must have found its row, which was locked a moment before: row-level security passes over what the caller may no
/// longer write, without a word, and nothing may be acknowledged then.
pub fn written(done: PgQueryResult) -> sqlx::Result<()> {
    if done.rows_affected() == 0 { Err(sqlx::Error::RowNotFound) } else { Ok(()) }
}

/// A value stored as text under a check constraint, as the wire's enum.
pub fn from_text<T: serde::de::DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = serde::de::IntoDeserializer::into_deserializer(text);
    T::deserialize(deserializer).map_err(|cause| sqlx::Error::Decode(Box::new(cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(dir: &Path, given: &[&'static str]) -> Database {
        let admin = PgConnectOptions::from_str("postgresql://ward:secret@db.example/ioc").unwrap();
        let given = given.iter().map(|role| (*role, admin.clone().username(role))).collect();
        Database { admin, given, private: None, started_here: false, passwords: dir.join("keys/database-roles.toml") }
    }

    #[test]
    fn a_role_that_came_later_gets_a_password_beside_those_that_are_kept() {
        use std::os::unix::fs::PermissionsExt;
        let dir = std::env::temp_dir().join(format!("ioc-roles-{}", uuid::Uuid::new_v4()));
        let file = dir.join("keys/database-roles.toml");
        fs::create_dir_all(dir.join("keys")).unwrap();
        // As an installation has it that knew two roles.
        fs::write(&file, "ioc_app = \"aa\"\nioc_feed = \"bb\"\n").unwrap();
        let passwords = database(&dir, &[]).role_passwords().unwrap();
        assert_eq!(passwords[..2], [(APP, "aa".to_owned()), (FEED, "bb".to_owned())]);
        assert_eq!((passwords[2].0, passwords[2].1.len()), (JOB, 48));
        assert_eq!(database(&dir, &[]).role_passwords().unwrap(), passwords, "kept from now on");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn whoever_was_given_an_address_keeps_the_password_of_it() {
        let dir = std::env::temp_dir().join(format!("ioc-roles-{}", uuid::Uuid::new_v4()));
        let roles =
            |given: &[&'static str]| database(&dir, given).role_passwords().unwrap().into_iter().map(|(role, _)| role).collect::<Vec<_>>();
        assert_eq!(roles(&[APP, FEED, JOB]), Vec::<&str>::new());
        assert!(!dir.exists(), "nothing of ours is kept then");
        assert_eq!(roles(&[APP, FEED]), [JOB]);
        fs::remove_dir_all(dir).unwrap();
    }
}
