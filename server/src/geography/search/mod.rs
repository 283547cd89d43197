//! Searching: what a caller may look for, what is found, and what it is called to this caller.
//! It deliberately matches no words: the search index gives ids, rows are read by id under row-level security.

mod db;
mod rank;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Json, http::HeaderValue, http::header};
use serde::Deserialize;
use shared::search::{SearchKind, SearchRequest, SearchResults};
use shared::session::Permission;

pub use self::db::statements;
use self::rank::Found;
use super::GeographyState;
use super::search_index::{Scope, Words};
use crate::accounts::audit::{AccessReason, search_reach};
use crate::accounts::{AreaSet, Caller, Session};
use crate::platform::error::{ApiError, ApiResult};

const MAX_CHARACTERS: usize = 200;
const DEFAULT_LIMIT: u8 = 20;
const MAX_LIMIT: u8 = 50;
/// Rows read of each kind at least, so that the order of equally good ones is decided by more than chance.
const CANDIDATES: usize = 30;

/// The query of `GET /api/search`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub struct PublicSearch {
    /// At least two letters or digits.
    q: String,
    /// 1 to 50, default 20.
    limit: Option<u8>,
}

/// Finds what everybody may see: areas, roads, places, businesses, buildings by their address.
#[utoipa::path(get, path = "/api/search", tag = "search", params(PublicSearch), responses(
    (status = 200, body = SearchResults),
    (status = 400, body = shared::problem::Problem, description = "search.too_long"),
))]
pub async fn search_open(
    State(state): State<GeographyState>,
    mut db: Session,
    Query(search): Query<PublicSearch>,
) -> ApiResult<Json<SearchResults>> {
    let request = SearchRequest { q: search.q, limit: search.limit, near: None };
    let results = search_within(&state, &mut db, &request, &Reach::nothing()).await?;
    Ok(Json(results))
}

/// Finds all that the caller reaches. Names of households are looked through where the caller may open them by name: for
/// some roles only with a stated reason (`Access-Reason`), which opens a search session of 15 minutes and is audited once.
#[utoipa::path(post, path = "/api/search", tag = "search", request_body = SearchRequest, responses(
    (status = 200, body = SearchResults),
    (status = 400, body = shared::problem::Problem, description = "search.too_long"),
))]
pub async fn search_all(
    State(state): State<GeographyState>,
    mut db: Session,
    reason: AccessReason,
    Json(request): Json<SearchRequest>,
) -> ApiResult<([(header::HeaderName, HeaderValue); 1], Json<SearchResults>)> {
    let names = search_reach(&mut db, reason.optional()).await?;
    let reach = Reach::of(db.caller(), names.areas);
    let mut results = search_within(&state, &mut db, &request, &reach).await?;
    results.reason_needed = names.reason_needed;
    if let Some(entry) = &names.begins {
        db.record(entry).await?;
        db.commit().await?;
    }
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(results)))
}

/// The areas in which a caller may look for what is not open to everybody.
struct Reach {
    /// Households by name.
    names: AreaSet,
    /// Households by address only.
    addresses: AreaSet,
    boarding_houses: AreaSet,
    cameras: AreaSet,
}

impl Reach {
    fn nothing() -> Self {
        let nowhere = AreaSet::default();
        Self { names: nowhere.clone(), addresses: nowhere.clone(), boarding_houses: nowhere.clone(), cameras: nowhere }
    }

    fn of(caller: &Caller, names: AreaSet) -> Self {
        let addresses = caller.reach(Permission::SeeHouseholds).iter().copied().filter(|area| !names.contains(*area)).collect();
        Self {
            names,
            addresses,
            boarding_houses: caller.reach(Permission::SeeBoardingHouses).clone(),
            cameras: caller.reach(Permission::SeeCameras).clone(),
        }
    }

    fn scopes(&self) -> Vec<Scope<'_>> {
        let open = [SearchKind::Area, SearchKind::Road, SearchKind::Place, SearchKind::Business, SearchKind::Building];
        let mut scopes: Vec<Scope<'_>> = open.map(|kind| Scope { kind, areas: None, by_name: false }).into();
        let within = [
            (SearchKind::Household, &self.names, true),
            (SearchKind::Household, &self.addresses, false),
            (SearchKind::BoardingHouse, &self.boarding_houses, false),
            (SearchKind::Camera, &self.cameras, false),
        ];
        let within = within.into_iter().filter(|(_, areas, _)| !areas.is_empty());
        scopes.extend(within.map(|(kind, areas, by_name)| Scope { kind, areas: Some(areas), by_name }));
        scopes
    }
}

async fn search_within(state: &GeographyState, db: &mut Session, request: &SearchRequest, reach: &Reach) -> ApiResult<SearchResults> {
    if request.q.chars().count() > MAX_CHARACTERS {
        let detail = format!("a search is at most {MAX_CHARACTERS} characters; a name and an alley are enough");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "search.too_long", detail));
    }
    let limit = usize::from(request.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT));
    let Some(words) = Words::parse(&request.q) else { return Ok(SearchResults::default()) };
    let hits = state.search_index.find(&words, &reach.scopes(), limit.max(CANDIDATES))?;
    let mut found: Vec<Found> = Vec::new();
    for (kind, hits) in hits {
        let ids: Vec<i64> = hits.iter().map(|hit| hit.id).collect();
        let rows = db::describe(db, kind, &ids, &reach.names, &words).await?;
        let score = |id: i64| hits.iter().find(|hit| hit.id == id).map_or(0.0, |hit| hit.score);
        found.extend(rows.into_iter().map(|result| Found { score: score(result.id), result }));
    }
    Ok(SearchResults { results: rank::best(found, &words, request.near, limit), reason_needed: false })
}
