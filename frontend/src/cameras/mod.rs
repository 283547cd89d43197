//! Cameras on the screens: the card of one, and the list that tells which do not answer.
//! What they report is `alerts`', what was handled of it `register`'s, how it is graded and routed `rules`'; pictures never
//! come without an alert.

pub mod alerts;
mod camera_card;
mod camera_list;
mod recorder;
mod recorder_link;
pub mod register;
pub mod rules;

pub use camera_card::CameraCard;
pub use camera_list::{CameraList, CameraRow, Cameras};
