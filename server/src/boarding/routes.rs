//! Routes of boarding houses: the house and its counts, where it stands, and its tenants for who may ask.
//! Declaring tenants comes with the lodging screens.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRef, Path, Query, State},
};
use shared::{
    boarding::{BoardingHouse, EditBoardingHouse, Tenant, TenantList},
    edit::History,
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::db::{self, HouseRow, TenantRow};
use crate::{
    accounts::{
        Accounts, Caller, Session,
        audit::{AccessReason, Entry, reason_for_look},
        matrix::Permission,
    },
    geography::editing::{self, Kind, Standing},
    platform::{
        database::from_text,
        error::{ApiError, ApiResult},
        national_id,
        secrets::Secrets,
        version::{IfMatch, Versioned},
    },
    residents::mask,
};

/// Code of the refusal that makes the screen ask why.
const REASON_REQUIRED: &str = "boarding.reason_required";

const HOUSE: Kind = Kind { topic: "boarding_house", permission: Permission::PlaceHomes, columns: &["geom", "building_id"] };

#[derive(Clone, FromRef)]
pub struct BoardingState {
    pub accounts: Accounts,
    pub secrets: Arc<Secrets>,
}

pub fn routes(state: BoardingState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(open_boarding_house, place_boarding_house))
        .routes(routes!(read_boarding_house_history))
        .routes(routes!(list_tenants))
        .with_state(state)
}

/// A boarding house: rooms and tenants counted, nobody named.
#[utoipa::path(get, path = "/api/boarding-houses/{id}", tag = "boarding",
    responses((status = 200, body = BoardingHouse), (status = 401, body = Problem), (status = 404, body = Problem)))]
async fn open_boarding_house(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<BoardingHouse>> {
    db.caller().require_account()?;
    let house = db::find_house(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Versioned { version: house.version, row: to_house(house, db.caller()) })
}

/// Moves the point of a boarding house. Its area, its building, its rooms' and its tenants' area follow.
#[utoipa::path(patch, path = "/api/boarding-houses/{id}", tag = "boarding", request_body = EditBoardingHouse,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"")),
    responses((status = 200, body = BoardingHouse), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.*`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
async fn place_boarding_house(
    mut db: Session,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditBoardingHouse>,
) -> ApiResult<Versioned<BoardingHouse>> {
    db.caller().require(HOUSE.permission)?;
    let made_from = made_from.required()?;
    let row = db::lock_house(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let standing = Standing { id, version: row.version, updated_at: row.updated_at };
    let house = to_house(row, db.caller());
    editing::check_version(&mut db, &HOUSE, standing, made_from, &house).await?;
    editing::check_place(&mut db, HOUSE.permission, edit.point).await?;
    editing::check_building(&mut db, HOUSE.permission, edit.building_id).await?;
    db::place_house(&mut db, id, &edit).await?;
    let row = db::find_house(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let placed = Versioned { version: row.version, row: to_house(row, db.caller()) };
    db.commit().await?;
    Ok(placed)
}

/// Who moved the point of a boarding house, when, from where to where; nothing about its people.
#[utoipa::path(get, path = "/api/boarding-houses/{id}/history", tag = "boarding", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn read_boarding_house_history(mut db: Session, Path(id): Path<i64>, Query(page): Query<editing::Page>) -> ApiResult<Json<History>> {
    db.caller().require(Permission::SeeBoardingHouses)?;
    db::find_house(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &HOUSE, id, &page).await?))
}

/// Who lives in a boarding house. Leaves an audit entry; police state a reason; a landlord sees the own house.
#[utoipa::path(get, path = "/api/boarding-houses/{id}/tenants", tag = "boarding",
    params(("Access-Reason" = Option<String>, Header, description = "why, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = TenantList), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, description = "`boarding.reason_required`", body = Problem)))]
async fn list_tenants(
    mut db: Session,
    State(secrets): State<Arc<Secrets>>,
    Path(id): Path<i64>,
    reason: AccessReason,
) -> ApiResult<Json<TenantList>> {
    let entry = Entry::new("list_tenants").about("boarding_house", id);
    db.caller().require_account()?;
    let Some(house) = db::find_house(&mut db, id).await? else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let entry = entry.in_area(house.area_id);
    let is_own = house.landlord_account_id.is_some() && house.landlord_account_id == db.caller().account_id();
    let entry = if is_own {
        entry
    } else if !db.caller().may_in(Permission::OpenTenants, house.area_id) {
        db.refuse(&entry).await?;
        return Err(ApiError::forbidden());
    } else {
        match reason_for_look(&mut db, Permission::OpenTenants, house.area_id, &reason, REASON_REQUIRED).await {
            Ok(reason) => entry.because(reason),
            Err(refusal) => {
                db.refuse(&entry).await?;
                return Err(refusal);
            }
        }
    };
    let rows = db::tenants_of(&mut db, id).await?;
    let tenants = rows.into_iter().map(|row| to_tenant(row, is_own, &secrets)).collect::<ApiResult<_>>()?;
    db.record(&entry).await?;
    db.commit().await?;
    Ok(Json(TenantList { boarding_house_id: id, landlord_name: house.landlord_name, tenants }))
}

fn to_house(row: HouseRow, caller: &Caller) -> BoardingHouse {
    BoardingHouse {
        id: row.id,
        code: row.code,
        name: row.name,
        address: row.address,
        area_id: row.area_id,
        area_name: row.area_name,
        room_count: row.room_count,
        declared_room_count: row.declared_room_count,
        vacant_room_count: row.vacant_room_count,
        tenant_count: row.tenant_count,
        declared_tenant_count: row.declared_tenant_count,
        lon: row.lon,
        lat: row.lat,
        version: row.version,
        editable: caller.may_in(HOUSE.permission, row.area_id),
        updated_at: row.updated_at,
    }
}

/// A landlord sees numbers as they were typed, everybody else their end.
fn to_tenant(row: TenantRow, is_own: bool, secrets: &Secrets) -> ApiResult<Tenant> {
    let sealed = row.national_id_encrypted.as_deref();
    let national_id = sealed.map(|sealed| national_id::open(secrets, "tenancy", row.uid, sealed)).transpose()?;
    let show = |number: String| if is_own { number } else { mask(&number) };
    Ok(Tenant {
        id: row.id,
        room: row.room,
        name: row.tenant_name,
        birth_date: row.birth_date,
        sex: row.sex.as_deref().map(from_text).transpose()?,
        occupation: row.occupation,
        home_province: row.home_province,
        from_on: row.from_on,
        declared_at: row.declared_at,
        national_id: national_id.map(show),
        phone: row.phone.map(show),
    })
}
