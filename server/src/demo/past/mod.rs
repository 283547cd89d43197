//! The 30 days before a demo ward was made: alerts of its cameras with all that was done about them, up to the moment of seeding.
//! It deliberately makes no camera: those are there already, and a ward that has alerts keeps them as they are.

mod db;
mod history;
mod pictures;

use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use self::history::Officers;
use super::day::Table;
use crate::accounts::demo::{Known, OPERATOR, create_colleagues, simulated};
use crate::cameras::alerts::load::insert_alerts;
use crate::geography::load::begin_bulk;

pub use history::DAYS;
pub use pictures::{MOST_PICTURES, Pictured, bring as bring_pictures};

/// Writes the past of a ward within the caller's transaction, as owner; how many alerts it was. None where the ward has alerts already, or
/// no camera.
pub async fn bring(db: &mut PgConnection, ward_id: i32, seed: u64, now: DateTime<Utc>) -> anyhow::Result<usize> {
    if db::holds_alerts(db, ward_id).await? {
        return Ok(0);
    }
    begin_bulk(db).await?;
    // What was done was done by somebody, also in a ward that was made before there were colleagues.
    create_colleagues(db, ward_id).await?;
    let cameras = db::cameras(db, ward_id).await.context("the ward's cameras cannot be read")?;
    let landmarks = db::landmarks(db, ward_id).await.context("the ward's places cannot be read")?;
    let officers = Officers {
        desk: officer(db, simulated::OPERATOR).await?,
        police: officer(db, simulated::POLICE).await?,
        lead: officer(db, OPERATOR).await?,
        leader: officer(db, simulated::LEADER).await?,
    };
    let alerts = history::write(&Arc::new(Table::read()?), &cameras, &landmarks, officers, seed, now);
    insert_alerts(db, &alerts).await.context("the alerts of the last 30 days cannot be written")?;
    Ok(alerts.len())
}

async fn officer(db: &mut PgConnection, who: Known) -> anyhow::Result<i64> {
    let account_id = db::demo_account(db, who.login).await?;
    account_id.with_context(|| format!("the demo account {} is missing; it is made before the past is", who.login))
}
