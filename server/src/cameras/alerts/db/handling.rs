//! Steps of people: each counts (`steps`), and each leaves an entry that the database signs with the caller.
//! Whether a step may be taken was decided before. What is taken or closed has no time to be answered any more: the database
//! sees to that.

use chrono::{DateTime, Utc};
use shared::camera_alert::{AlertOutcome, AlertStep, CloseAlert};
use sqlx::PgConnection;

use super::AlertRow;
use crate::platform::database::written;

pub async fn take(db: &mut PgConnection, id: i64, by: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update camera_alert set status = 'taken', handler_id = $2, taken_at = $3, steps = steps + 1 where id = $1")
        .bind(id)
        .bind(by)
        .bind(now)
        .execute(db)
        .await
        .and_then(written)
}

pub async fn assign(db: &mut PgConnection, id: i64, to: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'assigned', handler_id = $2, assigned_at = $3, taken_at = null, steps = steps + 1,
            answer_due_at = $3::timestamptz + answer_time(ward_id, severity), escalation = 0, overdue = false where id = $1",
    )
    .bind(id)
    .bind(to)
    .bind(now)
    .execute(db)
    .await
    .and_then(written)
}

/// It is nobody's again, and the time to take it begins anew for whoever comes next, as when it is handed over. The first step of
/// the roster has had it: if nobody takes it, it goes up from there, and what had gone up further does not come down.
pub async fn give_back(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'new', handler_id = null, assigned_at = null, taken_at = null, steps = steps + 1,
            answer_due_at = $2::timestamptz + answer_time(ward_id, severity), escalation = greatest(escalation, 1::smallint), overdue = false
         where id = $1",
    )
    .bind(id)
    .bind(now)
    .execute(db)
    .await
    .and_then(written)
}

/// Counting the note is what tells every open card of it: the row has a new version.
pub async fn count_note(db: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("update camera_alert set note_count = note_count + 1 where id = $1").bind(id).execute(db).await.and_then(written)
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
    .and_then(written)
}

/// It is nobody's again, so that somebody takes it, and the time for that begins again; who had it stands in the entries.
pub async fn reopen(db: &mut PgConnection, id: i64, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update camera_alert set status = 'new', outcome = null, closed_at = null, legal_basis = null, fine_vnd = null, handler_id = null,
            assigned_at = null, taken_at = null, steps = steps + 1, answer_due_at = $2::timestamptz + answer_time(ward_id, severity), escalation = 0,
            overdue = false where id = $1",
    )
    .bind(id)
    .bind(now)
    .execute(db)
    .await
    .and_then(written)
}

/// A step as it is remembered; the database signs it with the caller.
#[derive(Debug)]
pub struct NewEntry<'a> {
    pub step: AlertStep,
    pub at: DateTime<Utc>,
    pub outcome: Option<AlertOutcome>,
    /// Whose it was, where it was somebody else's.
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub note: Option<&'a str>,
}

pub async fn add_entry(db: &mut PgConnection, alert: &AlertRow, entry: NewEntry<'_>) -> sqlx::Result<()> {
    let step = match entry.step {
        AlertStep::Assigned => "assigned",
        AlertStep::Taken => "taken",
        AlertStep::GivenBack => "given_back",
        AlertStep::Noted => "noted",
        AlertStep::Closed => "closed",
        AlertStep::Reopened => "reopened",
        AlertStep::Escalated => "escalated",
        AlertStep::Overdue => "overdue",
    };
    sqlx::query(
        "insert into camera_alert_entry (alert_id, area_id, at, step, outcome, from_account, to_account, note)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(alert.id)
    .bind(alert.area_id)
    .bind(entry.at)
    .bind(step)
    .bind(entry.outcome.map(AlertOutcome::name))
    .bind(entry.from)
    .bind(entry.to)
    .bind(entry.note)
    .execute(db)
    .await
    .map(drop)
}

/// Gives everything open that `from` has in an area and below it to `to`, each with its entry; answers how many they were.
pub async fn hand_over_open(db: &mut PgConnection, area_id: i32, from: i64, to: i64, now: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "with given as (
            update camera_alert set status = 'assigned', handler_id = $3, assigned_at = $4, taken_at = null, steps = steps + 1,
                answer_due_at = $4::timestamptz + answer_time(ward_id, severity), escalation = 0, overdue = false
            where handler_id = $2 and status in ('taken', 'assigned') and area_id = any (areas_below($1))
            returning id, area_id
         ), told as (
            insert into camera_alert_entry (alert_id, area_id, at, step, from_account, to_account)
            select g.id, g.area_id, $4, 'assigned', $2, $3 from given g order by g.id
            returning 1
         )
         select count(*) from told",
    )
    .bind(area_id)
    .bind(from)
    .bind(to)
    .bind(now)
    .fetch_one(db)
    .await
}

/// Open alerts of an area and what lies below it, counted by status and severity.
pub async fn count_open(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Vec<(String, String, i64)>> {
    sqlx::query_as(
        "select status, severity, count(*) from camera_alert where status <> 'closed' and area_id = any (areas_below($1))
         group by status, severity order by status, severity",
    )
    .bind(area_id)
    .fetch_all(db)
    .await
}

/// How many of them are somebody's.
pub async fn count_open_of(db: &mut PgConnection, area_id: i32, account_id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from camera_alert where status in ('taken', 'assigned') and handler_id = $2 and area_id = any (areas_below($1))",
    )
    .bind(area_id)
    .bind(account_id)
    .fetch_one(db)
    .await
}
