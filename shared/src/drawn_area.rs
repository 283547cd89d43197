//! An area that somebody draws on the map, what is counted in it, and the list behind the counts.
//! Which of it a caller gets is decided by the server's access matrix and the caller's reach.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::layer::Layer;

/// Where to count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DrawnArea {
    /// Rings of longitude and latitude, the outer one first, then its holes, as GeoJSON has them; closing a ring may be left out.
    Polygon(Vec<Vec<[f64; 2]>>),
    Circle(Circle),
    /// A TDP, ward or province.
    Area(AreaOnMap),
    AlongRoad(AlongRoad),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Circle {
    pub lon: f64,
    pub lat: f64,
    pub radius_m: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaOnMap {
    pub id: i32,
}

/// The whole road that the named piece belongs to, and so many metres to each side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlongRoad {
    pub road_id: i64,
    pub metres: f64,
}

pub const LARGEST_RADIUS_M: f64 = 20_000.0;
pub const WIDEST_ALONG_ROAD_M: f64 = 500.0;
/// Corners of a drawn polygon, all rings together.
pub const MOST_CORNERS: usize = 2_000;

/// What is counted in a drawn area. `POST /api/areas/summary`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaFigures {
    pub at: DateTime<Utc>,
    pub area_m2: f64,
    /// Polygons of rings: what was counted in, for the map to draw.
    pub outline: Vec<Vec<Vec<[f64; 2]>>>,
    /// What it is called, where it has a name (a TDP, a road).
    pub name: Option<String>,
    /// One line for each kind that the caller may see, however many there are.
    pub kinds: Vec<KindCount>,
    /// People in the counted households; null where the caller may not count them.
    pub residents: Option<u64>,
    /// Null where the caller sees no boarding houses.
    pub boarding: Option<BoardingCounts>,
    /// What the counts are made of, most telling first.
    pub breakdowns: Vec<Breakdown>,
    /// People, households, boarding houses and cameras are counted in these areas only, those of the caller's
    /// appointments; empty for whoever counts none.
    pub within: Vec<i32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KindCount {
    /// `household`, `boarding_house`, `business`, `place`, `camera` or `building`.
    pub kind: Layer,
    pub count: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BoardingCounts {
    pub rooms: u64,
    pub vacant_rooms: u64,
    pub tenants: u64,
}

/// How many of each sort, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Breakdown {
    pub of: BreakdownOf,
    pub bars: Vec<Bar>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BreakdownOf {
    /// Households by their members: `1` to `7`, `8+`; `0` where there are such.
    HouseholdSizes,
    /// Buildings by storeys: `1` to `9`, `10+`; `unknown` where there are such.
    Storeys,
    /// Businesses by section of the Vietnamese classification, `A` to `U`, most first.
    Sectors,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bar {
    pub code: String,
    pub count: u64,
}

/// What `POST /api/areas/list` and `/api/areas/list.csv` take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListInArea {
    pub area: DrawnArea,
    pub kind: Layer,
    /// Of the list, 1 to 200; 50 where it is left out. A CSV holds everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// What `POST /api/areas/list` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaRows {
    pub rows: Vec<AreaRow>,
    /// In the whole area, this page included.
    pub total: u64,
    pub next_cursor: Option<String>,
    /// Names of heads would be shown if a reason were stated (header `Access-Reason`).
    pub reason_needed: bool,
}

/// One row of the list; what its kind lacks is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AreaRow {
    pub id: i64,
    pub code: String,
    /// Of a household: its head, for whom the caller may name now.
    pub name: Option<String>,
    pub address: Option<String>,
    /// Sector of a business, kind of a place, status of a camera, use of a building.
    pub sort: Option<String>,
    /// Members of a household, tenants of a boarding house.
    pub people: Option<i32>,
    pub rooms: Option<i32>,
    pub storeys: Option<i32>,
    pub area_name: String,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
}
