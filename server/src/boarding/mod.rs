//! Boarding houses, their rooms and tenancies.
//! It deliberately does not keep permanent residents: `residents` does.

mod db;
pub mod list;
pub mod load;
mod routes;

pub use routes::{BoardingState, routes};
