//! How a ward that was tried with demo accounts goes into real use: they, their duties to come and the demo's device go out of force.
//! It deliberately deletes nothing that they did: the record of alerts and the audit trail keep their names.

use std::fmt;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tracing::warn;

use crate::geography::wards;
use crate::{accounts, duty, ingest};

/// What went out of force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub accounts: u64,
    pub duties: u64,
    /// Alerts that still stand in their names.
    pub open_alerts: i64,
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} demo accounts are out of force, {} of their duties to come are gone.", self.accounts, self.duties)?;
        if self.open_alerts > 0 {
            write!(f, " {} open alerts stand in their names: give them to somebody on /alerts.", self.open_alerts)?;
        }
        write!(f, " Fill /duty with real people now.")
    }
}

/// Whether this database holds a demo ward: what is played belongs nowhere else.
pub async fn is_of_demo_wards(owner: &PgPool) -> sqlx::Result<bool> {
    Ok(wards::demo_ward(&mut *owner.acquire().await?, "").await?.is_some())
}

/// Takes the demonstration out of force, as owner and in one transaction. A ward whose people are invented keeps it.
pub async fn leave(owner: &PgPool, now: DateTime<Utc>) -> anyhow::Result<Left> {
    let mut transaction = owner.begin().await.context("cannot reach the database")?;
    if let Some(name) = wards::demo_ward(&mut transaction, "").await? {
        bail!(
            "{name} is a demo ward: its people are invented. Begin the real one in a database of its own (IOC_LOCAL_DIR, or DATABASE_URL)"
        );
    }
    let duties = duty::end_demo_roster(&mut transaction, now).await.context("the demo roster cannot be ended")?;
    let accounts = accounts::demo::disable(&mut transaction).await.context("the demo accounts cannot be disabled")?;
    ingest::commands::revoke_demo_device(&mut transaction).await.context("the demo's device cannot be revoked")?;
    let open_alerts = super::db::open_alerts_of_demo_accounts(&mut transaction).await?;
    transaction.commit().await.context("nothing was changed")?;
    Ok(Left { accounts, duties, open_alerts })
}

/// Says so in the log where alerts would be given to people who cannot sign in.
pub async fn warn_of_demo_accounts(owner: &PgPool) {
    let appointed = async { accounts::demo::count_appointed(&mut *owner.acquire().await?).await };
    if let Ok(accounts @ 1..) = appointed.await {
        warn!(accounts, "demo accounts are appointed here and cannot sign in: alerts may be given to them; run `ioc demo leave`");
    }
}
