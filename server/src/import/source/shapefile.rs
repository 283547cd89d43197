//! Shapefiles: a .zip with .shp, .dbf and .prj, or the .shp beside its companions.
//! It deliberately reads attribute texts as UTF-8 only; others show themselves as letters that cannot be read.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use chrono::NaiveDate;
use geo_types::Geometry;
use shapefile::dbase::encoding::UnicodeLossy;
use shapefile::dbase::{FieldValue, Record};
use shapefile::{Shape, ShapeReader, dbase};

use super::{Cell, Crs, Opening, Row, Source, unzip};

/// A .zip is unpacked in memory; a larger shapefile is read from the disk when it is unpacked.
const LARGEST: u64 = 1 << 30;

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("shp")) { unpacked(path, opening) } else { zipped(path, opening) }
}

fn unpacked(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let companion = |ending: &str| {
        [ending.to_owned(), ending.to_uppercase()].into_iter().map(|ending| path.with_extension(ending)).find(|path| path.is_file())
    };
    let dbf = companion("dbf").context("there is no .dbf beside it: all parts of a shapefile belong in one folder")?;
    let wkt = companion("prj").map(std::fs::read_to_string).transpose().context("its .prj cannot be read")?;
    source(BufReader::new(File::open(path)?), BufReader::new(File::open(dbf)?), wkt, None, opening)
}

fn zipped(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let mut archive = zip::ZipArchive::new(File::open(path)?).context("it is no .zip that can be read")?;
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(|name| name.into_owned()).collect();
    let shapes: Vec<&String> = names.iter().filter(|name| name.to_lowercase().ends_with(".shp") && !name.starts_with("__MACOSX")).collect();
    let shown = || shapes.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let shp = match (opening.part, shapes.as_slice()) {
        (_, []) => bail!("there is no .shp in it"),
        (Some(part), _) => shapes
            .iter()
            .find(|name| stem(name).ends_with(part.trim_end_matches(".shp")))
            .with_context(|| format!("there is no {part:?} in it; it has {}", shown()))?,
        (None, [one]) => one,
        (None, _) => bail!("there are several shapefiles in it; choose one with --part: {}", shown()),
    };
    let companion = |ending: &str| names.iter().find(|name| stem(name) == stem(shp) && name.to_lowercase().ends_with(ending));
    let dbf = companion(".dbf").context("there is no .dbf in it: all parts of a shapefile belong in the .zip")?;
    let wkt = match companion(".prj") {
        Some(prj) => Some(String::from_utf8_lossy(&unzip(&mut archive, prj, 1 << 20)?).into_owned()),
        None => None,
    };
    let part = (shapes.len() > 1).then(|| (*shp).clone());
    let (shp, dbf) = (unzip(&mut archive, shp, LARGEST)?, unzip(&mut archive, dbf, LARGEST)?);
    source(Cursor::new(shp), Cursor::new(dbf), wkt, part, opening)
}

/// The path without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn source<S, D>(shp: S, dbf: D, wkt: Option<String>, part: Option<String>, opening: &Opening<'_>) -> anyhow::Result<Source>
where
    S: Read + Seek + Send + 'static,
    D: Read + Seek + Send + 'static,
{
    let shapes = ShapeReader::new(shp).map_err(|error| anyhow!("its .shp cannot be read: {error}"))?;
    let records =
        dbase::ReaderBuilder::new().with_encoding(UnicodeLossy).build(dbf).map_err(|error| anyhow!("its .dbf cannot be read: {error}"))?;
    let header: Vec<String> = records.fields().iter().map(|field| field.name().to_owned()).collect();
    let (names, progress) = (header.clone(), opening.progress.clone());
    progress.set_length(u64::from(records.header().num_records));
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        let mut reader = shapefile::Reader::new(shapes, records);
        for (number, pair) in (1..).zip(reader.iter_shapes_and_records()) {
            progress.set_position(number);
            match pair {
                Ok((shape, record)) => take(row(number, &names, shape, record))?,
                // the two files are read side by side: after damage neither knows where the next row begins
                Err(error) => bail!("row {number} of the shapefile is damaged ({error}); what follows cannot be read"),
            }
        }
        Ok(())
    });
    let crs = wkt.filter(|wkt| !wkt.trim().is_empty()).map(|wkt| Crs::WellKnownText(wkt.trim().to_owned()));
    Ok(Source { header, crs, part, rows })
}

fn row(number: u64, names: &[String], shape: Shape, mut record: Record) -> Row {
    let cells = names.iter().map(|name| record.remove(name).map_or(Cell::Empty, cell)).collect();
    let (shape, flaw) = match shape {
        Shape::NullShape => (None, None),
        shape => match Geometry::<f64>::try_from(shape) {
            Ok(shape) => (Some(shape), None),
            Err(error) => (None, Some(format!("its shape cannot be read: {error}"))),
        },
    };
    Row { line: number, cells, shape, flaw }
}

fn cell(value: FieldValue) -> Cell {
    match value {
        FieldValue::Character(text) => text.map_or(Cell::Empty, |text| of_text(&text)),
        FieldValue::Memo(text) => of_text(&text),
        FieldValue::Numeric(number) => number.map_or(Cell::Empty, Cell::Number),
        FieldValue::Float(number) => number.map_or(Cell::Empty, |number| Cell::Number(f64::from(number))),
        FieldValue::Double(number) | FieldValue::Currency(number) => Cell::Number(number),
        FieldValue::Integer(number) => Cell::Number(f64::from(number)),
        FieldValue::Logical(yes) => yes.map_or(Cell::Empty, |yes| Cell::of_text(if yes { "true" } else { "false" })),
        FieldValue::Date(date) => date.and_then(of_date).map_or(Cell::Empty, Cell::Date),
        FieldValue::DateTime(moment) => of_date(moment.date()).map_or(Cell::Empty, Cell::Date),
    }
}

fn of_text(text: &str) -> Cell {
    if text.contains('\u{fffd}') { Cell::NotText } else { Cell::of_text(text) }
}

fn of_date(date: dbase::Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(date.year()).ok()?, date.month(), date.day())
}
