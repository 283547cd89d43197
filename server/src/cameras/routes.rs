//! Routes of cameras: how many for everybody, where for those who answer for them; moving, turning and naming one.
//! What changed travels by the feed, not from here.

use axum::{
    Json,
    extract::{FromRef, Path, Query, State},
};
use serde::Deserialize;
use shared::{
    camera::{Camera, CameraCount, CameraList, EditCamera},
    edit::History,
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    alerts::snapshots::Snapshots,
    db::{self, CameraRow},
    recorder::{self, RecorderHosts},
    rules,
};
use crate::{
    accounts::{Accounts, Caller, Session, matrix::Permission},
    geography::editing::{self, Kind, Standing},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const CAMERA: Kind = Kind {
    topic: "camera",
    permission: Permission::EditCameras,
    columns: &["name", "heading_deg", "field_of_view_deg", "range_m", "geom"],
};

#[derive(Clone, FromRef)]
pub struct CamerasState {
    pub accounts: Accounts,
    pub clock: SharedClock,
    pub snapshots: Snapshots,
    pub recorder_hosts: RecorderHosts,
}

pub fn routes(state: CamerasState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_cameras))
        .routes(routes!(count_cameras))
        .routes(routes!(open_camera, edit_camera))
        .routes(routes!(read_camera_history))
        .routes(routes!(recorder::read_recorder_links, recorder::link_recorder))
        .routes(routes!(recorder::read_recorder_history))
        .routes(routes!(recorder::open_live_view))
        .routes(routes!(recorder::open_clip))
        .with_state(state.clone())
        .merge(super::register::routes(state.clone()))
        .merge(super::alerts::routes(state))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Page {
    /// At most this many, 1 to 500; default 100.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<i64>,
}

/// Cameras in reach.
#[utoipa::path(get, path = "/api/cameras", tag = "cameras", params(Page),
    responses((status = 200, body = CameraList), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list_cameras(mut db: Session, Query(page): Query<Page>) -> ApiResult<Json<CameraList>> {
    db.caller().require(Permission::SeeCameras)?;
    let limit = page.limit.unwrap_or(100);
    if !(1..=500).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 500"));
    }
    let rows = db::list(&mut db, page.cursor.unwrap_or(0), limit).await?;
    let next_cursor = (rows.len() as i64 == limit).then(|| rows.last().map(|row| row.id.to_string())).flatten();
    let cameras = rows.into_iter().map(|row| to_camera(row, db.caller())).collect::<ApiResult<_>>()?;
    Ok(Json(CameraList { cameras, next_cursor }))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CountedArea {
    /// Id of a ward or province; all cameras without it.
    area: Option<i32>,
}

/// How many cameras there are, and how many answer. Open to everybody; where they stand is not, so they are counted by ward or
/// province and by nothing smaller.
#[utoipa::path(get, path = "/api/cameras/count", tag = "cameras", params(CountedArea),
    responses((status = 200, body = CameraCount), (status = 404, description = "no ward or province", body = Problem)))]
async fn count_cameras(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(counted): Query<CountedArea>,
) -> ApiResult<Json<CameraCount>> {
    let (total, online) = match counted.area {
        Some(area) => db::count_in(&mut db, area).await?.ok_or_else(ApiError::not_found)?,
        None => db::count(&mut db).await?,
    };
    Ok(Json(CameraCount { total, online, at: clock.now() }))
}

/// One camera: where it stands, where it looks, whether it answers.
#[utoipa::path(get, path = "/api/cameras/{id}", tag = "cameras",
    responses((status = 200, body = Camera), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn open_camera(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<Camera>> {
    db.caller().require(Permission::SeeCameras)?;
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Versioned { version: row.version, row: to_camera(row, db.caller())? })
}

/// Moves, turns or names a camera. Its area follows its place, which must stay within the caller's reach.
#[utoipa::path(patch, path = "/api/cameras/{id}", tag = "cameras", request_body = EditCamera,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"7\"")),
    responses((status = 200, body = Camera), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.*`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
async fn edit_camera(
    mut db: Session,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditCamera>,
) -> ApiResult<Versioned<Camera>> {
    db.caller().require(CAMERA.permission)?;
    let made_from = made_from.required()?;
    let row = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let standing = Standing { id, version: row.version, updated_at: row.updated_at };
    let camera = to_camera(row, db.caller())?;
    editing::check_version(&mut db, &CAMERA, standing, made_from, &camera).await?;
    let edit = rules::check(edit)?;
    editing::check_place(&mut db, CAMERA.permission, edit.point).await?;
    db::edit(&mut db, id, &edit).await?;
    let row = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let edited = Versioned { version: row.version, row: to_camera(row, db.caller())? };
    db.commit().await?;
    Ok(edited)
}

/// Who moved, turned or named a camera, when, and from what to what.
#[utoipa::path(get, path = "/api/cameras/{id}/history", tag = "cameras", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn read_camera_history(mut db: Session, Path(id): Path<i64>, Query(page): Query<editing::Page>) -> ApiResult<Json<History>> {
    db.caller().require(Permission::SeeCameras)?;
    db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(editing::history(&mut db, &CAMERA, id, &page).await?))
}

fn to_camera(row: CameraRow, caller: &Caller) -> ApiResult<Camera> {
    Ok(Camera {
        id: row.id,
        code: row.code,
        name: row.name,
        area_id: row.area_id,
        area_name: row.area_name,
        heading_deg: row.heading_deg,
        field_of_view_deg: row.field_of_view_deg,
        range_m: row.range_m,
        status: from_text(&row.status)?,
        status_at: row.status_at,
        lon: row.lon,
        lat: row.lat,
        version: row.version,
        editable: caller.may_in(CAMERA.permission, row.area_id),
        has_live_view: row.has_live_view && caller.may_in(Permission::SeeCameraSnapshots, row.area_id),
        updated_at: row.updated_at,
    })
}
