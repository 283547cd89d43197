//! `make bench`: how fast the product is, beside peers measured in the same minutes on the same machine, as one table.
//! It deliberately judges by ratios: what else the machine does slows both sides of a line alike, because they take turns.

mod address;
mod alerts;
mod broadcast;
mod constant;
mod freshness;
mod functions;
mod http;
mod load;
mod peers;
mod points;
mod province;
mod report;
mod sockets;
mod stage;
// The reader of the tests: it shares no code with the server's writer.
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/src/tile.rs"]
mod tile;
mod tiles;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};

use crate::report::Report;

#[derive(Parser)]
#[command(about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure everything and print the table
    Run(Run),
    /// Serve two constant answers: the peer that cached tiles are held against (started by `run`)
    Constant(constant::Constant),
    /// Send everybody what somebody says: the peer that live frames are held against (started by `run`)
    Broadcast(broadcast::Broadcast),
}

#[derive(clap::Args)]
struct Run {
    /// `small`: a tenth of the points and short rounds, to see that everything works
    #[arg(long, value_enum, default_value_t = Size::Full)]
    size: Size,
    /// The server's program
    #[arg(long)]
    ioc: PathBuf,
    /// Where the private database and other passing things live
    #[arg(long, default_value = ".local/bench")]
    dir: PathBuf,
    /// Measure this part alone
    #[arg(long, value_enum, conflicts_with = "readme")]
    only: Option<Part>,
    /// Put the table into this file, between its markers
    #[arg(long)]
    readme: Option<PathBuf>,
    /// Also seed a province (126 wards, 2.2 million households: ten minutes and 12 GB the first time) and start a server on it
    #[arg(long)]
    province: bool,
    /// The program that measures search (`search-quality`), run on the province
    #[arg(long)]
    search_quality: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Size {
    Full,
    Small,
}

impl Size {
    /// Of the layer that tiles are cut from.
    fn points(self) -> usize {
        if self == Self::Full { 1_000_000 } else { 100_000 }
    }

    /// Of the layer that polygons are asked of.
    fn households(self) -> usize {
        if self == Self::Full { 2_200_000 } else { 220_000 }
    }

    /// How long one side of a comparison runs before the other takes its turn, and how often.
    fn rounds(self) -> (f64, usize) {
        if self == Self::Full { (1.5, 6) } else { (0.4, 3) }
    }

    fn changes(self) -> usize {
        if self == Self::Full { 400 } else { 60 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Functions,
    /// Made anew, beside martin
    Tiles,
    /// Tiles that were asked for before, beside constant bytes
    KeptTiles,
    /// From a commit to a new tile
    Freshness,
    /// Camera alerts, in and out
    Alerts,
}

impl Run {
    fn measures(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Constant(constant) => constant.serve().await,
        Command::Broadcast(broadcast) => broadcast.serve().await,
        Command::Run(run) => measure(&run).await,
    }
}

async fn measure(run: &Run) -> anyhow::Result<()> {
    std::fs::create_dir_all(&run.dir).with_context(|| format!("{} cannot be created", run.dir.display()))?;
    let mut report = Report::begin(run.size);
    if run.measures(Part::Functions) {
        functions::measure(run.size, &run.dir, &mut report)?;
    }
    let stage = stage::Stage::set(&run.dir, run.size).await.context("the synthetic layers could not be made")?;
    if run.measures(Part::Tiles) {
        tiles::measure_encoding(run, &stage, &mut report).await?;
    }
    if run.measures(Part::KeptTiles) {
        tiles::measure_kept(run, &stage, &mut report).await?;
    }
    if run.measures(Part::Freshness) {
        freshness::measure(run, &stage, &mut report).await?;
    }
    stage.close().await?;
    if run.measures(Part::Alerts) {
        alerts::measure(run, &mut report).await?;
    }
    if run.province {
        province::measure(run, &mut report).await?;
    }
    println!("\n{}", report.table());
    if let Some(readme) = &run.readme {
        report.put_into(readme)?;
    }
    report.say_what_falls_short();
    Ok(())
}
