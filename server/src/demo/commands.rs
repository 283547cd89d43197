//! `ioc demo seed`, `people`, `past`, `leave` and `digest`: rows in one transaction, so that a ward is there whole or not at all. The
//! pictures of its past follow, a batch at a time; what is missing of them, the next `demo seed` or `demo past` draws.
//! It deliberately brings nothing to where people live already, and changes no row that was there before (`leaving` ends accounts).

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use sqlx::{PgConnection, PgPool};

use super::past::{MOST_PICTURES, Pictured};
use super::people::{self, Settled};
use super::progress::ProvinceProgress;
use super::province::{self, Built, PlannedWard};
use super::terrain::load::WARD_CODE;
use super::terrain::{self, DEFAULT_SEED, Sketch};
use super::{colleagues, db, digest, leaving, live, past, rules};
use crate::accounts;
use crate::geography::load::{find_area, mark_demo};
use crate::geography::wards::{self, Named, Ward};
use crate::platform::clock::{Clock, SystemClock};
use crate::platform::media::Media;
use crate::platform::secrets::Secrets;
use crate::residents;

#[derive(Debug, Subcommand)]
pub enum DemoCommand {
    /// Makes the demo ward, Phương Canh: terrain, people, businesses, cameras and accounts; with --wards a province around it
    ///
    /// A province is written with indexes set aside: nobody else can read the tables until it is in. Stop the server first.
    Seed(SeedArgs),
    /// Puts demo people, boarding houses, businesses, cameras and accounts on the buildings and roads of a ward
    People(PeopleArgs),
    /// Brings the last 30 days of camera alerts to a demo ward that has none, and the pictures that they lack
    ///
    /// A ward that has alerts keeps them as they are; a picture that was deleted is not drawn again.
    Past(PastArgs),
    /// Plays the ward's day on a running server, through its public doors, until Ctrl-C
    Live(live::LiveArgs),
    /// Takes the demo accounts, their duties to come and the demo's device out of a ward that goes into real use
    Leave,
    /// Prints one number for all demo rows: the same seed gives the same number
    Digest,
}

#[derive(Debug, Args)]
pub struct SeedArgs {
    /// The same seed makes the same ward
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
    /// Wards in all: the demo ward, and generated ones around it (126 as Hà Nội has; at most 200)
    #[arg(long, default_value_t = 1)]
    pub wards: usize,
    /// Households in all those wards (2200000 as Hà Nội has); residents, businesses, cameras and the rest in proportion
    #[arg(long, requires = "wards")]
    pub households: Option<usize>,
}

