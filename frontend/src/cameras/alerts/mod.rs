//! Camera alerts on the screens: what needs somebody, who has it, and every step until it is closed.
//! Which alerts there are to see, and who may handle them, is the server's decision; the map draws them by itself.

mod alert_card;
mod alert_list;
mod folded;
mod folding;
mod handling;
mod marks;
mod shelving;
mod snapshot;

pub use alert_card::AlertCard;
pub use alert_list::{AlertList, OpenAlerts};
