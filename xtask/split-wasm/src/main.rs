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
    for part in &parts.split_modules {
        let whole = fs::read(part)?;
        let bare = without_names(&whole).with_context(|| format!("{} is no WebAssembly", part.display()))?;
        fs::write(part, bare).with_context(|| format!("cannot write {}", part.display()))?;
    }
    Ok(())
}

const HEADER_BYTES: usize = 8;
const CUSTOM_SECTION: u8 = 0;

/// The same without its custom sections: they hold the names of the functions, two fifths of the file, and nothing that runs.
/// wasm-bindgen does the same for the first part.
fn without_names(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut bare = wasm.get(..HEADER_BYTES)?.to_vec();
    let mut at = HEADER_BYTES;
    while at < wasm.len() {
        let (length, content) = number_at(wasm, at + 1)?;
        let section = wasm.get(at..content + length)?;
        if wasm[at] != CUSTOM_SECTION {
            bare.extend_from_slice(section);
        }
        at += section.len();
    }
    Some(bare)
}

/// A number in LEB128, and where what follows it begins.
fn number_at(wasm: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let byte = *wasm.get(at)?;
        at += 1;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some((number, at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_and_everything_else_stays() {
        let header = b"\0asm\x01\0\0\0".as_slice();
        let types = b"\x01\x04\x01\x60\0\0";
        let names = b"\0\x06\x04name\0";
        assert_eq!(without_names(&[header, types, names].concat()), Some([header, types].concat()));
        assert_eq!(without_names(&[header, &names[..4]].concat()), None);
    }
}
