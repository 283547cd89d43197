//! The npm packages of the front end, installed exactly as `package-lock.json` says.
//! Nothing of them is bundled here: `vendor` picks the files that the screens need.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::files;

/// Runs `npm ci` unless the packages of this very lock file are installed already.
pub fn install(frontend: &Path) -> Result<()> {
    let lock = files::read(&frontend.join("package-lock.json"))?;
    let installed = frontend.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    println!("npm ci: map library, fonts and icons");
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(frontend)
        .status()
        .context("npm could not be started: install Node.js 20 or newer with npm")?;
    if !status.success() {
        bail!("npm ci failed ({status}): see its message above; it needs to reach a package registry once");
    }
    files::write_if_different(&installed, &lock)
}
