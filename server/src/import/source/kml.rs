//! KML and KMZ as Google Earth and phones write them, placemark by placemark.
//! It deliberately reads each placemark by itself: one with a broken coordinate does not spoil the others.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use geo_types::Geometry;
use kml::types::{Element, Placemark};
use kml::{Kml, KmlReader};

use super::{Cell, Opening, Row, Source, buffered, unzip};

/// KML is a format for hand-drawn places; what is larger was made by a program, which can write GeoPackage too.
const LARGEST: u64 = 256 << 20;

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let text = text(path)?;
    if !text.contains("<kml") && !text.contains("<Placemark") {
        bail!("it is no KML");
    }
    let placemarks: Vec<ReadPlacemark> = slices(&text).map(read).collect();
    let mut header = vec!["name".to_owned(), "description".to_owned()];
    for name in placemarks.iter().filter_map(|read| read.as_ref().ok()).flat_map(data).map(|(name, _)| name) {
        if !header.contains(&name) {
            header.push(name);
        }
    }
    let (names, progress) = (header.clone(), opening.progress.clone());
    progress.set_length(placemarks.len() as u64);
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        for (number, placemark) in (1..).zip(placemarks) {
            progress.set_position(number);
            take(row(number, &names, placemark))?;
        }
        Ok(())
    });
    Ok(Source { header, crs: None, part: None, rows })
}

fn text(path: &Path) -> anyhow::Result<String> {
    let bytes = if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("kmz")) {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(path)?).context("it is no KMZ (a .zip with a .kml inside)")?;
        let name =
            archive.file_names().filter_map(Result::ok).find(|name| name.to_lowercase().ends_with(".kml")).map(|name| name.into_owned());
        unzip(&mut archive, &name.context("there is no .kml inside")?, LARGEST)?
    } else {
        let mut bytes = Vec::new();
        buffered(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            bail!("it holds more than {} MiB; save it as GeoPackage", LARGEST >> 20);
        }
        bytes
    };
    String::from_utf8(bytes).context("it is not UTF-8; save it as UTF-8 and import again")
}

/// The text of each placemark; they do not nest.
fn slices(text: &str) -> impl Iterator<Item = &str> {
    const END: &str = "</Placemark>";
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find("<Placemark")?;
        let end = rest[start..].find(END).map_or(rest.len(), |at| start + at + END.len());
        let slice = &rest[start..end];
        rest = &rest[end..];
        Some(slice)
    })
}

type ReadPlacemark = Result<Placemark<f64>, String>;

fn read(text: &str) -> ReadPlacemark {
    match KmlReader::<_, f64>::from_string(text).read() {
        Ok(Kml::Placemark(placemark)) => Ok(placemark),
        Ok(_) => Err("it is no placemark".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// `ExtendedData`: pairs of name and value, in either of its two spellings.
fn data(placemark: &Placemark<f64>) -> Vec<(String, String)> {
    fn collect(element: &Element, pairs: &mut Vec<(String, String)>) {
        let name = element.attrs.get("name").cloned();
        match (element.name.as_str(), name) {
            ("SimpleData", Some(name)) => pairs.push((name, element.content.clone().unwrap_or_default())),
            ("Data", Some(name)) => {
                let value = element.children.iter().find(|child| child.name == "value");
                pairs.push((name, value.and_then(|value| value.content.clone()).unwrap_or_default()));
            }
            _ => element.children.iter().for_each(|child| collect(child, pairs)),
        }
    }
    let mut pairs = Vec::new();
    placemark.children.iter().for_each(|child| collect(child, &mut pairs));
    pairs
}

fn row(number: u64, names: &[String], placemark: ReadPlacemark) -> Row {
    let placemark = match placemark {
        Ok(placemark) => placemark,
        Err(why) => {
            return Row { line: number, cells: Vec::new(), shape: None, flaw: Some(format!("the placemark cannot be read: {why}")) };
        }
    };
    let mut cells = vec![Cell::Empty; names.len()];
    let own = [("name", &placemark.name), ("description", &placemark.description)];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    // a placemark's own name wins over a column that is called so
    for (name, value) in data(&placemark).into_iter().chain(own) {
        if let Some(at) = names.iter().position(|known| *known == name) {
            cells[at] = Cell::of_text(&value);
        }
    }
    let (shape, flaw) = match placemark.geometry.map(Geometry::<f64>::try_from).transpose() {
        Ok(shape) => (shape, None),
        Err(error) => (None, Some(format!("its geometry cannot be read: {error}"))),
    };
    Row { line: number, cells, shape, flaw }
}
