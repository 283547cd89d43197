//! The ward file: which files make a ward.
//! It deliberately holds no data of its own but codes and names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::Deserialize;

use crate::import::areas::{ImportAreas, Kind};
use crate::import::layer::{ImportLayer, Layer};
use crate::import::osm::ImportOsm;

/// What a ward file says, its paths made whole.
#[derive(Clone, Debug)]
pub struct WardFile {
    pub boundary: ImportAreas,
    pub tdps: Option<ImportAreas>,
    /// Their area is filled in once the ward's code is known.
    pub osm: Vec<ImportOsm>,
    pub layers: Vec<ImportLayer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    ward: Ward,
    tdps: Option<Areas>,
    #[serde(default)]
    osm: Vec<Osm>,
    #[serde(default)]
    layer: Vec<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ward {
    boundary: PathBuf,
    code: Option<String>,
    parent: Option<String>,
    parent_name: Option<String>,
    srid: Option<i32>,
    part: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Areas {
    file: PathBuf,
    srid: Option<i32>,
    part: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Osm {
    file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    layer: String,
    file: PathBuf,
    map: Option<PathBuf>,
    srid: Option<i32>,
    part: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, String>,
}

impl WardFile {
    /// Reads a ward file; any other file is a boundary alone. Every file that it names must be there.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        if !path.is_file() {
            bail!("there is no file {shown}: it should be a ward file (TOML), or the boundary of a ward");
        }
        if !path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml")) {
            return Ok(Self { boundary: ImportAreas::of(path, Kind::Ward), tdps: None, osm: Vec::new(), layers: Vec::new() });
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
        let written: Written =
            toml::from_str(&text).with_context(|| format!("{shown} is no ward file; data/ward.example.toml shows one"))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        whole(written, folder).with_context(|| shown.to_string())
    }
}

fn whole(written: Written, folder: &Path) -> anyhow::Result<WardFile> {
    let find = |file: PathBuf| {
        let path = folder.join(&file);
        if path.is_file() { Ok(path) } else { bail!("it names {}, which is not there", path.display()) }
    };
    let Ward { boundary, code, parent, parent_name, srid, part } = written.ward;
    let boundary = ImportAreas { only: code, parent, parent_name, srid, part, ..ImportAreas::of(find(boundary)?, Kind::Ward) };
    let tdps = match written.tdps {
        Some(Areas { file, srid, part }) => Some(ImportAreas { srid, part, ..ImportAreas::of(find(file)?, Kind::Tdp) }),
        None => None,
    };
    let osm = written.osm.into_iter().map(|osm| find(osm.file).map(ImportOsm::of)).collect::<anyhow::Result<_>>()?;
    let list = |list: List| {
        let layer = Layer::from_str(&list.layer, false)
            .map_err(|_| anyhow::anyhow!("{:?} is no layer; layers are {}", list.layer, Layer::ALL.map(Layer::word).join(", ")))?;
        anyhow::Ok(ImportLayer {
            map: list.map.map(find).transpose()?,
            set: list.set.into_iter().map(|(field, value)| format!("{field}={value}")).collect(),
            srid: list.srid,
            part: list.part,
            ..ImportLayer::of(layer, find(list.file)?)
        })
    };
    let layers = written.layer.into_iter().map(list).collect::<anyhow::Result<_>>()?;
    Ok(WardFile { boundary, tdps, osm, layers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_ward_file_but_for_the_files_it_names() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/ward.example.toml");
        let refusal = format!("{:#}", WardFile::read(&example).unwrap_err());
        assert!(refusal.contains("ranh_gioi_phuong.geojson, which is not there"), "{refusal}");
    }
}
