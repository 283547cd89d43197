//! `ioc demo live`: a ward's day, played against a running server through its public doors only: recorders that report, cameras
//! that fall silent, officers who sign in and answer.
//! It deliberately reads no table and calls no function of the server: what it cannot do, a device or an officer cannot do either.

mod doors;
mod heartbeats;
mod left_lying;
mod mqtt;
mod officer;
mod play;
mod recorder;
mod time;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::day::{Arrivals, Scene, Table, in_ward};
use super::terrain::DEFAULT_SEED;
use crate::accounts::demo::{Known, LEADER, OPERATOR, POLICE, simulated};
use crate::platform::mqtt_settings::MqttSettings;
use doors::{Doors, SignedIn};
use heartbeats::{Heartbeats, Silent};
use left_lying::LeftLying;
use mqtt::Broker;
use officer::{Desk, Officer};
use recorder::Recorder;

pub use doors::Trouble;
pub use play::{Play, Player, Tally};
pub use time::Time;

/// Whom the simulator plays.
struct Staff {
    desk: Known,
    police: Known,
    leader: Known,
}

/// In a demo ward: officers of its own.
const COLLEAGUES: Staff = Staff { desk: simulated::OPERATOR, police: simulated::POLICE, leader: simulated::LEADER };
/// On real ground, where nothing is played unless somebody asks for it, nobody but the accounts that people try.
const TRIED: Staff = Staff { desk: OPERATOR, police: POLICE, leader: LEADER };

#[derive(Debug, Clone, Args)]
pub struct LiveArgs {
    /// How many times as much happens as on a real day; the hour, and every stamp, stays that of the clock
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
    /// The server, on this machine; without it where IOC_LISTEN says
    #[arg(long)]
    pub server: Option<String>,
    /// The same seed plays the same day
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Plays this day, whatever day it is, so that a trial can be repeated
    #[arg(long)]
    pub day: Option<NaiveDate>,
    /// At which hour that day begins
    #[arg(long, requires = "day", default_value = "06:00:00")]
    pub from: NaiveTime,
    /// File with the device's token; without it the demonstration's own
    #[arg(long)]
    pub token_file: Option<PathBuf>,
}

impl LiveArgs {
    /// As `make run` plays.
    pub fn ordinary() -> Self {
        Self { speed: 1.0, server: None, seed: DEFAULT_SEED, day: None, from: NaiveTime::MIN, token_file: None }
    }
}

/// Plays until `stop`. `local_dir`: where the demonstration's token is kept.
pub async fn run(
    args: &LiveArgs,
    server: &str,
    local_dir: &Path,
    mqtt: Option<&MqttSettings>,
    time: Time,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let (token, now) = (token(args, local_dir)?, time.now());
    let entering = enter(args, server, &token, mqtt, time);
    let Some(entered) = stop.run_until_cancelled(entering).await else { return Ok(()) };
    let mut play = entered?;
    println!("{}", announcement(args, &play, &Table::read()?, args.day.unwrap_or_else(|| in_ward(now).date())));
    stop.run_until_cancelled(play.go_on()).await;
    Ok(())
}

fn announcement(args: &LiveArgs, play: &Play, table: &Table, day: NaiveDate) -> String {
    let alerts = table.expected_on(day).values().sum::<f64>() * table.rows_per_alert() * play.own_speed();
    let (LiveArgs { speed, seed, .. }, cameras) = (args, play.cameras);
    format!(
        "The simulator plays {cameras} cameras at speed {speed}, about {alerts:.0} alerts a day (day {day}, seed {seed}). \
         Its alerts and officers are invented; /operations pauses it or makes it faster."
    )
}

fn token(args: &LiveArgs, local_dir: &Path) -> anyhow::Result<String> {
    let path = args.token_file.clone().unwrap_or_else(|| local_dir.join("demo-device-token"));
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("{} cannot be read; a server in demo mode (`make run`) writes it, or give --token-file", path.display())
    })?;
    Ok(text.trim().to_owned())
}

/// Signs the officers in, looks at the ward as they see it, and stands ready. Waits as long as the server is away.
pub async fn enter(args: &LiveArgs, server: &str, token: &str, mqtt: Option<&MqttSettings>, time: Time) -> anyhow::Result<Play> {
    anyhow::ensure!(args.speed.is_finite() && args.speed >= 0.0, "--speed is {}; write a number such as 1 or 10", args.speed);
    let table = Arc::new(Table::read()?);
    let doors = Doors::new(server, token)?;
    let mut staff = COLLEAGUES;
    let mut desk = SignedIn::of(&doors, staff.desk.login);
    let mut seen = time.patiently(&mut desk, &table).await;
    if let Err(Trouble::Refused { status: 401, .. }) = seen {
        staff = TRIED;
        desk = SignedIn::of(&doors, staff.desk.login);
        seen = time.patiently(&mut desk, &table).await;
    }
    let (cameras, landmarks) = seen?;
    anyhow::ensure!(!cameras.is_empty(), "the ward has no camera; there is nothing to play");
    let watched: Vec<_> = cameras.iter().map(|camera| (camera.scene.code.clone(), camera.is_offline)).collect();
    let (count, scene) = (cameras.len(), Scene::new(&table, cameras.into_iter().map(|camera| camera.scene).collect(), &landmarks));
    let (now, speed) = (time.now(), args.speed * scene.share());
    let ahead = args.day.map_or(TimeDelta::zero(), |day| day.and_time(args.from) - in_ward(now));
    let broker = mqtt.map(Broker::reach).transpose()?;
    let arrivals = Arrivals::new(table.clone(), scene, args.seed);
    let silent = Silent::default();
    let mut players: Vec<Box<dyn Player>> = vec![
        Box::new(Recorder::new(doors.clone(), broker, arrivals, silent.clone(), args.seed, ahead, now)),
        Box::new(Heartbeats::new(doors.clone(), table.clone(), watched, args.seed, silent, now)),
        Box::new(Officer::new(desk.clone(), Desk::Operator, table.clone(), args.seed, now)),
        Box::new(Officer::new(SignedIn::of(&doors, staff.police.login), Desk::Called, table.clone(), args.seed, now)),
        Box::new(Officer::new(SignedIn::of(&doors, staff.leader.login), Desk::Called, table.clone(), args.seed, now)),
    ];
    if staff.desk != OPERATOR {
        players.push(Box::new(LeftLying::new(desk.clone(), table, args.seed, now)));
    }
    Ok(Play::new(players, desk, speed, count, time))
}

/// The moment as the day that is played has it.
fn played(at: DateTime<Utc>, ahead: TimeDelta) -> chrono::NaiveDateTime {
    in_ward(at) + ahead
}
