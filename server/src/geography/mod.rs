//! Areas, the base map, the layer catalogue, the map and search indexes, vector tiles.
//! It deliberately writes no table of the domains whose points it draws.

pub mod catalogue;
mod catalogue_db;
pub mod load;
