//! Routes of drawn areas: what is counted, the list behind it, the list as a file.
//! An area is sent in the body: what somebody drew stays out of logs.

use axum::{
    Json,
    extract::{FromRef, State},
};
use shared::{
    drawn_area::{AreaFigures, AreaRows, DrawnArea, ListInArea},
    layer::Layer,
    problem::Problem,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::list::{self, Naming};
use super::target::Target;
use super::{charts, db, export, figures};
use crate::{
    accounts::{
        Accounts, Session,
        audit::{AccessReason, Entry},
    },
    geography::map_index::MapIndex,
    platform::{
        clock::SharedClock,
        error::{ApiError, ApiResult},
        spreadsheet::{self, FileAnswer},
    },
};

const USUAL_PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 200;
/// Rows that are read at once.
const AT_ONCE: usize = 5_000;

#[derive(Clone, FromRef)]
pub struct DrawnAreasState {
    pub accounts: Accounts,
    pub map_index: MapIndex,
    pub clock: SharedClock,
}

pub fn routes(state: DrawnAreasState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(count_in_area))
        .routes(routes!(list_in_area))
        .routes(routes!(export_area))
        .routes(routes!(charts::draw_bars))
        .with_state(state)
}

/// What lies within a drawn area, by kind: everything that the caller may see, cut to the caller's reach. The public counts
/// open kinds only.
#[utoipa::path(post, path = "/api/areas/summary", tag = "drawn areas", request_body = DrawnArea,
    responses((status = 200, body = AreaFigures), (status = 400, description = "`drawn_areas.bad_shape`", body = Problem),
        (status = 404, description = "`drawn_areas.no_such_ground`", body = Problem)))]
async fn count_in_area(
    mut db: Session,
    State(index): State<MapIndex>,
    State(clock): State<SharedClock>,
    Json(area): Json<DrawnArea>,
) -> ApiResult<Json<AreaFigures>> {
    let target = Target::of(&mut db, &area).await?;
    let houses = match target.shape.bounds() {
        Some(bounds) => db::houses_in_box(&mut db, bounds).await?,
        None => Vec::new(),
    };
    let (caller, at) = (db.caller().clone(), clock.now());
    // A province takes a tenth of a second: not on the threads that answer everybody.
    let counted = tokio::task::spawn_blocking(move || figures::count(&index, &caller, target, &houses, at)).await;
    Ok(Json(counted.map_err(anyhow::Error::from)?))
}

/// The rows behind a count, a page at a time. Households are named where the caller may name them now, as in search.
#[utoipa::path(post, path = "/api/areas/list", tag = "drawn areas", request_body = ListInArea,
    params(("Access-Reason" = Option<String>, Header, description = "why names are asked for, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = AreaRows), (status = 400, description = "`drawn_areas.bad_shape`, or `bad_request`: the cursor", body = Problem), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn list_in_area(
    mut db: Session,
    State(index): State<MapIndex>,
    reason: AccessReason,
    Json(request): Json<ListInArea>,
) -> ApiResult<Json<AreaRows>> {
    let caller = db.caller().clone();
    let target = Target::of(&mut db, &request.area).await?;
    let ids = list::ids(&mut db, &index, &caller, request.kind, &target).await?;
    let after = request.cursor.as_deref().map(parse_cursor).transpose()?.unwrap_or(i64::MIN);
    let limit = request.limit.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE) as usize;
    let from = ids.partition_point(|id| *id <= after);
    let page = &ids[from..ids.len().min(from + limit)];
    let naming = Naming::of(&mut db, request.kind, &reason).await?;
    let rows = db::rows(&mut db, request.kind, page, &naming.areas).await?;
    if let Some(entry) = &naming.begins {
        db.record(entry).await?;
        db.commit().await?;
    }
    let next_cursor = page.last().filter(|_| from + page.len() < ids.len()).map(i64::to_string);
    Ok(Json(AreaRows { rows, total: ids.len() as u64, next_cursor, reason_needed: naming.reason_needed }))
}

fn parse_cursor(text: &str) -> ApiResult<i64> {
    text.parse().map_err(|_| ApiError::bad_request("this cursor is not one of ours; ask for the first page again"))
}

/// The whole list as CSV. Whoever is signed in leaves an audit entry.
#[utoipa::path(post, path = "/api/areas/list.csv", tag = "drawn areas", request_body = ListInArea,
    params(("Access-Reason" = Option<String>, Header, description = "why names are asked for, 8 characters or more, percent-encoded UTF-8")),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 400, description = "`drawn_areas.bad_shape`, or `bad_request`: the cursor", body = Problem), (status = 401, body = Problem),
        (status = 403, body = Problem)))]
async fn export_area(
    mut db: Session,
    State(index): State<MapIndex>,
    reason: AccessReason,
    Json(request): Json<ListInArea>,
) -> ApiResult<FileAnswer> {
    let caller = db.caller().clone();
    let mut entry = Entry::new(export_action(request.kind));
    if let Some(area_id) = caller.appointments().first().map(|appointment| appointment.area_id) {
        entry = entry.in_area(area_id);
    }
    let target = Target::of(&mut db, &request.area).await?;
    let ids = match list::ids(&mut db, &index, &caller, request.kind, &target).await {
        Ok(ids) => ids,
        Err(refusal) => {
            db.refuse(&entry).await?;
            return Err(refusal);
        }
    };
    let naming = Naming::of(&mut db, request.kind, &reason).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        rows.extend(db::rows(&mut db, request.kind, ids, &naming.areas).await?);
    }
    let file = export::write(&rows)?;
    if !caller.is_public() {
        if let Some(begins) = &naming.begins {
            db.record(begins).await?;
        }
        db.record(&entry.because(reason.optional())).await?;
        db.commit().await?;
    }
    Ok(spreadsheet::csv("khoanh-vung", file))
}

/// What the trail calls taking a list out of the house.
fn export_action(kind: Layer) -> &'static str {
    match kind {
        Layer::Household => "export_households",
        Layer::BoardingHouse => "export_boarding_houses",
        Layer::Business => "export_businesses",
        Layer::Camera => "export_cameras",
        Layer::Building => "export_buildings",
        _ => "export_places",
    }
}
