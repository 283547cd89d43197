//! The roster over HTTP: who is on in a time and at this moment, putting somebody on, changing and ending a duty, last week's
//! once more. Whose an alert becomes by it is decided elsewhere (`rules`).

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use shared::{
    duty::{AddDuty, AnswerTimes, Duty, DutyEdit, DutyRoster, DutyStep, RepeatWeek, RepeatedWeek},
    problem::Problem,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    db::{self, DutyRow, Written},
    rules,
};
use crate::{
    accounts::{Accounts, Caller, Session, matrix::Permission},
    cameras::alerts,
    geography::editing::{self, Kind, Standing},
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const DUTY: Kind =
    Kind { topic: "duty", permission: Permission::EditDuty, columns: &["account_id", "from_at", "until_at", "kinds", "step", "note"] };

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The area; what lies below it is included.
    area_id: i32,
    /// From this moment, RFC 3339; default: now.
    from: Option<DateTime<Utc>>,
    /// Until this moment; default: a week after `from`. At most 45 days.
    until: Option<DateTime<Utc>>,
}

/// Who is on in a time, and who is on now.
#[utoipa::path(get, path = "/api/duty", tag = "duty", params(Asked),
    responses((status = 200, body = DutyRoster), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem)))]
pub(super) async fn read_duty_roster(
    mut db: Session,
    State(clock): State<SharedClock>,
    State(accounts): State<Accounts>,
    Query(asked): Query<Asked>,
) -> ApiResult<Json<DutyRoster>> {
    db.caller().require_in(Permission::SeeCameraAlerts, asked.area_id)?;
    let now = clock.now();
    let from = asked.from.unwrap_or(now);
    // None: there is no such day any more.
    let until = asked.until.or_else(|| from.checked_add_signed(TimeDelta::days(7)));
    let until = rules::check_look(from, until)?;
    let area = db::area(&mut db, asked.area_id).await?.ok_or_else(ApiError::not_found)?;
    let duties = db::roster(&mut db, area.id, from, until).await?;
    let on_now = db::roster(&mut db, area.id, now, now + TimeDelta::microseconds(1)).await?;
    let people = alerts::handlers(&mut db, area.id, accounts.is_demo()).await?;
    let (critical_s, high_s, medium_s, version) = db::answer_times_in_force(&mut db, area.ward_id).await?;
    let caller = db.caller();
    let told = |rows: Vec<DutyRow>| rows.into_iter().map(|row| to_duty(row, caller)).collect::<ApiResult<Vec<_>>>();
    Ok(Json(DutyRoster {
        area_id: area.id,
        area_name: area.name,
        from,
        until,
        duties: told(duties)?,
        on_now: told(on_now)?,
        now,
        answer_times: AnswerTimes {
            area_id: area.ward_id,
            critical_s,
            high_s,
            medium_s,
            version,
            // Above the wards there are none to set.
            editable: area.kind != "province" && caller.may_in(Permission::EditDuty, area.ward_id),
        },
        editable: caller.may_in(DUTY.permission, area.id),
        people,
    }))
}

/// Puts somebody on duty. The same `uid` again answers with the duty that is there.
#[utoipa::path(post, path = "/api/duty", tag = "duty", request_body = AddDuty,
    responses((status = 200, body = Duty), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`duty.answered_by_another`", body = Problem),
        (status = 422, description = "`edit.invalid`, `duty.does_not_answer`", body = Problem)))]
pub(super) async fn add_duty(
    mut db: Session,
    State(accounts): State<Accounts>,
    Json(request): Json<AddDuty>,
) -> ApiResult<Versioned<Duty>> {
    db.caller().require_in(DUTY.permission, request.area_id)?;
    let uid = request.uid.unwrap_or_else(Uuid::now_v7);
    if let Some(known) = db::find_by_uid(&mut db, uid).await? {
        return versioned(to_duty(known, db.caller())?);
    }
    let duty = rules::check_duty(request.duty)?;
    check_answers(&mut db, request.area_id, duty.account_id, accounts.is_demo()).await?;
    let row = match db::add(&mut db, request.area_id, uid, &duty).await? {
        Written::Done(id) => db::find(&mut db, id).await?,
        Written::Known => db::find_by_uid(&mut db, uid).await?,
        Written::AnsweredByAnother => return Err(rules::answered_by_another(duty.step)),
        Written::DoesNotAnswer => return Err(rules::does_not_answer()),
    };
    finish(db, row).await
}

