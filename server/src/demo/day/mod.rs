//! A ward's day as chance has it: what its cameras see at which hour, and what becomes of it. Played live and written as the past.
//! It deliberately is values and dice: it knows neither server nor database nor what time it is.

mod arrivals;
mod course;
mod scene;
mod table;

pub use arrivals::{Arrivals, Sighting};
pub use course::{Course, Writer, limit as answer_limit};
pub use scene::{Landmark, Scene, SceneCamera};
pub use table::Table;

use chrono::{DateTime, NaiveDateTime, Utc};

/// The moment as the ward's clocks show it.
pub fn in_ward(at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).naive_local()
}

#[cfg(test)]
pub(super) mod tests {
    pub use super::scene::tests::{cameras_of_a_scene, landmarks_of_a_scene};
}
