//! The rules of alerts on the screens: read by whoever sees alerts, edited by whoever the server lets, with their past.
//! What a rule does to an alert is decided on the server.

mod areas;
mod editor;
mod past;
mod row;
mod words;

pub use areas::RulesOfAreas;
