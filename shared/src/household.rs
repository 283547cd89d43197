//! Households and their residents, as the screens open them.
//! What a role may not see is absent or masked here; the server decides, the screen only shows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::edit::present;

/// What the point of a household says: no names. `GET /api/households/{id}/summary`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdSummary {
    pub id: i64,
    /// External code, unique in the ward.
    pub code: String,
    pub address: String,
    /// Flat or floor, where the building holds several households.
    pub unit: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub member_count: i32,
    /// Storeys of the house, where known.
    pub storeys: Option<i16>,
    /// Households in the same house that the caller reaches, this one included.
    pub households_in_building: i64,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts the versions of the row; an edit names it in `If-Match`.
    pub version: i32,
    /// Whether this caller may edit it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
}

/// `PATCH /api/households/{id}`: its place, and nothing about its people. Fields left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditHousehold {
    /// Longitude and latitude; null takes it off the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<[f64; 2]>))]
    pub point: Option<Option<[f64; 2]>>,
    /// The house it belongs to; left out, a new place decides: the house that holds it, else the one it had.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub building_id: Option<Option<i64>>,
}

/// A household with its people. `GET /api/households/{id}`: leaves an audit entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Household {
    #[serde(flatten)]
    pub summary: HouseholdSummary,
    /// Head first, then by age.
    pub residents: Vec<Resident>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resident {
    pub id: i64,
    pub name: String,
    pub birth_date: NaiveDate,
    pub sex: Sex,
    pub relation: Relation,
    pub education: Option<Education>,
    pub occupation: Option<String>,
    pub residence_kind: ResidenceKind,
    /// Last three digits readable; whole only through `GET /api/residents/{id}/identity`.
    pub national_id_masked: Option<String>,
    pub phone_masked: Option<String>,
    /// Whether this person is of the age to register for military service this year (men of 17).
    pub reaches_military_age: bool,
}

/// Identity and phone in full, for who may see them, with a reason. `GET /api/residents/{id}/identity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResidentIdentity {
    pub id: i64,
    pub national_id: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// To the head of the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Head,
    Spouse,
    Child,
    Parent,
    Grandchild,
    Sibling,
    ChildInLaw,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Education {
    None,
    Preschool,
    Primary,
    LowerSecondary,
    UpperSecondary,
    Vocational,
    College,
    University,
    Postgraduate,
}

/// Thường trú, tạm trú, lưu trú.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResidenceKind {
    Permanent,
    Temporary,
    ShortStay,
}

/// `GET /api/buildings/{id}/households`: the doors of a house that the caller reaches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdsInBuilding {
    pub households: Vec<HouseholdInBuilding>,
}

/// A door to open, without the name on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdInBuilding {
    pub id: i64,
    pub unit: Option<String>,
    pub member_count: i32,
}

/// Households around a place, nearest first; no names. `GET /api/households?near=lon,lat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdsNear {
    pub households: Vec<HouseholdNear>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HouseholdNear {
    pub id: i64,
    pub address: String,
    pub unit: Option<String>,
    pub area_name: String,
    pub member_count: i32,
    pub storeys: Option<i16>,
    pub lon: f64,
    pub lat: f64,
    pub distance_m: f64,
}

/// How many live in an area, exactly. `GET /api/areas/{id}/population`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Population {
    pub area_id: i32,
    pub households: i64,
    pub residents: i64,
    pub at: DateTime<Utc>,
}
