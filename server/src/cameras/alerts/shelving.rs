//! Shelving: what lists of alerts leave out for a while, with who, why and until when; and bringing it back before its time.
//! No alert is written to, and nobody is told from here: the change feed tells whoever sees alerts that shelves have changed.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::Deserialize;
use shared::{
    alert_shelf::{AlertShelf, AlertShelfList, ShelveAlerts},
    problem::Problem,
};

use super::db::{self, ShelfRow};
use super::shelf_rules::{self, Shelved};
use crate::{
    accounts::{Caller, Session, matrix::Permission},
    platform::{
        clock::SharedClock,
        database::from_text,
        error::{ApiError, ApiResult},
    },
};

const MOST: i64 = 200;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Those of the last 30 days that are over, instead of those in force.
    ended: Option<bool>,
    /// Id of an area: the shelves in force that hold in it or in a part of it, and how many of its alerts they leave out.
    area: Option<i32>,
}

/// Shelves in force, with how many alerts each leaves out now.
#[utoipa::path(get, path = "/api/alert-shelves", tag = "camera alerts", params(Asked),
    responses((status = 200, body = AlertShelfList), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(super) async fn list_alert_shelves(mut db: Session, Query(asked): Query<Asked>) -> ApiResult<Json<AlertShelfList>> {
    db.caller().require(Permission::SeeCameraAlerts)?;
    let rows = match asked.ended {
        Some(true) => db::ended_shelves(&mut db, MOST).await?,
        _ => db::shelves_in_force(&mut db, asked.area).await?,
    };
    let hidden = db::count_hidden(&mut db, asked.area).await?;
    let shelves = rows.into_iter().map(|row| to_shelf(row, db.caller())).collect::<ApiResult<_>>()?;
    Ok(Json(AlertShelfList { shelves, hidden }))
}

/// Shelves a camera, a kind, or a kind of one camera. Alerts stay in the record; critical ones, and those that somebody has
/// taken, stay on the lists too.
#[utoipa::path(post, path = "/api/alert-shelves", tag = "camera alerts", request_body = ShelveAlerts,
    responses((status = 201, body = AlertShelf), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, description = "no such camera or area in reach", body = Problem), (status = 422, description = "`edit.invalid`", body = Problem)))]
pub(super) async fn shelve_alerts(
    mut db: Session,
    State(clock): State<SharedClock>,
    Json(request): Json<ShelveAlerts>,
) -> ApiResult<(StatusCode, Json<AlertShelf>)> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let now = clock.now();
    let shelf = shelf_rules::check(request, now)?;
    let area_id = match shelf.what {
        Shelved::Camera(camera, _) => db::area_of_camera(&mut db, camera).await?.ok_or_else(ApiError::not_found)?,
        Shelved::Kind(_, area) => area,
    };
    db.caller().require_in(Permission::HandleCameraAlerts, area_id)?;
    let id = db::add_shelf(&mut db, &shelf, area_id, now).await?;
    let row = db::find_shelf(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let shelf = to_shelf(row, db.caller())?;
    db.commit().await?;
    Ok((StatusCode::CREATED, Json(shelf)))
}

/// Brings the alerts of a shelf back before its time.
#[utoipa::path(post, path = "/api/alert-shelves/{id}/end", tag = "camera alerts",
    responses((status = 200, body = AlertShelf), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`alert_shelves.already_ended`", body = Problem)))]
pub(super) async fn end_alert_shelf(mut db: Session, State(clock): State<SharedClock>, Path(id): Path<i64>) -> ApiResult<Json<AlertShelf>> {
    db.caller().require(Permission::HandleCameraAlerts)?;
    let shelf = db::lock_shelf(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let now = clock.now();
    refuse_ended(&shelf, now)?;
    db::end_shelf(&mut db, id, now).await?;
    let row = db::find_shelf(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let shelf = to_shelf(row, db.caller())?;
    db.commit().await?;
    Ok(Json(shelf))
}

/// Code: `alert_shelves.already_ended`.
fn refuse_ended(shelf: &ShelfRow, now: chrono::DateTime<chrono::Utc>) -> ApiResult<()> {
    let detail = match (shelf.ended_at, &shelf.ended_by_name) {
        (Some(_), Some(name)) => format!("{name} has brought these alerts back already"),
        (Some(_), None) => "these alerts have been brought back already".to_owned(),
        (None, _) if shelf.until_at <= now => "its time is over; these alerts are back by themselves".to_owned(),
        (None, _) => return Ok(()),
    };
    Err(ApiError::new(StatusCode::CONFLICT, "alert_shelves.already_ended", detail))
}

fn to_shelf(row: ShelfRow, caller: &Caller) -> ApiResult<AlertShelf> {
    Ok(AlertShelf {
        id: row.id,
        can_end: row.is_in_force && caller.may_in(Permission::HandleCameraAlerts, row.area_id),
        area_id: row.area_id,
        area_name: row.area_name,
        camera_id: row.camera_id,
        camera_code: row.camera_code,
        kind: row.kind.as_deref().map(from_text).transpose()?,
        from: row.from_at,
        until: row.until_at,
        reason: row.reason,
        by: row.by_name,
        ended_at: row.ended_at,
        ended_by: row.ended_by_name,
        hides: row.hides,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn what_is_over_is_told_by_whom() {
        let at = DateTime::UNIX_EPOCH;
        let row = |ended_at, ended_by_name: Option<&str>| ShelfRow {
            id: 1,
            area_id: 1,
            area_name: String::new(),
            camera_id: None,
            camera_code: None,
            kind: Some("theft".into()),
            from_at: at,
            until_at: at + TimeDelta::hours(1),
            reason: String::new(),
            by_name: None,
            ended_at,
            ended_by_name: ended_by_name.map(str::to_owned),
            is_in_force: ended_at.is_none(),
            hides: 0,
        };
        assert!(refuse_ended(&row(None, None), at).is_ok());
        assert_eq!(refuse_ended(&row(None, None), at + TimeDelta::hours(1)).unwrap_err().code(), "alert_shelves.already_ended");
        let refusal = refuse_ended(&row(Some(at), Some("Bà Hoa")), at).unwrap_err();
        assert!(format!("{refusal:?}").contains("Bà Hoa"));
    }
}
