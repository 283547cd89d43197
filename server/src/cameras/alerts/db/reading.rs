//! Alerts as they are read: lists, one with its steps, its plate, who may be given it.
//! Row-level security decides what there is to read.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::figures::{ANSWER_DUE, UNCLAIMED};

#[derive(FromRow)]
pub struct AlertRow {
    pub id: i64,
    pub code: String,
    pub kind: String,
    pub severity: String,
    pub status: String,
    pub outcome: Option<String>,
    pub camera_id: i64,
    pub camera_code: String,
    pub camera_name: String,
    pub area_id: i32,
    pub area_name: String,
    pub confidence: Option<f32>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub received_at: DateTime<Utc>,
    pub handler_id: Option<i64>,
    pub handler_name: Option<String>,
    pub assigned_at: Option<DateTime<Utc>>,
    pub taken_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub answer_due_at: Option<DateTime<Utc>>,
    pub escalation: i16,
    pub overdue: bool,
    pub legal_basis: Option<String>,
    pub fine_vnd: Option<i64>,
    pub note_count: i32,
    pub has_snapshot: bool,
    pub shelved_until: Option<DateTime<Utc>>,
    pub lon: Option<f64>,
    pub lat: Option<f64>,
    pub steps: i32,
    pub updated_at: DateTime<Utc>,
    pub external_id: String,
    pub in_picture: Option<Value>,
    pub path: Option<Value>,
}

/// The shelves in force are few and read once; each alert is held against them. What is critical, or what somebody has taken, no
/// shelf leaves out; what was only given to somebody, by a rule or a roster, it does. The camera may have been carried to where
/// the caller does not reach; its alerts stay where they happened. Who may not see pictures finds no row that tells of one.
const ALERT: &str = "with shelf as materialized (
        select s.camera_id, s.kind, s.until_at, areas_below(s.area_id) as areas from alert_shelf s
        where s.ended_at is null and s.until_at > clock_timestamp())
    select a.id, a.code, a.kind, a.severity, a.status, a.outcome, a.camera_id, a.camera_code,
        coalesce(c.name, a.camera_code) as camera_name, a.area_id, ar.name as area_name, a.confidence, a.started_at, a.ended_at, a.received_at,
        a.handler_id, a.handler_name, a.assigned_at, a.taken_at, a.closed_at, a.answer_due_at, a.escalation, a.overdue, a.legal_basis, a.fine_vnd, a.note_count,
        s.alert_id is not null and s.removed_at is null as has_snapshot, shelved.until_at as shelved_until,
        st_x(a.geom) as lon, st_y(a.geom) as lat, a.steps, a.updated_at, a.external_id, a.box as in_picture, a.path
    from camera_alert a join area ar on ar.id = a.area_id left join camera c on c.id = a.camera_id
    left join camera_alert_snapshot s on s.alert_id = a.id
    cross join lateral (
        select max(f.until_at) as until_at from shelf f
        where a.status in ('new', 'assigned') and a.severity <> 'critical' and (f.kind is null or f.kind = a.kind)
          and (f.camera_id = a.camera_id or f.camera_id is null and a.area_id = any(f.areas))) shelved";

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<AlertRow>> {
    sqlx::query_as(&format!("{ALERT} where a.id = $1")).bind(id).fetch_optional(db).await
}

