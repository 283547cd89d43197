//! Routes of businesses: public facts for everybody.
//! Lists and positions come from tiles and search, not from here.

use axum::{
    Json,
    extract::{FromRef, Path},
};
use shared::{business::Business, problem::Problem};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::db;
use crate::{
    accounts::{Accounts, Session},
    platform::{
        database::from_text,
        error::{ApiError, ApiResult},
    },
};

#[derive(Clone, FromRef)]
pub struct BusinessesState {
    pub accounts: Accounts,
}

pub fn routes(state: BusinessesState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(open_business)).with_state(state)
}

/// One business, in its public facts.
#[utoipa::path(get, path = "/api/businesses/{id}", tag = "businesses",
    responses((status = 200, body = Business), (status = 404, body = Problem)))]
async fn open_business(mut db: Session, Path(id): Path<i64>) -> ApiResult<Json<Business>> {
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Business {
        id: row.id,
        code: row.code,
        name: row.name,
        tax_code: row.tax_code,
        vsic: row.vsic,
        sector: row.sector,
        kind: from_text(&row.kind)?,
        status: from_text(&row.status)?,
        address: row.address,
        opened_on: row.opened_on,
        area_id: row.area_id,
        lon: row.lon,
        lat: row.lat,
        updated_at: row.updated_at,
    }))
}
