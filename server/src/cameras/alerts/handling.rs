//! Handling alerts: taking, handing over, giving back, noting, closing, reopening; each step and its entry in one transaction.
//! Who hears of it is the change feed's business.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use shared::{
    camera_alert::{AlertStatus, AlertStep, AssignAlert, CameraAlertCard, CloseAlert, NoteAlert, ReopenAlert},
    duty::OpenAlerts,
    edit::Conflict,
    problem::Problem,
};
use sqlx::PgConnection;

use super::db::{self, AlertRow, NewEntry};
use super::{
    listing::{card, to_alert},
    rules,
};
use crate::{
    accounts::{Accounts, Session, matrix::Permission},
    geography::editing::clean_text,
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult, broke},
        version::{IfMatch, Versioned},
    },
};

/// Takes an alert on: from here on somebody named answers for it. What was given to somebody who has not taken it yet may be
/// taken by whoever is quicker, and the entry says from whom. Taking what one has already is no error.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/take", tag = "camera alerts",
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`camera_alerts.already_taken`, with who and when; `camera_alerts.already_closed`", body = Problem)))]
pub(super) async fn take_camera_alert(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let me = db.caller().require_account()?.id;
    let alert = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    refuse_closed(&alert)?;
    let another = alert.handler_id.filter(|handler| *handler != me);
    match status(&alert)? {
        AlertStatus::Taken if another.is_some() => return Err(already_taken(alert)?),
        AlertStatus::Taken => {}
        _ => {
            let now = clock.now();
            db::take(&mut db, id, me, now).await?;
            let entry = NewEntry { step: AlertStep::Taken, at: now, outcome: None, from: another, to: None, note: None };
            db::add_entry(&mut db, &alert, entry).await?;
        }
    }
    finish(db, id).await
}

/// Gives an alert to somebody who answers for alerts in its area, whoever had it before; or, to nobody, back to those that wait.
///
/// With `account_id: null` it is new again: nobody's, and the time to take it begins anew, from the step of the roster that it had
/// reached, and from the first at least. Whoever may hand an alert over may give it back.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/assign", tag = "camera alerts", request_body = AssignAlert,
    params(("If-Match" = String, Header, description = "the version that was seen, such as \"2\"")),
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`camera_alerts.already_closed`; `camera_alerts.not_taken`, where nobody has what is given back", body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem),
        (status = 422, description = "`camera_alerts.no_such_handler`, `edit.invalid`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn assign_camera_alert(
    mut db: Session,
    State(clock): State<SharedClock>,
    State(accounts): State<Accounts>,
    Path(id): Path<i64>,
    seen: IfMatch,
    Json(request): Json<AssignAlert>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let me = db.caller().require_account()?.id;
    let alert = lock_open_as_seen(&mut db, id, seen).await?;
    let note = request.note.map(|note| clean_text("note", &note, rules::LONGEST_NOTE)).transpose()?;
    let now = clock.now();
    let (step, whose_it_is_no_more) = match request.account_id {
        Some(to) => {
            let handlers = db::handlers(&mut db, alert.area_id, accounts.is_demo()).await?;
            if !handlers.iter().any(|handler| handler.account_id == to) {
                return Err(rules::no_such_handler());
            }
            db::assign(&mut db, id, to, now).await.map_err(refused)?;
            (AlertStep::Assigned, alert.handler_id.filter(|handler| *handler != to))
        }
        None => {
            rules::check_give_back(status(&alert)?)?;
            db::give_back(&mut db, id, now).await.map_err(refused)?;
            (AlertStep::GivenBack, alert.handler_id.filter(|handler| *handler != me))
        }
    };
    let entry = NewEntry { step, at: now, outcome: None, from: whose_it_is_no_more, to: request.account_id, note: note.as_deref() };
    db::add_entry(&mut db, &alert, entry).await.map_err(refused)?;
    finish(db, id).await
}

/// Adds a note; closed alerts take notes too.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/note", tag = "camera alerts", request_body = NoteAlert,
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 422, description = "`edit.invalid`", body = Problem)))]
pub(super) async fn note_camera_alert(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
    Json(request): Json<NoteAlert>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let alert = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let note = clean_text("note", &request.note, rules::LONGEST_NOTE)?;
    db::count_note(&mut db, id).await?;
    let entry = NewEntry { step: AlertStep::Noted, at: clock.now(), outcome: None, from: None, to: None, note: Some(&note) };
    db::add_entry(&mut db, &alert, entry).await?;
    finish(db, id).await
}

