//! The SQL of rosters and answer times, read and written under the caller's row-level security; who is on now is asked through
//! functions, because a device and a job have no session. Handovers have their own (`handover_db`).

use chrono::{DateTime, Utc};
use shared::camera_alert::AlertKind;
use shared::duty::{DutyEdit, EditAnswerTimes};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::rules::{Leader, OnDuty};
use crate::platform::{database, error::broke};

pub async fn on_duty(db: &mut PgConnection, areas: &[i32], at: DateTime<Utc>) -> sqlx::Result<Vec<OnDuty>> {
    let rows: Vec<(i32, i64, Option<Vec<String>>, i16)> =
        sqlx::query_as("select area_id, account_id, kinds, step from find_duties($1, $2)").bind(areas).bind(at).fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|(area_id, account_id, kinds, step)| OnDuty { area_id, account_id, kinds: kinds.map(read_kinds), step })
        .collect())
}

pub async fn leaders(db: &mut PgConnection, areas: &[i32]) -> sqlx::Result<Vec<Leader>> {
    let rows: Vec<(i32, i64)> = sqlx::query_as("select area_id, account_id from find_leaders($1)").bind(areas).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(area_id, account_id)| Leader { area_id, account_id }).collect())
}

/// A kind that this version does not know is nobody's.
pub fn read_kinds(names: Vec<String>) -> Vec<AlertKind> {
    names.iter().filter_map(|name| AlertKind::from_name(name)).collect()
}

fn kind_names(kinds: &Option<Vec<AlertKind>>) -> Option<Vec<&'static str>> {
    kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.name()).collect())
}

#[derive(FromRow)]
pub struct AreaRow {
    pub id: i32,
    pub name: String,
    pub kind: String,
    pub ward_id: i32,
}

pub async fn area(db: &mut PgConnection, id: i32) -> sqlx::Result<Option<AreaRow>> {
    sqlx::query_as("select id, name, kind, ward_of(id) as ward_id from area where id = $1").bind(id).fetch_optional(db).await
}

