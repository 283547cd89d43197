//! All SQL of the audit trail. Entries are written by `append_audit` alone, which chains them.

use shared::audit::AuditOutcome;
use sqlx::PgConnection;

use super::Entry;

/// Appends an entry for the caller of this transaction, or for `account` where nobody is signed in yet. Returns its id.
pub async fn append(
    connection: &mut PgConnection,
    entry: &Entry,
    outcome: AuditOutcome,
    account: Option<(Option<i64>, &str)>,
) -> sqlx::Result<i64> {
    let outcome = match outcome {
        AuditOutcome::Allowed => "allowed",
        AuditOutcome::Refused => "refused",
    };
    sqlx::query_scalar("select append_audit($1, $2, $3, $4, $5, $6, current_setting_or_null('ioc.request_id')::uuid, $7, $8)")
        .bind(entry.action)
        .bind(entry.subject.map(|(kind, _)| kind))
        .bind(entry.subject.map(|(_, id)| id))
        .bind(entry.area_id)
        .bind(entry.reason.as_ref().map(|reason| reason.as_str()))
        .bind(outcome)
        .bind(account.and_then(|(id, _)| id))
        .bind(account.map(|(_, login)| login))
        .fetch_one(connection)
        .await
}
