//! Placing a household on the map: its point, the house that holds it, and who moved it before.
//! It deliberately reads and writes nothing about the people.

use axum::{
    Json,
    extract::{Path, Query},
};
use shared::{
    edit::History,
    household::{EditHousehold, HouseholdSummary},
    problem::Problem,
};

use super::{db, routes::to_summary};
use crate::{
    accounts::{Session, audit::Entry, matrix::Permission},
    geography::editing::{self, Kind, Standing},
    platform::{
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const HOUSEHOLD: Kind = Kind { topic: "household", permission: Permission::PlaceHomes, columns: &["geom", "building_id"] };

/// Moves the point of a household. Its area, its house and its people's area follow. Leaves an audit entry.
#[utoipa::path(patch, path = "/api/households/{id}", tag = "residents", request_body = EditHousehold,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"")),
    responses((status = 200, body = HouseholdSummary), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.*`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub async fn place_household(
    mut db: Session,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditHousehold>,
) -> ApiResult<Versioned<HouseholdSummary>> {
    let entry = Entry::new("place_household").about("household", id);
    if let Err(refusal) = db.caller().require(HOUSEHOLD.permission) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let made_from = made_from.required()?;
    let locked = db::lock_household(&mut db, id).await?;
    let Some(household) = db::find_household(&mut db, id).await?.filter(|_| locked) else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let entry = entry.in_area(household.area_id);
    let standing = Standing { id, version: household.version, updated_at: household.updated_at };
    let current = to_summary(household, db.caller());
    editing::check_version(&mut db, &HOUSEHOLD, standing, made_from, &current).await?;
    if let Err(refusal) = check_reach(&mut db, &edit).await {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    db::place_household(&mut db, id, &edit).await?;
    let row = db::find_household(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let placed = Versioned { version: row.version, row: to_summary(row, db.caller()) };
    db.record(&entry).await?;
    db.commit().await?;
    Ok(placed)
}

async fn check_reach(db: &mut Session, edit: &EditHousehold) -> ApiResult<()> {
    editing::check_place(db, HOUSEHOLD.permission, edit.point).await?;
    editing::check_building(db, HOUSEHOLD.permission, edit.building_id).await
}

/// Who moved the point of a household, when, from where to where; nothing about its people.
#[utoipa::path(get, path = "/api/households/{id}/history", tag = "residents", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn read_household_history(mut db: Session, Path(id): Path<i64>, Query(page): Query<editing::Page>) -> ApiResult<Json<History>> {
    db.caller().require(Permission::SeeHouseholds)?;
    db::find_household(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &HOUSEHOLD, id, &page).await?))
}
