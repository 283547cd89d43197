//! Areas as the screens list and label them: province, wards, tổ dân phố (TDP).
//! Boundaries travel as tiles of the layer `area`, not here.

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
}
