//! The wire contract of Phường IOC: serde types that the server and the browser agree on, one file per domain.
//! It deliberately knows neither database nor browser, so that it compiles for both.

pub mod address;
pub mod alert_figures;
pub mod alert_shelf;
pub mod area;
pub mod audit;
pub mod boarding;
pub mod business;
pub mod camera;
pub mod camera_alert;
pub mod chart;
pub mod demo;
pub mod drawn_area;
pub mod duty;
pub mod edit;
pub mod health;
pub mod household;
pub mod ingest;
pub mod layer;
pub mod live;
pub mod place;
pub mod population;
pub mod problem;
pub mod recorder;
pub mod search;
pub mod session;
pub mod text;
pub mod violation;
