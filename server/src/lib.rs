//! The server of Phường IOC: one process that answers requests, follows the change feed and serves the map.
//! The wire contract lives in `shared`, the screens in `frontend`.

pub mod accounts;
pub mod app;
pub mod boarding;
pub mod businesses;
pub mod cameras;
pub mod demo;
pub mod drawn_areas;
pub mod duty;
pub mod feed;
pub mod geography;
pub mod import;
pub mod ingest;
pub mod live;
pub mod platform;
pub mod residents;
