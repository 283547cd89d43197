//! Businesses of the ward: tax code, activity, kind, status.
//! It deliberately keeps nothing about the people who own them beyond what is public.

pub mod copy;
mod db;
pub mod list;
pub mod load;
mod routes;
mod rules;

pub use routes::{BusinessesState, routes};
