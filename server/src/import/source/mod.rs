//! Reads the files that wards have as rows of cells and shapes: CSV, Excel, GeoJSON, shapefiles, KML, GeoPackage.
//! It deliberately understands no column: it gives back what the file says, and a row that cannot be read says why.

mod csv;
mod geojson;
mod geopackage;
mod kml;
mod shapefile;
mod xlsx;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use geo_types::Geometry;
use indicatif::ProgressBar;
use unicode_normalization::UnicodeNormalization;

/// Lines that may stand above the header: titles, the name of the office, the date.
const LINES_ABOVE_HEADER: usize = 20;

/// A cell as the file has it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A number of a format that knows numbers: leading zeros are gone.
    Number(f64),
    Date(NaiveDate),
    /// Bytes that are no UTF-8.
    NotText,
}

impl Cell {
    /// Text in Unicode NFC with single spaces; nothing where that is empty.
    pub fn of_text(text: &str) -> Self {
        let clean = text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        if clean.is_empty() { Self::Empty } else { Self::Text(clean) }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Line of a text file, row of a sheet; of the others the number of the feature, from 1.
    pub line: u64,
    /// As many as the header, or fewer.
    pub cells: Vec<Cell>,
    pub shape: Option<Geometry<f64>>,
    /// Why the row, or its shape, cannot be read.
    pub flaw: Option<String>,
}

/// How the file says its coordinates are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crs {
    Epsg(i32),
    /// Well-known text, as a .prj has it.
    WellKnownText(String),
}

/// Takes a row; an error ends the reading.
pub type Take<'a> = dyn FnMut(Row) -> anyhow::Result<()> + 'a;

/// Reads a file to its end, handing over row by row.
type Rows = dyn FnOnce(&mut Take<'_>) -> anyhow::Result<()> + Send;

/// A file that was opened, its rows not yet read.
pub struct Source {
    pub header: Vec<String>,
    pub crs: Option<Crs>,
    /// The sheet or layer that is read, where the file has several.
    pub part: Option<String>,
    rows: Box<Rows>,
}

impl Source {
    /// Hands over every row in the file's order.
    pub fn read(self, take: &mut Take<'_>) -> anyhow::Result<()> {
        (self.rows)(take)
    }
}

/// What the reader must know to open a file.
pub struct Opening<'a> {
    /// Sheet of a workbook, layer of a GeoPackage, .shp within a .zip.
    pub part: Option<&'a str>,
    /// How many columns of a header the import understands: finds the header below titles, the right sheet, the separator.
    pub understood: &'a (dyn Fn(&[String]) -> usize + Sync),
    /// Filled while rows are read.
    pub progress: ProgressBar,
}

/// Opens a file by its ending.
pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let shown = path.display();
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot open {shown}"))?;
    if metadata.is_dir() {
        bail!("{shown} is a folder; name the file in it");
    }
    let source = if ends(&[".csv", ".tsv", ".txt"]) {
        csv::open(path, opening)
    } else if ends(&[".xlsx", ".xlsm"]) {
        xlsx::open(path, opening)
    } else if ends(&[".geojson", ".json"]) {
        geojson::open(path, opening)
    } else if ends(&[".zip", ".shp"]) {
        shapefile::open(path, opening)
    } else if ends(&[".kml", ".kmz"]) {
        kml::open(path, opening)
    } else if ends(&[".gpkg"]) {
        geopackage::open(path, opening)
    } else if ends(&[".xls"]) {
        bail!("{shown} is a workbook of Excel 97; open it and save it as .xlsx or as \"CSV UTF-8\"")
    } else {
        bail!("{shown}: the ending is none of .csv .xlsx .geojson .shp.zip .shp .kml .kmz .gpkg")
    };
    source.with_context(|| format!("{shown} cannot be imported"))
}

fn buffered(path: &Path) -> anyhow::Result<BufReader<File>> {
    Ok(BufReader::with_capacity(1 << 16, File::open(path).with_context(|| format!("cannot open {}", path.display()))?))
}

/// Reads one file of a .zip whole; `limit` keeps a bomb from filling the memory.
fn unzip(archive: &mut zip::ZipArchive<File>, name: &str, limit: u64) -> anyhow::Result<Vec<u8>> {
    let entry = archive.by_name(name).with_context(|| format!("{name} cannot be read from the archive"))?;
    let mut bytes = Vec::new();
    entry.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("{name} in the archive is damaged"))?;
    if bytes.len() as u64 > limit {
        bail!("{name} in the archive holds more than {} MiB; unpack it, or save it as GeoPackage", limit >> 20);
    }
    Ok(bytes)
}

/// The first of several rows whose columns are understood best, with how many; a header wants two, or one of one.
fn find_header<'a>(rows: impl Iterator<Item = &'a Vec<String>>, understood: &dyn Fn(&[String]) -> usize) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    for (at, row) in rows.enumerate() {
        let score = understood(row);
        if score > best.map_or(0, |(_, score)| score) {
            best = Some((at, score));
        }
    }
    best
}
