//! Areas that somebody draws: what is counted in them, charts of the counts, the list behind them, the list as a file.
//! It deliberately keeps no area and no count: everything is answered from the indexes and the rows as they stand.

mod charts;
mod db;
mod export;
mod figures;
mod list;
mod routes;
mod rules;
mod target;

pub use db::statements;
pub use routes::{DrawnAreasState, routes};
