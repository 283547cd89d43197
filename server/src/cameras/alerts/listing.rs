//! Reading alerts: the list, one with all that happened to it, who may be given it; and the plate, through a door of its own.
//! What changes while somebody reads travels by the feed, not from here.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::{
    camera_alert::{
        AlertHandler, AlertHandlerList, AlertKind, AlertOutcome, AlertStatus, CameraAlert, CameraAlertCard, CameraAlertEntry,
        CameraAlertList, CameraAlertPlate, NearestAddress, Severity,
    },
    problem::Problem,
};

use sqlx::PgConnection;

use super::db::{self, AlertRow, EntryRow, Wanted};
use super::rules;
use super::snapshots;
use crate::{
    accounts::{
        Accounts, Session,
        audit::{AccessReason, Entry, reason_for_look},
        matrix::Permission,
    },
    geography::nearest::address_near,
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
        version::Versioned,
    },
};

/// Code of the refusal that makes the screen ask why.
const REASON_REQUIRED: &str = "camera_alerts.reason_required";
const MOST_OF_CAMERA: i64 = 50;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// `new`, `taken`, `assigned`, `closed`; several with commas.
    status: Option<String>,
    /// Kinds; several with commas.
    kind: Option<String>,
    /// `critical`, `high`, `medium`; several with commas.
    severity: Option<String>,
    /// `handled`, `false_alarm`, `duplicate`; several with commas.
    outcome: Option<String>,
    /// Id of a camera.
    camera: Option<i64>,
    /// Id of an area; what lies below it is in it.
    area: Option<i32>,
    /// Part of a code, or words of the camera's code and name, in any case and without marks.
    words: Option<String>,
    /// Only those that nobody took within their time.
    overdue: Option<bool>,
    /// Begun at or after, RFC 3339.
    since: Option<DateTime<Utc>>,
    /// Begun before, RFC 3339.
    until: Option<DateTime<Utc>>,
    /// Only those that the caller handles.
    mine: Option<bool>,
    /// `without` those that a shelf leaves out now, `only` those, or `any`, as by default.
    shelved: Option<String>,
    /// At most this many, 1 to 200; default 50.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Alerts in reach, newest first.
#[utoipa::path(get, path = "/api/camera-alerts", tag = "camera alerts", params(Asked),
    responses((status = 200, body = CameraAlertList), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_camera_alerts(
    mut db: Session,
    State(clock): State<SharedClock>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<CameraAlertList>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 200"));
    }
    let mut wanted = Wanted {
        statuses: several(&asked.status, "status", |name| from_text::<AlertStatus>(name).is_ok())?,
        kinds: several(&asked.kind, "kind", |name| AlertKind::from_name(name).is_some())?,
        severities: several(&asked.severity, "severity", |name| Severity::from_name(name).is_some())?,
        outcomes: several(&asked.outcome, "outcome", |name| from_text::<AlertOutcome>(name).is_ok())?,
        camera_id: asked.camera,
        area_id: asked.area,
        overdue_at: (asked.overdue == Some(true)).then(|| clock.now()),
        words: asked.words.as_deref().map(str::trim).filter(|words| !words.is_empty()).map(|words| (words.to_owned(), Vec::new())),
        handler_id: if asked.mine == Some(true) { db.caller().account_id() } else { None },
        since: asked.since,
        until: asked.until,
        shelved: shelved(asked.shelved.as_deref())?,
        after: asked.cursor.as_deref().map(read_cursor).transpose()?,
    };
    if let Some((words, cameras)) = &mut wanted.words {
        *cameras = rules::cameras_meant(words, &db::cameras_by_name(&mut db).await?);
    }
    // One more than asked tells whether there is a next page.
    let mut rows = db::list(&mut db, &wanted, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(write_cursor);
    let alerts = rows.into_iter().map(to_alert).collect::<ApiResult<_>>()?;
    Ok(Json(CameraAlertList { alerts, next_cursor }))
}

fn several(text: &Option<String>, what: &str, is_known: impl Fn(&str) -> bool) -> ApiResult<Option<Vec<String>>> {
    let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !is_known(name)) {
        Some(unknown) => Err(ApiError::bad_request(format!("{what} has no value {unknown:?}"))),
        None => Ok(Some(names)),
    }
}

