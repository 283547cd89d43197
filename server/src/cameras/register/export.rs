//! The register as a file that leaves the house: who took it is in the audit trail, and plates go only with whoever may see them
//! and says why: each is an entry of its own, as if it had been looked at. It deliberately refuses a file that nobody could read:
//! more rows than `MOST_ROWS_IN_FILE`, or with plates `MOST_ROWS_WITH_PLATES`.

use std::collections::{BTreeSet, HashMap};

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use chrono::{DateTime, Utc};
use shared::{
    problem::Problem,
    violation::{MOST_ROWS_IN_FILE, MOST_ROWS_WITH_PLATES},
};

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

/// The violations as CSV, as the list is cut; times in the ward's zone. Leaves an audit entry for each ward in it, and for each plate.
#[utoipa::path(get, path = "/api/violations.csv", tag = "violations", params(Asked,
    ("Access-Reason" = Option<String>, Header, description = "why plates are asked for, 8 characters or more, percent-encoded UTF-8; without it, or for whoever may not see plates, the file has none")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem), (status = 422, description = "`violations.too_many_rows`, `violations.too_many_plates`", body = Problem)))]
pub(super) async fn export_violations_csv(
    db: Session,
    State(clock): State<SharedClock>,
    reason: AccessReason,
    Query(asked): Query<Asked>,
) -> ApiResult<FileAnswer> {
    let (name, register) = take_out(db, &asked, &reason, clock.now()).await?;
    Ok(spreadsheet::csv(&name, written(register, files::csv).await?))
}

/// The violations and their figures as XLSX. Leaves an audit entry for each ward in it, and for each plate.
#[utoipa::path(get, path = "/api/violations.xlsx", tag = "violations", params(Asked,
    ("Access-Reason" = Option<String>, Header, description = "why plates are asked for, 8 characters or more, percent-encoded UTF-8; without it, or for whoever may not see plates, the file has none")),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = 400, description = "`bad_request`: the detail says which part of the query", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 422, description = "`violations.too_many_rows`, `violations.too_many_plates`", body = Problem)))]
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
    let (most, too_many): (i64, fn() -> ApiError) =
        if with_plates { (MOST_ROWS_WITH_PLATES, too_many_plates) } else { (MOST_ROWS_IN_FILE, too_many_rows) };
    let rows = db::violations(&mut db, &wanted, None, most + 1).await?;
    if rows.len() as i64 > most {
        return Err(too_many());
    }
    let wards: BTreeSet<i32> = rows.iter().map(|row| row.ward_id).collect();
    let violations = to_violations(&mut db, rows).await?;
    let plates: Option<HashMap<i64, String>> = match with_plates {
        true => {
            let ids: Vec<i64> = violations.iter().map(|violation| violation.id).collect();
            Some(HashMap::from_iter(db::plates(&mut db, &ids).await?))
        }
        false => None,
    };
    let figures = figures::figures(db::counts(&mut db, &wanted).await?, period, now)?;
    let mut entries: Vec<Entry> = Vec::new();
    if let Some(plates) = &plates {
        let revealed = violations.iter().filter(|violation| plates.contains_key(&violation.id));
        let reveal = |id, area_id| Entry::new("reveal_plate").about("camera_alert", id).in_area(area_id).because(reason.optional());
        entries.extend(revealed.map(|violation| reveal(violation.id, violation.area_id)));
    }
    // Whoever reads the trail of a ward learns what left it; a file without a row leaves none, and is the caller's own affair.
    match wards.is_empty() {
        true => entries.push(entry),
        false => entries.extend(wards.iter().map(|ward| entry.clone().in_area(*ward))),
    }
    db.record_all(&entries).await?;
    db.commit().await?;
    Ok((format!("so-vi-pham-{}", period.name()), Register { violations, plates, figures }))
}

/// Code: `violations.too_many_rows`.
fn too_many_rows() -> ApiError {
    let detail = format!("the file would have more than {MOST_ROWS_IN_FILE} rows; take a shorter period, one kind or one area");
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "violations.too_many_rows", detail)
}

/// Code: `violations.too_many_plates`.
fn too_many_plates() -> ApiError {
    let detail = format!(
        "a file with plates has at most {MOST_ROWS_WITH_PLATES} rows; take a shorter period, one kind or one area, or the file without plates"
    );
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "violations.too_many_plates", detail)
}

/// Twenty thousand rows take a second: not on the threads that answer everybody.
async fn written(register: Register, write: fn(&Register) -> anyhow::Result<Vec<u8>>) -> ApiResult<Vec<u8>> {
    Ok(tokio::task::spawn_blocking(move || write(&register)).await.map_err(anyhow::Error::from)??)
}
