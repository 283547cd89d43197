//! A believable ward to try the product on: terrain, people and their places; a day that is played live, and the 30 days before.
//! It deliberately brings nothing the real doors do not know.

pub mod colleagues;
mod commands;
pub mod control;
mod day;
mod db;
pub mod digest;
pub mod leaving;
pub mod live;
pub mod past;
pub mod people;
mod progress;
pub mod province;
mod rules;
pub mod synthetic_snapshot;
pub mod terrain;

pub use commands::{
    DemoCommand, PastArgs, PeopleArgs, SeedArgs, bring_past, bring_pictures, build_province, draw_pictures, run, seed, seed_if_empty,
    settle_people,
};
