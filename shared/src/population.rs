//! The counts of people and households that everybody may have: one table a month, small counts withheld (both figures null, and why).
//! Exact counts, for those who may have them, are in `household`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// What `GET /api/population/published` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedPopulation {
    /// No count of fewer households or people than this is published, nor can one be computed from what is.
    pub least_count: u32,
    /// Side of the squares of the grid, metres of UTM zone 48N (EPSG:32648).
    pub cell_side_m: u32,
    pub source: InBothLanguages,
    pub method: InBothLanguages,
    /// Wards that have published, in Vietnamese order.
    pub wards: Vec<PublishedWard>,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InBothLanguages {
    pub vi: String,
    pub en: String,
}

/// One month of one ward.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedWard {
    pub area_id: i32,
    pub code: String,
    pub name: String,
    /// Its people are invented for show.
    pub demo: bool,
    /// The first day of the month.
    pub month: NaiveDate,
    /// Every month that this ward has published, newest first.
    pub months: Vec<NaiveDate>,
    /// When the register was counted.
    pub counted_at: DateTime<Utc>,
    pub households: Option<u32>,
    pub residents: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// When these two were counted: a figure that moved by fewer than `least_count` households or people stays.
    pub counted_month: NaiveDate,
    pub tdps: Vec<PublishedTdp>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedTdp {
    /// The ward's own id for what lies in no TDP.
    pub area_id: i32,
    pub code: String,
    pub name: String,
    pub households: Option<u32>,
    pub residents: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// When these two were counted: a figure that moved by fewer than `least_count` households or people stays.
    pub counted_month: NaiveDate,
    /// False: so few live here that no cell can be said. Of a listed TDP, a cell that is not named holds nobody.
    pub cells_listed: bool,
    pub cells: Vec<PublishedCell>,
}

/// A square of the grid, cut to its TDP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedCell {
    /// `E2312N9307` (columns and rows of the grid), or `unplaced` for households that have no place on the map yet.
    pub id: String,
    pub households: Option<u32>,
    pub residents: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// When these two were counted: a figure that moved by fewer than `least_count` households or people stays.
    pub counted_month: NaiveDate,
}

/// Why a figure is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// It is small itself, or it covers one that is; which of the two is not said, because that would tell.
    ProtectsSmallCounts,
}

/// The cells of the published months as GeoJSON (RFC 7946). `GET /api/population/published.geojson`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedCells {
    /// Always `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: String,
    pub features: Vec<CellFeature>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellFeature {
    /// Always `Feature`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A MultiPolygon.
    pub geometry: serde_json::Value,
    pub properties: CellProperties,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CellProperties {
    pub ward_id: i32,
    pub area_id: i32,
    pub area_name: String,
    pub month: NaiveDate,
    pub id: String,
    pub households: Option<u32>,
    pub residents: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
    /// When these two were counted: a figure that moved by fewer than `least_count` households or people stays.
    pub counted_month: NaiveDate,
}
