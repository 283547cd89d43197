//! Brings a database to what this program expects: roles, PostGIS, migrations.
//! It deliberately does not fill the tables that mirror data of ours (layers, access matrix); `app::migrate` does.

use anyhow::{Context, bail};
use sqlx::{Executor, PgConnection, PgPool, migrate::Migrator};

use super::database::{APP, Database, FEED, JOB, OWNER, address_setting};

pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Roles, PostGIS and all migrations; returns the owner's pool.
pub async fn migrate(database: &Database) -> anyhow::Result<PgPool> {
    let mut admin = database.admin().await?;
    refuse_old_postgresql(&mut admin).await?;
    ensure_roles(&mut admin, &database.role_passwords()?).await?;
    ensure_extension(&mut admin).await?;
    for grant in ["grant usage, create on schema public to ioc_owner", "grant usage on schema public to ioc_app, ioc_feed, ioc_job"] {
        admin.execute(grant).await.with_context(|| format!("the database user of DATABASE_URL may not run: {grant}"))?;
    }
    let owner = database.owner().await?;
    MIGRATIONS.run(&owner).await.context("a migration failed; nothing of it was kept")?;
    // So that a server can tell whether it is up to date.
    owner.execute("grant select on _sqlx_migrations to ioc_app").await?;
    Ok(owner)
}

/// Migrations that this program has and the database lacks, by their description.
pub async fn pending(pool: &PgPool) -> anyhow::Result<Vec<String>> {
    let applied: Vec<i64> = match sqlx::query_scalar("select version from _sqlx_migrations where success").fetch_all(pool).await {
        Ok(applied) => applied,
        Err(sqlx::Error::Database(cause)) if cause.code().as_deref() == Some("42P01") => Vec::new(),
        Err(cause) => return Err(cause.into()),
    };
    Ok(MIGRATIONS.iter().filter(|m| !applied.contains(&m.version)).map(|m| format!("{} {}", m.version, m.description)).collect())
}

/// Every role of ours, and whether a server logs in as it.
const ROLES: [(&str, &str); 4] = [(OWNER, "nologin"), (APP, "login"), (FEED, "login"), (JOB, "login")];

/// Creates the roles that are missing, in a database made before one came too, and gives those of `passwords` theirs. Roles belong
/// to the whole server, so two installations may race: one waits.
pub async fn ensure_roles(admin: &mut PgConnection, passwords: &[(&str, String)]) -> anyhow::Result<()> {
    let missing: Vec<String> =
        sqlx::query_scalar("select wanted from unnest($1::text[]) wanted where not exists (select from pg_roles where rolname = wanted)")
            .bind(ROLES.iter().map(|(role, _)| *role).collect::<Vec<_>>())
            .fetch_all(&mut *admin)
            .await?;
    if !missing.is_empty() {
        let may_create: bool = sqlx::query_scalar("select rolsuper or rolcreaterole from pg_roles where rolname = current_user")
            .fetch_one(&mut *admin)
            .await?;
        if !may_create {
            bail!(
                "the roles {} are missing and DATABASE_URL's user may not create them; let an administrator run: {}",
                missing.join(", "),
                missing.iter().map(|role| format!("create role {role} login;")).collect::<Vec<_>>().join(" ")
            );
        }
    }
    admin.execute("begin").await?;
    admin.execute("select pg_advisory_xact_lock(hashtext('ioc_roles'))").await?;
    for (role, login) in ROLES {
        let statement = format!(
            "do $$ begin if not exists (select from pg_roles where rolname = '{role}') then create role {role} {login}; end if; end $$"
        );
        admin.execute(statement.as_str()).await?;
    }
    // Acting as the owner needs membership; a superuser has it anyhow.
    admin
        .execute("do $$ begin if not pg_has_role(current_user, 'ioc_owner', 'member') then execute format('grant ioc_owner to %I', current_user); end if; end $$")
        .await
        .context("DATABASE_URL's user may not act as ioc_owner; let an administrator run: grant ioc_owner to that user")?;
    for (role, password) in passwords {
        // Passwords are hex digits of our own making, so they need no quoting.
        admin.execute(format!("alter role {role} login password '{password}'").as_str()).await.with_context(|| {
            format!("DATABASE_URL's user may not give {role} a password; give its address in {}", address_setting(role))
        })?;
    }
    admin.execute("commit").await?;
    Ok(())
}

async fn ensure_extension(admin: &mut PgConnection) -> anyhow::Result<()> {
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_extension where extname = 'postgis')").fetch_one(&mut *admin).await?;
    if !is_there {
        admin.execute("create extension postgis").await.context(
            "PostGIS is missing in this database: install postgresql-NN-postgis-3 on the server, and let an administrator run: create extension postgis",
        )?;
    }
    Ok(())
}

async fn refuse_old_postgresql(admin: &mut PgConnection) -> anyhow::Result<()> {
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::integer").fetch_one(admin).await?;
    if version < 150_000 {
        bail!("the database server is PostgreSQL {}; 15 or newer is needed", version / 10_000);
    }
    Ok(())
}
