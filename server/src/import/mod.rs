//! Takes files that wards really have into the domain tables.
//! It deliberately decides nothing about a domain's rules: it calls the domain.

pub mod areas;
mod header;
pub mod layer;
pub mod osm;
mod progress;
mod reference;
mod report;
mod source;
pub mod ward;

use std::path::Path;

use chrono::NaiveDate;
use sqlx::PgPool;

use crate::platform::secrets::Secrets;

/// What `ioc import` can import.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Import {
    Osm(osm::ImportOsm),
    Areas(areas::ImportAreas),
    Layer(layer::ImportLayer),
    Ward(ward::ImportWard),
}

/// Imports as owner, on the day `today`; returns what to print at the end.
pub async fn run(owner: &PgPool, what: Import, secrets: &Secrets, data_dir: &Path, today: NaiveDate) -> anyhow::Result<String> {
    match what {
        Import::Osm(args) => Ok(osm::run(owner, args, data_dir).await?.to_string()),
        Import::Areas(args) => Ok(areas::run(owner, args, data_dir, today).await?.to_string()),
        Import::Ward(args) => Ok(ward::import(owner, &args.file, secrets, data_dir, today).await?.to_string()),
        Import::Layer(args) => Ok(layer::run(owner, args, secrets, data_dir).await?.to_string()),
    }
}
