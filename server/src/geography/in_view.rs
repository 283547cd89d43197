//! How many there are of each layer in what a screen looks at, and how many households each area has: numbers beside names.
//! It deliberately counts what is protected in the map index alone, cut to the caller's reach; only the open base map's
//! tables are asked.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use shared::area::{AreaHouseholds, HouseholdCounts};
use shared::layer::{InView, LayerInView};
use shared::session::Permission;

use super::{
    GeographyState,
    audience::Audience,
    catalogue::{Catalogue, Source},
    filter::Filter,
    map_index::MapIndex,
    tiles,
};
use crate::accounts::{AreaSet, Caller};
use crate::platform::error::{ApiError, ApiResult};

/// What a 4K screen shows at zoom 14, from which on houses are drawn.
const CLOSE_DEG: f64 = 0.35;
/// What a caller reaches is nobody else's to keep.
const UNCACHED: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// How many rows of each layer that the caller sees lie in a box; filtered as its tiles would be, with the layer's name
/// before the property: `?bbox=105.73,21.03,105.75,21.05&business.sector=G,I`. Lines and surfaces only in a box of at most
/// 0.35 degrees.
#[utoipa::path(get, path = "/api/layers/in-view", tag = "map",
    params(("bbox" = String, Query, description = "west,south,east,north, degrees")),
    responses((status = 200, body = InView), (status = 400, description = "`bad_request`, `tiles.bad_filter`", body = shared::problem::Problem)))]
pub async fn count_in_view(
    State(state): State<GeographyState>,
    caller: Caller,
    Query(query): Query<Vec<(String, String)>>,
) -> ApiResult<([(HeaderName, &'static str); 1], Json<InView>)> {
    let bounds = query.iter().find(|(name, _)| name == "bbox").and_then(|(_, text)| parse_box(text));
    let bounds = bounds.ok_or_else(|| ApiError::bad_request("bbox is west,south,east,north in degrees"))?;
    let mut wanted = Vec::new();
    let mut layers = Vec::new();
    for layer in Catalogue::embedded().layers() {
        let Some(audience) = state.map_index.audience(&layer.name, &caller) else { continue };
        let conditions: Vec<(String, String)> = query
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&layer.name)?.strip_prefix('.')?.to_owned(), value.clone())))
            .collect();
        let filter = Filter::parse(layer, &conditions)
            .map_err(|wrong| ApiError::new(StatusCode::BAD_REQUEST, "tiles.bad_filter", wrong.to_string()))?;
        match layer.source {
            Source::MapIndex => wanted.push((layer.name.clone(), audience, filter)),
            Source::Postgis if is_close(bounds) => {
                let count = tiles::count_rows(&state.pools.app, layer, bounds, &filter).await?;
                layers.push(LayerInView { name: layer.name.clone(), count: count.cast_unsigned() });
            }
            Source::Postgis => {}
        }
    }
    let index = state.map_index.clone();
    // A whole province in view is some milliseconds of counting.
    let points = tokio::task::spawn_blocking(move || {
        let counts = wanted.into_iter().filter_map(|(name, audience, filter)| {
            let count = count(&index, &name, bounds, &audience, &filter)?;
            Some(LayerInView { name, count })
        });
        counts.collect::<Vec<_>>()
    });
    layers.extend(points.await.map_err(anyhow::Error::from)?);
    Ok((UNCACHED, Json(InView { layers, at: state.clock.now() })))
}

/// Whether a screen that shows this box is near enough to show houses: farther away there are too many lines and surfaces
/// to count them each time the map stands still, and nobody asks how many.
fn is_close([west, south, east, north]: [f64; 4]) -> bool {
    east - west <= CLOSE_DEG && north - south <= CLOSE_DEG
}

/// None for a layer that is no point layer.
fn count(index: &MapIndex, layer: &str, bounds: [f64; 4], audience: &Audience, filter: &Filter) -> Option<u64> {
    let points = index.points(layer)?;
    let prepared = points.prepare(filter);
    Some(points.in_box(super::map_index::world_box(bounds), audience).filter(|(_, row)| prepared.accepts(*row)).count() as u64)
}

fn parse_box(text: &str) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>()?;
    let [west, south, east, north] = numbers.try_into().ok()?;
    let sound = west.abs() <= 180.0 && east.abs() <= 180.0 && south.abs() <= 90.0 && north.abs() <= 90.0 && west <= east && south <= north;
    sound.then_some([west, south, east, north])
}

/// How many households each area has that the caller may count: TDPs, and the wards and provinces above them.
#[utoipa::path(get, path = "/api/areas/households", tag = "map", responses(
    (status = 200, body = HouseholdCounts),
    (status = 401, body = shared::problem::Problem),
    (status = 403, body = shared::problem::Problem),
))]
pub async fn count_households(
    State(state): State<GeographyState>,
    caller: Caller,
) -> ApiResult<([(HeaderName, &'static str); 1], Json<HouseholdCounts>)> {
    caller.require(Permission::SeePopulationPerTdp)?;
    let reach = caller.reach(Permission::SeePopulationPerTdp);
    let list = state.areas.current(&state).await?;
    let Some(points) = state.map_index.points("household") else { return Err(ApiError::not_found()) };
    let right_in = |area: i32| points.count(&Audience::of_areas(AreaSet::from_iter([area]), None));
    let mut counts: HashMap<i32, u64> = list.areas.iter().map(|area| (area.id.0, right_in(area.id.0))).collect();
    // Parents come before their children: from the last on, each adds all of its own to the one above.
    for area in list.areas.iter().rev() {
        let own = counts[&area.id.0];
        if let Some(above) = area.parent_id.and_then(|parent| counts.get_mut(&parent.0)) {
            *above += own;
        }
    }
    let reached = list.areas.iter().filter(|area| reach.contains(area.id.0));
    let areas = reached.map(|area| AreaHouseholds { area_id: area.id, households: counts[&area.id.0] });
    Ok((UNCACHED, Json(HouseholdCounts { areas: areas.collect(), at: state.clock.now() })))
}

#[cfg(test)]
mod tests {
    use super::parse_box;

    #[test]
    fn a_box_has_four_numbers_that_make_one() {
        assert_eq!(parse_box("105.7, 21,105.8,21.1"), Some([105.7, 21.0, 105.8, 21.1]));
        for wrong in ["", "1,2,3", "1,2,3,4,5", "105.8,21,105.7,21.1", "105.7,21,105.8,NaN", "0,0,inf,1", "a,b,c,d"] {
            assert_eq!(parse_box(wrong), None, "{wrong}");
        }
    }
}
