//! What devices sent and could not be taken in: shown to the operator with its reason, taken in once the reason is mended, or put away
//! where nobody needs it.
//! A plate in it is neither shown nor asked for here; the database alone passes it on.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::{
    ingest::{
        Fault, IngestSource, LONGEST_REASON, PutAway, PutAwayCount, PutAwayNote, QuarantineList, Quarantined, ReportedAlert,
        ReportedStatus, SHORTEST_REASON,
    },
    problem::Problem,
};
use utoipa::IntoParams;

use super::{
    db::{self, Part, QuarantinedRow},
    reading,
};
use crate::{
    accounts::{Session, matrix::Permission},
    cameras::alerts::{self, Became, Refused},
    geography::editing::{clean_text, invalid},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Also what was taken in since, or put away.
    all: Option<bool>,
    /// What was put away, and nothing else.
    put_away: Option<bool>,
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
    let part = match (page.put_away, page.all) {
        (Some(true), _) => Part::PutAway,
        (_, Some(true)) => Part::All,
        _ => Part::Waiting,
    };
    let mut rows = db::quarantined(&mut db, part, page.cursor, limit + 1).await?;
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

/// Puts away what nobody needs, or all that wait like it. It stays to be found, is counted there when it is sent again, and can
/// still be taken in.
#[utoipa::path(post, path = "/api/ingest/quarantine/{id}/put-away", tag = "devices", request_body = PutAway,
    responses((status = 200, body = PutAwayCount), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`ingest.already_replayed`, `ingest.already_put_away`", body = Problem),
        (status = 422, description = "`edit.invalid`", body = Problem)))]
pub(super) async fn put_away_quarantined(
    mut db: Session,
    Path(id): Path<i64>,
    Json(request): Json<PutAway>,
) -> ApiResult<Json<PutAwayCount>> {
    db.caller().require(Permission::SeeQuarantine)?;
    let reason = check_reason(&request.reason)?;
    let waiting = db::find_quarantined(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    refuse_settled(&waiting)?;
    let Some(items) = db::put_away(&mut db, id, request.alike, &reason).await? else {
        // Somebody else was faster.
        let row = db::find_quarantined(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
        return Err(refuse_settled(&row).err().unwrap_or_else(ApiError::not_found));
    };
    db.commit().await?;
    Ok(Json(PutAwayCount { items }))
}

/// Code: `edit.invalid`.
fn check_reason(reason: &str) -> ApiResult<String> {
    let reason = clean_text("reason", reason, LONGEST_REASON)?;
    if reason.chars().count() < SHORTEST_REASON {
        return Err(invalid("reason", "needs 8 characters or more; everybody who sees the quarantine reads it"));
    }
    Ok(reason)
}

fn refuse_settled(row: &QuarantinedRow) -> ApiResult<()> {
    if row.replayed_at.is_some() {
        return Err(already_replayed());
    }
    if row.put_away_at.is_some() {
        return Err(already_put_away(row.put_away_by.as_deref()));
    }
    Ok(())
}

/// Code: that of what is wrong.
fn still_wrong(refused: Refused) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, refused.code, refused.detail)
}

/// Code: `ingest.already_replayed`.
fn already_replayed() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "ingest.already_replayed", "this was taken in already; look at the alerts")
}

/// Code: `ingest.already_put_away`.
fn already_put_away(by: Option<&str>) -> ApiError {
    let detail = format!("{} has put this away already; look at what was put away", by.unwrap_or("somebody"));
    ApiError::new(StatusCode::CONFLICT, "ingest.already_put_away", detail)
}

fn to_quarantined(row: QuarantinedRow) -> ApiResult<Quarantined> {
    let put_away = row.put_away_at.zip(row.put_away_reason).map(|(at, reason)| PutAwayNote { at, by: row.put_away_by, reason });
    Ok(Quarantined {
        id: row.id,
        source: from_text(&row.source)?,
        area_id: row.area_id,
        device_id: row.device_id,
        device_name: row.device_name,
        topic: row.topic,
        reason: row.reason,
        // What a later version may call otherwise is said by `detail` alone.
        fault: row.fault.as_deref().and_then(Fault::from_name),
        field: row.field,
        detail: row.detail,
        payload: row.payload,
        times: row.times,
        first_at: row.first_at,
        received_at: row.received_at,
        replayed_at: row.replayed_at,
        put_away,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_for_putting_away_says_something() {
        assert_eq!(check_reason("  Camera của   phường bên ").unwrap(), "Camera của phường bên");
        for nothing in ["", "        ", "thôi", &"x".repeat(LONGEST_REASON + 1)] {
            assert_eq!(check_reason(nothing).unwrap_err().code(), "edit.invalid", "{nothing}");
        }
    }
}
