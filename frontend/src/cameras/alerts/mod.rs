//! Camera alerts on the screens: what needs somebody, who has it, and every step until it is closed.
//! Which alerts there are to see, and who may handle them, is the server's decision; the map draws them by itself.

mod alert_card;
mod alert_list;
mod alert_row;
mod arrivals;
mod brushed;
mod by_ward;
mod due;
mod feed;
mod filter_bar;
mod filters;
mod folded;
mod folding;
mod given;
mod handling;
mod key_help;
mod keys;
mod left_out;
mod marks;
mod parts;
mod plate;
mod rings;
#[cfg(test)]
mod sample;
mod shelve_row;
mod shelving;
mod snapshot;
mod sound;
mod tiles;
mod timeline;

pub use alert_card::AlertCard;
pub use alert_list::{AlertList, Announcer, Nothing, Said};
pub use arrivals::one_by_one;
pub use brushed::BrushedAlerts;
pub use by_ward::WardCounts;
pub use feed::{AlertFeed, ListFeed, Page};
pub use filter_bar::FilterBar;
pub use filters::{AlertFilters, Standing};
pub use folded::FloodNotice;
pub use folding::{Listed as AlertsListed, rows as by_need, with_floods};
pub use given::GivenToMe;
pub use left_out::LeftOut;
pub use marks::SeverityMark;
pub use parts::{ListParts, me};
pub use rings::ring_for;
pub use shelving::{ShelvedNotice, Shelves};
pub use sound::{SoundSwitch, kept_sound, sound_for};
pub use tiles::{AlertTiles, changes_of_alerts};
pub use timeline::AlertDay;
