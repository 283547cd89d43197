//! TileJSON of the layers: where their tiles are, what their features carry, whose data they are.
//! It deliberately decides nothing about who sees a layer: `visible` does, as for its tiles.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use shared::area::{AreaList, Attribution};
use shared::layer::{TileJson, VectorLayer};

use super::{no_such_layer, visible};
use crate::accounts::Caller;
use crate::geography::GeographyState;
use crate::platform::error::ApiResult;

/// TileJSON 3.0.0 of a layer.
#[utoipa::path(
    get,
    path = "/tiles/{layer}",
    tag = "tiles",
    params(("layer" = String, Path, description = "a layer of /api/layers, followed by .json")),
    responses(
        (status = 200, body = TileJson),
        (status = 404, body = shared::problem::Problem, description = "tiles.no_such_layer"),
    )
)]
pub async fn get_tile_json(
    State(state): State<GeographyState>,
    caller: Caller,
    Path(document): Path<String>,
    headers: HeaderMap,
) -> ApiResult<([(HeaderName, HeaderValue); 2], axum::Json<TileJson>)> {
    let name = document.strip_suffix(".json").ok_or_else(no_such_layer)?;
    let (layer, _) = visible(&state, name, &caller)?;
    let areas = state.areas.current(&state).await?;
    let described = TileJson {
        tilejson: "3.0.0".into(),
        name: layer.title.vi.clone(),
        tiles: vec![format!("{}/tiles/{}/{{z}}/{{x}}/{{y}}.mvt", origin(&headers), layer.name)],
        minzoom: layer.min_zoom,
        maxzoom: layer.max_zoom,
        bounds: areas.initial_bounds,
        attribution: attribution(&areas),
        vector_layers: vec![VectorLayer {
            id: layer.name.clone(),
            fields: layer
                .properties
                .iter()
                .map(|p| (p.name.clone(), kind_name(p.kind).to_owned()))
                .chain(layer.sharing.iter().map(|sharing| (sharing.name.clone(), "Number".to_owned())))
                .collect(),
            minzoom: layer.min_zoom,
            maxzoom: layer.max_zoom,
        }],
    };
    let caching = [
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("Cookie, Host, X-Forwarded-Proto")),
    ];
    Ok((caching, axum::Json(described)))
}

/// Whose data the areas' base maps are, each said once; HTML, as TileJSON has it.
fn attribution(areas: &AreaList) -> Option<String> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut said: Vec<String> = Vec::new();
    for Attribution { text, url } in areas.areas.iter().filter_map(|area| area.attribution.as_ref()) {
        let words = match url {
            Some(url) => format!("<a href=\"{}\">{}</a>", escaped(url), escaped(text)),
            None => escaped(text),
        };
        if !said.contains(&words) {
            said.push(words);
        }
    }
    (!said.is_empty()).then(|| said.join(" · "))
}

/// Where the client found us. TileJSON wants whole addresses.
fn origin(headers: &HeaderMap) -> String {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = match text(HeaderName::from_static("x-forwarded-proto")) {
        Some("https") => "https",
        _ => "http",
    };
    text(header::HOST).map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

fn kind_name(kind: shared::layer::PropertyKind) -> &'static str {
    use shared::layer::PropertyKind::{Boolean, Code, Integer, Real, Text, Time};
    match kind {
        Integer | Real => "Number",
        Boolean => "Boolean",
        Time | Code | Text => "String",
    }
}
