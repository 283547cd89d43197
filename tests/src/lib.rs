//! What the tests stand on: a PostGIS cluster, a server on a database of its own, an MQTT broker, small wards, real data where it
//! is there. It deliberately holds no test; those stand in `tests/tests`.

pub mod account_command;
pub mod app;
pub mod attacker;
pub mod browser;
pub mod cluster;
pub mod device;
pub mod duty_room;
pub mod feed_scene;
pub mod frigate;
pub mod handling;
pub mod listening;
pub mod mosquitto;
pub mod plain_sql;
pub mod roles;
pub mod screen;
pub mod search_quality;
pub mod shared_data;
pub mod small_ward;
pub mod tile;
pub mod tile_reader;
pub mod waiting;
