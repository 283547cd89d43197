//! Journeys of people through the screens, in a real Chromium, with a server of their own.
//! One module per screen; what a server answers to other programs is tried in `tests/api`.

mod alerts;
mod city;
mod drawn_area;
mod duty;
mod editing;
mod escalation;
mod households;
mod journey;
mod leaks;
mod map_tools;
mod offline;
mod open_map;
mod operations;
mod palette;
mod quarantine;
mod recorder_links;
mod sign_in;
mod violations;
