//! Boarding houses, rooms and tenants, as the screens open them.
//! Tenants' names are a separate question from the house, asked with a reason where the matrix says so.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::edit::present;
use crate::household::Sex;

/// `GET /api/boarding-houses/{id}`: the house and its counts, no names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BoardingHouse {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub address: String,
    pub area_id: i32,
    pub area_name: String,
    pub room_count: i32,
    pub declared_room_count: i32,
    pub vacant_room_count: i32,
    pub tenant_count: i32,
    pub declared_tenant_count: i32,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    /// Counts the versions of the row; an edit names it in `If-Match`.
    pub version: i32,
    /// Whether this caller may edit it.
    pub editable: bool,
    pub updated_at: DateTime<Utc>,
}

/// `PATCH /api/boarding-houses/{id}`: its place, and nothing about its people. Fields left out stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EditBoardingHouse {
    /// Longitude and latitude; null takes it off the map.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<[f64; 2]>))]
    pub point: Option<Option<[f64; 2]>>,
    /// The house it belongs to; left out, a new place decides: the house that holds it, else the one it had.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub building_id: Option<Option<i64>>,
}

/// `GET /api/boarding-houses/{id}/tenants`: leaves an audit entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TenantList {
    pub boarding_house_id: i64,
    pub landlord_name: String,
    pub tenants: Vec<Tenant>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tenant {
    pub id: i64,
    pub room: String,
    pub name: String,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    pub occupation: Option<String>,
    pub home_province: Option<String>,
    pub from_on: NaiveDate,
    /// None: lives there, not declared yet.
    pub declared_at: Option<DateTime<Utc>>,
    /// In full only for the landlord who typed it, else the last three digits.
    pub national_id: Option<String>,
    pub phone: Option<String>,
}
