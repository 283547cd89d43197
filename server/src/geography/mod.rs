//! Areas, the base map, the layer catalogue, the map and search indexes, vector tiles.
//! It deliberately writes no table of the domains whose points it draws.

pub mod load;
