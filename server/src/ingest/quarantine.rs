//! What devices sent and could not be taken in: shown to the operator with its reason, and taken in once the reason is mended.
//! A plate in it is neither shown nor asked for here; the database alone passes it on.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::{
    ingest::{IngestSource, QuarantineList, Quarantined, ReportedAlert, ReportedStatus},
    problem::Problem,
};
use utoipa::IntoParams;

use super::{
    db::{self, QuarantinedRow},
    reading,
};
use crate::{
    accounts::{Session, matrix::Permission},
    cameras::alerts::{self, Became, Refused},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Also what was taken in since.
    all: Option<bool>,
    /// At most this many, 1 to 200; default 50.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<i64>,
}

/// What waits in the quarantine, newest first.
#[utoipa::path(get, path = "/api/ingest/quarantine", tag = "devices", params(Page),
    responses((status = 200, body = QuarantineList), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_quarantine(mut db: Session, Query(page): Query<Page>) -> ApiResult<Json<QuarantineList>> {
    db.caller().require(Permission::SeeQuarantine)?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 200"));
    }
    // One more than asked tells whether there is a next page.
    let mut rows = db::quarantined(&mut db, page.all != Some(true), page.cursor, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
    Ok(Json(QuarantineList { items: rows.into_iter().map(to_quarantined).collect::<ApiResult<_>>()?, next_cursor }))
}

/// Takes an item in after all, with the reach of the device that sent it. Still wrong: 422 with the reason that holds now.
#[utoipa::path(post, path = "/api/ingest/quarantine/{id}/replay", tag = "devices",
    responses((status = 200, body = Quarantined), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`ingest.already_replayed`", body = Problem),
        (status = 422, description = "`ingest.*`: what is still wrong", body = Problem)))]
pub(super) async fn replay_quarantined(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
) -> ApiResult<Json<Quarantined>> {
    db.caller().require(Permission::SeeQuarantine)?;
    let waiting = db::find_quarantined(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    if waiting.replayed_at.is_some() {
        return Err(already_replayed());
    }
    let replayed = replay(&mut db, &waiting, &clock).await?;
    match replayed {
        Ok(Some(_)) => {}
        // Somebody else was faster, or the camera is none of the device's.
        Ok(None) => match db::find_quarantined(&mut db, id).await? {
            Some(row) if row.replayed_at.is_some() => return Err(already_replayed()),
            _ => return Err(still_wrong(Refused::new("ingest.unknown_camera", "that camera does not lie in the device's area"))),
        },
        Err(refused) => return Err(still_wrong(refused)),
    }
    let row = db::find_quarantined(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    db.commit().await?;
    Ok(Json(to_quarantined(row)?))
}

async fn replay(db: &mut Session, waiting: &QuarantinedRow, clock: &SharedClock) -> ApiResult<Result<Option<Became>, Refused>> {
    let now = clock.now();
    Ok(match from_text(&waiting.source)? {
        IngestSource::CameraAlerts => match reading::read::<ReportedAlert>(&waiting.payload) {
            Ok(alert) => alerts::replay_alert(db, waiting.id, &alert, now).await?,
            Err(refused) => Err(refused),
        },
        IngestSource::CameraStatus => match reading::read::<ReportedStatus>(&waiting.payload) {
            Ok(status) => alerts::replay_status(db, waiting.id, &status, now).await?,
            Err(refused) => Err(refused),
        },
    })
}

/// Code: that of what is wrong.
fn still_wrong(refused: Refused) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, refused.code, refused.detail)
}

/// Code: `ingest.already_replayed`.
fn already_replayed() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "ingest.already_replayed", "this was taken in already; look at the alerts")
}

fn to_quarantined(row: QuarantinedRow) -> ApiResult<Quarantined> {
    Ok(Quarantined {
        id: row.id,
        source: from_text(&row.source)?,
        area_id: row.area_id,
        device_id: row.device_id,
        device_name: row.device_name,
        topic: row.topic,
        reason: row.reason,
        detail: row.detail,
        payload: row.payload,
        times: row.times,
        first_at: row.first_at,
        received_at: row.received_at,
        replayed_at: row.replayed_at,
    })
}
