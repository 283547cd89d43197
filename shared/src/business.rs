//! Businesses in their public facts.
//! What is not public about a business is not on the wire at all.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::edit::present;

/// `GET /api/businesses/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Business {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub tax_code: Option<String>,
    /// Activity by the Vietnamese classification (VSIC), e.g. `4711`.
    pub vsic: Option<String>,
    /// Its section, `A` to `U`.
    pub sector: String,
    pub kind: BusinessKind,
    pub status: BusinessStatus,
    pub address: Option<String>,
    pub opened_on: Option<NaiveDate>,
    pub area_id: i32,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts the versions of the row; an edit names it in `If-Match`.
    pub version: i32,
    /// Whether this caller may edit it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
}

/// `PATCH /api/businesses/{id}`: its public facts and its place. Fields left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditBusiness {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<Option<String>>,
    /// Four digits of the Vietnamese classification.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub vsic: Option<Option<String>>,
    /// A letter, `A` to `U`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<BusinessKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<BusinessStatus>,
    /// Longitude and latitude; null takes it off the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<[f64; 2]>))]
    pub point: Option<Option<[f64; 2]>>,
    /// The house it belongs to; left out, a new place decides: the house that holds it, else the one it had.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub building_id: Option<Option<i64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BusinessKind {
    Company,
    HouseholdBusiness,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BusinessStatus {
    Operating,
    Suspended,
    Closed,
}
