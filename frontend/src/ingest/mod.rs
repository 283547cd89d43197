//! What devices send, where it wants somebody's hand: the quarantine, and clocks that are wrong.
//! What becomes of a report that was taken in is its domain's (`cameras::alerts`).

mod clocks;
mod faults;
mod particulars;
mod putting_away;
mod quarantine;
mod waiting;

pub use clocks::WrongClocksNotice;
pub use quarantine::Quarantine;
