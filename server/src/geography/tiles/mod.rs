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
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::revalidation::names_etag;

/// Where in the change feed a tile stands: every change up to here is in it, so deltas after it apply without a gap.
const FEED_POSITION: HeaderName = HeaderName::from_static("x-feed-position");

const CONTENT_TYPE: &str = "application/vnd.mapbox-vector-tile";

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
    version: u64,
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
        let Self { layer, tile, audience, filter, drawn_as, version } = self;
        let mut hash = Sha256::new_with_prefix(process);
        // Of a fixed length each, or ended by what neither a name nor a filter's text holds.
        hash.update([tile.z, *drawn_as as u8]);
        hash.update(tile.x.to_be_bytes());
        hash.update(tile.y.to_be_bytes());
        hash.update(audience.key());
        hash.update(version.to_be_bytes());
        for text in [&layer.name, filter.canonical()] {
            hash.update(text);
            hash.update([0]);
        }
        let mut etag = [0; 16];
        etag.copy_from_slice(&hash.finalize()[..16]);
        etag
    }

    async fn answer(self, state: &GeographyState, caller: &Caller, headers: &HeaderMap, position: Option<Arc<str>>) -> ApiResult<Response> {
        let key = self.etag(&state.tiles.process);
        answer(state, caller, headers, key, position, || self.encode(state)).await
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
    let version = state.map_index.versions(&layer.name).map_or(0, |versions| versions.of(tile));
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
    // Hexagons reach over the tile's edge: what changes next door changes them. Every change has a higher version than those
    // before, so the highest tells.
    let versions = state.map_index.versions(&layer.name);
    let version = versions.and_then(|versions| tile.and_around().map(|tile| versions.of(tile)).max()).unwrap_or(0);
    let request = TileRequest { layer, tile, audience, filter, drawn_as: DrawnAs::Cells, version };
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
    let encode = || async move { Ok(Bytes::from(backdrop::encode(&state.pools.app, tile, on).await?)) };
    answer(state, caller, headers, key, position, encode).await
}

/// A tile by its key: not modified, from the cache, or made now.
async fn answer<Encoding: Future<Output = anyhow::Result<Bytes>>>(
    state: &GeographyState,
    caller: &Caller,
    headers: &HeaderMap,
    key: Key,
    position: Option<Arc<str>>,
    encode: impl FnOnce() -> Encoding,
) -> ApiResult<Response> {
    let mut etag = *br#"W/"................................""#;
    hex::encode_to_slice(key, &mut etag[3..35]).expect("two digits a byte");
    let etag = str::from_utf8(&etag).expect("digits are ASCII");
    // Room for these and what every answer is given: growing costs more than all of them.
    let mut said = HeaderMap::with_capacity(12);
    said.insert(header::ETAG, HeaderValue::from_str(etag).expect("hexadecimal digits are ASCII"));
    let keep = if caller.is_public() { "public, no-cache" } else { "private, no-cache" };
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    said.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Encoding"));
    if let Some(position) = position {
        said.insert(FEED_POSITION, HeaderValue::from_str(&position).expect("a position is ASCII"));
    }
    if names_etag(headers, etag) {
        return Ok(respond(StatusCode::NOT_MODIFIED, said, Body::empty()));
    }
    let wished = Coding::accepted(headers);
    let (bytes, coding) = match state.tiles.kept(key, wished).await {
        Some(kept) => kept,
        // In a box of its own: whoever makes a tile carries kilobytes of state, and every kept one would carry them too.
        None => Box::pin(state.tiles.make(key, wished, encode())).await.context("a tile could not be made")?,
    };
    if coding == Coding::Gzip {
        said.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if bytes.is_empty() {
        return Ok(respond(StatusCode::NO_CONTENT, said, Body::empty()));
    }
    said.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    Ok(respond(StatusCode::OK, said, Body::from(bytes)))
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
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
