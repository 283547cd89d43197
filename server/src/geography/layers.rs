//! The list of layers that a caller may see, with how many rows of each: in all of the caller's reach, or in one area.
//! It deliberately shows nothing of a layer out of reach, not even that there is one.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use shared::layer::LayerList;

use super::{GeographyState, areas::at_and_below, catalogue::Catalogue};
use crate::accounts::Caller;
use crate::platform::error::ApiResult;
use crate::platform::revalidation::revalidated;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Id of an area: only rows in it and in what lies below it are counted.
    area: Option<i32>,
}

/// The layers this caller may see, with how many rows of each.
#[utoipa::path(get, path = "/api/layers", tag = "map", params(Asked), responses((status = 200, body = LayerList)))]
pub async fn list_layers(
    State(state): State<GeographyState>,
    caller: Caller,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let within = match asked.area {
        Some(area) => Some(at_and_below(&*state.areas.current(&state).await?, area)),
        None => None,
    };
    let visible = Catalogue::embedded().layers().filter_map(|layer| {
        let audience = state.map_index.audience(&layer.name, &caller)?;
        let audience = match &within {
            Some(areas) => audience.within(areas),
            None => audience,
        };
        let count = state.map_index.points(&layer.name).map(|points| points.count(&audience));
        Some(layer.summary(count))
    });
    // What everybody sees may open a map without a network; what an appointment shows is asked for each time.
    let keep = if caller.is_public() { "public, no-cache" } else { "private, no-store" };
    revalidated(&headers, keep, &LayerList { layers: visible.collect() })
}