#[derive(Debug, Args)]
pub struct PeopleArgs {
    /// Code of the ward, for example one that `ioc import osm` made
    #[arg(long)]
    pub area: String,
    /// The same seed puts the same people into the same ward
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct PastArgs {
    /// Code of the ward
    #[arg(long, default_value = WARD_CODE)]
    pub area: String,
    /// The same seed, at the same moment, brings the same past
    #[arg(long, default_value_t = DEFAULT_SEED)]
    pub seed: u64,
}

/// Runs a demo command as owner and prints what came of it.
pub async fn run(command: DemoCommand, owner: &PgPool, secrets: Arc<Secrets>, media: &Media) -> anyhow::Result<()> {
    match command {
        DemoCommand::Seed(args) => {
            // Before anything is written: what cannot be made is refused whole.
            let province = if args.wards > 1 { Some(planned_province(&args)?) } else { None };
            match seed(owner, &secrets, args.seed).await? {
                Some(settled) => println!("The demo ward Phương Canh is there: {settled}."),
                None => match bring_past(owner, &PastArgs { area: WARD_CODE.into(), seed: args.seed }).await? {
                    0 => println!("The demo ward is there already; none of its rows was changed."),
                    alerts => println!("The demo ward is there already; {alerts} alerts of its last {} days were added.", past::DAYS),
                },
            }
            draw_pictures(owner, media, WARD_CODE, args.seed).await?;
            if let Some(wards) = province {
                match build_province(owner, secrets, args.seed, wards).await? {
                    Some(built) => println!("The province is there: {built}."),
                    None => println!("A generated province is there already; nothing was changed."),
                }
            }
        }
        DemoCommand::People(args) => match settle_people(owner, &secrets, &args).await? {
            Some(settled) => {
                println!("Ward {}: {settled}.", args.area);
                draw_pictures(owner, media, &args.area, args.seed).await?;
            }
            None => println!("Ward {} holds demo people already; nothing was changed.", args.area),
        },
        DemoCommand::Past(args) => {
            match bring_past(owner, &args).await? {
                0 => println!("Ward {} has alerts already, or no camera; none were added.", args.area),
                alerts => println!("Ward {}: {alerts} alerts of the last {} days.", args.area, past::DAYS),
            }
            draw_pictures(owner, media, &args.area, args.seed).await?;
        }
        DemoCommand::Live(_) => bail!("the simulator is a client of a running server and needs no database of its own"),
        DemoCommand::Leave => println!("{}", leaving::leave(owner, SystemClock.now()).await?),
        DemoCommand::Digest => println!("{}", digest::of_demo_wards(&mut *owner.acquire().await?).await?),
    }
    Ok(())
}

/// Makes the demo ward in a database that has no ward yet; `None` where there is one.
pub async fn seed_if_empty(owner: &PgPool, secrets: &Secrets) -> anyhow::Result<Option<Settled>> {
    if db::has_ward(&mut *owner.acquire().await?).await? { Ok(None) } else { seed(owner, secrets, DEFAULT_SEED).await }
}

/// Makes the demo ward; `None` if it is there already.
pub async fn seed(owner: &PgPool, secrets: &Secrets, seed: u64) -> anyhow::Result<Option<Settled>> {
    let progress = progress();
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    db::lock(&mut transaction).await?;
    if let Named::Ward(_) = wards::by_code(&mut transaction, WARD_CODE).await? {
        return Ok(None);
    }
    refuse_beside_real_people(&mut transaction).await?;
    progress.set_message("growing streets and houses");
    let terrain = tokio::task::spawn_blocking(move || anyhow::Ok(terrain::generate(&Sketch::phuong_canh()?, seed))).await??;
    progress.set_message("writing streets and houses");
    terrain::load::write(&mut transaction, &terrain).await?;
    let ward = ward(&mut transaction, WARD_CODE).await?;
    let settled = populate(&mut transaction, secrets, &ward, seed, &progress).await?;
    transaction.commit().await.context("the demo ward was not kept")?;
    db::analyze(owner).await?;
    Ok(Some(settled))
}

fn planned_province(args: &SeedArgs) -> anyhow::Result<Vec<PlannedWard>> {
    province::plan(args.seed, args.wards, args.households.unwrap_or(args.wards * province::ORDINARY_HOUSEHOLDS))
}

/// Makes the wards around the demo ward, all or none; `None` if there are any already.
pub async fn build_province(owner: &PgPool, secrets: Arc<Secrets>, seed: u64, wards: Vec<PlannedWard>) -> anyhow::Result<Option<Built>> {
    let progress = ProvinceProgress::begin(wards.len());
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    db::lock(&mut transaction).await?;
    refuse_beside_real_people(&mut transaction).await?;
    if find_area(&mut transaction, &province::ward_code(2)).await?.is_some() {
        return Ok(None);
    }
    let built = province::write(&mut transaction, secrets, seed, wards, |done, step| progress.tell(done, step)).await?;
    let province_id = find_area(&mut transaction, terrain::load::PROVINCE_CODE).await?.context("the demo ward's province is missing")?;
    accounts::demo::create_for_province(&mut transaction, province_id).await?;
    progress.tell(built.wards, "keeping it");
    transaction.commit().await.context("the province was not kept")?;
    progress.tell(built.wards, "counting for the planner");
    db::analyze(owner).await?;
    progress.end();
    Ok(Some(built))
}

/// Puts people into a ward that has buildings and roads; `None` if demo people live there already.
pub async fn settle_people(owner: &PgPool, secrets: &Secrets, args: &PeopleArgs) -> anyhow::Result<Option<Settled>> {
    let progress = progress();
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    db::lock(&mut transaction).await?;
    let ward = ward(&mut transaction, &args.area).await?;
    refuse_beside_real_people(&mut transaction).await?;
    if people::holds_people(&mut transaction, ward.id).await? {
        return Ok(None);
    }
    // Invented people stand on real streets now: the screens say so.
    mark_demo(&mut transaction, ward.id).await?;
    let settled = populate(&mut transaction, secrets, &ward, args.seed, &progress).await?;
    transaction.commit().await.context("the people were not kept")?;
    db::analyze(owner).await?;
    Ok(Some(settled))
}

/// Brings the past to a ward that was seeded before there was one; how many alerts it was.
pub async fn bring_past(owner: &PgPool, args: &PastArgs) -> anyhow::Result<usize> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    db::lock(&mut transaction).await?;
    let ward = ward(&mut transaction, &args.area).await?;
    refuse_beside_real_people(&mut transaction).await?;
    let alerts = past::bring(&mut transaction, ward.id, args.seed, SystemClock.now()).await?;
    transaction.commit().await.context("the past was not kept")?;
    Ok(alerts)
}

