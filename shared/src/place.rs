//! What the open map explains when it is clicked: places, buildings, roads.
//! Who lives in a building is no fact of the base map; `household` tells those who may know.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
    pub updated_at: DateTime<Utc>,
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
