//! Takes apart what cargo made of the crate `frontend`: the WebAssembly that every visit loads, and what comes later.
//! Which functions that is, is said in `frontend/src/later.rs`; `xtask` runs this and hands the first part to wasm-bindgen.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::{Options, transform};

fn main() -> ExitCode {
    if let Err(error) = take_apart() {
        eprintln!("split-wasm: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `split-wasm WHOLE FIRST FOLDER LOADER MODULE`: writes the first part to FIRST, the other and the LOADER module that fetches
/// it into FOLDER, where MODULE will be the first part's own.
fn take_apart() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [whole, first, folder, loader, module] = &arguments[..] else {
        bail!("run by xtask, with WHOLE FIRST FOLDER LOADER MODULE");
    };
    let (first, folder) = (PathBuf::from(first), PathBuf::from(folder));
    let content = fs::read(whole).with_context(|| format!("cannot read {whole}"))?;
    let mut options = Options::new(&content);
    options.main_out_path = &first;
    options.output_dir = &folder;
    options.link_name = loader;
    options.main_module = module;
    let parts = transform(options).map_err(|error| anyhow!("{error:#}")).context("the WebAssembly cannot be taken apart")?;
    if parts.split_modules.is_empty() {
        bail!("nothing was taken apart: was the crate compiled with `--cfg split`?");
    }
    Ok(())
}
