//! Vector tiles: who asks, what has changed, what is answered.
//! It deliberately writes no tile itself: `points` and `cells` do from the map index, `base` and `backdrop` through PostGIS.

pub mod backdrop;
mod base;
mod cache;
mod cells;
mod encode;
mod points;
pub mod tile_json;

use std::sync::Arc;

use anyhow::Context;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

pub use self::base::count as count_rows;
pub use self::cache::TileCache;
use self::cache::{Coding, Key};
pub use self::points::{POINT_COUNT, THIN_BELOW, encode as encode_points};
use super::GeographyState;
use super::audience::Audience;
use super::catalogue::{Catalogue, Layer, Source};
use super::filter::Filter;
use super::mercator::TileAddress;
use crate::accounts::Caller;
use crate::feed::Position;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::revalidation::names_etag;

/// Where in the change feed a tile stands: every change up to here is in it, so deltas after it apply without a gap.
const FEED_POSITION: HeaderName = HeaderName::from_static("x-feed-position");

pub const CONTENT_TYPE: &str = "application/vnd.mapbox-vector-tile";

/// Which tile of which layer an address names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TilePath {
    /// A layer of /api/layers; cells are counted of point layers.
    layer: String,
    z: String,
    x: String,
    /// Row, followed by .mvt.
    y: String,
}

impl TilePath {
    fn address(&self) -> ApiResult<TileAddress> {
        let Self { z, x, y, .. } = self;
        let row = y.strip_suffix(".mvt");
        let tile = row.and_then(|y| TileAddress::new(z.parse().ok()?, x.parse().ok()?, y.parse().ok()?));
        tile.ok_or_else(|| {
            let detail = format!("{z}/{x}/{y} is no tile; write zoom/column/row.mvt with zoom 0 to 22 and column and row below 2^zoom");
            ApiError::new(StatusCode::BAD_REQUEST, "tiles.bad_address", detail)
        })
    }
}

/// All that a tile's bytes depend on.
struct TileRequest {
    layer: Arc<Layer>,
    tile: TileAddress,
    audience: Audience,
    filter: Filter,
    drawn_as: DrawnAs,
    /// Of the tile's cell, and of whatever else is drawn on it.
    version: String,
}

/// What becomes of a layer's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DrawnAs {
    Rows,
    /// Counts per hexagon.
    Cells,
}

impl TileRequest {
    fn etag(&self, process: &[u8; 16]) -> [u8; 16] {
        let TileAddress { z, x, y } = self.tile;
        let mut hash = Sha256::new_with_prefix(process);
        let Self { layer, version, audience, filter, drawn_as, .. } = self;
        hash.update(format!("{}/{z}/{x}/{y} {drawn_as:?} {version} {} {}", layer.name, audience.key(), filter.canonical()));
        let mut etag = [0; 16];
        etag.copy_from_slice(&hash.finalize()[..16]);
        etag
    }

    async fn answer(self, state: &GeographyState, caller: &Caller, headers: &HeaderMap, position: Option<Position>) -> ApiResult<Response> {
        let key = self.etag(&state.tiles.process);
        answer(state, caller, headers, key, position, self.encode(state)).await
    }

    async fn encode(self, state: &GeographyState) -> anyhow::Result<Bytes> {
        let bytes = match self.layer.source {
            Source::Postgis => base::encode(&state.pools.app, &self.layer, self.tile, &self.filter).await?,
            Source::MapIndex => {
                let index = state.map_index.clone();
                // Some milliseconds of work on a crowded tile: not on the threads that answer everybody.
                tokio::task::spawn_blocking(move || {
                    let points = index.points(&self.layer.name).expect("the map index holds every layer of this source");
                    match self.drawn_as {
                        DrawnAs::Rows => points::encode(&points, self.tile, &self.audience, &self.filter),
                        DrawnAs::Cells => cells::encode(&points, self.tile, &self.audience, &self.filter),
                    }
                })
                .await?
            }
        };
        Ok(Bytes::from(bytes))
    }
}

/// One vector tile (MVT 2.1): one layer of that name, feature ids are row ids. Properties named in the query filter it:
/// `?status=online`, `?storeys=3..5`, `?kind=market,cashless_market`.
///
/// Below zoom 14 points that share a pixel are one feature with `point_count`.
#[utoipa::path(
    get,
    path = "/tiles/{layer}/{z}/{x}/{y}",
    tag = "tiles",
    params(TilePath),
    responses(
        (status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>),
        (status = 204, description = "nothing on this tile"),
        (status = 304, description = "the tile that If-None-Match names is still right"),
        (status = 400, body = shared::problem::Problem, description = "tiles.bad_address, tiles.bad_filter"),
        (status = 404, body = shared::problem::Problem, description = "tiles.no_such_layer"),
    )
)]
pub async fn get_tile(
    State(state): State<GeographyState>,
    caller: Caller,
    Path(path): Path<TilePath>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    if path.layer == backdrop::NAME {
        return get_backdrop(&state, &caller, path.address()?, &query, &headers).await;
    }
    // First: a bad address must not tell a layer out of reach from one that does not exist.
    let (layer, audience) = visible(&state, &path.layer, &caller)?;
    let tile = path.address()?;
    let filter = parse_filter(&layer, &query)?;
    // In this order: what is read later holds at least what the position and the version promise.
    let position = state.map_index.position();
    let version = state.map_index.versions(&layer.name).map_or(0, |versions| versions.of(tile)).to_string();
    let request = TileRequest { layer, tile, audience, filter, drawn_as: DrawnAs::Rows, version };
    request.answer(&state, &caller, &headers, position).await
}

