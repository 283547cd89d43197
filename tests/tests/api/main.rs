//! Every door of the server, tried with every role on a real PostGIS. One module per domain.

mod feed;
mod health;
mod live;
mod osm_file;
mod osm_import;
