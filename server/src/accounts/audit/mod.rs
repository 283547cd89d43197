//! The audit trail: who asked for whose data, why, and whether it was given.
//! It deliberately does not decide who may look; it remembers that they did.

mod db;
pub mod reason;

use shared::audit::AuditOutcome;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

pub use self::reason::{AccessReason, Reason};
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

/// Records a refused look in a transaction of its own. Handlers use `Session::refuse`.
pub async fn record_refusal(app: &PgPool, token: Option<&SessionToken>, request_id: Uuid, entry: &Entry) -> ApiResult<()> {
    let mut transaction = app.begin().await?;
    super::db::carry(&mut transaction, token, request_id).await?;
    db::append(&mut transaction, entry, AuditOutcome::Refused, None).await?;
    Ok(transaction.commit().await?)
}
