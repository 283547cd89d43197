//! Boarding houses, their rooms and tenancies.
//! It deliberately does not keep permanent residents: `residents` does.

pub mod copy;
mod db;
pub mod list;
pub mod load;
mod routes;

pub use routes::{BoardingState, routes};
