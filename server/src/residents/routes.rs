//! Routes of households and residents: opening one, with a reason where the matrix asks for one, always with an audit entry.
//! Finding them is search's business.

use axum::{
    Json,
    extract::{FromRef, Path, Query, State},
};
use shared::{
    household::{
        Household, HouseholdInBuilding, HouseholdNear, HouseholdSummary, HouseholdsInBuilding, HouseholdsNear, Population, Resident,
        ResidentIdentity,
    },
    problem::Problem,
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    db::{self, HouseholdRow, ResidentRow},
    placing,
    publication::routes as published,
    rules,
};
use crate::{
    accounts::{
        Accounts, Caller, Session,
        audit::{AccessReason, Entry, reason_for_look},
        matrix::Permission,
    },
    geography::{audience::Audience, map_index::MapIndex},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
        national_id,
        secrets::Secrets,
        version::Versioned,
    },
};

/// Code of the refusal that makes the screen ask why.
const REASON_REQUIRED: &str = "residents.reason_required";

#[derive(Clone, FromRef)]
pub struct ResidentsState {
    pub accounts: Accounts,
    pub clock: SharedClock,
    pub secrets: Arc<Secrets>,
    pub map_index: MapIndex,
}

pub fn routes(state: ResidentsState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_households_near))
        .routes(routes!(summarise_household))
        .routes(routes!(open_household, placing::place_household))
        .routes(routes!(placing::read_household_history))
        .routes(routes!(reveal_identity))
        .routes(routes!(list_households_in_building))
        .routes(routes!(count_population))
        .routes(routes!(published::read_published))
        .routes(routes!(published::read_published_csv))
        .routes(routes!(published::read_published_cells))
        .with_state(state)
}

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Near {
    /// `lon,lat`, degrees.
    near: String,
    /// 1 to 100; 30 unless told.
    limit: Option<usize>,
}

/// The households nearest to a place, without names: what stands around whoever walks from door to door.
#[utoipa::path(get, path = "/api/households", tag = "residents", params(Near),
    responses((status = 200, body = HouseholdsNear), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list_households_near(
    mut db: Session,
    State(index): State<MapIndex>,
    Query(query): Query<Near>,
) -> ApiResult<Json<HouseholdsNear>> {
    db.caller().require(Permission::SeeHouseholds)?;
    let [lon, lat] = rules::parse_place(&query.near).ok_or_else(|| ApiError::bad_request("near is lon,lat in degrees"))?;
    let limit = query.limit.unwrap_or(30);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::bad_request("limit is 1 to 100"));
    }
    let audience = Audience::of_areas(db.caller().reach(Permission::SeeHouseholds).clone(), None);
    // Whose own area is far away has the whole index between: not on the threads that answer everybody.
    let nearest = tokio::task::spawn_blocking(move || index.nearest_ids("household", &audience, lon, lat, limit));
    let ids = nearest.await.map_err(anyhow::Error::from)?;
    let rows = db::households_near(&mut db, &ids, lon, lat).await?;
    let households = rows.into_iter().map(|row| HouseholdNear {
        id: row.id,
        address: row.address,
        unit: row.unit,
        area_name: row.area_name,
        member_count: row.member_count,
        storeys: row.storeys,
        lon: row.lon,
        lat: row.lat,
        distance_m: row.distance_m,
    });
    Ok(Json(HouseholdsNear { households: households.collect() }))
}

