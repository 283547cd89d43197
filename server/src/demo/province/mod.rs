//! A generated province around the demo ward: as many wards, households and people as a city has, streamed into the tables.
//! It deliberately leaves the demo ward itself to `terrain` and `people`, and invents nobody in another way than they do.
//!
//! One thread makes a ward's ground and people and writes them down as COPY rows while PostgreSQL takes in the ward before
//! it: memory holds three wards, whatever the province's size.

mod ground;
mod load;
mod names;
mod plan;
mod ward;

pub use load::{Built, ward_code, write};
pub use plan::{ORDINARY_HOUSEHOLDS, PlannedWard, plan};
