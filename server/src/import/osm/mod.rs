//! Imports OpenStreetMap files (.osm, .osm.pbf): streets, houses, water, land use, places and businesses of a ward.
//! It deliberately loses nothing in silence: what is repaired or left out stands in a report, row by row.

pub mod buildings;
mod command;
pub mod data;
pub mod ground;
mod load;
pub mod mapped;
mod pbf;
#[cfg(test)]
mod pbf_writer;
pub mod points;
pub mod problems;
mod read;
pub mod report;
pub mod roads;
pub mod shapes;
mod summary;
#[cfg(test)]
mod tests;
pub mod trades;
mod ward;
mod xml;

pub use command::{ImportOsm, run, within};
pub use data::OsmData;
pub use mapped::{Mapped, map};
pub use read::{ReadError, read};
pub use summary::Summary;
