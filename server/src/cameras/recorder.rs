//! Links to where a recorder shows a camera: named by the administrator, opened by who may see pictures, each look audited.
//! It deliberately carries no picture: the browser asks the recorder itself, which knows its own viewers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use shared::{
    camera::{RecorderLink, RecorderLinks},
    problem::Problem,
};
use sqlx::PgConnection;

use super::{alerts, db, recorder_rules as rules};
use crate::{
    accounts::{Session, audit::Entry, matrix::Permission},
    platform::error::{ApiError, ApiResult},
};

/// Where links may lead, in small letters.
#[derive(Clone, Debug)]
pub struct RecorderHosts(Arc<[String]>);

impl RecorderHosts {
    pub fn of(hosts: &[String]) -> Self {
        Self(hosts.into())
    }
}

/// Whether the camera has a link to clips that this caller may open.
pub(super) async fn has_clip(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<bool> {
    Ok(db::recorder_links(db, camera_id).await?.clip.is_some())
}

/// Where a recorder shows the camera, as it was named.
#[utoipa::path(get, path = "/api/cameras/{id}/recorder", tag = "cameras",
    responses((status = 200, body = RecorderLinks), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn read_recorder_links(mut db: Session, Path(id): Path<i64>) -> ApiResult<Json<RecorderLinks>> {
    db.caller().require(Permission::LinkRecorders)?;
    let camera = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    db.caller().require_in(Permission::LinkRecorders, camera.area_id)?;
    Ok(Json(db::recorder_links(&mut db, id).await?))
}

/// Names where a recorder shows the camera; what is left out has no link.
#[utoipa::path(put, path = "/api/cameras/{id}/recorder", tag = "cameras", request_body = RecorderLinks,
    responses((status = 200, body = RecorderLinks), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "`cameras.recorder_secret`, `cameras.recorder_host`, `edit.invalid`", body = Problem)))]
pub(super) async fn link_recorder(
    mut db: Session,
    State(hosts): State<RecorderHosts>,
    Path(id): Path<i64>,
    Json(links): Json<RecorderLinks>,
) -> ApiResult<Json<RecorderLinks>> {
    db.caller().require(Permission::LinkRecorders)?;
    let camera = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    db.caller().require_in(Permission::LinkRecorders, camera.area_id)?;
    let links = rules::check(links, &hosts.0)?;
    db::link_recorder(&mut db, id, camera.area_id, &links).await?;
    db.record(&Entry::new("link_recorder").about("camera", id).in_area(camera.area_id)).await?;
    db.commit().await?;
    Ok(Json(links))
}

/// The address of the camera's live view: for who may see pictures, with an audit entry.
#[utoipa::path(get, path = "/api/cameras/{id}/live-view", tag = "cameras",
    responses((status = 200, body = RecorderLink), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "`cameras.no_live_view`: none is named; `not_found`", body = Problem)))]
pub(super) async fn open_live_view(
    mut db: Session,
    State(hosts): State<RecorderHosts>,
    Path(id): Path<i64>,
) -> ApiResult<Json<RecorderLink>> {
    let entry = Entry::new("open_live_view").about("camera", id);
    if let Err(refusal) = db.caller().require(Permission::SeeCameraSnapshots) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let camera = db::find(&mut db, id).await?;
    let Some(camera) = camera.filter(|camera| db.caller().may_in(Permission::SeeCameraSnapshots, camera.area_id)) else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let template = db::recorder_links(&mut db, id).await?.live_view;
    let address = template.and_then(|template: String| rules::filled(&template, &hosts.0, &camera.code, None));
    let address = address.ok_or_else(|| no_link("cameras.no_live_view", &camera.code))?;
    db.record(&entry.in_area(camera.area_id)).await?;
    db.commit().await?;
    Ok(Json(RecorderLink { address }))
}

/// The address of the recorder's clip of an alert: for who may see pictures, with an audit entry.
#[utoipa::path(get, path = "/api/camera-alerts/{id}/clip", tag = "camera alerts",
    responses((status = 200, body = RecorderLink), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "`cameras.no_clip`: none is named; `not_found`", body = Problem)))]
pub(super) async fn open_clip(mut db: Session, State(hosts): State<RecorderHosts>, Path(id): Path<i64>) -> ApiResult<Json<RecorderLink>> {
    let entry = Entry::new("open_clip").about("camera_alert", id);
    if let Err(refusal) = db.caller().require(Permission::SeeCameraSnapshots) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let alert = alerts::reported(&mut db, id).await?;
    let Some(alert) = alert.filter(|alert| db.caller().may_in(Permission::SeeCameraSnapshots, alert.area_id)) else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let template = db::recorder_links(&mut db, alert.camera_id).await?.clip;
    let span = rules::span(alert.started_at, alert.ended_at);
    let address = template.and_then(|template: String| rules::filled(&template, &hosts.0, &alert.camera_code, Some(span)));
    let address = address.ok_or_else(|| no_link("cameras.no_clip", &alert.camera_code))?;
    db.record(&entry.in_area(alert.area_id)).await?;
    db.commit().await?;
    Ok(Json(RecorderLink { address }))
}

fn no_link(code: &'static str, camera_code: &str) -> ApiError {
    let detail =
        format!("no recorder is named for camera {camera_code}, or its host is not in IOC_RECORDER_HOSTS; an administrator names it");
    ApiError::new(StatusCode::NOT_FOUND, code, detail)
}
