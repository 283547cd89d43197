//! Areas as the screens list and label them: province, wards, tổ dân phố (TDP).
//! Boundaries travel as tiles of the layer `area`, not here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct AreaId(pub i32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    Province,
    Ward,
    Tdp,
}

/// What `GET /api/areas` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaList {
    /// Current areas, parents before their children, in Vietnamese order.
    pub areas: Vec<AreaSummary>,
    /// Where the map opens: west, south, east, north of all wards, degrees; null before there is a ward.
    #[serde(default)]
    pub initial_bounds: Option<[f64; 4]>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaSummary {
    pub id: AreaId,
    pub parent_id: Option<AreaId>,
    pub kind: AreaKind,
    pub code: String,
    pub name: String,
    /// A point inside the boundary where its name is written.
    pub label_lon: f64,
    pub label_lat: f64,
    /// West, south, east, north of the boundary, degrees.
    pub bounds: [f64; 4],
    /// Generated for show, and marked so on screen.
    #[serde(default)]
    pub demo: bool,
    /// Whose data its base map is; shown wherever the map is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
}

/// Whom a licence wants credited, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attribution {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What `GET /api/areas/households` answers: the areas that the caller may count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdCounts {
    pub areas: Vec<AreaHouseholds>,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaHouseholds {
    pub area_id: AreaId,
    pub households: u64,
}
