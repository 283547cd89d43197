//! Businesses of the ward: tax code, activity, kind, status.
//! It deliberately keeps nothing about the people who own them beyond what is public.

pub mod copy;
mod db;
pub mod load;
mod routes;

pub use routes::{BusinessesState, routes};