/// Closes an alert with its outcome; a violation that was handled may carry its legal basis and fine.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/close", tag = "camera alerts", request_body = CloseAlert,
    params(("If-Match" = String, Header, description = "the version that was seen, such as \"2\"")),
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`camera_alerts.already_closed`", body = Problem), (status = 412, description = "`edit.conflict`", body = Problem),
        (status = 422, description = "`edit.invalid`", body = Problem), (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn close_camera_alert(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
    seen: IfMatch,
    Json(request): Json<CloseAlert>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let me = db.caller().require_account()?.id;
    let alert = lock_open_as_seen(&mut db, id, seen).await?;
    let request = rules::check_close(request)?;
    let now = clock.now();
    db::close(&mut db, id, me, &request, now).await?;
    let entry =
        NewEntry { step: AlertStep::Closed, at: now, outcome: Some(request.outcome), from: None, to: None, note: request.note.as_deref() };
    db::add_entry(&mut db, &alert, entry).await?;
    finish(db, id).await
}

/// Opens a closed alert again; it is nobody's until somebody takes it.
#[utoipa::path(post, path = "/api/camera-alerts/{id}/reopen", tag = "camera alerts", request_body = ReopenAlert,
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`camera_alerts.not_closed`", body = Problem), (status = 422, description = "`edit.invalid`", body = Problem)))]
pub(super) async fn reopen_camera_alert(
    mut db: Session,
    State(clock): State<SharedClock>,
    Path(id): Path<i64>,
    Json(request): Json<ReopenAlert>,
) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let alert = db::lock(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    if status(&alert)? != AlertStatus::Closed {
        let detail = format!("alert {} is open; there is nothing to open again", alert.code);
        return Err(ApiError::new(StatusCode::CONFLICT, "camera_alerts.not_closed", detail));
    }
    let reason = clean_text("reason", &request.reason, rules::LONGEST_NOTE)?;
    let now = clock.now();
    db::reopen(&mut db, id, now).await?;
    let entry = NewEntry { step: AlertStep::Reopened, at: now, outcome: None, from: None, to: None, note: Some(&reason) };
    db::add_entry(&mut db, &alert, entry).await?;
    finish(db, id).await
}

/// Gives everything open that somebody has in an area to whoever comes on, with an entry each, as part of the caller's
/// transaction; answers how many alerts they were.
pub async fn hand_over_open(db: &mut PgConnection, area_id: i32, from: i64, to: i64, now: DateTime<Utc>) -> ApiResult<i32> {
    let given = db::hand_over_open(db, area_id, from, to, now).await.map_err(refused)?;
    Ok(i32::try_from(given).map_err(anyhow::Error::from)?)
}

/// What is open in an area at this moment, by status and severity.
pub async fn count_open(db: &mut PgConnection, area_id: i32) -> ApiResult<Vec<OpenAlerts>> {
    let rows = db::count_open(db, area_id).await?;
    let counts = rows
        .iter()
        .map(|(status, severity, count)| Ok(OpenAlerts { status: from_text(status)?, severity: from_text(severity)?, count: *count }));
    counts.collect()
}

/// How many of them are somebody's.
pub async fn count_open_of(db: &mut PgConnection, area_id: i32, account_id: i64) -> ApiResult<i64> {
    Ok(db::count_open_of(db, area_id, account_id).await?)
}

/// An alert that is open and as it was seen; nobody else moves it on until this transaction ends.
async fn lock_open_as_seen(db: &mut Session, id: i64, seen: IfMatch) -> ApiResult<AlertRow> {
    let seen = seen.required()?;
    let alert = db::lock(db, id).await?.ok_or_else(ApiError::not_found)?;
    refuse_closed(&alert)?;
    refuse_unseen(db, alert, seen).await
}

/// Answers with the card as it stands, after the commit.
async fn finish(mut db: Session, id: i64) -> ApiResult<Versioned<CameraAlertCard>> {
    let card = card(&mut db, id).await?;
    db.commit().await?;
    Ok(card)
}

/// Code: `camera_alerts.no_such_handler`, where whoever was to be given alerts lost the appointment while it was being written.
fn refused(cause: sqlx::Error) -> ApiError {
    if broke(&cause, "alert_handler_in_area") { rules::no_such_handler() } else { cause.into() }
}

fn status(alert: &AlertRow) -> ApiResult<AlertStatus> {
    Ok(from_text(&alert.status)?)
}

/// Code: `camera_alerts.already_closed`.
fn refuse_closed(alert: &AlertRow) -> ApiResult<()> {
    let Some(closed_at) = alert.closed_at else { return Ok(()) };
    let detail = format!("alert {} was closed at {}; reopen it first", alert.code, said(closed_at));
    Err(ApiError::new(StatusCode::CONFLICT, "camera_alerts.already_closed", detail))
}

/// Code: `camera_alerts.already_taken`, with whose it is and since when.
fn already_taken(alert: AlertRow) -> ApiResult<ApiError> {
    let since = alert.taken_at.or(alert.assigned_at).unwrap_or(alert.updated_at);
    let whose = alert.handler_name.clone().unwrap_or_else(|| "somebody else".to_owned());
    let detail = format!("alert {} is with {whose} since {}; ask them, or have it handed over", alert.code, said(since));
    let refusal = ApiError::new(StatusCode::CONFLICT, "camera_alerts.already_taken", detail);
    Ok(refusal.with_conflict(conflict(alert, Some(whose), since)?))
}

/// Refuses a step that was decided on from an older look: 412 `edit.conflict` with the alert as it stands, who moved it on and
/// when.
async fn refuse_unseen(db: &mut Session, alert: AlertRow, seen: i32) -> ApiResult<AlertRow> {
    if alert.steps == seen {
        return Ok(alert);
    }
    let last = db::entries(db, alert.id).await?.pop();
    let (by, at) = last.map_or((None, alert.updated_at), |last| (last.actor_name, last.at));
    let detail = format!("alert {} has version {} and this was decided on {seen}; look at it again", alert.code, alert.steps);
    let refusal = ApiError::new(StatusCode::PRECONDITION_FAILED, "edit.conflict", detail);
    Err(refusal.with_conflict(conflict(alert, by, at)?))
}

fn conflict(alert: AlertRow, changed_by: Option<String>, changed_at: DateTime<Utc>) -> ApiResult<Conflict> {
    let alert = to_alert(alert)?;
    let current = serde_json::to_value(&alert).map_err(anyhow::Error::from)?;
    Ok(Conflict { version: alert.version, current, changed_by, changed_at })
}

/// A moment in a refusal, in the ward's hours.
fn said(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).format("%H:%M:%S %d/%m/%Y").to_string()
}
