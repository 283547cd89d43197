//! GeoPackage, the format of QGIS: a SQLite file with layers, read through SQLite itself.
//! It deliberately opens the file read-only, and reads one layer: which one, if there are several, the person says.

use std::path::Path;

use anyhow::{Context, bail};
use geo_types::Geometry;
use geozero::ToGeo;
use geozero::wkb::GpkgWkb;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::{Cell, Crs, Opening, Row, Source};

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let connection = connect(path)?;
    let layers = layers(&connection)?;
    let shown = || layers.iter().map(|layer| layer.table.as_str()).collect::<Vec<_>>().join(", ");
    let layer = match (opening.part, layers.as_slice()) {
        (_, []) => bail!("there is no layer of features in it"),
        (Some(part), _) => {
            layers.iter().find(|layer| layer.table == part).with_context(|| format!("there is no layer {part:?}; it has {}", shown()))?
        }
        (None, [one]) => one,
        (None, _) => bail!("there are several layers in it; choose one with --part: {}", shown()),
    };
    let mut header = columns(&connection, &layer.table)?;
    header.retain(|column| *column != layer.geometry);
    let crs = crs(&connection, layer.srs_id)?;
    let part = (layers.len() > 1).then(|| layer.table.clone());
    let count: i64 = connection.query_row(&format!("select count(*) from {}", quoted(&layer.table)), [], |row| row.get(0))?;
    let (path, progress, names, layer) = (path.to_owned(), opening.progress.clone(), header.clone(), layer.clone());
    progress.set_length(count.unsigned_abs());
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        let connection = connect(&path)?;
        let list: Vec<String> = names.iter().chain([&layer.geometry]).map(|column| quoted(column)).collect();
        let mut statement = connection.prepare(&format!("select {} from {}", list.join(", "), quoted(&layer.table)))?;
        let mut rows = statement.query([])?;
        let mut number = 0;
        while let Some(found) = rows.next().context("the GeoPackage is damaged")? {
            number += 1;
            progress.set_position(number);
            let cells = (0..names.len()).map(|at| found.get_ref(at).map(cell)).collect::<Result<Vec<_>, _>>()?;
            let (shape, flaw) = match found.get_ref(names.len())? {
                ValueRef::Blob(blob) => shape(blob),
                _ => (None, None),
            };
            take(Row { line: number, cells, shape, flaw })?;
        }
        Ok(())
    });
    Ok(Source { header, crs, part, rows })
}

fn connect(path: &Path) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).context("it is no GeoPackage that can be read")
}

#[derive(Clone, Debug)]
struct Layer {
    table: String,
    geometry: String,
    srs_id: i32,
}

fn layers(connection: &Connection) -> anyhow::Result<Vec<Layer>> {
    let sql = "select c.table_name, g.column_name, g.srs_id from gpkg_contents c \
               join gpkg_geometry_columns g on g.table_name = c.table_name where c.data_type = 'features' order by c.table_name";
    let mut statement = connection.prepare(sql).context("it is no GeoPackage: the table of its contents is missing")?;
    let layers = statement.query_map([], |row| Ok(Layer { table: row.get(0)?, geometry: row.get(1)?, srs_id: row.get(2)? }))?;
    Ok(layers.collect::<Result<_, _>>()?)
}

fn columns(connection: &Connection, table: &str) -> anyhow::Result<Vec<String>> {
    let mut statement = connection.prepare("select name from pragma_table_info(?1) order by cid")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// -1 and 0 stand for "undefined"; other numbers are those of the file's own table of systems.
fn crs(connection: &Connection, srs_id: i32) -> anyhow::Result<Option<Crs>> {
    if srs_id <= 0 {
        return Ok(None);
    }
    let sql = "select organization, organization_coordsys_id, definition from gpkg_spatial_ref_sys where srs_id = ?1";
    let found = connection.query_row(sql, [srs_id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i32>(1)?, row.get::<_, String>(2)?)));
    let (organization, code, definition) =
        found.with_context(|| format!("its coordinate system {srs_id} is not described in it; give --srid"))?;
    Ok(Some(if organization.eq_ignore_ascii_case("epsg") { Crs::Epsg(code) } else { Crs::WellKnownText(definition) }))
}

/// An empty geometry is none.
fn shape(blob: &[u8]) -> (Option<Geometry<f64>>, Option<String>) {
    // bit 4 of the flags, the fourth byte: "empty geometry"
    if blob.get(3).is_some_and(|flags| flags & 0x10 != 0) {
        return (None, None);
    }
    match GpkgWkb(blob).to_geo() {
        Ok(shape) => (Some(shape), None),
        Err(error) => (None, Some(format!("its geometry cannot be read: {error}"))),
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Cell::Empty,
        ValueRef::Integer(number) => Cell::Number(number as f64),
        ValueRef::Real(number) => Cell::Number(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Cell::NotText, Cell::of_text),
    }
}

/// A name as SQLite wants it between quotation marks.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