/// Draws the pictures that alerts of a ward's past lack, at most so many; none where there is no such ward.
pub async fn bring_pictures(
    owner: &PgPool,
    media: &Media,
    area: &str,
    seed: u64,
    now: DateTime<Utc>,
    at_most: usize,
) -> anyhow::Result<Pictured> {
    let named = wards::by_code(&mut *owner.acquire().await?, area).await?;
    match named {
        Named::Ward(ward) => past::bring_pictures(owner, media, ward.id, seed, now, at_most).await,
        Named::NotUsable(_) | Named::Nothing => Ok(Pictured::default()),
    }
}

/// The same now, all of them, and says what came of it.
pub async fn draw_pictures(owner: &PgPool, media: &Media, area: &str, seed: u64) -> anyhow::Result<()> {
    let progress = progress();
    progress.set_message("drawing pictures of the last 30 days");
    let pictured = bring_pictures(owner, media, area, seed, SystemClock.now(), MOST_PICTURES).await;
    progress.finish_and_clear();
    let Pictured { pictures, alerts } =
        pictured.context("the pictures of the past are not all there; `ioc demo past` goes on with them")?;
    if pictures > 0 {
        println!("{pictures} pictures for {alerts} alerts of the last {} days were drawn, and say so.", past::DAYS);
    }
    Ok(())
}

async fn populate(db: &mut PgConnection, secrets: &Secrets, ward: &Ward, seed: u64, progress: &ProgressBar) -> anyhow::Result<Settled> {
    let now = SystemClock.now();
    let settled = people::settle(db, secrets, ward, seed, now, |step| progress.set_message(step.to_owned())).await?;
    progress.set_message("making the demo accounts");
    accounts::demo::create(db, ward.id).await?;
    // By the clock, unlike all else: somebody must be on now.
    colleagues::bring(db, ward.id, now).await?;
    progress.set_message("playing the last 30 days");
    past::bring(db, ward.id, seed, now).await?;
    rules::bring(db, ward.id).await?;
    progress.set_message("publishing the month's counts");
    residents::publication::publish_ward(db, ward.id, now).await?;
    progress.finish_and_clear();
    Ok(settled)
}

async fn ward(db: &mut PgConnection, code: &str) -> anyhow::Result<Ward> {
    match wards::by_code(db, code).await? {
        Named::Ward(ward) => Ok(ward),
        Named::NotUsable(reason) => bail!("{reason}"),
        Named::Nothing => bail!("there is no ward with the code {code}; `ioc import osm FILE` makes one from a map"),
    }
}

async fn refuse_beside_real_people(db: &mut PgConnection) -> anyhow::Result<()> {
    match db::real_ward(db).await? {
        Some(name) => {
            bail!("{name} holds households that are not demo data, and invented people must not stand beside them; use another database")
        }
        None => Ok(()),
    }
}

/// A spinner with the step at hand; on a log instead of a terminal it stays silent.
fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}
