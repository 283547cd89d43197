//! Takes files that wards really have into the domain tables.
//! It deliberately decides nothing about a domain's rules: it calls the domain.

pub mod osm;

use std::path::Path;

use sqlx::PgPool;

/// What `ioc import` can import.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Import {
    Osm(osm::ImportOsm),
}

/// Imports as owner; returns what to print at the end.
pub async fn run(owner: &PgPool, what: Import, data_dir: &Path) -> anyhow::Result<String> {
    match what {
        Import::Osm(args) => Ok(osm::run(owner, args, data_dir).await?.to_string()),
    }
}
