//! The list of layers that a caller may see.
//! It deliberately shows nothing of a layer out of reach, not even that there is one.

use axum::http::{HeaderName, header};
use axum::{Json, extract::State};
use shared::layer::LayerList;

use super::{GeographyState, catalogue::Catalogue};
use crate::accounts::Caller;
use crate::platform::error::ApiResult;

/// The layers this caller may see, with how many rows of each.
#[utoipa::path(get, path = "/api/layers", tag = "map", responses((status = 200, body = LayerList)))]
pub async fn list_layers(
    State(state): State<GeographyState>,
    caller: Caller,
) -> ApiResult<([(HeaderName, &'static str); 2], Json<LayerList>)> {
    let visible = Catalogue::embedded().layers().filter_map(|layer| {
        let audience = state.map_index.audience(&layer.name, &caller)?;
        let count = state.map_index.points(&layer.name).map(|points| points.count(&audience));
        Some(layer.summary(count))
    });
    // What everybody sees may open a map without a network; what an appointment shows is asked for each time.
    let keep = if caller.is_public() { "public, no-cache" } else { "private, no-store" };
    let list = LayerList { layers: visible.collect() };
    Ok(([(header::CACHE_CONTROL, keep), (header::VARY, "Cookie")], Json(list)))
}
