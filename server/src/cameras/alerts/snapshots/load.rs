//! Pictures for alerts that a seed wrote: checked, stored and named by a row like those of devices, so that they are kept as long.
//! It deliberately draws none and makes no transaction: the caller does, as owner.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::db;
use super::take_in::{Prepared, Snapshots};
use crate::platform::media::Media;

/// Prepared at a time: what a seed draws is small, and the disk is waited for longer than the cores.
pub const LOADED_AT_A_TIME: usize = 8;

/// The picture of an alert that stands already.
pub struct LoadedSnapshot<'a> {
    pub alert_id: i64,
    pub prepared: &'a Prepared,
    /// From when its time counts.
    pub taken_in_at: DateTime<Utc>,
}

impl Snapshots {
    pub fn for_seeds(media: Media) -> Self {
        Self::with_turns(media, LOADED_AT_A_TIME)
    }

    /// Writes which picture each alert has, for how many that was. An alert that has had one, kept or deleted since, stays as it is.
    pub async fn load(&self, db: &mut PgConnection, loaded: &[LoadedSnapshot<'_>]) -> anyhow::Result<u64> {
        self.keep_files(db, loaded.iter().map(|loaded| loaded.prepared.clone()).collect()).await?;
        Ok(db::load(db, loaded).await?)
    }
}
