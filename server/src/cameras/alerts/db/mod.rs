//! All SQL of camera alerts: reading and handling under the caller's row-level security, taking in through functions that know a
//! device by its token, because a device has no session. It deliberately decides nothing.

mod escalation;
mod figures;
mod handling;
mod reading;
mod rules;
mod shelving;
mod taking_in;

pub use escalation::*;
pub use figures::*;
pub use handling::*;
pub use reading::*;
pub use rules::*;
pub use shelving::*;
pub use taking_in::*;
