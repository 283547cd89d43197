//! Imports provinces, wards and TDPs with their boundaries, as versions: a later boundary closes the earlier one.
//! It deliberately draws nothing: an area without a boundary of its own gets none.

mod command;
mod read;
mod summary;

pub use command::{ImportAreas, Kind, codes, run, within};
pub use summary::Summary;
