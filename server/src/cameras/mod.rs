//! Camera points: where they stand, where they look, whether they are online.
//! It deliberately does not keep alerts yet.

pub mod copy;
mod db;
pub mod list;
pub mod load;
mod routes;
mod rules;

pub use routes::{CamerasState, routes};
