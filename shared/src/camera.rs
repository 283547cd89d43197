//! Camera points: where they stand and look, for those who answer for them; how many, for everybody.
//! The address of a stream never travels here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::edit::present;

/// The name on `/live`: whoever may watch what recorders have hears there that links have changed, never where they lead.
pub const RECORDER_TOPIC: &str = "camera_recorder";

/// `GET /api/cameras/{id}`, and a row of `GET /api/cameras`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Camera {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub area_id: i32,
    pub area_name: String,
    /// From north, clockwise; none: unknown.
    pub heading_deg: Option<f32>,
    pub field_of_view_deg: Option<f32>,
    pub range_m: Option<f32>,
    pub status: CameraStatus,
    /// Since when it has this status.
    pub status_at: Option<DateTime<Utc>>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts the versions of the row; an edit names it in `If-Match`.
    pub version: i32,
    /// Whether this caller may edit it.
    pub editable: bool,
    /// Whether this caller may watch it live, and there is a link to its recorder.
    #[serde(default)]
    pub has_live_view: bool,
    pub updated_at: DateTime<Utc>,
}

/// `PATCH /api/cameras/{id}`: where it stands and looks. Fields left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditCamera {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Longitude and latitude; null takes it off the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<[f64; 2]>))]
    pub point: Option<Option<[f64; 2]>>,
    /// From north, clockwise, 0 to 360; null: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f32>))]
    pub heading_deg: Option<Option<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f32>))]
    pub field_of_view_deg: Option<Option<f32>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f32>))]
    pub range_m: Option<Option<f32>>,
}

/// `GET /api/cameras/{id}/recorder`: where the recorder shows a camera, as it was named; none: no link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecorderLinks {
    pub live_view: Option<String>,
    pub clip: Option<String>,
    /// An edit names it in `If-Match`; 0: nothing was ever named.
    pub version: i32,
    pub updated_at: Option<DateTime<Utc>>,
    /// Where links may lead, as the server's settings name it (`IOC_RECORDER_HOSTS`).
    pub hosts: Vec<String>,
    pub ward_name: String,
    /// How many other cameras of the ward have the very same links, or none as this one.
    pub alike: i64,
}

/// `PUT /api/cameras/{id}/recorder`. Addresses with `{camera}` for the camera's code and, for a clip, `{start}` and `{end}` in Unix
/// seconds; what is left out has no link. A user name or password may not stand in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditRecorderLinks {
    #[serde(default)]
    pub live_view: Option<String>,
    #[serde(default)]
    pub clip: Option<String>,
    /// Also for the other cameras of the ward whose links are, until now, the same as this one's: one recorder names its cameras
    /// in one way.
    #[serde(default)]
    pub also_alike: bool,
}

/// `GET /api/cameras/{id}/live-view`, `GET /api/camera-alerts/{id}/clip`: an address of the recorder, filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecorderLink {
    pub address: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CameraStatus {
    Online,
    Offline,
    Unknown,
}

/// `GET /api/cameras`, by code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraList {
    pub cameras: Vec<Camera>,
    /// Hand back as `cursor` for the next page; none: this was the last.
    pub next_cursor: Option<String>,
}

/// `GET /api/cameras/count`: public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CameraCount {
    pub total: i64,
    pub online: i64,
    pub at: DateTime<Utc>,
}
