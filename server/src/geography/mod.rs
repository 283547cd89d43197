//! Areas, the base map, the layer catalogue, the map and search indexes, vector tiles.
//! It deliberately writes no table of the domains whose points it draws.

pub mod addresses;
pub mod area_versions;
pub mod areas;
pub mod audience;
pub mod catalogue;
pub mod copy;
pub mod editing;
mod features;
mod features_db;
pub mod filter;
mod in_view;
mod layers;
pub mod list;
pub mod load;
pub mod map_index;
pub mod mercator;
pub mod nearest;
mod past;
mod places;
pub mod placing;
pub mod search;
pub mod search_index;
pub mod tiles;
mod unplaced;
pub mod wards;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::tiles::TileCache;
use self::{areas::Areas, map_index::MapIndex, search_index::SearchIndex};
use crate::accounts::Accounts;
use crate::platform::{clock::SharedClock, database::Pools};

/// What the routes of the map need.
#[derive(Clone)]
pub struct GeographyState(Arc<Parts>);

/// What [`GeographyState`] holds; behind one pointer, because every request of a tile takes a copy of the state or two.
pub struct Parts {
    accounts: Accounts,
    pools: Pools,
    map_index: MapIndex,
    search_index: SearchIndex,
    clock: SharedClock,
    areas: Areas,
    tiles: TileCache,
}

impl GeographyState {
    /// The indexes are the ones that follow the feed.
    pub fn new(
        accounts: Accounts,
        pools: Pools,
        map_index: MapIndex,
        search_index: SearchIndex,
        clock: SharedClock,
        tiles: TileCache,
    ) -> Self {
        Self(Arc::new(Parts { accounts, pools, map_index, search_index, clock, areas: Areas::default(), tiles }))
    }
}

impl Deref for GeographyState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<GeographyState> for Accounts {
    fn from_ref(state: &GeographyState) -> Self {
        state.accounts.clone()
    }
}

impl FromRef<GeographyState> for MapIndex {
    fn from_ref(state: &GeographyState) -> Self {
        state.map_index.clone()
    }
}

/// Tiles: what a map asks for by the hundred.
pub fn tile_routes(state: GeographyState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(tiles::get_tile)).routes(routes!(tiles::get_cells)).with_state(state)
}

/// Layers, areas and search.
pub fn routes(state: GeographyState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(layers::list_layers))
        .routes(routes!(in_view::count_in_view))
        .routes(routes!(in_view::count_households))
        .routes(routes!(past::show_layer_on))
        .routes(routes!(areas::list_areas))
        .routes(routes!(tiles::tile_json::get_tile_json))
        .routes(routes!(search::search_open, search::search_all))
        .routes(routes!(places::open_place, places::edit_place))
        .routes(routes!(places::read_place_history))
        .routes(routes!(unplaced::list_unplaced))
        .routes(routes!(unplaced::open_unplaced))
        .routes(routes!(features::open_building))
        .routes(routes!(features::open_road))
        .with_state(state)
}
