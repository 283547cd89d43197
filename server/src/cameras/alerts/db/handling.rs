//! Steps of people: each counts (`steps`), and each leaves an entry that the database signs with the caller.
//! Whether a step may be taken was decided before.

use chrono::{DateTime, Utc};
use shared::camera_alert::{AlertOutcome, AlertStep, CloseAlert};
use sqlx::PgConnection;

use super::AlertRow;

pub async fn take(db: &mut PgConnection, id: i64, by: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update camera_alert set status = 'taken', handler_id = $2, taken_at = $3, steps = steps + 1 where id = $1")
        .bind(id)
        .bind(by)
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

pub async fn assign(db: &mut PgConnection, id: i64, to: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'assigned', handler_id = $2, assigned_at = $3, taken_at = null, steps = steps + 1 where id = $1",
    )
    .bind(id)
    .bind(to)
    .bind(now)
    .execute(db)
    .await
    .map(drop)
}

/// Counting the note is what tells every open card of it: the row has a new version.
pub async fn count_note(db: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("update camera_alert set note_count = note_count + 1 where id = $1").bind(id).execute(db).await.map(drop)
}

/// Whoever closes what nobody had taken is its handler.
pub async fn close(db: &mut PgConnection, id: i64, by: i64, request: &CloseAlert, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'closed', outcome = $3, closed_at = $4, legal_basis = $5, fine_vnd = $6,
            handler_id = coalesce(handler_id, $2), steps = steps + 1 where id = $1",
    )
    .bind(id)
    .bind(by)
    .bind(request.outcome.name())
    .bind(now)
    .bind(&request.legal_basis)
    .bind(request.fine_vnd)
    .execute(db)
    .await
    .map(drop)
}

/// It is nobody's again, so that somebody takes it; who had it stands in the entries.
pub async fn reopen(db: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'new', outcome = null, closed_at = null, legal_basis = null, fine_vnd = null, handler_id = null,
            assigned_at = null, taken_at = null, steps = steps + 1 where id = $1",
    )
    .bind(id)
    .execute(db)
    .await
    .map(drop)
}

/// A step as it is remembered; the database signs it with the caller.
#[derive(Debug)]
pub struct NewEntry<'a> {
    pub step: AlertStep,
    pub at: DateTime<Utc>,
    pub outcome: Option<AlertOutcome>,
    pub to: Option<i64>,
    pub note: Option<&'a str>,
}

pub async fn add_entry(db: &mut PgConnection, alert: &AlertRow, entry: NewEntry<'_>) -> sqlx::Result<()> {
    let step = match entry.step {
        AlertStep::Assigned => "assigned",
        AlertStep::Taken => "taken",
        AlertStep::Noted => "noted",
        AlertStep::Closed => "closed",
        AlertStep::Reopened => "reopened",
    };
    sqlx::query(
        "insert into camera_alert_entry (alert_id, area_id, at, step, outcome, to_account, note) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(alert.id)
    .bind(alert.area_id)
    .bind(entry.at)
    .bind(step)
    .bind(entry.outcome.map(AlertOutcome::name))
    .bind(entry.to)
    .bind(entry.note)
    .execute(db)
    .await
    .map(drop)
}
