//! Camera points: where they stand, where they look, whether they are online; what they report (`alerts`), and what
//! was handled of it (`register`).
//! It deliberately speaks no protocol of a device: `ingest` does.

pub mod alerts;
pub mod copy;
mod db;
pub mod list;
pub mod load;
mod register;
mod routes;
mod rules;

pub use routes::{CamerasState, routes};