/// The alert, which nobody else handles until this transaction ends; none where the caller may not handle it.
pub async fn lock(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<AlertRow>> {
    sqlx::query_as(&format!("{ALERT} where a.id = $1 for update of a")).bind(id).fetch_optional(db).await
}

/// What a list is cut to; none: not by that.
#[derive(Debug, Default)]
pub struct Wanted {
    pub statuses: Option<Vec<String>>,
    pub kinds: Option<Vec<String>>,
    pub severities: Option<Vec<String>>,
    pub outcomes: Option<Vec<String>>,
    pub camera_id: Option<i64>,
    /// With all areas below.
    pub area_id: Option<i32>,
    pub handler_id: Option<i64>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    /// Not taken at this moment, though the time to answer was over.
    pub overdue_at: Option<DateTime<Utc>>,
    /// Part of its code, or one of these cameras.
    pub words: Option<(String, Vec<i64>)>,
    /// Only those that are left out, or only the others.
    pub shelved: Option<bool>,
    /// Those that come after this one in the list.
    pub after: Option<(DateTime<Utc>, i64)>,
}

/// Newest first. Comparisons of times, numbers and whole texts are leakproof, so the index on the time serves under row-level
/// security.
pub async fn list(db: &mut PgConnection, wanted: &Wanted, limit: i64) -> sqlx::Result<Vec<AlertRow>> {
    sqlx::query_as(&format!(
        "{ALERT} where ($1::text[] is null or a.status = any($1)) and ($2::text[] is null or a.kind = any($2))
            and ($3::text[] is null or a.severity = any($3)) and ($4::bigint is null or a.camera_id = $4)
            and ($5::bigint is null or a.handler_id = $5) and ($6::timestamptz is null or a.started_at >= $6)
            and ($7::timestamptz is null or a.started_at < $7) and ($8::timestamptz is null or (a.started_at, a.id) < ($8, $9))
            and ($11::text[] is null or a.outcome = any($11)) and ($12::integer is null or a.area_id in (select unnest(areas_below($12))))
            and ($13::timestamptz is null or ({UNCLAIMED} and {ANSWER_DUE} <= $13))
            and ($14::text is null or position(upper($14) in upper(a.code)) > 0 or a.camera_id = any($15))
            and ($16::boolean is null or $16 = (shelved.until_at is not null))
         order by a.started_at desc, a.id desc limit $10"
    ))
    .bind(&wanted.statuses)
    .bind(&wanted.kinds)
    .bind(&wanted.severities)
    .bind(wanted.camera_id)
    .bind(wanted.handler_id)
    .bind(wanted.since)
    .bind(wanted.until)
    .bind(wanted.after.map(|(at, _)| at))
    .bind(wanted.after.map(|(_, id)| id))
    .bind(limit)
    .bind(&wanted.outcomes)
    .bind(wanted.area_id)
    .bind(wanted.overdue_at)
    .bind(wanted.words.as_ref().map(|(code, _)| code))
    .bind(wanted.words.as_ref().map(|(_, cameras)| cameras))
    .bind(wanted.shelved)
    .fetch_all(db)
    .await
}

/// The cameras in reach, by what people call them: id, code and name.
pub async fn cameras_by_name(db: &mut PgConnection) -> sqlx::Result<Vec<(i64, String, String)>> {
    sqlx::query_as("select id, code, name from camera").fetch_all(db).await
}

/// Other alerts of the camera from 30 days before this one on, newest first.
pub async fn same_camera(db: &mut PgConnection, alert: &AlertRow, at_most: i64) -> sqlx::Result<Vec<AlertRow>> {
    sqlx::query_as(&format!(
        "{ALERT} where a.camera_id = $1 and a.id <> $2 and a.started_at > $3::timestamptz - interval '30 days'
            and a.started_at < $3::timestamptz + interval '30 days' order by a.started_at desc, a.id desc limit $4"
    ))
    .bind(alert.camera_id)
    .bind(alert.id)
    .bind(alert.started_at)
    .bind(at_most)
    .fetch_all(db)
    .await
}

#[derive(FromRow)]
pub struct EntryRow {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub step: String,
    pub actor_name: Option<String>,
    pub from_name: Option<String>,
    pub to_name: Option<String>,
    pub outcome: Option<String>,
    pub note: Option<String>,
}

pub async fn entries(db: &mut PgConnection, id: i64) -> sqlx::Result<Vec<EntryRow>> {
    sqlx::query_as(
        "select id, at, step, actor_name, from_name, to_name, outcome, note from camera_alert_entry where alert_id = $1 order by id",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

/// None where no plate was read, or the caller may not see plates there.
pub async fn plate(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select plate from camera_alert_plate where alert_id = $1").bind(id).fetch_optional(db).await
}

#[derive(FromRow)]
pub struct HandlerRow {
    pub account_id: i64,
    pub display_name: String,
    pub roles: Vec<String>,
}

/// Who answers for alerts in an area; nobody where the caller neither handles nor routes them.
pub async fn handlers(db: &mut PgConnection, area_id: i32, with_demo: bool) -> sqlx::Result<Vec<HandlerRow>> {
    sqlx::query_as("select account_id, display_name, roles from find_alert_handlers($1) where $2 or not is_demo")
        .bind(area_id)
        .bind(with_demo)
        .fetch_all(db)
        .await
}
