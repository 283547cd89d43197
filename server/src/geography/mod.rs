//! Areas, the base map, the layer catalogue, the map and search indexes, vector tiles.
//! It deliberately writes no table of the domains whose points it draws.

pub mod areas;
pub mod audience;
pub mod catalogue;
pub mod filter;
mod layers;
pub mod load;
pub mod map_index;
pub mod mercator;
pub mod tiles;
pub mod wards;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{areas::Areas, map_index::MapIndex, tiles::TileCache};
use crate::accounts::Accounts;
use crate::platform::database::Pools;

/// What the routes of the map need.
#[derive(Clone, FromRef)]
pub struct GeographyState {
    accounts: Accounts,
    pools: Pools,
    map_index: MapIndex,
    areas: Areas,
    tiles: TileCache,
}

impl GeographyState {
    pub fn new(accounts: Accounts, pools: Pools, map_index: MapIndex) -> Self {
        Self { accounts, pools, map_index, areas: Areas::default(), tiles: TileCache::default() }
    }
}

/// Layers, areas, tiles and search.
pub fn routes(state: GeographyState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(layers::list_layers))
        .routes(routes!(areas::list_areas))
        .routes(routes!(tiles::get_tile_json))
        .routes(routes!(tiles::get_tile))
        .with_state(state)
}
