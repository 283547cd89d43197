//! A believable ward to try the product on: terrain, people and their places.
//! It deliberately brings nothing the real doors do not know.

mod commands;
mod db;
pub mod digest;
pub mod people;
mod progress;
pub mod province;
pub mod synthetic_snapshot;
pub mod terrain;

pub use commands::{DemoCommand, PeopleArgs, SeedArgs, build_province, run, seed, seed_if_empty, settle_people};
