//! Links to where a recorder shows a camera: named by the administrator, opened by who may see pictures, each look audited.
//! It deliberately carries no picture: the browser asks the recorder itself, which knows its own viewers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use shared::{
    camera::{EditRecorderLinks, RecorderLink, RecorderLinks},
    edit::History,
    problem::Problem,
};
use sqlx::PgConnection;

use super::{
    alerts,
    db::{self, CameraRow},
    recorder_db::{self, Beside, LinksRow},
    recorder_rules as rules,
};
use crate::{
    accounts::{Session, audit::Entry, matrix::Permission},
    geography::editing::{self, Kind, Standing},
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

/// Where links may lead, in small letters.
#[derive(Clone, Debug)]
pub struct RecorderHosts(Arc<[String]>);

impl RecorderHosts {
    pub fn of(hosts: &[String]) -> Self {
        Self(hosts.into())
    }
}

/// Columns that an edit of links can change; their past shows these and no other.
const LINKS: Kind = Kind { topic: "camera_recorder", permission: Permission::LinkRecorders, columns: &["live_view", "clip"] };

/// Whether the camera has a link to clips that this caller may open.
pub(super) async fn has_clip(db: &mut PgConnection, camera_id: i64) -> sqlx::Result<bool> {
    Ok(recorder_db::find(db, camera_id).await?.is_some_and(|links| links.clip.is_some()))
}

/// Where a recorder shows the camera, as it was named.
#[utoipa::path(get, path = "/api/cameras/{id}/recorder", tag = "cameras",
    responses((status = 200, body = RecorderLinks), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn read_recorder_links(
    mut db: Session,
    State(hosts): State<RecorderHosts>,
    Path(id): Path<i64>,
) -> ApiResult<Versioned<RecorderLinks>> {
    find_camera_to_link(&mut db, id).await?;
    let links = recorder_db::find(&mut db, id).await?;
    let links = told(&mut db, &hosts, id, links.as_ref()).await?;
    Ok(Versioned { version: links.version, row: links })
}

/// Names where a recorder shows the camera; what is left out has no link. With `also_alike` the other cameras of the ward that
/// have the same links until now, or none as this one, get the new ones too.
#[utoipa::path(put, path = "/api/cameras/{id}/recorder", tag = "cameras", request_body = EditRecorderLinks,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"2\"; \"0\" where none was ever named")),
    responses((status = 200, body = RecorderLinks), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem),
        (status = 422, description = "`cameras.recorder_secret`, `cameras.recorder_host`, `edit.invalid`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn link_recorder(
    mut db: Session,
    State(hosts): State<RecorderHosts>,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(edit): Json<EditRecorderLinks>,
) -> ApiResult<Versioned<RecorderLinks>> {
    db.caller().require(LINKS.permission)?;
    let made_from = made_from.required()?;
    let camera = find_camera_to_link(&mut db, id).await?;
    if edit.also_alike {
        recorder_db::lock_alike(&mut db).await?;
    }
    let before = recorder_db::lock(&mut db, id).await?;
    refuse_older(&mut db, &hosts, id, before.as_ref(), made_from, clock.now()).await?;
    let edit = rules::check(edit, &hosts.0)?;
    let is_written = match &before {
        Some(row) => {
            recorder_db::edit(&mut db, row.id, &edit).await?;
            true
        }
        None => recorder_db::add(&mut db, id, camera.area_id, &edit).await?,
    };
    if !is_written {
        // Somebody else named the first links between our two looks.
        let theirs = recorder_db::lock(&mut db, id).await?;
        refuse_older(&mut db, &hosts, id, theirs.as_ref(), made_from, clock.now()).await?;
        return Err(ApiError::not_found());
    }
    let alike = if edit.also_alike { recorder_db::edit_alike(&mut db, id, before.as_ref(), &edit).await? } else { Vec::new() };
    let links = recorder_db::find(&mut db, id).await?;
    let links = told(&mut db, &hosts, id, links.as_ref()).await?;
    let linked = [(id, camera.area_id)].into_iter().chain(alike);
    let entries: Vec<_> = linked.map(|(id, area_id)| Entry::new("link_recorder").about("camera", id).in_area(area_id)).collect();
    db.record_all(&entries).await?;
    db.commit().await?;
    Ok(Versioned { version: links.version, row: links })
}

/// Who named other links, when, and what stood there before.
#[utoipa::path(get, path = "/api/cameras/{id}/recorder/history", tag = "cameras", params(editing::Page),
    responses((status = 200, body = History), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn read_recorder_history(
    mut db: Session,
    Path(id): Path<i64>,
    Query(page): Query<editing::Page>,
) -> ApiResult<Json<History>> {
    find_camera_to_link(&mut db, id).await?;
    match recorder_db::find(&mut db, id).await? {
        Some(links) => Ok(Json(editing::history(&mut db, &LINKS, links.id, &page).await?)),
        None => Ok(Json(History { entries: Vec::new(), next_cursor: None })),
    }
}

async fn find_camera_to_link(db: &mut Session, id: i64) -> ApiResult<CameraRow> {
    db.caller().require(LINKS.permission)?;
    let camera = db::find(db, id).await?.ok_or_else(ApiError::not_found)?;
    db.caller().require_in(LINKS.permission, camera.area_id)?;
    Ok(camera)
}

async fn refuse_older(
    db: &mut Session,
    hosts: &RecorderHosts,
    camera_id: i64,
    links: Option<&LinksRow>,
    made_from: i32,
    now: DateTime<Utc>,
) -> ApiResult<()> {
    let standing = match links {
        Some(row) => Standing { id: row.id, version: row.version, updated_at: row.updated_at },
        None => Standing { id: 0, version: 0, updated_at: now },
    };
    let current = told(db, hosts, camera_id, links).await?;
    editing::check_version(db, &LINKS, standing, made_from, &current).await
}

async fn told(db: &mut PgConnection, hosts: &RecorderHosts, camera_id: i64, links: Option<&LinksRow>) -> ApiResult<RecorderLinks> {
    let Beside { ward_name, alike } = recorder_db::beside(db, camera_id).await?;
    Ok(RecorderLinks {
        live_view: links.and_then(|row| row.live_view.clone()),
        clip: links.and_then(|row| row.clip.clone()),
        version: links.map_or(0, |row| row.version),
        updated_at: links.map(|row| row.updated_at),
        hosts: hosts.0.to_vec(),
        ward_name,
        alike,
    })
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
    let template = recorder_db::find(&mut db, id).await?.and_then(|links| links.live_view);
    let address = template.and_then(|template| rules::filled(&template, &hosts.0, &camera.code, None));
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
    let template = recorder_db::find(&mut db, alert.camera_id).await?.and_then(|links| links.clip);
    let span = rules::span(alert.started_at, alert.ended_at);
    let address = template.and_then(|template| rules::filled(&template, &hosts.0, &alert.camera_code, Some(span)));
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