/// Writes a duty as it shall be.
#[utoipa::path(put, path = "/api/duty/{id}", tag = "duty", request_body = DutyEdit,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"2\"")),
    responses((status = 200, body = Duty), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`duty.answered_by_another`", body = Problem), (status = 412, description = "`edit.conflict`", body = Problem),
        (status = 422, description = "`edit.invalid`, `duty.does_not_answer`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn edit_duty(
    mut db: Session,
    State(accounts): State<Accounts>,
    Path(id): Path<i64>,
    made_from: IfMatch,
    Json(request): Json<DutyEdit>,
) -> ApiResult<Versioned<Duty>> {
    db.caller().require(DUTY.permission)?;
    let made_from = made_from.required()?;
    let area_id = lock_as_seen(&mut db, id, made_from).await?;
    let duty = rules::check_duty(request)?;
    check_answers(&mut db, area_id, duty.account_id, accounts.is_demo()).await?;
    let row = match db::edit(&mut db, id, &duty).await? {
        Written::AnsweredByAnother => return Err(rules::answered_by_another(duty.step)),
        Written::DoesNotAnswer => return Err(rules::does_not_answer()),
        // No row came back: the caller may no longer edit it, and perhaps still see it.
        Written::Known => return Err(ApiError::forbidden()),
        Written::Done(id) => db::find(&mut db, id).await?,
    };
    finish(db, row).await
}

/// Takes a duty off the roster; its past stays.
#[utoipa::path(delete, path = "/api/duty/{id}", tag = "duty",
    params(("If-Match" = String, Header, description = "the version that was seen, such as \"2\"")),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn end_duty(mut db: Session, Path(id): Path<i64>, seen: IfMatch) -> ApiResult<StatusCode> {
    db.caller().require(DUTY.permission)?;
    let seen = seen.required()?;
    lock_as_seen(&mut db, id, seen).await?;
    db::end(&mut db, id).await?;
    db.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Writes last week's roster once more, seven days later; what is there already stays, so that twice is as good as once.
#[utoipa::path(post, path = "/api/duty/repeat-week", tag = "duty", request_body = RepeatWeek,
    responses((status = 200, body = RepeatedWeek), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "`duty.answered_by_another`", body = Problem), (status = 422, description = "`edit.invalid`", body = Problem)))]
pub(super) async fn repeat_week(mut db: Session, Json(request): Json<RepeatWeek>) -> ApiResult<Json<RepeatedWeek>> {
    db.caller().require_in(DUTY.permission, request.area_id)?;
    let week = rules::day_begins(request.week)?;
    let Some((known, added)) = db::repeat_week(&mut db, request.area_id, week).await? else {
        let detail = "somebody else is changing this week's roster, or who may be on it, at this moment; look at what is there, then repeat the rest";
        return Err(ApiError::new(StatusCode::CONFLICT, "duty.answered_by_another", detail));
    };
    db.commit().await?;
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Json(RepeatedWeek { added: count(added), left_out: count(known - added) }))
}

/// The area of a duty that the caller may edit, as they saw it, and which nobody else edits until the transaction ends.
async fn lock_as_seen(db: &mut Session, id: i64, seen: i32) -> ApiResult<i32> {
    let row = db::lock(db, id).await?.ok_or_else(ApiError::not_found)?;
    let (area_id, standing) = (row.area_id, Standing { id, version: row.version, updated_at: row.updated_at });
    let current = to_duty(row, db.caller())?;
    editing::check_version(db, &DUTY, standing, seen, &current).await?;
    Ok(area_id)
}

/// Code: `duty.does_not_answer`.
async fn check_answers(db: &mut PgConnection, area_id: i32, account_id: i64, with_demo: bool) -> ApiResult<()> {
    let people = alerts::handlers(db, area_id, with_demo).await?;
    if people.iter().any(|person| person.account_id == account_id) { Ok(()) } else { Err(rules::does_not_answer()) }
}

async fn finish(db: Session, row: Option<DutyRow>) -> ApiResult<Versioned<Duty>> {
    let duty = to_duty(row.ok_or_else(ApiError::not_found)?, db.caller())?;
    db.commit().await?;
    versioned(duty)
}

fn versioned(duty: Duty) -> ApiResult<Versioned<Duty>> {
    Ok(Versioned { version: duty.version, row: duty })
}

fn to_duty(row: DutyRow, caller: &Caller) -> ApiResult<Duty> {
    let step = DutyStep::from_number(row.step).ok_or_else(|| anyhow::anyhow!("a duty has step {}", row.step))?;
    Ok(Duty {
        id: row.id,
        uid: row.uid,
        area_id: row.area_id,
        area_name: row.area_name,
        account_id: row.account_id,
        account_name: row.account_name,
        from: row.from_at,
        until: row.until_at,
        kinds: row.kinds.map(db::read_kinds),
        step,
        note: row.note,
        is_mine: caller.account_id() == Some(row.account_id),
        version: row.version,
        updated_at: row.updated_at,
    })
}
