//! Counts of alerts, each in one statement.
//! Row-level security decides which are counted, as it decides which are listed.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

use super::shelving::{IN_FORCE, LEAVES_OUT};

/// Nobody answers for it yet, and somebody must: what came more than a week late has no time to answer.
pub(super) const UNCLAIMED: &str = "a.status in ('new', 'assigned') and a.answer_due_at is not null";
/// Until when somebody must take it; what went one step up has time again.
pub(super) const ANSWER_DUE: &str = "a.answer_due_at";

#[derive(FromRow)]
pub struct FiguresRow {
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
    pub unclaimed: i64,
    pub overdue: i64,
    pub next_due_at: Option<DateTime<Utc>>,
    pub taken_today: i64,
    pub median_take_s: Option<f64>,
}

/// What a shelf leaves out waits for nobody: it is open, and neither unclaimed nor overdue. It is again once its shelf ends, so that
/// is a time at which the numbers change by themselves, too.
///
/// What began over a week ago and was taken today is not in the median: closed alerts are found by when they began.
///
/// `area`: it and what lies below it; none: all in reach.
pub async fn figures(db: &mut PgConnection, area: Option<i32>, now: DateTime<Utc>, midnight: DateTime<Utc>) -> sqlx::Result<FiguresRow> {
    sqlx::query_as(&format!(
        "with {IN_FORCE}
         select count(*) filter (where a.status <> 'closed' and a.severity = 'critical') as critical,
            count(*) filter (where a.status <> 'closed' and a.severity = 'high') as high,
            count(*) filter (where a.status <> 'closed' and a.severity = 'medium') as medium,
            count(*) filter (where {UNCLAIMED} and shelved.until_at is null) as unclaimed,
            count(*) filter (where {UNCLAIMED} and shelved.until_at is null and {ANSWER_DUE} <= $1) as overdue,
            least(min({ANSWER_DUE}) filter (where {UNCLAIMED} and shelved.until_at is null and {ANSWER_DUE} > $1), min(shelved.until_at))
                as next_due_at,
            count(*) filter (where a.taken_at >= $2) as taken_today,
            percentile_cont(0.5) within group (order by extract(epoch from a.taken_at - a.received_at)::float8)
                filter (where a.taken_at >= $2) as median_take_s
         from camera_alert a
         cross join lateral (select max(f.until_at) as until_at from in_force f where {LEAVES_OUT}) shelved
         where (a.status <> 'closed' or a.started_at >= $2::timestamptz - interval '7 days')
            and ($3::integer is null or a.area_id in (select unnest(areas_below($3))))"
    ))
    .bind(now)
    .bind(midnight)
    .bind(area)
    .fetch_one(db)
    .await
}

#[derive(FromRow)]
pub struct QuarterRow {
    /// From the beginning, counted from 0.
    pub quarter: i32,
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
}

/// Quarters of an hour in which something began.
pub async fn quarters(
    db: &mut PgConnection,
    area: Option<i32>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Vec<QuarterRow>> {
    sqlx::query_as(
        "select floor(extract(epoch from a.started_at - $1::timestamptz) / 900)::integer as quarter,
            count(*) filter (where a.severity = 'critical') as critical, count(*) filter (where a.severity = 'high') as high,
            count(*) filter (where a.severity = 'medium') as medium
         from camera_alert a
         where a.started_at >= $1 and a.started_at < $2 and ($3::integer is null or a.area_id in (select unnest(areas_below($3))))
         group by 1 order by 1",
    )
    .bind(from)
    .bind(until)
    .bind(area)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
pub struct WardRow {
    pub ward_id: i32,
    pub critical: i64,
    pub high: i64,
    pub medium: i64,
}

/// The wards in which something stands open. The index of what is not closed is all that is read.
pub async fn open_by_ward(db: &mut PgConnection) -> sqlx::Result<Vec<WardRow>> {
    sqlx::query_as(
        "select a.ward_id, count(*) filter (where a.severity = 'critical') as critical,
            count(*) filter (where a.severity = 'high') as high, count(*) filter (where a.severity = 'medium') as medium
         from camera_alert a where a.status <> 'closed' group by a.ward_id order by a.ward_id",
    )
    .fetch_all(db)
    .await
}
