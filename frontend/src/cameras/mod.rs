//! Cameras on the screens: the card of one, and the list that tells which do not answer.
//! Their alerts are a domain of their own, which comes later; pictures never come without one.

mod camera_card;
mod camera_list;

pub use camera_card::CameraCard;
pub use camera_list::{CameraList, CameraRow, Cameras};
