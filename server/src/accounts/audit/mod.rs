//! The audit trail: who asked for whose data, why, and whether it was given.
//! It deliberately does not decide who may look; it remembers that they did.

pub mod chain;
pub mod checkpoints;
mod db;
mod look;
pub mod reason;
mod search;

use shared::audit::{AuditOutcome, AuditTrail};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

pub use self::checkpoints::Signer;
pub use self::look::reason_for_look;
pub use self::reason::{AccessReason, Reason};
pub use self::search::{SearchReach, search_reach};
use super::SessionToken;
use crate::platform::error::ApiResult;

/// What a look is remembered by. Never a name, a number or a searched word: the trail is read by others.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Verb and noun: `open_household`.
    pub action: &'static str,
    /// The kind and id of what was looked at.
    pub subject: Option<(&'static str, i64)>,
    /// Where it belongs: whoever reads the trail of this area reads the entry.
    pub area_id: Option<i32>,
    pub reason: Option<Reason>,
}

impl Entry {
    pub fn new(action: &'static str) -> Self {
        Self { action, subject: None, area_id: None, reason: None }
    }

    pub fn about(mut self, kind: &'static str, id: i64) -> Self {
        self.subject = Some((kind, id));
        self
    }

    pub fn in_area(mut self, area_id: i32) -> Self {
        self.area_id = Some(area_id);
        self
    }

    pub fn because(mut self, reason: Option<Reason>) -> Self {
        self.reason = reason;
        self
    }
}

/// Records an allowed look in the caller's transaction. Handlers use `Session::record`.
///
/// Entries form one chain, so the transaction holds a lock from here to its end: record last, and commit at once.
pub async fn record(connection: &mut PgConnection, entry: &Entry) -> ApiResult<()> {
    db::append(connection, entry, AuditOutcome::Allowed, None).await?;
    Ok(())
}

/// Records many allowed looks at once, in their order. Handlers use `Session::record_all`. As [`record`]: last, and commit at once.
pub async fn record_all(connection: &mut PgConnection, entries: &[Entry]) -> ApiResult<()> {
    Ok(db::append_allowed(connection, entries).await?)
}

/// Records a refused look in a transaction of its own. Handlers use `Session::refuse`.
pub async fn record_refusal(app: &PgPool, token: Option<&SessionToken>, request_id: Uuid, entry: &Entry) -> ApiResult<()> {
    let mut transaction = app.begin().await?;
    super::db::carry(&mut transaction, token, request_id).await?;
    db::append(&mut transaction, entry, AuditOutcome::Refused, None).await?;
    Ok(transaction.commit().await?)
}

/// Records that somebody signed in, or failed to: there is no session yet, so the account is named.
pub async fn record_sign_in(connection: &mut PgConnection, account_id: i64, outcome: AuditOutcome) -> ApiResult<()> {
    db::append(connection, &Entry::new("sign_in"), outcome, Some(account_id)).await?;
    Ok(())
}

/// A page of the entries that the caller may read, newest first.
pub async fn read_trail(connection: &mut PgConnection, limit: i64, before: Option<i64>) -> ApiResult<AuditTrail> {
    // One more than asked tells whether there is a next page.
    let mut entries = db::entries(connection, limit + 1, before).await?;
    let has_more = entries.len() as i64 > limit;
    entries.truncate(limit as usize);
    let next_cursor = entries.last().filter(|_| has_more).map(|entry| entry.id.to_string());
    Ok(AuditTrail { entries, next_cursor })
}
