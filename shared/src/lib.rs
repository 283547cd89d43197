//! The wire contract: types that server and browser agree on, one file per domain.
//! Nothing here knows a database, a clock or a browser.

pub mod area;
pub mod layer;
pub mod live;
