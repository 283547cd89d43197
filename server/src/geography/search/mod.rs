//! Searching: what a caller may look for, what is found, and what it is called to this caller.
//! It deliberately matches no words: the search index gives ids, rows are read by id under row-level security.

mod db;

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Json, http::HeaderValue, http::header};
use serde::Deserialize;
use shared::search::{SearchKind, SearchRequest, SearchResult, SearchResults};
use shared::session::Permission;

pub use self::db::statements;
use super::GeographyState;
use super::search_index::{Hit, Scope, SearchIndex, Wanted, Words};
use crate::accounts::audit::{AccessReason, search_reach};
use crate::accounts::{AreaSet, Caller, Session};
use crate::platform::error::{ApiError, ApiResult};

const MAX_CHARACTERS: usize = 200;
const DEFAULT_LIMIT: u8 = 20;
const MAX_LIMIT: u8 = 50;
/// Rows looked for beyond what is asked: some may be gone by the time they are read.
const SPARE: usize = 5;

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
    /// All areas of the caller's appointments.
    home: AreaSet,
}

impl Reach {
    fn nothing() -> Self {
        let nowhere = AreaSet::default();
        Self {
            names: nowhere.clone(),
            addresses: nowhere.clone(),
            boarding_houses: nowhere.clone(),
            cameras: nowhere.clone(),
            home: nowhere,
        }
    }

    fn of(caller: &Caller, names: AreaSet) -> Self {
        let addresses = caller.reach(Permission::SeeHouseholds).iter().copied().filter(|area| !names.contains(*area)).collect();
        Self {
            names,
            addresses,
            boarding_houses: caller.reach(Permission::SeeBoardingHouses).clone(),
            cameras: caller.reach(Permission::SeeCameras).clone(),
            home: home(caller),
        }
    }

    fn scopes(&self) -> Vec<Scope> {
        let open = [SearchKind::Area, SearchKind::Road, SearchKind::Place, SearchKind::Business, SearchKind::Building];
        let mut scopes: Vec<Scope> = open.map(|kind| Scope { kind, areas: None, by_name: false }).into();
        let within = [
            (SearchKind::Household, &self.names, true),
            (SearchKind::Household, &self.addresses, false),
            (SearchKind::BoardingHouse, &self.boarding_houses, false),
            (SearchKind::Camera, &self.cameras, false),
        ];
        let within = within.into_iter().filter(|(_, areas, _)| !areas.is_empty());
        scopes.extend(within.map(|(kind, areas, by_name)| Scope { kind, areas: Some(areas.clone()), by_name }));
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
    let index = state.search_index.clone();
    // Before looking: what is indexed meanwhile is found, and said to be missing once too often rather than once too seldom.
    let indexing = index.indexing();
    let hits = look(index, words.clone(), reach, request.near, limit + SPARE).await?;
    let mut ids: HashMap<SearchKind, Vec<i64>> = HashMap::new();
    hits.iter().for_each(|hit| ids.entry(hit.kind).or_default().push(hit.id));
    let mut rows: HashMap<(SearchKind, i64), SearchResult> = HashMap::new();
    for (kind, ids) in ids {
        let described = db::describe(db, kind, &ids, &reach.names, &words).await?;
        rows.extend(described.into_iter().map(|result| ((kind, result.id), result)));
    }
    let results = hits.iter().filter_map(|hit| rows.remove(&(hit.kind, hit.id))).take(limit).collect();
    Ok(SearchResults { results, reason_needed: false, indexing })
}

/// Milliseconds in a city: off the threads on which everybody's requests wait for each other.
async fn look(index: SearchIndex, words: Words, reach: &Reach, near: Option<[f64; 2]>, limit: usize) -> ApiResult<Vec<Hit>> {
    let (scopes, home) = (reach.scopes(), reach.home.clone());
    // A place that is none orders nothing.
    let near = near.filter(|near| near.iter().all(|degrees| degrees.is_finite() && degrees.abs() <= 180.0));
    let looked = tokio::task::spawn_blocking(move || index.find(&words, &Wanted { scopes: &scopes, home: &home, near, limit }));
    looked.await.map_err(|cause| ApiError::from(anyhow::Error::from(cause)))
}

fn home(caller: &Caller) -> AreaSet {
    caller.appointments().iter().flat_map(|appointment| appointment.subtree.iter().copied()).collect()
}
