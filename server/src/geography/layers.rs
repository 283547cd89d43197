//! The list of layers that a caller may see.
//! It deliberately shows nothing of a layer out of reach, not even that there is one.

use axum::{Json, extract::State};
use shared::layer::LayerList;

use super::{GeographyState, catalogue::Catalogue};
use crate::accounts::Caller;
use crate::platform::error::ApiResult;

/// The layers this caller may see, with how many rows of each.
#[utoipa::path(get, path = "/api/layers", tag = "map", responses((status = 200, body = LayerList)))]
pub async fn list_layers(State(state): State<GeographyState>, caller: Caller) -> ApiResult<Json<LayerList>> {
    let visible = Catalogue::embedded().layers().filter_map(|layer| {
        let audience = state.map_index.audience(&layer.name, &caller)?;
        let count = state.map_index.points(&layer.name).map(|points| points.count(&audience));
        Some(layer.summary(count))
    });
    Ok(Json(LayerList { layers: visible.collect() }))
}
