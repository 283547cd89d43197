//! Chores of the workspace that are more than one cargo command; now: the front end bundle in `dist/`.
//! What the bundle contains is decided in `frontend/` and `style/`, how it is served in the server.

mod budget;
mod compress;
mod files;
mod icons;
mod npm;
mod vendor;
mod version;
mod wasm;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

/// Chores of the Phường IOC workspace.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the screens into `dist/`; a second run without changes takes seconds.
    Frontend {
        /// Optimise for size and write a brotli file beside each; without it the build is quick and large.
        #[arg(long)]
        release: bool,
        /// Fail when a first visit would have to load more than it may.
        #[arg(long, requires = "release")]
        within_budget: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Frontend { release, within_budget } => build_frontend(release, within_budget),
    };
    if let Err(error) = done {
        eprintln!("xtask: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn build_frontend(release: bool, within_budget: bool) -> Result<()> {
    let started = Instant::now();
    let workspace = workspace()?;
    let dist = workspace.join("dist");
    npm::install(&workspace.join("frontend"))?;
    wasm::build(&workspace, &dist, release)?;
    vendor::copy(&workspace, &dist)?;
    version::write(&workspace.join("frontend/public"), &dist)?;
    compress::beside_each(&dist, release)?;
    if release {
        budget::check(&dist, within_budget)?;
    }
    println!("front end ({}) in dist/ after {:.1} s", if release { "release" } else { "debug" }, started.elapsed().as_secs_f32());
    Ok(())
}

/// The checkout it is run in, which need not be the one it was compiled in: several may share a target directory.
fn workspace() -> Result<PathBuf> {
    let folder = env::current_dir()?;
    folder
        .ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").is_file())
        .map(Path::to_owned)
        .context("run it in the project's folder")
}
