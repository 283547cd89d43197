//! Routes that explain what was clicked on the base map: buildings, roads.
//! Who lives in a building is not known on this floor; `residents` tells those who may ask.

use axum::{Json, extract::Path};
use shared::{
    place::{Building, Road},
    problem::Problem,
};

use super::features_db as db;
use crate::{
    accounts::Session,
    platform::error::{ApiError, ApiResult},
};

/// One building: storeys and address, not its people.
#[utoipa::path(get, path = "/api/buildings/{id}", tag = "map", responses((status = 200, body = Building), (status = 404, body = Problem)))]
pub async fn open_building(mut db: Session, Path(id): Path<i64>) -> ApiResult<Json<Building>> {
    let row = db::find_building(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Building {
        id: row.id,
        code: row.code,
        usage: row.usage,
        name: row.name,
        storeys: row.storeys,
        address: row.address,
        area_id: row.area_id,
        area_name: row.area_name,
        lon: row.lon,
        lat: row.lat,
        updated_at: row.updated_at,
    }))
}

/// One road or alley.
#[utoipa::path(get, path = "/api/roads/{id}", tag = "map", responses((status = 200, body = Road), (status = 404, body = Problem)))]
pub async fn open_road(mut db: Session, Path(id): Path<i64>) -> ApiResult<Json<Road>> {
    let row = db::find_road(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Road {
        id: row.id,
        code: row.code,
        class: row.class,
        name: row.name,
        parent_id: row.parent_id,
        parent_name: row.parent_name,
        length_m: row.length_m,
        width_m: row.width_m,
        lon: row.lon,
        lat: row.lat,
        updated_at: row.updated_at,
    }))
}
