//! Bàn giao ca: the note that one shift leaves to the next with what is open, the alerts that go with it, and who took it over.
//! What becomes of an alert that is given is the alerts' own business.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::{
    duty::{Handover, HandoverList, WriteHandover},
    edit::Conflict,
    problem::Problem,
};
use uuid::Uuid;

use super::{
    handover_db::{self as db, HandoverRow},
    rules,
};
use crate::{
    accounts::{Accounts, Caller, Session, matrix::Permission},
    cameras::alerts,
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult, broke},
        version::Versioned,
    },
};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The area; what lies below it is included.
    area_id: i32,
    /// At most this many, 1 to 100; default 10.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<i64>,
}

/// What shifts left to each other, the latest first.
#[utoipa::path(get, path = "/api/duty/handovers", tag = "duty", params(Asked),
    responses((status = 200, body = HandoverList), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn list_handovers(mut db: Session, Query(asked): Query<Asked>) -> ApiResult<Json<HandoverList>> {
    db.caller().require_in(Permission::SeeCameraAlerts, asked.area_id)?;
    let me = db.caller().require_account()?.id;
    let limit = asked.limit.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 100"));
    }
    // One more than asked tells whether there is a next page.
    let mut rows = db::handovers(&mut db, asked.area_id, asked.cursor, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
    let my_open_alerts = alerts::count_open_of(&mut db, asked.area_id, me).await?;
    let handovers = rows.into_iter().map(|row| to_handover(row, db.caller())).collect();
    Ok(Json(HandoverList { handovers, next_cursor, my_open_alerts }))
}

/// Hands the shift over: the note, what is open at this moment, and, where wished, what the writer has and has not finished to
/// whoever comes on; all of it or nothing. The same `uid` again answers with the note that is there.
#[utoipa::path(post, path = "/api/duty/handovers", tag = "duty", request_body = WriteHandover,
    responses((status = 200, body = Handover), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "`edit.invalid`, `duty.does_not_answer`", body = Problem)))]
pub(super) async fn write_handover(
    mut db: Session,
    State(clock): State<SharedClock>,
    State(accounts): State<Accounts>,
    Json(request): Json<WriteHandover>,
) -> ApiResult<Versioned<Handover>> {
    db.caller().require_in(Permission::HandleCameraAlerts, request.area_id)?;
    let me = db.caller().require_account()?.id;
    let uid = request.uid.unwrap_or_else(Uuid::now_v7);
    if let Some(known) = db::find_handover_by_uid(&mut db, uid).await? {
        return Ok(versioned(to_handover(known, db.caller())));
    }
    let request = rules::check_handover(request, me)?;
    if let Some(to) = request.to_id {
        let people = alerts::handlers(&mut db, request.area_id, accounts.is_demo()).await?;
        if !people.iter().any(|person| person.account_id == to) {
            return Err(rules::does_not_answer());
        }
    }
    let now = clock.now();
    let open = alerts::count_open(&mut db, request.area_id).await?;
    let given = match request.to_id.filter(|_| request.give_alerts) {
        Some(to) => alerts::hand_over_open(&mut db, request.area_id, me, to, now).await?,
        None => 0,
    };
    let written = db::write_handover(&mut db, uid, &request, now, &open, given).await.map_err(refused)?;
    let row = match written {
        Some(id) => db::find_handover(&mut db, id).await?,
        None => db::find_handover_by_uid(&mut db, uid).await?,
    };
    let handover = to_handover(row.ok_or_else(ApiError::not_found)?, db.caller());
    // Where the same note came twice at once, the alerts went with the first.
    if written.is_some() {
        db.commit().await?;
    }
    Ok(versioned(handover))
}

/// Acknowledges what the shift before left. Doing so twice is no error.
#[utoipa::path(post, path = "/api/duty/handovers/{id}/take-over", tag = "duty",
    responses((status = 200, body = Handover), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`duty.already_taken_over`, with who and when; `duty.own_handover`", body = Problem)))]
pub(super) async fn take_over(mut db: Session, State(clock): State<SharedClock>, Path(id): Path<i64>) -> ApiResult<Versioned<Handover>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let me = db.caller().require_account()?.id;
    let row = db::lock_handover(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    if row.by_account == me {
        let detail = "whoever comes on takes a shift over, not who hands it over";
        return Err(ApiError::new(StatusCode::CONFLICT, "duty.own_handover", detail));
    }
    match row.taken_over_by {
        Some(by) if by != me => return Err(already_taken_over(row, db.caller())?),
        Some(_) => {}
        None => db::take_over(&mut db, id, clock.now()).await?,
    }
    let row = db::find_handover(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let handover = to_handover(row, db.caller());
    db.commit().await?;
    Ok(versioned(handover))
}

/// Code: `duty.does_not_answer`, where whoever comes on lost the appointment while the note was being written.
fn refused(cause: sqlx::Error) -> ApiError {
    if broke(&cause, "alert_handler_in_area") { rules::does_not_answer() } else { cause.into() }
}

/// Code: `duty.already_taken_over`, with who and when.
fn already_taken_over(row: HandoverRow, caller: &Caller) -> ApiResult<ApiError> {
    let handover = to_handover(row, caller);
    let by = handover.taken_over_by.clone();
    let at = handover.taken_over_at.unwrap_or(handover.at);
    let detail = format!("{} took this shift over already; nothing is left to acknowledge", by.as_deref().unwrap_or("somebody else"));
    let current = serde_json::to_value(&handover).map_err(anyhow::Error::from)?;
    let conflict = Conflict { version: handover.version, current, changed_by: by, changed_at: at };
    Ok(ApiError::new(StatusCode::CONFLICT, "duty.already_taken_over", detail).with_conflict(conflict))
}

fn versioned(handover: Handover) -> Versioned<Handover> {
    Versioned { version: handover.version, row: handover }
}

fn to_handover(row: HandoverRow, caller: &Caller) -> Handover {
    let is_mine = caller.account_id() == Some(row.by_account);
    Handover {
        can_take_over: row.taken_over_at.is_none() && !is_mine && caller.may_in(Permission::HandleCameraAlerts, row.area_id),
        id: row.id,
        uid: row.uid,
        area_id: row.area_id,
        area_name: row.area_name,
        at: row.at,
        by_id: row.by_account,
        by: row.by_name,
        shift_from: row.shift_from,
        shift_until: row.shift_until,
        note: row.note,
        open_alerts: row.open_alerts.0,
        to_id: row.to_account,
        to: row.to_name,
        alerts_given: row.alerts_given,
        taken_over_by: row.taken_over_name,
        taken_over_at: row.taken_over_at,
        version: row.version,
    }
}
