//! What belongs to no domain: settings, database and roles, refusals, clock, secrets, job leases, pictures and files, MQTT and TLS, telemetry.
//! It deliberately knows no table of any domain.

pub mod bare_tables;
pub mod clock;
pub mod columns;
pub mod config;
pub mod copy;
pub mod database;
pub mod error;
pub mod http;
pub mod job;
pub mod media;
pub mod migrate;
pub mod mqtt_settings;
pub mod mqtt_tls;
pub mod national_id;
pub mod picture;
pub mod private_database;
pub mod revalidation;
pub mod secrets;
pub mod spreadsheet;
pub mod telemetry;
pub mod version;
