//! The tray of rows that have no place on the map yet, for whoever may place them, with the houses that their addresses mean.
//! It deliberately places nothing: each kind is placed through its own door.

mod db;
mod rules;

use axum::{
    Json,
    extract::{Path, Query},
};
use serde::Deserialize;
use shared::{
    address::Address,
    edit::{Unplaced, UnplacedCount, UnplacedList, UnplacedRow},
    layer::Layer,
    problem::Problem,
    session::Permission,
};

use self::rules::Cursor;
use crate::{
    accounts::{AreaSet, Caller, Session},
    platform::error::{ApiError, ApiResult},
};

/// What may lie in the tray, in the order in which it is listed, and what it takes to place it.
const KINDS: [(Layer, Permission); 5] = [
    (Layer::Household, Permission::PlaceHomes),
    (Layer::BoardingHouse, Permission::PlaceHomes),
    (Layer::Business, Permission::EditOpenMap),
    (Layer::Place, Permission::EditOpenMap),
    (Layer::Camera, Permission::EditCameras),
];
/// Words are looked for in so many rows of a page at most: a page may therefore hold less than it was asked for.
const LOOKED_THROUGH: i64 = 2_000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnplacedQuery {
    /// `household`, `boarding_house`, `business`, `place` or `camera`; all of them where it is left out.
    kind: Option<Layer>,
    /// Words of name, code or address; neither case nor accents matter.
    q: Option<String>,
    /// At most this many, 1 to 200; default 50.
    limit: Option<i64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Rows without a place that the caller may place.
#[utoipa::path(get, path = "/api/unplaced", tag = "map", params(UnplacedQuery),
    responses((status = 200, body = UnplacedList), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub async fn list_unplaced(mut db: Session, Query(query): Query<UnplacedQuery>) -> ApiResult<Json<UnplacedList>> {
    db.caller().require_account()?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::bad_request("limit must lie between 1 and 200"));
    }
    let own = kinds_of(db.caller());
    if own.is_empty() {
        return Err(ApiError::forbidden());
    }
    let mut counts = Vec::new();
    for (kind, areas) in &own {
        counts.push(UnplacedCount { kind: *kind, count: db::count(&mut db, *kind, areas).await? });
    }
    let start = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let wanted = own.into_iter().filter(|(kind, _)| query.kind.is_none_or(|only| only == *kind));
    let wanted: Vec<_> = wanted.skip_while(|(kind, _)| start.is_some_and(|start| start.kind != *kind)).collect();
    let words = query.q.as_deref().unwrap_or_default();
    let (rows, next) = find(&mut db, &wanted, start, words, limit).await?;
    Ok(Json(UnplacedList { counts, rows, next_cursor: next.map(|cursor| cursor.to_string()) }))
}

/// One row without a place, with the houses whose address comes nearest to its own.
#[utoipa::path(get, path = "/api/unplaced/{kind}/{id}", tag = "map",
    responses((status = 200, body = UnplacedRow), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn open_unplaced(mut db: Session, Path((kind, id)): Path<(Layer, i64)>) -> ApiResult<Json<UnplacedRow>> {
    db.caller().require_account()?;
    let own = kinds_of(db.caller());
    let Some((_, areas)) = own.iter().find(|(of, _)| *of == kind) else {
        return Err(ApiError::forbidden());
    };
    let row = db::find(&mut db, kind, id, areas).await?.ok_or_else(ApiError::not_found)?;
    let mut suggestions = Vec::new();
    let mut lane = row.address.as_deref().and_then(|address| address.parse::<Address>().ok());
    // From the very alley outwards, until somebody lives there.
    while let Some(address) = lane.filter(|_| suggestions.is_empty()) {
        let houses = db::houses_in(&mut db, row.area_id, &rules::lane(&address)).await?;
        suggestions = rules::nearest(&address, houses);
        lane = rules::outwards(address);
    }
    Ok(Json(UnplacedRow { row, suggestions }))
}

/// The kinds that the caller may place, with the areas.
fn kinds_of(caller: &Caller) -> Vec<(Layer, AreaSet)> {
    let reached = KINDS.map(|(kind, permission)| (kind, caller.reach(permission).clone()));
    reached.into_iter().filter(|(_, areas)| !areas.is_empty()).collect()
}

/// Rows with all the words, kind after kind, and where the next page begins.
async fn find(
    db: &mut Session,
    kinds: &[(Layer, AreaSet)],
    start: Option<Cursor>,
    words: &str,
    limit: i64,
) -> ApiResult<(Vec<Unplaced>, Option<Cursor>)> {
    let words = rules::words(words);
    let mut found: Vec<Unplaced> = Vec::new();
    let mut to_look_through = LOOKED_THROUGH;
    for (kind, areas) in kinds {
        let mut last = start.filter(|start| start.kind == *kind).map_or(0, |start| start.id);
        let room = limit - found.len() as i64;
        // One more than is looked at tells whether there is a next page.
        let read = if words.is_empty() { room.min(to_look_through) } else { to_look_through } + 1;
        for row in db::list(db, *kind, areas, last, read).await? {
            if found.len() as i64 == limit || to_look_through == 0 {
                return Ok((found, Some(Cursor { kind: *kind, id: last })));
            }
            to_look_through -= 1;
            last = row.id;
            if rules::has_words(&row, &words) {
                found.push(row);
            }
        }
    }
    Ok((found, None))
}