/// How many points lie in each cell of a hexagonal grid: MVT layer `cells`, property `count`. Only of what the caller sees
/// as points, filtered as the points are; a cell is 40 pixels high at every zoom.
#[utoipa::path(
    get,
    path = "/tiles/{layer}/cells/{z}/{x}/{y}",
    tag = "tiles",
    params(TilePath),
    responses(
        (status = 200, content_type = "application/vnd.mapbox-vector-tile", body = Vec<u8>),
        (status = 204, description = "nothing on this tile"),
        (status = 304, description = "the tile that If-None-Match names is still right"),
        (status = 400, body = shared::problem::Problem, description = "tiles.bad_address, tiles.bad_filter"),
        (status = 404, body = shared::problem::Problem, description = "tiles.no_such_layer"),
    )
)]
pub async fn get_cells(
    State(state): State<GeographyState>,
    caller: Caller,
    Path(path): Path<TilePath>,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let (layer, audience) = visible(&state, &path.layer, &caller)?;
    if layer.source != Source::MapIndex {
        return Err(no_such_layer());
    }
    let tile = path.address()?;
    let filter = parse_filter(&layer, &query)?;
    let position = state.map_index.position();
    // Hexagons reach over the tile's edge: what changes next door changes them.
    let around = tile.and_around();
    let versions = state.map_index.versions(&layer.name).map(|versions| around.map(|tile| versions.of(tile)).collect::<Vec<_>>());
    let request = TileRequest { layer, tile, audience, filter, drawn_as: DrawnAs::Cells, version: format!("{versions:?}") };
    request.answer(&state, &caller, &headers, position).await
}

/// The ground outside the wards, boundary lines, names of waters: see `backdrop`.
async fn get_backdrop(
    state: &GeographyState,
    caller: &Caller,
    tile: TileAddress,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> ApiResult<Response> {
    let on = match query {
        [] => None,
        [(name, day)] if name == "on" => Some(day.parse().map_err(|_| ApiError::bad_request("write the day as on=2026-11-21"))?),
        _ => return Err(ApiError::bad_request("the backdrop takes a day, on=2026-11-21, and nothing else")),
    };
    let position = state.map_index.position();
    let TileAddress { z, x, y } = tile;
    let mut hash = Sha256::new_with_prefix(state.tiles.process);
    hash.update(format!("{}/{z}/{x}/{y} {on:?}", backdrop::NAME));
    for layer in backdrop::DRAWN_FROM {
        hash.update(format!(" {}", state.map_index.versions(layer).map_or(0, |versions| versions.of(tile))));
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    let encode = async { Ok(Bytes::from(backdrop::encode(&state.pools.app, tile, on).await?)) };
    answer(state, caller, headers, key, position, encode).await
}

/// A tile by its key: not modified, from the cache, or made now.
async fn answer(
    state: &GeographyState,
    caller: &Caller,
    headers: &HeaderMap,
    key: Key,
    position: Option<Position>,
    encode: impl Future<Output = anyhow::Result<Bytes>>,
) -> ApiResult<Response> {
    let etag = format!("W/\"{}\"", hex::encode(key));
    let mut response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::CACHE_CONTROL, if caller.is_public() { "public, no-cache" } else { "private, no-cache" })
        .header(header::VARY, "Cookie, Accept-Encoding");
    if let Some(position) = position {
        response = response.header(FEED_POSITION, position.to_string());
    }
    if names_etag(headers, &etag) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).map_err(anyhow::Error::from)?);
    }
    let (bytes, coding) = state.tiles.get(key, Coding::accepted(headers), encode).await.context("a tile could not be made")?;
    if coding == Coding::Gzip {
        response = response.header(header::CONTENT_ENCODING, "gzip");
    }
    let response = match bytes.is_empty() {
        true => response.status(StatusCode::NO_CONTENT).body(Body::empty()),
        false => response.header(header::CONTENT_TYPE, CONTENT_TYPE).body(Body::from(bytes)),
    };
    Ok(response.map_err(anyhow::Error::from)?)
}

fn parse_filter(layer: &Layer, query: &[(String, String)]) -> ApiResult<Filter> {
    Filter::parse(layer, query).map_err(|wrong| ApiError::new(StatusCode::BAD_REQUEST, "tiles.bad_filter", wrong.to_string()))
}

/// The layer, and what of it the caller may see. A layer out of reach and one that does not exist answer alike.
fn visible(state: &GeographyState, name: &str, caller: &Caller) -> ApiResult<(Arc<Layer>, Audience)> {
    let layer = Catalogue::embedded().layer(name).ok_or_else(no_such_layer)?;
    let audience = state.map_index.audience(name, caller).ok_or_else(no_such_layer)?;
    Ok((layer.clone(), audience))
}

fn no_such_layer() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "tiles.no_such_layer",
        "there is no such layer, or you may not see it; GET /api/layers lists yours",
    )
}
