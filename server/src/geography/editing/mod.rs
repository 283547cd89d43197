//! What every edit on the map has in common: whether it was made from the version in force, whether its new place is in the
//! editor's reach, and the past of a row. It deliberately decides on no row: each domain locks, checks and writes its own.

mod db;
mod rules;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::edit::{Conflict, History};
use sqlx::PgConnection;

pub use self::db::place_in_house;
pub use self::rules::{check_point, clean_text, invalid};
use crate::accounts::{Session, matrix::Permission};
use crate::platform::error::{ApiError, ApiResult};

/// A kind of row as its edits and its past name it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Topic of the feed and of the history.
    pub topic: &'static str,
    /// Who may edit.
    pub permission: Permission,
    /// Columns that an edit can change, which are the fields of an edit; `geom` is its `point`. Nothing personal: the past
    /// of a row shows these and no other.
    pub columns: &'static [&'static str],
}

/// The query of a row's past.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// At most this many, 1 to 100; default 20.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<i64>,
}

/// The row of an edit as it stands, locked: its version and where it belongs.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    pub id: i64,
    pub version: i32,
    pub updated_at: chrono::DateTime<chrono::Utc>,
}

/// Refuses an edit that was made from another version than the one in force: 412 `edit.conflict` with the row in force and
/// who wrote it. `current` is that row as its own door gives it.
pub async fn check_version(
    db: &mut PgConnection,
    kind: &Kind,
    standing: Standing,
    made_from: i32,
    current: &impl Serialize,
) -> ApiResult<()> {
    if standing.version == made_from {
        return Ok(());
    }
    let last = db::last_change_since(db, kind, standing.id, made_from).await?;
    let (changed_by, changed_at) = last.map_or((None, standing.updated_at), |last| (last.by, last.at));
    let current = serde_json::to_value(current).map_err(anyhow::Error::from)?;
    let detail =
        format!("the row has version {} and this edit was made from {made_from}; look at what is there and decide", standing.version);
    let conflict = Conflict { version: standing.version, current, changed_by, changed_at };
    Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "edit.conflict", detail).with_conflict(conflict))
}

/// Refuses a new place outside every area (`edit.outside_every_area`) or in an area where the caller may not edit
/// (`edit.out_of_reach`). Row-level security would refuse it as well, but could not say why.
pub async fn check_place(db: &mut Session, permission: Permission, point: Option<Option<[f64; 2]>>) -> ApiResult<()> {
    let Some(Some(point)) = point else { return Ok(()) };
    check_point(point)?;
    let Some((area_id, area_name)) = db::area_at(db, point).await? else {
        let detail = "the place lies outside every area; put it inside the ward";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "edit.outside_every_area", detail));
    };
    if db.caller().may_in(permission, area_id) { Ok(()) } else { Err(out_of_reach(&area_name)) }
}

/// Refuses a house that does not exist or lies where the caller may not edit.
pub async fn check_building(db: &mut Session, permission: Permission, building: Option<Option<i64>>) -> ApiResult<()> {
    let Some(Some(building)) = building else { return Ok(()) };
    match db::area_of_building(db, building).await? {
        None => Err(invalid("building_id", "there is no such house")),
        Some((area_id, _)) if db.caller().may_in(permission, area_id) => Ok(()),
        Some((_, area_name)) => Err(out_of_reach(&area_name)),
    }
}

fn out_of_reach(area_name: &str) -> ApiError {
    let detail = format!("the place lies in {area_name}, which is outside your area; whoever answers for both can move it");
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "edit.out_of_reach", detail)
}

/// The past of a row in what an edit can change, newest first. The caller has checked that the row may be seen; entries of
/// times when it lay out of the caller's reach are hidden by row-level security.
pub async fn history(db: &mut PgConnection, kind: &Kind, id: i64, page: &Page) -> ApiResult<History> {
    let limit = page.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 100"));
    }
    // One more than asked tells whether there is a next page.
    let mut rows = db::changes_before(db, kind, id, page.cursor, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
    let entries = rows.into_iter().map(|row| rules::entry(kind.columns, row)).collect::<ApiResult<_>>()?;
    Ok(History { entries, next_cursor })
}
