//! A PostgreSQL cluster for tests, and a fresh database for each of them, cloned from a migrated template.
//! It deliberately starts no server; `app` does.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use chrono::Utc;
use server::platform::{
    config::Config,
    database::{APP, Database, FEED, JOB},
    migrate::MIGRATIONS,
    private_database::PrivateDatabase,
    secrets::Secrets,
};
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};
use tokio::sync::OnceCell;

/// The project's root: where cargo runs this, else where it was built (several checkouts may share a target directory).
pub fn project_root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().expect("tests is a folder of the project").to_owned()
}

/// Where the test cluster lives: `IOC_TEST_DIR`, or `.local/test`.
pub fn test_dir() -> PathBuf {
    std::env::var_os("IOC_TEST_DIR").map_or_else(|| project_root().join(".local/test"), PathBuf::from)
}

fn cluster() -> &'static PrivateDatabase {
    static CLUSTER: OnceLock<PrivateDatabase> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let private = PrivateDatabase::locate(&test_dir(), None).expect("PostgreSQL is installed (scripts/setup test)").for_tests();
        private.start().expect("the test cluster starts");
        private
    })
}

/// A database of its own, dropped with this value.
pub struct TestDatabase {
    pub name: String,
}

impl TestDatabase {
    /// Clones the migrated template.
    pub async fn create() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| async { prepare_template().await.expect("the template database is migrated") }).await;
        Self::clone_of(template).await
    }

    /// Clones the demo ward, seeded once for these sources, with the keys that sealed it: call it before the server's start,
    /// with the folder that will be its data folder.
    pub async fn seeded(data_dir: &std::path::Path) -> Self {
        static TEMPLATE: OnceCell<(String, PathBuf)> = OnceCell::const_new();
        let (template, keys) = TEMPLATE.get_or_init(|| async { prepare_demo_ward().await.expect("the demo ward is seeded") }).await;
        copy_keys(keys, data_dir).expect("the keys of the demo ward are copied");
        Self::clone_of(template).await
    }

    /// Clones any database of the cluster that nobody is connected to.
    pub async fn clone_of(template: &str) -> Self {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let mut admin = admin().await;
        // Two clones of one template at once are refused; they wait in line.
        admin.execute("select pg_advisory_lock(hashtext('ioc_test_clone'))").await.expect("a lock");
        admin.execute(format!("create database {name} template {template}").as_str()).await.expect("the template can be cloned");
        admin.execute("select pg_advisory_unlock(hashtext('ioc_test_clone'))").await.expect("an unlock");
        Self { name }
    }

    /// Settings of a server on this database.
    pub fn config(&self, dir: &std::path::Path) -> Config {
        let mut config = Config::for_tests(dir);
        config.database.owner_url = Some(self.url("postgres"));
        config.database.app_url = Some(self.url(APP));
        config.database.feed_url = Some(self.url(FEED));
        config.database.job_url = Some(self.url(JOB));
        config.dist_dir = project_root().join("dist");
        config
    }

    pub fn url(&self, role: &str) -> String {
        cluster().url(role, &self.name)
    }

    /// A connection as `role`: `postgres`, `ioc_owner` (through `set role`), `ioc_app`, `ioc_feed` or `ioc_job`.
    pub async fn connect(&self, role: &str) -> PgConnection {
        let login = if role == "ioc_owner" { "postgres" } else { role };
        let mut connection = PgConnection::connect(&self.url(login)).await.expect("the test database answers");
        if role == "ioc_owner" {
            connection.execute("set role ioc_owner").await.expect("the superuser may act as the owner");
        }
        connection
    }

    /// A few connections at once, as a role of the cluster.
    pub async fn pool(&self, role: &str) -> PgPool {
        PgPoolOptions::new().max_connections(4).connect(&self.url(role)).await.expect("the test database answers")
    }
}

/// How the planner would read the row `$1` of a statement where rows are many. The tables of two small wards are quicker read
/// whole, so reading a row is made dear here: the question is whether the ids lead to them at all.
pub async fn plan_for_ids(connection: &mut PgConnection, statement: &str) -> String {
    let dear = "set enable_seqscan = off; set cpu_tuple_cost = 1000; set cpu_index_tuple_cost = 1000";
    connection.execute(dear).await.expect("anybody may set what planning costs");
    let explained = format!("explain {}", statement.replace("$1", "'{1}'"));
    let lines: Vec<String> = sqlx::query_scalar(&explained).fetch_all(connection).await.expect("the statement can be planned");
    lines.join("\n")
}

