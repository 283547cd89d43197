//! `ioc`: every command of the product. What a command does stands in the module it calls.

use std::{io::Write, process::ExitCode, sync::Arc};

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use server::{
    accounts::{self, SignInLimits, commands::AccountCommand},
    app::{self, doctor},
    demo::{
        self, DemoCommand,
        live::{self, LiveArgs, Time},
        terrain::{DEFAULT_SEED, load::WARD_CODE},
    },
    import::{self, Import},
    ingest::{self, commands::DeviceCommand},
    platform::{
        clock::{Clock, SystemClock},
        config::Config,
        database::Database,
        media::Media,
        private_database::PrivateDatabase,
        secrets::Secrets,
        telemetry,
    },
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Tiles come and go by the thousand, each hundreds of kilobytes: the system's own allocator hands such memory back each
/// time, and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Phường IOC: the open operations centre of a ward.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the map, the API and the live socket
    Serve,
    /// Migrate, bring the demo ward (or the ward of IOC_AREA_FILE) if it is not there, and serve: what `make run` does
    Run {
        /// Without the simulator that plays the day of a demo ward
        #[arg(long)]
        still: bool,
    },
    /// Bring the database to what this program expects: roles, tables, layers, access matrix
    Migrate,
    /// Add, appoint, reset, list or end accounts
    Account {
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Add, list or revoke the devices that report
    Device {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Import files that wards really have
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// Make the demo ward, people a ward that was imported, play a day, or leave the demonstration
    Demo {
        #[command(subcommand)]
        command: DemoCommand,
    },
    /// Say what is in force, what is wrong and what to do; fails when something is bad
    Doctor,
    /// Start or stop the private PostgreSQL by hand
    Database {
        #[command(subcommand)]
        action: DatabaseAction,
    },
}

#[derive(Subcommand)]
enum DatabaseAction {
    /// Start it, and leave it running
    Start {
        /// The cluster of the tests (`IOC_TEST_DIR`, else .local/test), not the one of `make run`
        #[arg(long)]
        test: bool,
    },
    /// Stop it; clients are disconnected, nothing committed is lost
    Stop {
        /// The cluster of the tests
        #[arg(long)]
        test: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telemetry::start_logging();
    match run(arguments.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("ioc: {cause:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    let config = Config::load()?;
    if let Command::Demo { command: DemoCommand::Live(args) } = command {
        return play(&config, &args).await;
    }
    if let Command::Database { action } = command {
        return control_private_database(&config, action);
    }
    let database = Database::open(&config).await;
    if let Command::Doctor = command {
        return diagnose(&config, database).await;
    }
    let database = database?;
    // The private cluster is stopped whether the command succeeded or not.
    let result = run_on(command, &config, &database).await;
    database.close()?;
    result
}

async fn run_on(command: Command, config: &Config, database: &Database) -> anyhow::Result<()> {
    match command {
        Command::Serve => {
            if let Ok(owner) = database.owner().await {
                if !config.demo {
                    demo::leaving::warn_of_demo_accounts(&owner).await;
                } else if let Err(cause) = demo::colleagues::keep(&owner, SystemClock.now()).await {
                    warn!(cause = format!("{cause:#}"), "the demo roster was not continued; alerts may be nobody's");
                }
                owner.close().await;
            }
            serve(config, database, false).await
        }
        Command::Run { still } => {
            let owner = app::migrate(database).await?;
            if let Some(file) = &config.area_file {
                let secrets = Secrets::open(&config.data_dir)?;
                let settled = import::ward::settle_if_absent(&owner, file, &secrets, &config.data_dir, today(), config.demo).await;
                if let Some(settled) = settled.context("IOC_AREA_FILE")? {
                    println!("{settled}");
                }
            } else if config.demo {
                if let Some(settled) = demo::seed_if_empty(&owner, &Secrets::open(&config.data_dir)?).await? {
                    println!("The demo ward Phương Canh is there: {settled}.");
                }
                // Also for a ward that was made before, or whose first start was cut short. Nothing depends on pictures that are drawn.
                let media = Media::open(&config.data_dir)?;
                if let Err(cause) = demo::draw_pictures(&owner, &media, WARD_CODE, DEFAULT_SEED).await {
                    warn!(cause = format!("{cause:#}"), "the demo ward lacks pictures");
                }
            }
            if config.demo {
                demo::colleagues::keep(&owner, SystemClock.now()).await.context("the demo roster")?;
                ingest::commands::keep_demo_device(&owner, &config.database.local_dir.join("demo-device-token")).await?;
            }
            // Invented alerts at real cameras would be taken for real ones; `ioc demo live` plays there when somebody asks for it.
            let plays = config.demo && !still && demo::leaving::is_of_demo_wards(&owner).await?;
            owner.close().await;
            serve(config, database, plays).await
        }
        Command::Migrate => {
            app::migrate(database).await?.close().await;
            println!("The database is up to date.");
            Ok(())
        }
        Command::Account { command } => {
            let (owner, secrets) = (database.owner().await?, Secrets::open(&config.data_dir)?);
            let (mut input, mut output) = (std::io::BufReader::new(std::io::stdin()), std::io::stdout());
            accounts::commands::run(&owner, &secrets, &SystemClock, command, &mut input, &mut output).await
        }
        Command::Device { command } => {
            let owner = database.owner().await?;
            ingest::commands::run(&owner, command, &mut std::io::stdout()).await
        }
        Command::Import { what } => {
            let owner = app::migrate(database).await?;
            let secrets = Secrets::open(&config.data_dir)?;
            let summary = import::run(&owner, what, &secrets, &config.data_dir, today()).await?;
            // a reader that has seen enough (`| head`) is no failure: the rows are in
            let _ = writeln!(std::io::stdout(), "{summary}");
            owner.close().await;
            Ok(())
        }
        Command::Demo { command } => {
            let owner = app::migrate(database).await?;
            demo::run(command, &owner, Arc::new(Secrets::open(&config.data_dir)?), &Media::open(&config.data_dir)?).await?;
            owner.close().await;
            Ok(())
        }
        Command::Database { .. } | Command::Doctor => unreachable!("answered by `run`"),
    }
}

async fn diagnose(config: &Config, database: anyhow::Result<Database>) -> anyhow::Result<()> {
    let (opened, failed) = match &database {
        Ok(database) => (Ok(database), None),
        Err(cause) => (Err(anyhow::anyhow!("{cause:#}")), Some(())),
    };
    let findings = doctor::examine(config, opened, SystemClock.now()).await;
    for finding in &findings {
        println!("{}", finding.line());
    }
    if failed.is_none() {
        database?.close()?;
    }
    let bad = findings.iter().filter(|finding| finding.state == doctor::State::Bad).count();
    match bad {
        0 => Ok(()),
        1 => bail!("one thing is wrong"),
        many => bail!("{many} things are wrong"),
    }
}

/// Plays the ward's day on a running server, as its client.
async fn play(config: &Config, args: &LiveArgs) -> anyhow::Result<()> {
    let server = args.server.clone().unwrap_or_else(|| format!("http://{}", config.listen));
    let (stop, local_dir, mqtt, args) = (CancellationToken::new(), config.database.local_dir.clone(), config.mqtt.clone(), args.clone());
    let stopping = stop.clone();
    let playing =
        tokio::spawn(
            async move { live::run(&args, &server, &local_dir, mqtt.as_ref(), Time::Real(Arc::new(SystemClock)), stopping).await },
        );
    tokio::select! {
        ended = wait_for_end() => ended?,
        // It ends by itself only when it cannot begin.
        () = async { while !playing.is_finished() { tokio::time::sleep(std::time::Duration::from_millis(50)).await } } => {}
    }
    stop.cancel();
    playing.await?
}

/// `with_simulator`: a client of this server like any other, that ends with it.
async fn serve(config: &Config, database: &Database, with_simulator: bool) -> anyhow::Result<()> {
    let running = app::Running::start(config, database, Arc::new(SystemClock), SignInLimits::default()).await?;
    println!("Phường IOC: http://{}", running.address);
    let stop = CancellationToken::new();
    let simulator = with_simulator.then(|| {
        let (server, stop) = (format!("http://{}", running.address), stop.clone());
        let (local_dir, mqtt) = (config.database.local_dir.clone(), config.mqtt.clone());
        tokio::spawn(async move {
            let played =
                live::run(&LiveArgs::ordinary(), &server, &local_dir, mqtt.as_ref(), Time::Real(Arc::new(SystemClock)), stop).await;
            if let Err(cause) = played {
                println!("The simulator does not play: {cause:#}");
            }
        })
    });
    wait_for_end().await?;
    info!("stopping");
    stop.cancel();
    if let Some(simulator) = simulator {
        let _ = simulator.await;
    }
    running.stop().await;
    Ok(())
}

/// The day it is in the wards.
fn today() -> chrono::NaiveDate {
    SystemClock.now().with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).date_naive()
}

/// Ctrl-C, or a service manager's polite end.
async fn wait_for_end() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

fn control_private_database(config: &Config, action: DatabaseAction) -> anyhow::Result<()> {
    let locate = |test: bool| {
        if test {
            let dir = std::env::var_os("IOC_TEST_DIR").map_or_else(|| ".local/test".into(), std::path::PathBuf::from);
            PrivateDatabase::locate(&dir, None).map(PrivateDatabase::for_tests)
        } else {
            PrivateDatabase::locate(&config.database.local_dir, config.database.private_dir.as_deref())
        }
    };
    match action {
        DatabaseAction::Start { test } => locate(test)?.start().map(drop),
        DatabaseAction::Stop { test } => locate(test)?.stop(),
    }
}
