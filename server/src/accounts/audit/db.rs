//! All SQL of the audit trail. Entries are written by `append_audit` alone, which chains them.

use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use shared::area::AreaId;
use shared::audit::{AuditEntry, AuditOutcome};
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::Entry;
use super::chain::{ChainEntry, Hash};
use crate::platform::columns::column;

/// Appends an entry for the caller of this transaction, or for `account_id` where nobody is signed in yet. Returns its id.
pub async fn append(connection: &mut PgConnection, entry: &Entry, outcome: AuditOutcome, account_id: Option<i64>) -> sqlx::Result<i64> {
    let outcome = match outcome {
        AuditOutcome::Allowed => "allowed",
        AuditOutcome::Refused => "refused",
    };
    sqlx::query_scalar("select append_audit($1, $2, $3, $4, $5, $6, current_setting_or_null('ioc.request_id')::uuid, $7)")
        .bind(entry.action)
        .bind(entry.subject.map(|(kind, _)| kind))
        .bind(entry.subject.map(|(_, id)| id))
        .bind(entry.area_id)
        .bind(entry.reason.as_ref().map(|reason| reason.as_str()))
        .bind(outcome)
        .bind(account_id)
        .fetch_one(connection)
        .await
}

/// Appends entries of allowed looks for the caller of this transaction, in their order.
pub async fn append_allowed(connection: &mut PgConnection, entries: &[Entry]) -> sqlx::Result<()> {
    sqlx::query(
        "select append_audit(e.action, e.subject_kind, e.subject_id, e.area_id, e.reason, 'allowed', current_setting_or_null('ioc.request_id')::uuid)
         from (select u.* from unnest($1::text[], $2::text[], $3::bigint[], $4::integer[], $5::text[])
            with ordinality as u (action, subject_kind, subject_id, area_id, reason, place) order by u.place) e",
    )
    .bind(column(entries, |entry| entry.action))
    .bind(column(entries, |entry| entry.subject.map(|(kind, _)| kind)))
    .bind(column(entries, |entry| entry.subject.map(|(_, id)| id)))
    .bind(column(entries, |entry| entry.area_id))
    .bind(column(entries, |entry| entry.reason.as_ref().map(|reason| reason.as_str().to_owned())))
    .execute(connection)
    .await
    .map(drop)
}

#[derive(FromRow)]
struct EntryRow {
    id: i64,
    at: DateTime<Utc>,
    login: Option<String>,
    action: String,
    subject_kind: Option<String>,
    subject_id: Option<i64>,
    area_id: Option<i32>,
    reason: Option<String>,
    outcome: String,
    request_id: Option<Uuid>,
}

/// Entries that the caller may read, before `before`, newest first. Row-level security decides which those are.
pub async fn entries(connection: &mut PgConnection, limit: i64, before: Option<i64>) -> sqlx::Result<Vec<AuditEntry>> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "select id, at, login, action, subject_kind, subject_id, area_id, reason, outcome, request_id
         from audit_entry where $2::bigint is null or id < $2 order by id desc limit $1",
    )
    .bind(limit)
    .bind(before)
    .fetch_all(connection)
    .await?;
    let entry = |row: EntryRow| AuditEntry {
        id: row.id,
        at: row.at,
        login: row.login,
        action: row.action,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        area_id: row.area_id.map(AreaId),
        reason: row.reason,
        outcome: if row.outcome == "allowed" { AuditOutcome::Allowed } else { AuditOutcome::Refused },
        request_id: row.request_id,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// The reason of the account's allowed `action`s within the last `within_s` seconds: the newest that was stated, else none
/// stated (inner none); nothing without such an entry. Own entries are always readable.
pub async fn recent_reason(
    connection: &mut PgConnection,
    account_id: i64,
    action: &str,
    within_s: i64,
) -> sqlx::Result<Option<Option<String>>> {
    sqlx::query_scalar(
        "select reason from audit_entry
         where account_id = $1 and action = $2 and outcome = 'allowed' and at > clock_timestamp() - make_interval(secs => $3)
         order by reason is null, id desc limit 1",
    )
    .bind(account_id)
    .bind(action)
    .bind(within_s as f64)
    .fetch_optional(connection)
    .await
}

#[derive(FromRow)]
struct ChainRow {
    id: i64,
    at: DateTime<Utc>,
    account_id: Option<i64>,
    login: Option<String>,
    action: String,
    subject_kind: Option<String>,
    subject_id: Option<i64>,
    area_id: Option<i32>,
    reason: Option<String>,
    outcome: String,
    request_id: Option<Uuid>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// The whole chain in its order, streamed. As owner.
pub fn chain(owner: &PgPool) -> BoxStream<'_, sqlx::Result<ChainEntry>> {
    let rows = sqlx::query_as::<_, ChainRow>("select * from audit_entry order by id").fetch(owner);
    rows.map_ok(|row| ChainEntry {
        id: row.id,
        at: row.at,
        account_id: row.account_id,
        login: row.login,
        action: row.action,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        area_id: row.area_id,
        reason: row.reason,
        outcome: row.outcome,
        request_id: row.request_id,
        previous_hash: row.previous_hash,
        hash: row.hash,
    })
    .boxed()
}

/// The newest entry's id and hash; nothing while there is none.
pub async fn head(jobs: &PgPool) -> anyhow::Result<Option<(i64, Hash)>> {
    let head: Option<(i64, Vec<u8>)> = sqlx::query_as("select id, hash from audit_head()").fetch_optional(jobs).await?;
    let Some((id, hash)) = head else { return Ok(None) };
    let hash = Hash::try_from(hash).map_err(|hash| anyhow::anyhow!("the hash of audit entry {id} has {} bytes", hash.len()))?;
    Ok(Some((id, hash)))
}