/// What the point of a household says: address, storeys, how many people; no names.
#[utoipa::path(get, path = "/api/households/{id}/summary", tag = "residents",
    responses((status = 200, body = HouseholdSummary), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn summarise_household(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<HouseholdSummary>> {
    db.caller().require(Permission::SeeHouseholds)?;
    let household = db::find_household(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Versioned { version: household.version, row: to_summary(household, db.caller()) })
}

/// A household with its people. Leaves an audit entry; leaders, operators and police state a reason.
#[utoipa::path(get, path = "/api/households/{id}", tag = "residents",
    params(("Access-Reason" = Option<String>, Header, description = "why, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = Household), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, description = "`residents.reason_required`", body = Problem)))]
async fn open_household(
    mut db: Session,
    State(clock): State<SharedClock>,
    State(secrets): State<Arc<Secrets>>,
    Path(id): Path<i64>,
    reason: AccessReason,
) -> ApiResult<Json<Household>> {
    let entry = Entry::new("open_household").about("household", id);
    if let Err(refusal) = db.caller().require(Permission::OpenHouseholds) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let Some(household) = db::find_household(&mut db, id).await? else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let entry = entry.in_area(household.area_id);
    let entry = match reason_for_look(&mut db, Permission::OpenHouseholds, household.area_id, &reason, REASON_REQUIRED).await {
        Ok(reason) => entry.because(reason),
        Err(refusal) => {
            db.refuse(&entry).await?;
            return Err(refusal);
        }
    };
    let today = clock.now().date_naive();
    let residents = db::residents_of(&mut db, id).await?;
    let residents = residents.into_iter().map(|row| to_resident(row, today, &secrets)).collect::<ApiResult<_>>()?;
    db.record(&entry).await?;
    let summary = to_summary(household, db.caller());
    db.commit().await?;
    Ok(Json(Household { summary, residents }))
}

/// National id and phone of one person in full, always with a reason and an audit entry.
#[utoipa::path(get, path = "/api/residents/{id}/identity", tag = "residents",
    params(("Access-Reason" = Option<String>, Header, description = "why, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = ResidentIdentity), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, description = "`residents.reason_required`", body = Problem)))]
async fn reveal_identity(
    mut db: Session,
    State(secrets): State<Arc<Secrets>>,
    Path(id): Path<i64>,
    reason: AccessReason,
) -> ApiResult<Json<ResidentIdentity>> {
    let entry = Entry::new("reveal_identity").about("resident", id);
    if let Err(refusal) = db.caller().require(Permission::SeeFullNationalId) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let resident = db::find_resident(&mut db, id).await?;
    // Row-level security lets through whoever may open the household; the number is a right of its own.
    let Some(resident) = resident.filter(|row| db.caller().may_in(Permission::SeeFullNationalId, row.area_id)) else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let entry = entry.in_area(resident.area_id);
    let entry = match reason.required(REASON_REQUIRED) {
        Ok(reason) => entry.because(Some(reason)),
        Err(refusal) => {
            db.refuse(&entry).await?;
            return Err(refusal);
        }
    };
    let national_id = open_national_id(&resident, &secrets)?;
    db.record(&entry).await?;
    db.commit().await?;
    Ok(Json(ResidentIdentity { id, national_id, phone: resident.phone }))
}

/// The households of a building that the caller reaches, without names.
#[utoipa::path(get, path = "/api/buildings/{id}/households", tag = "residents",
    responses((status = 200, body = HouseholdsInBuilding), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list_households_in_building(mut db: Session, Path(id): Path<i64>) -> ApiResult<Json<HouseholdsInBuilding>> {
    db.caller().require(Permission::SeeHouseholds)?;
    let rows = db::households_in_building(&mut db, id).await?;
    let households = rows.into_iter().map(|row| HouseholdInBuilding { id: row.id, unit: row.unit, member_count: row.member_count });
    Ok(Json(HouseholdsInBuilding { households: households.collect() }))
}

/// How many households and residents an area has, exactly.
#[utoipa::path(get, path = "/api/areas/{id}/population", tag = "residents",
    responses((status = 200, body = Population), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn count_population(mut db: Session, State(clock): State<SharedClock>, Path(area_id): Path<i32>) -> ApiResult<Json<Population>> {
    db.caller().require_in(Permission::SeePopulationPerTdp, area_id)?;
    let (households, residents) = db::count_population(&mut db, area_id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Population { area_id, households, residents, at: clock.now() }))
}

pub(super) fn to_summary(row: HouseholdRow, caller: &Caller) -> HouseholdSummary {
    HouseholdSummary {
        id: row.id,
        code: row.code,
        address: row.address,
        unit: row.unit,
        area_id: row.area_id,
        area_name: row.area_name,
        member_count: row.member_count,
        storeys: row.storeys,
        households_in_building: row.households_in_building,
        lon: row.lon,
        lat: row.lat,
        version: row.version,
        editable: caller.may_in(Permission::PlaceHomes, row.area_id),
        updated_at: row.updated_at,
    }
}

fn to_resident(row: ResidentRow, today: chrono::NaiveDate, secrets: &Secrets) -> ApiResult<Resident> {
    let sex = from_text(&row.sex)?;
    Ok(Resident {
        id: row.id,
        national_id_masked: open_national_id(&row, secrets)?.as_deref().map(rules::mask),
        phone_masked: row.phone.as_deref().map(rules::mask),
        name: row.name,
        birth_date: row.birth_date,
        sex,
        relation: from_text(&row.relation)?,
        education: row.education.as_deref().map(from_text).transpose()?,
        occupation: row.occupation,
        residence_kind: from_text(&row.residence_kind)?,
        reaches_military_age: rules::reaches_military_age(sex, row.birth_date, today),
    })
}

fn open_national_id(row: &ResidentRow, secrets: &Secrets) -> ApiResult<Option<String>> {
    let sealed = row.national_id_encrypted.as_deref();
    Ok(sealed.map(|sealed| national_id::open(secrets, "resident", row.uid, sealed)).transpose()?)
}
