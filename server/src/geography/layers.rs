//! The list of layers that a caller may see.
//! It deliberately shows nothing of a layer out of reach, not even that there is one.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use shared::layer::LayerList;

use super::{GeographyState, catalogue::Catalogue};
use crate::accounts::Caller;
use crate::platform::error::ApiResult;
use crate::platform::revalidation::revalidated;

/// The layers this caller may see, with how many rows of each.
#[utoipa::path(get, path = "/api/layers", tag = "map", responses((status = 200, body = LayerList)))]
pub async fn list_layers(State(state): State<GeographyState>, caller: Caller, headers: HeaderMap) -> ApiResult<Response> {
    let visible = Catalogue::embedded().layers().filter_map(|layer| {
        let audience = state.map_index.audience(&layer.name, &caller)?;
        let count = state.map_index.points(&layer.name).map(|points| points.count(&audience));
        Some(layer.summary(count))
    });
    // What everybody sees may open a map without a network; what an appointment shows is asked for each time.
    let keep = if caller.is_public() { "public, no-cache" } else { "private, no-store" };
    revalidated(&headers, keep, &LayerList { layers: visible.collect() })
}
