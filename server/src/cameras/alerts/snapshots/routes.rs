//! The picture of an alert, for the police: the whole and a thumbnail; holding it beyond its time, and letting it go.
//! To anybody else there is none: a picture and an alert without one are the same 404.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use shared::{
    camera_alert::{AlertSnapshot, CameraAlertCard, HoldSnapshot, SnapshotHold},
    problem::Problem,
};

use super::db::{self, SnapshotRow};
use super::take_in::Snapshots;
use crate::{
    accounts::{
        Session,
        audit::{Entry, Reason},
        matrix::Permission,
    },
    cameras::alerts::listing::card,
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        media::ContentHash,
        revalidation::names_etag,
        version::Versioned,
    },
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::cameras::alerts) enum Size {
    #[default]
    Whole,
    /// 144 by 96 pixels, the middle of the picture.
    Thumbnail,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::cameras::alerts) struct Wanted {
    /// `whole` (default) or `thumbnail`.
    #[serde(default)]
    #[param(inline)]
    size: Size,
}

/// The picture that the camera took, upright and without metadata.
///
/// Each time the whole picture leaves the house, an audit entry is written. Thumbnails leave none: a list shows fifty at once, nobody is
/// recognised on them, and a trail of thousands of lines a day would hide the looks that matter. 304, too, leaves none: the browser
/// asks whether what it was given before is still there.
#[utoipa::path(get, path = "/api/camera-alerts/{id}/snapshot", tag = "camera alerts", params(Wanted),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 304), (status = 401, body = Problem),
        (status = 404, description = "no picture, or none that you may see", body = Problem)))]
pub(in crate::cameras::alerts) async fn open_snapshot(
    mut db: Session,
    State(snapshots): State<Snapshots>,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    db.caller().require_account()?;
    let entry = Entry::new("open_snapshot").about("camera_alert", id);
    let Some(row) = db::find(&mut db, id).await? else {
        if wanted.size == Size::Whole {
            db.refuse(&entry).await?;
        }
        return Err(ApiError::not_found());
    };
    let file = match wanted.size {
        Size::Whole => &row.sha256,
        Size::Thumbnail => &row.thumbnail_sha256,
    };
    // Its time is over.
    let Some(hash) = file.as_deref().and_then(ContentHash::read) else { return Err(ApiError::not_found()) };
    if names_etag(&headers, &etag(&hash)) {
        return Ok(answer(&hash, StatusCode::NOT_MODIFIED, Vec::new()));
    }
    let bytes = tokio::task::spawn_blocking(move || snapshots.media().read(&hash)).await.map_err(anyhow::Error::from)?;
    let bytes = bytes.map_err(|cause| anyhow::Error::from(cause).context(format!("the picture of alert {id} cannot be read")))?;
    if wanted.size == Size::Whole {
        db.record(&entry.in_area(row.area_id)).await?;
        db.commit().await?;
    }
    Ok(answer(&hash, StatusCode::OK, bytes))
}

fn etag(hash: &ContentHash) -> String {
    format!("\"{hash}\"")
}

/// Asked about each time, because who may see it changes; and nothing in it may run, whatever a browser takes it for.
fn answer(hash: &ContentHash, status: StatusCode, bytes: Vec<u8>) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "Cookie"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let mut response = (status, bytes).into_response();
    let etag = HeaderValue::from_str(&etag(hash)).expect("hexadecimal digits are ASCII");
    response.headers_mut().insert(header::ETAG, etag);
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Holds a picture beyond its time, for a reason. Holding what is held already puts one's own name and reason in place.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/snapshot/hold", tag = "camera alerts", request_body = HoldSnapshot,
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "no picture, or its time is over", body = Problem),
        (status = 422, description = "`camera_alerts.hold_reason_required`", body = Problem)))]
pub(in crate::cameras::alerts) async fn hold_snapshot(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
    Json(request): Json<HoldSnapshot>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    let row = lock_to_hold(&mut db, id).await?;
    let reason = reason_of(&request)?;
    db::hold(&mut db, id, clock.now(), reason.as_str()).await?;
    finish(db, "hold_snapshot", &row, reason).await
}

/// Lets a picture go: it is deleted when its time is over, at once where it is over already.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/snapshot/release", tag = "camera alerts", request_body = HoldSnapshot,
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`camera_alerts.snapshot_not_held`", body = Problem),
        (status = 422, description = "`camera_alerts.hold_reason_required`", body = Problem)))]
pub(in crate::cameras::alerts) async fn release_snapshot(
    mut db: Session,
    Path(id): Path<i64>,
    Json(request): Json<HoldSnapshot>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    let row = lock_to_hold(&mut db, id).await?;
    let reason = reason_of(&request)?;
    if row.held_at.is_none() {
        let detail = "nobody holds this picture; look at the alert again";
        return Err(ApiError::new(StatusCode::CONFLICT, "camera_alerts.snapshot_not_held", detail));
    }
    db::release(&mut db, id).await?;
    finish(db, "release_snapshot", &row, reason).await
}

async fn lock_to_hold(db: &mut Session, id: i64) -> ApiResult<SnapshotRow> {
    db.caller().require(Permission::SeeCameraSnapshots)?;
    db.caller().require(Permission::HandleCameraAlerts)?;
    let row = db::lock(db, id).await?;
    row.filter(|row| row.removed_at.is_none()).ok_or_else(ApiError::not_found)
}

/// Code: `camera_alerts.hold_reason_required`. Kept as the audit trail keeps it, with long numbers masked.
fn reason_of(request: &HoldSnapshot) -> ApiResult<Reason> {
    Reason::parse(&request.reason).map(|reason| reason.masked()).ok_or_else(|| {
        let detail = "say why in 8 characters or more: the file or case that the picture is kept for";
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "camera_alerts.hold_reason_required", detail)
    })
}

/// The step goes into the audit trail, not into the alert's record: those who read the record may not learn of the picture.
async fn finish(mut db: Session, action: &'static str, row: &SnapshotRow, reason: Reason) -> ApiResult<Versioned<CameraAlertCard>> {
    let card = card(&mut db, row.alert_id).await?;
    db.record(&Entry::new(action).about("camera_alert", row.alert_id).in_area(row.area_id).because(Some(reason))).await?;
    db.commit().await?;
    Ok(card)
}

/// What the card says of it.
pub(in crate::cameras::alerts) fn to_snapshot(row: SnapshotRow) -> AlertSnapshot {
    let held = row.held_at.zip(row.hold_reason).map(|(at, reason)| SnapshotHold { at, by: row.held_by_name, reason });
    AlertSnapshot {
        width_px: row.width_px,
        height_px: row.height_px,
        size_bytes: row.size_bytes,
        taken_in_at: row.taken_in_at,
        removed_at: row.removed_at,
        held,
    }
}
