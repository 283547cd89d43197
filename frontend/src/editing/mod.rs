//! Editing what stands on the map: the part of a card that does it, the past of a row, and the tray of what has no place yet.
//! Handles and drawing are `map::edit`'s; who may edit is decided by the server, row by row.

mod conflict;
mod fields;
mod history;
mod how;
mod past;
mod request;
mod row;
mod section;
mod tray;
mod tray_rows;

pub use past::Past;
pub use section::{EditSection, TAKE_BACK_FOR};
pub use tray::Tray;
