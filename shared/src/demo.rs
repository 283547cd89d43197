//! The demonstration's own door: how fast the simulator plays.
//! It exists in demo mode only.

use serde::{Deserialize, Serialize};

/// `GET` and `PUT /api/demo/speed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DemoSpeed {
    /// 0: paused; 1: as a day goes; 10: ten times as much happens, at the same hour.
    pub speed: u8,
}

impl DemoSpeed {
    pub const ALL: [DemoSpeed; 3] = [DemoSpeed { speed: 0 }, DemoSpeed { speed: 1 }, DemoSpeed { speed: 10 }];
}
