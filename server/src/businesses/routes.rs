//! Routes of businesses: public facts for everybody, and correcting them.
//! Lists and positions come from tiles and search, not from here.

use axum::{
    Json,
    extract::{FromRef, Path, Query},
};
use shared::{
    business::{Business, EditBusiness},
    edit::History,
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    db::{self, BusinessRow},
    rules,
};
use crate::{
    accounts::{Accounts, Caller, Session, matrix::Permission},
    geography::editing::{self, Kind, Standing},
    platform::{
        database::from_text,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const BUSINESS: Kind = Kind {
    topic: "business",
    permission: Permission::EditOpenMap,
    columns: &["name", "address", "vsic", "sector", "kind", "status", "geom", "building_id"],
};

#[derive(Clone, FromRef)]
pub struct BusinessesState {
    pub accounts: Accounts,
}

pub fn routes(state: BusinessesState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(open_business, edit_business)).routes(routes!(read_business_history)).with_state(state)
}

/// One business, in its public facts.
#[utoipa::path(get, path = "/api/businesses/{id}", tag = "businesses",
    responses((status = 200, body = Business), (status = 404, body = Problem)))]
async fn open_business(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<Business>> {
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Versioned { version: row.version, row: to_business(row, db.caller())? })
}

/// Moves a business or corrects its public facts. Its area and its house follow its place.
#[utoipa::path(patch, path = "/api/businesses/{id}", tag = "businesses", request_body = EditBusiness,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"")),
    responses((status = 200, body = Business), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.*`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
async fn edit_business(
    mut db: Session,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditBusiness>,
) -> ApiResult<Versioned<Business>> {
    db.caller().require(BUSINESS.permission)?;
    let made_from = made_from.required()?;
    let row = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let standing = Standing { id, version: row.version, updated_at: row.updated_at };
    let business = to_business(row, db.caller())?;
    editing::check_version(&mut db, &BUSINESS, standing, made_from, &business).await?;
    let edit = rules::check(edit)?;
    editing::check_place(&mut db, BUSINESS.permission, edit.point).await?;
    editing::check_building(&mut db, BUSINESS.permission, edit.building_id).await?;
    db::edit(&mut db, id, &edit).await?;
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let edited = Versioned { version: row.version, row: to_business(row, db.caller())? };
    db.commit().await?;
    Ok(edited)
}

/// Who moved or corrected a business, when, and from what to what. It names officers, so not for the public.
#[utoipa::path(get, path = "/api/businesses/{id}/history", tag = "businesses", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn read_business_history(mut db: Session, Path(id): Path<i64>, Query(page): Query<editing::Page>) -> ApiResult<Json<History>> {
    db.caller().require_account()?;
    db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &BUSINESS, id, &page).await?))
}

fn to_business(row: BusinessRow, caller: &Caller) -> ApiResult<Business> {
    Ok(Business {
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
        version: row.version,
        editable: caller.may_in(BUSINESS.permission, row.area_id),
        updated_at: row.updated_at,
    })
}
