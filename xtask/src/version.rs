//! Names the bundle by its content, and writes what refers to it by that name: the page, and the service worker.
//! How long a browser may keep a named file is the server's to say.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::files;

/// Stands in the templates for the version, and for the files that the service worker keeps.
const VERSION: &str = "{version}";
const SHELL: &str = "{files}";

/// Written from templates of the same name in `frontend/public`.
pub const TEMPLATES: [&str; 2] = ["index.html", "service-worker.js"];

/// What no browser asks for by a version: the compressed twins, the notes of this tool, licences, and what is written here.
fn is_named(path: &str) -> bool {
    !(path.ends_with(".br")
        || path.starts_with("app/.")
        || path.starts_with("vendor/licences/")
        || path == "version"
        || TEMPLATES.contains(&path))
}

/// Writes the version, then what refers to it.
pub fn write(public: &Path, dist: &Path) -> Result<()> {
    let mut named = Vec::new();
    list(dist, dist, &mut named)?;
    named.retain(|path| is_named(path));
    named.sort();
    let version = version_of(dist, public, &named)?;
    let shell = serde_json::to_string_pretty(&named)?;
    for name in TEMPLATES {
        let template = files::read_text(&public.join(name))?;
        ensure!(template.contains(VERSION), "{name} does not name the bundle's version: {VERSION} is missing");
        let page = template.replace(VERSION, &version).replace(SHELL, &shell);
        files::write_if_different(&dist.join(name), page.as_bytes())?;
    }
    // Last: a server that reads it finds the page of this version.
    files::write_if_different(&dist.join("version"), version.as_bytes())
}

/// Files below `folder` by their paths from `dist`.
fn list(dist: &Path, folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            list(dist, &path, found)?;
        } else {
            let path = path.strip_prefix(dist)?.to_str().context("a file of the bundle has a name that is no text")?.to_owned();
            found.push(path);
        }
    }
    Ok(())
}

fn version_of(dist: &Path, public: &Path, named: &[String]) -> Result<String> {
    let templates = TEMPLATES.iter().map(|name| public.join(name));
    let everything: Vec<PathBuf> = named.iter().map(|path| dist.join(path)).chain(templates).collect();
    let mut hasher = DefaultHasher::new();
    for path in everything {
        path.file_name().hash(&mut hasher);
        files::read(&path)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_screens_load_is_named_and_notes_are_not() {
        for path in ["app/frontend_bg.wasm", "boot.js", "style/map.json", "vendor/fonts/inter-latin-500-normal.woff2"] {
            assert!(is_named(path), "{path}");
        }
        for path in ["app/frontend.js.br", "app/.made-from", "vendor/licences/maplibre-gl.txt", "index.html", "version"] {
            assert!(!is_named(path), "{path}");
        }
    }
}
