//! GeoJSON, feature by feature: a file of any size passes through, twice (once for its property names, once for its rows).
//! It deliberately forgives a feature with a broken geometry: that row says so, the others are read.

use std::fmt;
use std::path::Path;

use anyhow::{anyhow, bail};
use geo_types::Geometry;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Cell, Crs, Opening, Row, Source, buffered};

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let mut header: Vec<String> = Vec::new();
    let mut has_ids = false;
    let crs = read(path, &mut |feature| {
        for name in feature.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            if !header.contains(name) {
                header.push(name.clone());
            }
        }
        has_ids |= feature.get("id").is_some_and(|id| !id.is_null());
        opening.progress.inc_length(1);
        Ok(())
    })?;
    // the feature's own id stands behind the properties, and only where none of them is called so
    let id_at = (has_ids && !header.iter().any(|name| name == "id")).then(|| {
        header.push("id".to_owned());
        header.len() - 1
    });
    let (path, names, progress) = (path.to_owned(), header.clone(), opening.progress.clone());
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        let mut number = 0;
        read(&path, &mut |feature| {
            number += 1;
            progress.set_position(number);
            take(row(number, &names, id_at, feature))
        })
        .map(drop)
    });
    Ok(Source { header, crs, part: None, rows })
}

fn row(number: u64, names: &[String], id_at: Option<usize>, mut feature: Map<String, Value>) -> Row {
    let id = feature.remove("id");
    let properties = match feature.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    let mut cells: Vec<Cell> = names.iter().map(|name| properties.get(name).map_or(Cell::Empty, cell)).collect();
    if let (Some(at), Some(id)) = (id_at, id) {
        cells[at] = cell(&id);
    }
    match feature.remove("geometry") {
        None | Some(Value::Null) => Row { line: number, cells, shape: None, flaw: None },
        Some(value) => match shape(value) {
            Ok(shape) => Row { line: number, cells, shape: Some(shape), flaw: None },
            Err(why) => Row { line: number, cells, shape: None, flaw: Some(format!("its geometry cannot be read: {why}")) },
        },
    }
}

fn shape(value: Value) -> Result<Geometry<f64>, String> {
    let geometry: geojson::Geometry = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Geometry::try_from(geometry).map_err(|error| error.to_string())
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::String(text) => Cell::of_text(text),
        Value::Number(number) => number.as_f64().map_or_else(|| Cell::of_text(&number.to_string()), Cell::Number),
        other => Cell::of_text(&other.to_string()),
    }
}

/// Hands over every feature; answers with the coordinate system that the file names (as files before RFC 7946 do).
fn read(path: &Path, each: &mut dyn FnMut(Map<String, Value>) -> anyhow::Result<()>) -> anyhow::Result<Option<Crs>> {
    let mut json = serde_json::Deserializer::from_reader(buffered(path)?);
    let mut document = Document { each, stopped: None };
    let read = (&mut document).deserialize(&mut json);
    if let Some(stopped) = document.stopped {
        return Err(stopped);
    }
    let end = read.and_then(|end| json.end().map(|()| end));
    match end {
        Ok(End { is_geojson: false, .. }) => bail!("it is JSON, but no FeatureCollection and no Feature"),
        Ok(End { crs, .. }) => crs.map(|crs| named_crs(&crs)).transpose().map(Option::flatten),
        Err(error) if error.is_eof() => bail!("it is cut off at line {}: it was not saved or copied to its end", error.line()),
        Err(error) => Err(anyhow!("it is no GeoJSON: {error}")),
    }
}

/// `urn:ogc:def:crs:EPSG::3405`, `EPSG:3405`, or the usual `urn:ogc:def:crs:OGC:1.3:CRS84`.
fn named_crs(crs: &Value) -> anyhow::Result<Option<Crs>> {
    let Some(name) = crs.pointer("/properties/name").and_then(Value::as_str) else { return Ok(None) };
    if name.ends_with("CRS84") {
        return Ok(None);
    }
    match name.rsplit(':').next().and_then(|code| code.parse().ok()) {
        Some(code) if name.to_uppercase().contains("EPSG") => Ok(Some(Crs::Epsg(code))),
        _ => bail!("its coordinate system {name} is not known; give its EPSG number with --srid"),
    }
}

struct Document<'a> {
    each: &'a mut dyn FnMut(Map<String, Value>) -> anyhow::Result<()>,
    /// Why the taker wants no more.
    stopped: Option<anyhow::Error>,
}

struct End {
    crs: Option<Value>,
    is_geojson: bool,
}

impl Document<'_> {
    fn hand_over<E: serde::de::Error>(&mut self, feature: Map<String, Value>) -> Result<(), E> {
        (self.each)(feature).map_err(|cause| {
            self.stopped = Some(cause);
            E::custom("stopped")
        })
    }
}

impl<'de> DeserializeSeed<'de> for &mut Document<'_> {
    type Value = End;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<End, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document<'_> {
    type Value = End;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a FeatureCollection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<End, A::Error> {
        let mut end = End { crs: None, is_geojson: false };
        let mut alone = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "features" => {
                    end.is_geojson = true;
                    map.next_value_seed(Features(&mut *self))?;
                }
                "crs" => end.crs = Some(map.next_value()?),
                "type" | "properties" | "geometry" | "id" => drop(alone.insert(key, map.next_value()?)),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if !end.is_geojson && alone.get("type").and_then(Value::as_str) == Some("Feature") {
            end.is_geojson = true;
            self.hand_over(alone)?;
        }
        Ok(end)
    }
}

struct Features<'a, 'b>(&'a mut Document<'b>);

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut features: A) -> Result<(), A::Error> {
        while let Some(feature) = features.next_element::<Value>()? {
            match feature {
                Value::Object(feature) => self.0.hand_over(feature)?,
                _ => self.0.hand_over(Map::new())?,
            }
        }
        Ok(())
    }
}
