//! What the open map explains when it is clicked: places, buildings, roads.
//! Who lives in a building is no fact of the base map; `household` tells those who may know.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::edit::present;

/// `GET /api/places/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    pub id: i64,
    pub code: String,
    /// `culture_house`, `qr_board`, `market`, … as in the table's constraint.
    pub kind: String,
    pub name: String,
    pub address: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts the versions of the row; an edit names it in `If-Match`.
    pub version: i32,
    /// Whether this caller may edit it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
}

/// `PATCH /api/places/{id}`. Fields left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditPlace {
    /// One of the kinds of the table's constraint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<Option<String>>,
    /// Longitude and latitude; null takes it off the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<[f64; 2]>))]
    pub point: Option<Option<[f64; 2]>>,
}

/// `GET /api/buildings/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Building {
    pub id: i64,
    pub code: String,
    /// `house`, `apartments`, `school`, … as in the table's constraint.
    #[serde(rename = "use")]
    pub usage: String,
    pub name: Option<String>,
    pub storeys: Option<i16>,
    pub address: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub lon: f64,
    pub lat: f64,
    pub updated_at: DateTime<Utc>,
}

/// `GET /api/roads/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Road {
    pub id: i64,
    pub code: String,
    /// `street`, `alley`, `side_alley`, … as in the table's constraint.
    pub class: String,
    pub name: Option<String>,
    /// The road it leaves.
    pub parent_id: Option<i64>,
    pub parent_name: Option<String>,
    pub length_m: f64,
    pub width_m: f32,
    /// Halfway along.
    pub lon: f64,
    pub lat: f64,
    pub updated_at: DateTime<Utc>,
}
