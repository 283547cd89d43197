//! Areas that somebody draws on the map: drawing them, what is counted in them, the list behind the counts.
//! What may be counted for whom is the server's decision; lines on the map are `map`'s.

mod address;
mod charts;
mod drawing;
mod figures;
mod panel;
mod rows;

pub use address::{read, written};
pub use panel::DrawPanel;
