//! A PostgreSQL cluster of our own, on a socket only, for whoever has no database server yet.
//! It deliberately listens on no network address and knows no table.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};

/// PostgreSQL releases before this one lack what we use (`security_invoker` views, MERGE).
const OLDEST_POSTGRESQL: u32 = 15;
/// A Unix socket's path must fit `sockaddr_un` (108 bytes), with `/.s.PGSQL.5432` behind it.
const LONGEST_SOCKET_DIR: usize = 90;

/// A private cluster: where its files and its socket are.
#[derive(Clone, Debug)]
pub struct PrivateDatabase {
    /// The cluster's own folder; `data`, `run` and `log` lie below it.
    dir: PathBuf,
    socket_dir: PathBuf,
    programs: PathBuf,
    /// Survives a crash of the process but not of the machine: for tests.
    throw_away: bool,
}

impl PrivateDatabase {
    /// The cluster under `local_dir` (or in `elsewhere`), not started yet.
    ///
    /// PostgreSQL refuses to run as root; then it runs as `postgres`, who must be able to enter the folder. Where a parent folder
    /// is closed to others (a clone in /root), the cluster moves to /var/lib/phuong-ioc.
    pub fn locate(local_dir: &Path, elsewhere: Option<&Path>) -> anyhow::Result<Self> {
        fs::create_dir_all(local_dir).with_context(|| format!("cannot create {}", local_dir.display()))?;
        let local_dir = local_dir.canonicalize()?;
        let dir = match elsewhere {
            Some(dir) => dir.to_owned(),
            None if is_root() && !others_may_enter(&local_dir) => {
                Path::new("/var/lib/phuong-ioc").join(&hex::encode(Sha256::digest(local_dir.as_os_str().as_encoded_bytes()))[..12])
            }
            None => local_dir.join("postgres"),
        };
        let mut socket_dir = dir.join("run");
        if socket_dir.as_os_str().len() > LONGEST_SOCKET_DIR {
            let short = &hex::encode(Sha256::digest(dir.as_os_str().as_encoded_bytes()))[..12];
            socket_dir = std::env::temp_dir().join(format!("phuong-ioc-{short}"));
        }
        Ok(Self { dir, socket_dir, programs: find_programs()?, throw_away: false })
    }

    /// Trades safety across a crash of the machine for speed.
    pub fn for_tests(mut self) -> Self {
        self.throw_away = true;
        self
    }

    /// Address for `role` in `database`.
    pub fn url(&self, role: &str, database: &str) -> String {
        let socket: String = self
            .socket_dir
            .to_string_lossy()
            .bytes()
            .map(|b| if b.is_ascii_alphanumeric() || b"-_.".contains(&b) { (b as char).to_string() } else { format!("%{b:02X}") })
            .collect();
        format!("postgresql://{role}@{socket}:5432/{database}")
    }

    /// Address of the cluster's superuser, for creating roles and extensions.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url("postgres", database)
    }

    pub fn is_running(&self) -> bool {
        self.data().join("PG_VERSION").exists() && self.pg_ctl(&["status"]).is_ok_and(|done| done)
    }

    /// Starts the cluster, creating it first when it is not there. Returns whether this call started it.
    pub fn start(&self) -> anyhow::Result<bool> {
        let _one_at_a_time = self.lock()?;
        if !self.data().join("PG_VERSION").exists() {
            self.create()?;
        }
        if self.is_running() {
            return Ok(false);
        }
        fs::create_dir_all(&self.socket_dir)?;
        self.give_to_postgres(&self.socket_dir, 0o700)?;
        // A socket left by a killed cluster would be taken for a running one.
        let _ = fs::remove_file(self.socket_dir.join(".s.PGSQL.5432.lock"));
        let log = self.dir.join("log");
        let mut options = format!("-k {} -p 5432 -c listen_addresses= -c max_connections=200", self.socket_dir.display());
        if self.throw_away {
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off";
        }
        let started = self.pg_ctl(&["-w", "-l", &log.to_string_lossy(), "-o", &options, "start"])?;
        ensure!(started, "the private PostgreSQL did not start; its log is {}", log.display());
        Ok(true)
    }

    /// Stops the cluster; clients are disconnected, nothing committed is lost.
    pub fn stop(&self) -> anyhow::Result<()> {
        if self.is_running() {
            ensure!(
                self.pg_ctl(&["-w", "-m", "fast", "stop"])?,
                "the private PostgreSQL did not stop; see {}",
                self.dir.join("log").display()
            );
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn create(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.dir).with_context(|| format!("cannot create {}", self.dir.display()))?;
        self.give_to_postgres(&self.dir, 0o750)?;
        let mut initdb = self.as_database_user("initdb")?;
        initdb.arg("-D").arg(self.data()).args([
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=vi-VN",
        ]);
        let output = initdb.output().context("initdb cannot be run")?;
        if !output.status.success() {
            bail!(
                "creating the private PostgreSQL in {} failed: {}; is another folder better? set IOC_PRIVATE_DATABASE_DIR",
                self.dir.display(),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    fn pg_ctl(&self, arguments: &[&str]) -> anyhow::Result<bool> {
        let status = self
            .as_database_user("pg_ctl")?
            .arg("-D")
            .arg(self.data())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("pg_ctl cannot be run")?;
        Ok(status.success())
    }

    /// A PostgreSQL program, run as `postgres` when we are root.
    fn as_database_user(&self, program: &str) -> anyhow::Result<Command> {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").env_remove("PGDATA").env("HOME", &self.dir).env("LC_ALL", "C.UTF-8");
        Ok(command)
    }

    fn give_to_postgres(&self, dir: &Path, mode: u32) -> anyhow::Result<()> {
        fs::set_permissions(dir, fs::Permissions::from_mode(mode))?;
        if is_root() {
            let status = Command::new("chown").arg("postgres:postgres").arg(dir).status().context("chown cannot be run")?;
            ensure!(status.success(), "{} cannot be given to the user postgres", dir.display());
        }
        Ok(())
    }

    /// Several commands may start at once; the file lock ends with the returned handle.
    fn lock(&self) -> anyhow::Result<fs::File> {
        let parent = self.dir.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent)?;
        let file = fs::File::create(parent.join(".postgres.lock"))?;
        file.lock()?;
        Ok(file)
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Whether every folder down to `dir` lets other users through.
fn others_may_enter(dir: &Path) -> bool {
    dir.ancestors().all(|folder| fs::metadata(folder).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

/// The folder of the newest PostgreSQL here.
fn find_programs() -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| Path::new(&format!("/usr/lib/postgresql/{version}/bin/initdb")).exists())
        .max();
    match newest {
        Some(version) if version >= OLDEST_POSTGRESQL => Ok(PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))),
        Some(version) => {
            bail!("PostgreSQL {version} is here, but {OLDEST_POSTGRESQL} or newer is needed; run scripts/setup, or set DATABASE_URL")
        }
        None => bail!("PostgreSQL is not installed; run scripts/setup, or set DATABASE_URL to a server that is"),
    }
}
