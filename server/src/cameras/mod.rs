//! Camera points: where they stand, where they look, whether they are online; what they report (`alerts`), what was handled of
//! it (`register`), which fall silent.
//! It deliberately speaks no protocol of a device: `ingest` does.

pub mod alerts;
pub mod copy;
mod db;
pub mod list;
pub mod load;
mod recorder;
mod recorder_db;
mod recorder_rules;
mod register;
mod routes;
mod rules;
mod silence;

pub use recorder::RecorderHosts;
pub use routes::{CamerasState, routes};
pub use silence::{look_for_silences, watch_for_silences};