fn shelved(text: Option<&str>) -> ApiResult<Option<bool>> {
    match text {
        None | Some("any") => Ok(None),
        Some("only") => Ok(Some(true)),
        Some("without") => Ok(Some(false)),
        Some(other) => Err(ApiError::bad_request(format!("shelved has no value {other:?}; it is only, without or any"))),
    }
}

/// Time and id of a page's last row, as PostgreSQL keeps the time: to the microsecond.
fn write_cursor(row: &AlertRow) -> String {
    format!("{}-{}", row.started_at.timestamp_micros(), row.id)
}

fn read_cursor(text: &str) -> ApiResult<(DateTime<Utc>, i64)> {
    let read = || {
        let (micros, id) = text.rsplit_once('-')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, id.parse().ok()?))
    };
    read().ok_or_else(|| ApiError::bad_request("cursor is the next_cursor of an earlier answer"))
}

/// One alert: what was reported, every step since, and what else that camera reported within 30 days.
#[utoipa::path(get, path = "/api/camera-alerts/{id}", tag = "camera alerts",
    responses((status = 200, body = CameraAlertCard), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn open_camera_alert(mut db: Session, Path(id): Path<i64>) -> ApiResult<Versioned<CameraAlertCard>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    card(&mut db, id).await
}

/// The card of an alert in the caller's reach, with the number of its steps as version.
pub(super) async fn card(db: &mut Session, id: i64) -> ApiResult<Versioned<CameraAlertCard>> {
    let row = db::find(db, id).await?.ok_or_else(ApiError::not_found)?;
    let entries = db::entries(db, id).await?.into_iter().map(to_entry).collect::<ApiResult<_>>()?;
    let same_camera = db::same_camera(db, &row, MOST_OF_CAMERA).await?.into_iter().map(to_alert).collect::<ApiResult<_>>()?;
    let has_plate = match db.caller().may_in(Permission::SeePlates, row.area_id) {
        true => Some(db::plate(db, id).await?.is_some()),
        false => None,
    };
    let nearest_address = match row.lon.zip(row.lat) {
        Some((lon, lat)) => address_near(db, lon, lat).await?,
        None => None,
    };
    let may_see_pictures = db.caller().may_in(Permission::SeeCameraSnapshots, row.area_id);
    let has_clip = may_see_pictures && crate::cameras::recorder::has_clip(db, row.camera_id).await?;
    let card = CameraAlertCard {
        nearest_address: nearest_address.map(|near| NearestAddress { address: near.address, distance_m: near.distance_m }),
        external_id: row.external_id.clone(),
        in_picture: row.in_picture.clone().and_then(|value| serde_json::from_value(value).ok()),
        path: row.path.clone().and_then(|value| serde_json::from_value(value).ok()),
        has_plate,
        has_snapshot: may_see_pictures.then_some(row.has_snapshot),
        snapshot: snapshots::find(db, id).await?.map(snapshots::routes::to_snapshot),
        has_clip,
        can_handle: db.caller().may_in(Permission::HandleCameraAlerts, row.area_id),
        entries,
        same_camera,
        alert: to_alert(row)?,
    };
    Ok(Versioned { version: card.alert.version, row: card })
}