/// Protected rows are read by `id` and by nothing else: the planner uses no index for text or places under row-level security.
pub fn assert_read_by_id(what: &str, plan: &str, id: &str) {
    assert!(plan.contains(&format!("Index Cond: ({id} = ANY ('{{1}}'")), "{what}:\n{plan}");
    assert!(!plan.contains("Seq Scan"), "{what}:\n{plan}");
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = self.name.clone();
        // Dropping is asynchronous and a destructor is not: a thread of its own does it, and failing to is harmless.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let _ = admin().await.execute(format!("drop database if exists {name} with (force)").as_str()).await;
            });
        });
        let _ = dropping.join();
    }
}

async fn admin() -> PgConnection {
    PgConnection::connect(&cluster().superuser_url("postgres")).await.expect("the test cluster answers")
}

/// The template for exactly these migrations, this data and today, made once per cluster. Returns its name. Older ones are dropped.
async fn prepare_template() -> anyhow::Result<String> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut contents = DefaultHasher::new();
    for migration in MIGRATIONS.iter() {
        migration.checksum.hash(&mut contents);
    }
    server::app::mirrored_data().hash(&mut contents);
    // Its partitions begin on the day on which it is made.
    Utc::now().date_naive().hash(&mut contents);
    let name = format!("template_{:016x}", contents.finish());

    let mut admin = admin().await;
    admin.execute("select pg_advisory_lock(hashtext('ioc_test_template'))").await?;
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(&name).fetch_one(&mut admin).await?;
    if !is_there {
        drop_templates(&mut admin, "template\\_%").await?;
        server::platform::migrate::ensure_roles(&mut admin, &[]).await?;
        let unfinished = format!("{name}_unfinished");
        admin.execute(format!("drop database if exists {unfinished} with (force)").as_str()).await?;
        admin.execute(format!("create database {unfinished} owner ioc_owner").as_str()).await?;
        let mut config = Config::for_tests(&test_dir());
        config.database.owner_url = Some(cluster().superuser_url(&unfinished));
        // The test cluster trusts its socket: no passwords to keep.
        config.database.app_url = Some(cluster().url(APP, &unfinished));
        config.database.feed_url = Some(cluster().url(FEED, &unfinished));
        config.database.job_url = Some(cluster().url(JOB, &unfinished));
        let database = Database::open(&config).await?;
        server::app::migrate(&database).await?.close().await;
        admin.execute(format!("alter database {unfinished} rename to {name}").as_str()).await?;
    }
    admin.execute("select pg_advisory_unlock(hashtext('ioc_test_template'))").await?;
    Ok(name)
}

/// The seeded template for exactly these sources and today, and the data folder whose keys sealed it. Older ones are dropped.
async fn prepare_demo_ward() -> anyhow::Result<(String, PathBuf)> {
    use std::hash::{DefaultHasher, Hasher};
    let mut contents = DefaultHasher::new();
    for folder in ["server/src", "data", "migrations"] {
        hash_files(&project_root().join(folder), &mut contents)?;
    }
    // Its past ends on the day on which it is told.
    contents.write(Utc::now().date_naive().to_string().as_bytes());
    let name = format!("seeded_{:016x}", contents.finish());
    let keys = test_dir().join(&name);

    let mut admin = admin().await;
    admin.execute("select pg_advisory_lock(hashtext('ioc_test_seeded'))").await?;
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(&name).fetch_one(&mut admin).await?;
    if !is_there || !keys.exists() {
        for name in drop_templates(&mut admin, "seeded\\_%").await? {
            let _ = std::fs::remove_dir_all(test_dir().join(name));
        }
        let fresh = TestDatabase::create().await;
        std::fs::create_dir_all(&keys)?;
        let owner = Database::open(&fresh.config(&keys)).await?.owner().await?;
        server::demo::seed_if_empty(&owner, &Secrets::open(&fresh.config(&keys).data_dir)?).await?;
        owner.close().await;
        admin.execute(format!("alter database {} rename to {name}", fresh.name).as_str()).await?;
    }
    admin.execute("select pg_advisory_unlock(hashtext('ioc_test_seeded'))").await?;
    Ok((name.clone(), Config::for_tests(&keys).data_dir))
}

/// Drops the databases of that name; which these were.
async fn drop_templates(admin: &mut PgConnection, like: &str) -> sqlx::Result<Vec<String>> {
    let older: Vec<String> =
        sqlx::query_scalar("select datname from pg_database where datname like $1").bind(like).fetch_all(&mut *admin).await?;
    for name in &older {
        admin.execute(format!("drop database if exists {name} with (force)").as_str()).await?;
    }
    Ok(older)
}

fn hash_files(folder: &std::path::Path, contents: &mut impl std::hash::Hasher) -> std::io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            hash_files(&entry.path(), contents)?;
        } else {
            contents.write(&std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn copy_keys(from: &std::path::Path, to: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(to.join("keys"))?;
    for entry in std::fs::read_dir(from.join("keys"))? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join("keys").join(entry.file_name()))?;
    }
    Ok(())
}
