//! Pictures of alerts: taken in with the report that brings one, for the police alone, deleted when their time is over unless held.
//! It deliberately does not know how a device sends one, nor what is on it; files are `platform::media`'s, pixels `platform::picture`'s.

mod db;
mod jobs;
mod load;
pub(super) mod routes;
mod take_in;

pub(super) use db::find;
pub use jobs::{forget_old, keep_for_days};
pub use load::{LOADED_AT_A_TIME, LoadedSnapshot};
pub use take_in::{Attached, MOST_AT_ONCE, NewSnapshot, Prepared, Snapshots, read_base64};
