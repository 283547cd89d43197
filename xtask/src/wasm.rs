//! Compiles the crate `frontend` to WebAssembly and writes the JavaScript that loads it, with wasm-bindgen as a library.
//! Everything else of the bundle is `vendor`'s.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::files;

const TARGET: &str = "wasm32-unknown-unknown";
const NAME: &str = "frontend";
/// Of a release bundle only, because cargo compiles every dependency anew for other flags: views of components meet as one
/// type instead of growing one type per screen, and the linker leaves what `split` needs to take the file apart.
const RELEASE: &str =
    "target.wasm32-unknown-unknown.rustflags=['--cfg', 'erase_components', '--cfg', 'split', '-Clink-args=--emit-relocs']";

pub fn build(workspace: &Path, dist: &Path, release: bool) -> Result<()> {
    compile(workspace, release)?;
    let profile = if release { "wasm-release" } else { "debug" };
    let wasm = target_directory(workspace)?.join(TARGET).join(profile).join("frontend.wasm");
    bind(workspace, &wasm, dist, release)
}

fn compile(workspace: &Path, release: bool) -> Result<()> {
    let profile = if release { "wasm-release" } else { "dev" };
    let mut build = cargo();
    build.args(["build", "-p", "frontend", "--target", TARGET, "--profile", profile]);
    if release {
        build.args(["--config", RELEASE]);
    }
    let status = build.current_dir(workspace).status().context("cargo could not be started")?;
    if !status.success() {
        bail!("the front end does not compile; if the target is missing: rustup target add {TARGET}");
    }
    Ok(())
}

/// Where cargo writes, whoever set it (configuration, environment or neither).
fn target_directory(workspace: &Path) -> Result<PathBuf> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(workspace)
        .output()
        .context("cargo could not be started")?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let directory = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
    Ok(PathBuf::from(directory))
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Writes `dist/app/frontend.js` and `frontend_bg.wasm`, unless they were made from this very file.
fn bind(workspace: &Path, wasm: &Path, dist: &Path, release: bool) -> Result<()> {
    let app = dist.join("app");
    let stamp = app.join(".made-from");
    let made_from = fingerprint(wasm, release)?;
    if fs::read_to_string(&stamp).is_ok_and(|present| present == made_from) {
        return Ok(());
    }
    if app.exists() {
        // Snippets are named by hash: old ones would stay for ever.
        fs::remove_dir_all(&app).with_context(|| format!("cannot empty {}", app.display()))?;
    }
    let whole = if release { take_apart(workspace, wasm, &app)? } else { wasm.to_owned() };
    Bindgen::new()
        .input_path(&whole)
        .out_name(NAME)
        // The second file calls into the first by names that are nobody else's.
        .keep_lld_exports(release)
        .web(true)?
        .typescript(false)
        .debug(!release)
        .remove_name_section(release)
        .remove_producers_section(true)
        .generate(&app)?;
    files::write_if_different(&stamp, made_from.as_bytes())
}

/// Writes the second file and the module that fetches it into `app`; the first, which wasm-bindgen has yet to see, is returned.
fn take_apart(workspace: &Path, whole: &Path, app: &Path) -> Result<PathBuf> {
    let first = whole.with_extension("first.wasm");
    let status = cargo()
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(workspace.join("xtask/split-wasm/Cargo.toml"))
        .arg("--")
        .args([whole, first.as_path(), app])
        .args(["./parts.js", "./frontend.js"])
        .current_dir(workspace)
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("the WebAssembly could not be taken apart; what is above says why");
    }
    Ok(first)
}

fn fingerprint(wasm: &Path, release: bool) -> Result<String> {
    let about = fs::metadata(wasm).with_context(|| format!("cannot find {}", wasm.display()))?;
    let modified = about.modified()?.duration_since(UNIX_EPOCH)?;
    Ok(format!("{} bytes at {} ns, release {release}", about.len(), modified.as_nanos()))
}