/// The plate that the camera read: for the police, with a reason and an audit entry.
#[utoipa::path(get, path = "/api/camera-alerts/{id}/plate", tag = "camera alerts",
    params(("Access-Reason" = Option<String>, Header, description = "why, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = CameraAlertPlate), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem), (status = 422, description = "`camera_alerts.reason_required`", body = Problem)))]
pub(super) async fn reveal_plate(mut db: Session, Path(id): Path<i64>, reason: AccessReason) -> ApiResult<Json<CameraAlertPlate>> {
    let entry = Entry::new("reveal_plate").about("camera_alert", id);
    if let Err(refusal) = db.caller().require(Permission::SeePlates) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let alert = db::find(&mut db, id).await?;
    let Some(alert) = alert.filter(|alert| db.caller().may_in(Permission::SeePlates, alert.area_id)) else {
        db.refuse(&entry).await?;
        return Err(ApiError::not_found());
    };
    let entry = entry.in_area(alert.area_id);
    let entry = match reason_for_look(&mut db, Permission::SeePlates, alert.area_id, &reason, REASON_REQUIRED).await {
        Ok(reason) => entry.because(reason),
        Err(refusal) => {
            db.refuse(&entry).await?;
            return Err(refusal);
        }
    };
    let plate = db::plate(&mut db, id).await?;
    db.record(&entry).await?;
    db.commit().await?;
    Ok(Json(CameraAlertPlate { id, plate }))
}

/// Who may be given the alert.
#[utoipa::path(get, path = "/api/camera-alerts/{id}/handlers", tag = "camera alerts",
    responses((status = 200, body = AlertHandlerList), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn list_alert_handlers(
    mut db: Session,
    State(accounts): State<Accounts>,
    Path(id): Path<i64>,
) -> ApiResult<Json<AlertHandlerList>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let alert = db::find(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(AlertHandlerList { handlers: handlers(&mut db, alert.area_id, accounts.is_demo()).await? }))
}

/// Who answers for alerts in an area, by name; nobody where the caller neither handles nor routes them.
pub async fn handlers(db: &mut PgConnection, area_id: i32, with_demo: bool) -> sqlx::Result<Vec<AlertHandler>> {
    let rows = db::handlers(db, area_id, with_demo).await?;
    let handlers = rows.into_iter().map(|row| AlertHandler {
        account_id: row.account_id,
        display_name: row.display_name,
        roles: row.roles.iter().filter_map(|role| role.parse().ok()).collect(),
    });
    Ok(handlers.collect())
}

pub(super) fn to_alert(row: AlertRow) -> ApiResult<CameraAlert> {
    Ok(CameraAlert {
        id: row.id,
        code: row.code,
        kind: from_text(&row.kind)?,
        severity: from_text(&row.severity)?,
        status: from_text(&row.status)?,
        outcome: row.outcome.as_deref().map(from_text).transpose()?,
        camera_id: row.camera_id,
        camera_code: row.camera_code,
        camera_name: row.camera_name,
        area_id: row.area_id,
        area_name: row.area_name,
        confidence: row.confidence,
        started_at: row.started_at,
        ended_at: row.ended_at,
        received_at: row.received_at,
        handler_id: row.handler_id,
        handler_name: row.handler_name,
        assigned_at: row.assigned_at,
        taken_at: row.taken_at,
        closed_at: row.closed_at,
        answer_due_at: row.answer_due_at,
        escalation: row.escalation,
        overdue: row.overdue,
        legal_basis: row.legal_basis,
        fine_vnd: row.fine_vnd,
        note_count: row.note_count,
        has_snapshot: row.has_snapshot,
        shelved_until: row.shelved_until,
        lon: row.lon,
        lat: row.lat,
        version: row.steps,
        updated_at: row.updated_at,
    })
}

fn to_entry(row: EntryRow) -> ApiResult<CameraAlertEntry> {
    Ok(CameraAlertEntry {
        id: row.id,
        at: row.at,
        step: from_text(&row.step)?,
        by: row.actor_name,
        from: row.from_name,
        to: row.to_name,
        outcome: row.outcome.as_deref().map(from_text).transpose()?,
        note: row.note,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_time_and_id_and_anything_else_is_refused() {
        let at = DateTime::from_timestamp_micros(1_763_800_000_123_456).unwrap();
        assert_eq!(read_cursor("1763800000123456-7").unwrap(), (at, 7));
        assert_eq!(read_cursor("-5-7").unwrap().0.timestamp_micros(), -5);
        for wrong in ["", "7", "x-7", "7-x", "99999999999999999999-1"] {
            assert_eq!(read_cursor(wrong).unwrap_err().code(), "bad_request", "{wrong:?}");
        }
    }

    #[test]
    fn a_filter_that_no_row_could_meet_is_refused_by_name() {
        let known = |name: &str| AlertKind::from_name(name).is_some();
        assert_eq!(several(&Some("theft, crowd".into()), "kind", known).unwrap(), Some(vec!["theft".into(), "crowd".into()]));
        assert_eq!(several(&None, "kind", known).unwrap(), None);
        assert!(several(&Some("thef".into()), "kind", known).is_err());
    }
}
