//! Households and the people who live in them: opening one, counting many.
//! It deliberately does not know tenants of boarding houses: `boarding` does.

pub mod copy;
mod db;
pub mod list;
pub mod load;
mod placing;
mod routes;
mod rules;

pub use routes::{ResidentsState, routes};
pub use rules::mask;
