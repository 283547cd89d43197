//! The register as a file that leaves the house: who took it is in the audit trail, and plates go only with whoever may see them
//! and says why. It deliberately refuses a file that nobody could read: more rows than `MOST_ROWS_IN_FILE`.

use std::collections::HashMap;

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use shared::{problem::Problem, violation::MOST_ROWS_IN_FILE};

use super::{
    db, figures, files,
    listing::{Asked, to_violations},
    tables::Register,
};
use crate::{
    accounts::{
        Session,
        audit::{AccessReason, Entry},
        matrix::Permission,
    },
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        spreadsheet::{self, FileAnswer},
    },
};

/// The violations as CSV, as the list is cut; times in the ward's zone. Leaves an audit entry.
#[utoipa::path(get, path = "/api/violations.csv", tag = "violations", params(Asked,
    ("Access-Reason" = Option<String>, Header, description = "why plates are asked for, 8 characters or more, percent-encoded UTF-8; without it, or for whoever may not see plates, the file has none")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, description = "`violations.too_many_rows`", body = Problem)))]
pub(super) async fn export_violations_csv(
    db: Session,
    State(clock): State<SharedClock>,
    reason: AccessReason,
    Query(asked): Query<Asked>,
) -> ApiResult<FileAnswer> {
    let (name, register) = take_out(db, &asked, &reason, clock.now()).await?;
    Ok(spreadsheet::csv(&name, written(register, files::csv).await?))
}

/// The violations and their figures as XLSX. Leaves an audit entry.
#[utoipa::path(get, path = "/api/violations.xlsx", tag = "violations", params(Asked,
    ("Access-Reason" = Option<String>, Header, description = "why plates are asked for, 8 characters or more, percent-encoded UTF-8; without it, or for whoever may not see plates, the file has none")),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, description = "`violations.too_many_rows`", body = Problem)))]
pub(super) async fn export_violations_xlsx(
    db: Session,
    State(clock): State<SharedClock>,
    reason: AccessReason,
    Query(asked): Query<Asked>,
) -> ApiResult<FileAnswer> {
    let (name, register) = take_out(db, &asked, &reason, clock.now()).await?;
    Ok(spreadsheet::xlsx(&name, written(register, files::xlsx).await?))
}

/// Reads what leaves the house, and says in the trail who takes it, before it is written.
async fn take_out(mut db: Session, asked: &Asked, reason: &AccessReason, now: DateTime<Utc>) -> ApiResult<(String, Register)> {
    let with_plates = reason.optional().is_some() && db.caller().may(Permission::SeePlates);
    let action = if with_plates { "export_violations_with_plates" } else { "export_violations" };
    let mut entry = Entry::new(action).because(reason.optional());
    if let Some(area_id) = db.caller().appointments().first().map(|appointment| appointment.area_id) {
        entry = entry.in_area(area_id);
    }
    if let Err(refusal) = db.caller().require(Permission::SeeCameraAlerts) {
        db.refuse(&entry).await?;
        return Err(refusal);
    }
    let (period, wanted) = asked.wanted(&mut db, now).await?;
    let rows = db::violations(&mut db, &wanted, None, MOST_ROWS_IN_FILE + 1).await?;
    if rows.len() as i64 > MOST_ROWS_IN_FILE {
        return Err(too_many_rows());
    }
    let violations = to_violations(&mut db, rows).await?;
    let plates = match with_plates {
        true => {
            let ids: Vec<i64> = violations.iter().map(|violation| violation.id).collect();
            Some(HashMap::from_iter(db::plates(&mut db, &ids).await?))
        }
        false => None,
    };
    let figures = figures::figures(db::counts(&mut db, &wanted).await?, period, now)?;
    db.record(&entry).await?;
    db.commit().await?;
    Ok((format!("so-vi-pham-{}", period.name()), Register { violations, plates, figures }))
}

/// Code: `violations.too_many_rows`.
fn too_many_rows() -> ApiError {
    let detail = format!("the file would have more than {MOST_ROWS_IN_FILE} rows; take a shorter period, one kind or one area");
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "violations.too_many_rows", detail)
}

/// Twenty thousand rows take a second: not on the threads that answer everybody.
async fn written(register: Register, write: fn(&Register) -> anyhow::Result<Vec<u8>>) -> ApiResult<Vec<u8>> {
    Ok(tokio::task::spawn_blocking(move || write(&register)).await.map_err(anyhow::Error::from)??)
}
