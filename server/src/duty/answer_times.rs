//! How long somebody has to take an alert in a ward, by how grave it is: set by whoever keeps the roster.
//! When a time runs out is the alerts' business (`cameras::alerts`).

use axum::{Json, extract::State};
use shared::{
    duty::{AnswerTimes, EditAnswerTimes},
    problem::Problem,
};

use super::{
    db::{self, TimesRow},
    rules,
};
use crate::{
    accounts::{Session, matrix::Permission},
    geography::editing::{self, Kind, Standing, invalid},
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        version::{IfMatch, Versioned},
    },
};

const TIMES: Kind = Kind { topic: "answer_times", permission: Permission::EditDuty, columns: &["critical_s", "high_s", "medium_s"] };

/// Sets the answer times of a ward. They hold for alerts from now on, and for each further step up.
#[utoipa::path(put, path = "/api/answer-times", tag = "duty", request_body = EditAnswerTimes,
    params(("If-Match" = String, Header, description = "the version that is edited, such as \"2\"; \"0\" where the ward has set none yet")),
    responses((status = 200, body = AnswerTimes), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
        (status = 412, description = "`edit.conflict`", body = Problem), (status = 422, description = "`edit.invalid`", body = Problem),
        (status = 428, description = "`version_required`", body = Problem)))]
pub(super) async fn edit_answer_times(
    mut db: Session,
    State(clock): State<SharedClock>,
    made_from: IfMatch,
    Json(edit): Json<EditAnswerTimes>,
) -> ApiResult<Versioned<AnswerTimes>> {
    db.caller().require(TIMES.permission)?;
    let made_from = made_from.required()?;
    db.caller().require_in(TIMES.permission, edit.area_id)?;
    rules::check_answer_times(&edit)?;
    let area = db::area(&mut db, edit.area_id).await?.ok_or_else(ApiError::not_found)?;
    if area.kind != "ward" {
        return Err(invalid("area_id", "answer times are a ward's; name the ward"));
    }
    let is_first = match db::lock_answer_times(&mut db, edit.area_id).await? {
        Some(row) => {
            refuse_older(&mut db, row, made_from).await?;
            db::edit_answer_times(&mut db, &edit).await?;
            false
        }
        None => {
            let standing = Standing { id: 0, version: 0, updated_at: clock.now() };
            editing::check_version(&mut db, &TIMES, standing, made_from, &edit).await?;
            db::add_answer_times(&mut db, &edit).await?
        }
    };
    let row = db::lock_answer_times(&mut db, edit.area_id).await?.ok_or_else(ApiError::not_found)?;
    if made_from == 0 && !is_first {
        // Somebody else set the first times between our two looks.
        refuse_older(&mut db, row, made_from).await?;
        return Err(ApiError::not_found());
    }
    let times = to_times(row);
    db.commit().await?;
    Ok(Versioned { version: times.version, row: times })
}

async fn refuse_older(db: &mut Session, row: TimesRow, made_from: i32) -> ApiResult<()> {
    let standing = Standing { id: row.id, version: row.version, updated_at: row.updated_at };
    editing::check_version(db, &TIMES, standing, made_from, &to_times(row)).await
}

fn to_times(row: TimesRow) -> AnswerTimes {
    AnswerTimes {
        area_id: row.area_id,
        critical_s: row.critical_s,
        high_s: row.high_s,
        medium_s: row.medium_s,
        version: row.version,
        editable: true,
    }
}
