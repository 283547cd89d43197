//! Open places: what one is, and moving or correcting it.
//! Lists and positions come from tiles and search, not from here.

mod db;

use axum::{
    Json,
    extract::{Path, Query},
};
use shared::{
    edit::History,
    place::{EditPlace, Place},
    problem::Problem,
};

use self::db::PlaceRow;
use super::editing::{self, Kind, Standing, clean_text, invalid};
use crate::{
    accounts::{Caller, Session, matrix::Permission},
    platform::{
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const PLACE: Kind = Kind { topic: "place", permission: Permission::EditOpenMap, columns: &["kind", "name", "address", "geom"] };
const LONGEST_TEXT: usize = 200;

/// One open place.
#[utoipa::path(get, path = "/api/places/{id}", tag = "map", responses((status = 200, body = Place), (status = 404, body = Problem)))]
pub async fn open_place(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<Place>> {
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Versioned { version: row.version, row: to_place(row, db.caller()) })
}

/// Moves an open place or corrects what is said of it. Its area follows its place.
#[utoipa::path(patch, path = "/api/places/{id}", tag = "map", request_body = EditPlace,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"")),
    responses((status = 200, body = Place), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.*`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub async fn edit_place(
    mut db: Session,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditPlace>,
) -> ApiResult<Versioned<Place>> {
    db.caller().require(PLACE.permission)?;
    let made_from = made_from.required()?;
    let row = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let standing = Standing { id, version: row.version, updated_at: row.updated_at };
    let place = to_place(row, db.caller());
    editing::check_version(&mut db, &PLACE, standing, made_from, &place).await?;
    let edit = check(edit)?;
    editing::check_place(&mut db, PLACE.permission, edit.point).await?;
    if !db::edit(&mut db, id, &edit).await? {
        return Err(invalid("kind", "is no kind of place that is known here"));
    }
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let edited = Versioned { version: row.version, row: to_place(row, db.caller()) };
    db.commit().await?;
    Ok(edited)
}

/// Who moved or corrected a place, when, and from what to what. It names officers, so not for the public.
#[utoipa::path(get, path = "/api/places/{id}/history", tag = "map", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn read_place_history(mut db: Session, Path(id): Path<i64>, Query(page): Query<editing::Page>) -> ApiResult<Json<History>> {
    db.caller().require_account()?;
    db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &PLACE, id, &page).await?))
}

fn check(edit: EditPlace) -> ApiResult<EditPlace> {
    let clean = |field: &str, text: String| clean_text(field, &text, LONGEST_TEXT);
    let name = edit.name.map(|name| clean("name", name)).transpose()?;
    let address = edit.address.map(|address| address.map(|address| clean("address", address)).transpose()).transpose()?;
    Ok(EditPlace { name, address, ..edit })
}

fn to_place(row: PlaceRow, caller: &Caller) -> Place {
    Place {
        id: row.id,
        code: row.code,
        kind: row.kind,
        name: row.name,
        address: row.address,
        area_id: row.area_id,
        area_name: row.area_name,
        lon: row.lon,
        lat: row.lat,
        version: row.version,
        editable: caller.may_in(PLACE.permission, row.area_id),
        updated_at: row.updated_at,
    }
}
