//! Every door of the server, tried with every role on a real PostGIS. One module per domain.

mod accounts;
mod areas_import;
mod audit;
mod camera_alerts;
mod demo;
mod demo_province;
mod demo_terrain;
mod doctor;
mod drawn_areas;
mod editing;
mod feed;
mod front_end;
mod health;
mod ingest;
mod layer_import;
mod live;
mod map_view;
mod matrix;
mod osm_file;
mod osm_import;
mod population;
mod reach;
mod search;
mod tiles;
mod unplaced;
mod ward_file;
