//! A brotli file beside each text file of a release bundle, for a server that sends it as it is.
//! A debug bundle has none, and leaves none behind that would be older than its source.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::files;

const KINDS: [&str; 8] = ["js", "mjs", "css", "wasm", "json", "svg", "html", "txt"];
/// Below this a compressed answer saves no packet.
const SMALLEST: usize = 512;

pub fn beside_each(folder: &Path, release: bool) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            beside_each(&path, release)?;
        } else if has_kind(&path, &KINDS) {
            let beside = beside(&path);
            if !release {
                // Absent is what is wanted.
                _ = fs::remove_file(&beside);
            } else if is_older(&beside, &path)? {
                compress(&path, &beside)?;
            }
        }
    }
    Ok(())
}

fn compress(path: &Path, beside: &Path) -> Result<()> {
    let content = files::read(path)?;
    if content.len() < SMALLEST {
        return Ok(());
    }
    let mut compressed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut compressed, 1 << 16, 11, 24);
        writer.write_all(&content)?;
    }
    fs::write(beside, compressed).with_context(|| format!("cannot write {}", beside.display()))
}

fn beside(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    name.into()
}

fn has_kind(path: &Path, kinds: &[&str]) -> bool {
    path.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| kinds.contains(&kind))
}

fn is_older(file: &Path, than: &Path) -> Result<bool> {
    let modified = |path: &Path| -> std::io::Result<SystemTime> { fs::metadata(path)?.modified() };
    match modified(file) {
        Ok(time) => Ok(time < modified(than)?),
        Err(_) => Ok(true),
    }
}
