//! Every door of the server, tried with every role on a real PostGIS. One module per domain.

mod accounts;
mod audit;
mod demo;
mod demo_province;
mod demo_terrain;
mod doctor;
mod editing;
mod feed;
mod health;
mod live;
mod matrix;
mod osm_file;
mod osm_import;
mod reach;
mod search;
mod tiles;
mod unplaced;