#[derive(FromRow)]
pub struct DutyRow {
    pub id: i64,
    pub uid: Uuid,
    pub area_id: i32,
    pub area_name: String,
    pub account_id: i64,
    pub account_name: String,
    pub from_at: DateTime<Utc>,
    pub until_at: DateTime<Utc>,
    pub kinds: Option<Vec<String>>,
    pub step: i16,
    pub note: Option<String>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const DUTY: &str =
    "select d.id, d.uid, d.area_id, a.name as area_name, d.account_id, d.account_name, d.from_at, d.until_at, d.kinds, d.step, d.note,
        d.version, d.updated_at from duty d join area a on a.id = d.area_id";

/// Duties of an area and what lies below it that overlap a time, in its order.
pub async fn roster(db: &mut PgConnection, area_id: i32, from: DateTime<Utc>, until: DateTime<Utc>) -> sqlx::Result<Vec<DutyRow>> {
    sqlx::query_as(&format!(
        "{DUTY} where d.area_id = any (areas_below($1)) and d.from_at < $3 and d.until_at > $2
         order by d.from_at, d.step, d.kinds is not null, d.area_id, d.id"
    ))
    .bind(area_id)
    .bind(from)
    .bind(until)
    .fetch_all(db)
    .await
}

pub async fn find(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<DutyRow>> {
    sqlx::query_as(&format!("{DUTY} where d.id = $1")).bind(id).fetch_optional(db).await
}

pub async fn find_by_uid(db: &mut PgConnection, uid: Uuid) -> sqlx::Result<Option<DutyRow>> {
    sqlx::query_as(&format!("{DUTY} where d.uid = $1")).bind(uid).fetch_optional(db).await
}

/// The same, for whoever may edit it; nobody else does until this transaction ends.
pub async fn lock(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<DutyRow>> {
    sqlx::query_as(&format!("{DUTY} where d.id = $1 for update of d")).bind(id).fetch_optional(db).await
}

/// The rule of the table `duty`, as its trigger names it.
const ANSWERED_BY_ONE: &str = "duty_answered_by_one";
/// The rule of whoever is named beside alerts and duties, as its trigger names it.
const ANSWERS_HERE: &str = "alert_handler_in_area";

/// What came of writing a duty.
pub enum Written {
    Done(i64),
    /// The same uid was written before.
    Known,
    /// Somebody else is on at that step, for that kind and time.
    AnsweredByAnother,
    /// Whoever was to be on lost the appointment while this was being written.
    DoesNotAnswer,
}

fn written(result: sqlx::Result<Option<i64>>) -> sqlx::Result<Written> {
    match result {
        Ok(Some(id)) => Ok(Written::Done(id)),
        Ok(None) => Ok(Written::Known),
        Err(cause) if broke(&cause, ANSWERED_BY_ONE) => Ok(Written::AnsweredByAnother),
        Err(cause) if broke(&cause, ANSWERS_HERE) => Ok(Written::DoesNotAnswer),
        Err(cause) => Err(cause),
    }
}

pub async fn add(db: &mut PgConnection, area_id: i32, uid: Uuid, duty: &DutyEdit) -> sqlx::Result<Written> {
    let added = sqlx::query_scalar(
        "insert into duty (uid, area_id, account_id, from_at, until_at, kinds, step, note) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (uid) do nothing returning id",
    )
    .bind(uid)
    .bind(area_id)
    .bind(duty.account_id)
    .bind(duty.from)
    .bind(duty.until)
    .bind(kind_names(&duty.kinds))
    .bind(duty.step.number())
    .bind(&duty.note)
    .fetch_optional(db)
    .await;
    written(added)
}

pub async fn edit(db: &mut PgConnection, id: i64, duty: &DutyEdit) -> sqlx::Result<Written> {
    let edited = sqlx::query_scalar(
        "update duty set account_id = $2, from_at = $3, until_at = $4, kinds = $5, step = $6, note = $7 where id = $1 returning id",
    )
    .bind(id)
    .bind(duty.account_id)
    .bind(duty.from)
    .bind(duty.until)
    .bind(kind_names(&duty.kinds))
    .bind(duty.step.number())
    .bind(&duty.note)
    .fetch_optional(db)
    .await;
    written(edited)
}

pub async fn end(db: &mut PgConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("delete from duty where id = $1").bind(id).execute(db).await.and_then(database::written)
}

/// Writes the duties that begin in the seven days before `week` again, seven days later; what does not fit is left out. Answers
/// how many there were and how many were written. None: somebody else was writing the same week at that moment, or ended the
/// appointment of one who is in it.
pub async fn repeat_week(db: &mut PgConnection, area_id: i32, week: DateTime<Utc>) -> sqlx::Result<Option<(i64, i64)>> {
    let counts = sqlx::query_as(
        "with before as (
            select d.*, d.from_at + interval '7 days' as next_from, d.until_at + interval '7 days' as next_until
            from duty d
            where d.area_id = any (areas_below($1)) and d.from_at >= $2::timestamptz - interval '7 days' and d.from_at < $2
         ), added as (
            insert into duty (area_id, account_id, from_at, until_at, kinds, step, note)
            select b.area_id, b.account_id, b.next_from, b.next_until, b.kinds, b.step, b.note from before b
            where exists (select from find_alert_handlers(b.area_id) h where h.account_id = b.account_id)
              and not exists (select from duty o where o.area_id = b.area_id and o.step = b.step and o.from_at < b.next_until and o.until_at > b.next_from
                  and (o.kinds is null and b.kinds is null or o.kinds && b.kinds))
            order by b.id
            returning 1
         )
         select (select count(*) from before), (select count(*) from added)",
    )
    .bind(area_id)
    .bind(week)
    .fetch_one(db)
    .await;
    match counts {
        Ok(counts) => Ok(Some(counts)),
        Err(cause) if broke(&cause, ANSWERED_BY_ONE) || broke(&cause, ANSWERS_HERE) => Ok(None),
        Err(cause) => Err(cause),
    }
}

#[derive(FromRow)]
pub struct TimesRow {
    pub id: i64,
    pub area_id: i32,
    pub critical_s: i32,
    pub high_s: i32,
    pub medium_s: i32,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// The times in force in a ward, and the version of its row: 0 where nobody has set them, or not where the caller could see.
pub async fn answer_times_in_force(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<(i32, i32, i32, i32)> {
    sqlx::query_as(
        "select extract(epoch from answer_time($1, 'critical'))::integer, extract(epoch from answer_time($1, 'high'))::integer,
            extract(epoch from answer_time($1, 'medium'))::integer, coalesce((select t.version from answer_times t where t.area_id = $1), 0)",
    )
    .bind(ward_id)
    .fetch_one(db)
    .await
}

const TIMES: &str = "select id, area_id, critical_s, high_s, medium_s, version, updated_at from answer_times where area_id = $1";

/// The times that a ward has set, for whoever may edit them; nobody else does until this transaction ends.
pub async fn lock_answer_times(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Option<TimesRow>> {
    sqlx::query_as(&format!("{TIMES} for update")).bind(ward_id).fetch_optional(db).await
}

/// False where somebody else has just set the ward's first times.
pub async fn add_answer_times(db: &mut PgConnection, times: &EditAnswerTimes) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into answer_times (area_id, critical_s, high_s, medium_s) values ($1, $2, $3, $4) on conflict (area_id) do nothing",
    )
    .bind(times.area_id)
    .bind(times.critical_s)
    .bind(times.high_s)
    .bind(times.medium_s)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn edit_answer_times(db: &mut PgConnection, times: &EditAnswerTimes) -> sqlx::Result<()> {
    sqlx::query("update answer_times set critical_s = $2, high_s = $3, medium_s = $4 where area_id = $1")
        .bind(times.area_id)
        .bind(times.critical_s)
        .bind(times.high_s)
        .bind(times.medium_s)
        .execute(db)
        .await
        .and_then(database::written)
}
