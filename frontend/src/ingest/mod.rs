//! What devices send, where it wants somebody's hand: the quarantine.
//! What becomes of a report that was taken in is its domain's (`cameras::alerts`).

mod faults;
mod particulars;
mod putting_away;
mod quarantine;
mod waiting;

pub use quarantine::Quarantine;
