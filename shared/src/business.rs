//! Businesses in their public facts.
//! What is not public about a business is not on the wire at all.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

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
    pub updated_at: DateTime<Utc>,
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
