//! The simulator's officers in a demo ward: their accounts, their shifts, and what becomes of a ward that was made before there were any.
//! It deliberately plays nobody (`live` does), and leaves the duties and alerts of everybody alone who is no account of the demonstration.

use anyhow::Context;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::db;
use crate::accounts;
use crate::cameras::alerts;
use crate::duty;

/// Sees at every start in demo mode that somebody is on for weeks, and that each demo ward has its colleagues. As owner.
pub async fn keep(owner: &PgPool, now: DateTime<Utc>) -> anyhow::Result<()> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    db::lock(&mut transaction).await?;
    for ward_id in db::tried_wards(&mut transaction, accounts::demo::OPERATOR.login).await? {
        bring(&mut transaction, ward_id, now).await?;
    }
    // On real ground too, where the demo accounts are alone.
    duty::keep_demo_roster(&mut transaction, now).await.context("the demo roster cannot be continued")?;
    transaction.commit().await.context("the demo roster was not kept")
}

/// The same for one demo ward, within the caller's transaction. Where a roster was written without colleagues, they get its shifts, and
/// what is open with whoever had them, as at any change of shift.
pub(super) async fn bring(db: &mut PgConnection, ward_id: i32, now: DateTime<Utc>) -> anyhow::Result<()> {
    accounts::demo::create_colleagues(db, ward_id).await?;
    let given = duty::give_demo_shifts_to_colleagues(db, ward_id, now).await.context("the shifts of the demo roster cannot be given")?;
    for shifts in given {
        let open = alerts::load::hand_over_open(db, ward_id, shifts.from, shifts.to, now).await;
        open.context("what is open with the demo accounts cannot be handed over")?;
    }
    duty::keep_demo_roster(db, now).await.context("the demo roster cannot be written").map(drop)
}
