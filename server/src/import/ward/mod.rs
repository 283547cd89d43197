//! Imports a ward from one file that names all that belongs to it: boundary, TDPs, map, lists.
//! It deliberately reads none of them itself: the imports of areas, OpenStreetMap and layers do.

mod file;
mod settle;

pub use file::WardFile;
pub use settle::{Settlement, import, settle_if_absent};

use std::path::PathBuf;

/// Import a ward: its boundary, TDPs, map and lists, as a ward file names them.
///
/// FILE is TOML; paths in it are relative to it. data/ward.example.toml shows all of it. A GeoJSON (or shapefile, KML,
/// GeoPackage) with one ward's boundary is a ward file too: the ward without anything in it.
///
/// All of it goes in, in one transaction, or nothing does. Importing it again changes nothing that is the same.
#[derive(Debug, Clone, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ImportWard {
    /// The ward file, or a boundary
    pub file: PathBuf,
}
