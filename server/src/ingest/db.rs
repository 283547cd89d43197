//! All SQL of devices and of the quarantine. A device comes as `ioc_app` without a session: functions know it by its token.
//! The command line comes as owner.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::camera_alert::AlertKind;
use shared::ingest::{Fault, IngestSource};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::cameras::alerts::Refused;
use crate::platform::columns::column;

/// Id and name of the device in force whose token has this hash.
pub async fn find_device(app: &PgPool, token_hash: &[u8; 32]) -> sqlx::Result<Option<(i64, String)>> {
    sqlx::query_as("select id, name from device_of($1)").bind(token_hash.as_slice()).fetch_optional(app).await
}

/// Something that is kept aside: JSON texts, of what may be shown and of all.
pub struct Kept<'a> {
    pub refused: &'a Refused,
    pub payload: String,
    pub raw: String,
}

/// False where the token is no longer in force.
pub async fn put_in_quarantine(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    source: IngestSource,
    kept: &[Kept<'_>],
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select put_in_quarantine($1, $2, $3, $4, $5, $6, faults => $7, fields => $8)")
        .bind(token_hash.as_slice())
        .bind(source.name())
        .bind(column(kept, |kept| kept.refused.code))
        .bind(column(kept, |kept| kept.refused.detail.clone()))
        .bind(column(kept, |kept| kept.payload.clone()))
        .bind(column(kept, |kept| kept.raw.clone()))
        .bind(column(kept, |kept| kept.refused.fault.map(Fault::name)))
        .bind(column(kept, |kept| kept.refused.field))
        .fetch_one(db)
        .await
}

/// The same, of what came over MQTT.
pub struct KeptMessage<'a> {
    pub topic: &'a str,
    pub kept: Kept<'a>,
    /// What is told again and again under this key is kept once, as it was told last.
    pub key: Option<String>,
}

pub async fn put_messages_in_quarantine(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    source: IngestSource,
    messages: &[KeptMessage<'_>],
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select put_in_quarantine($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(token_hash.as_slice())
        .bind(source.name())
        .bind(column(messages, |message| message.kept.refused.code))
        .bind(column(messages, |message| message.kept.refused.detail.clone()))
        .bind(column(messages, |message| message.kept.payload.clone()))
        .bind(column(messages, |message| message.kept.raw.clone()))
        .bind(column(messages, |message| message.topic.to_owned()))
        .bind(column(messages, |message| message.key.clone()))
        .bind(column(messages, |message| message.kept.refused.fault.map(Fault::name)))
        .bind(column(messages, |message| message.kept.refused.field))
        .fetch_one(db)
        .await
}

/// What is known of an object (or a review) of Frigate.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KnownObject {
    /// It is an alert by itself, or waits in the quarantine to be one.
    pub is_known: bool,
    /// The alert that stands for it: its own, or that of its review.
    pub alert: Option<KnownAlert>,
    /// The review that it belongs to, where that one came first.
    pub review_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct KnownAlert {
    pub external_id: String,
    pub kind: AlertKind,
    pub started_at: DateTime<Utc>,
}

/// What is known of objects, each at its camera (camera, object id).
pub async fn find_frigate_objects(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    objects: &[(String, String)],
) -> sqlx::Result<HashMap<(String, String), KnownObject>> {
    type Row = (i64, bool, Option<String>, Option<String>, Option<DateTime<Utc>>, Option<String>);
    let rows: Vec<Row> = sqlx::query_as(
        "select place, is_known, alert_external_id, alert_kind, alert_started_at, review_id from find_frigate_objects($1, $2, $3)",
    )
    .bind(token_hash.as_slice())
    .bind(column(objects, |(camera, _)| camera.clone()))
    .bind(column(objects, |(_, object)| object.clone()))
    .fetch_all(db)
    .await?;
    let known = |(place, is_known, external_id, kind, started_at, review_id): Row| {
        let object = objects.get(usize::try_from(place).ok()?.checked_sub(1)?)?;
        let kind = kind.as_deref().and_then(AlertKind::from_name);
        let alert = external_id.zip(kind).zip(started_at);
        let alert = alert.map(|((external_id, kind), started_at)| KnownAlert { external_id, kind, started_at });
        Some((object.clone(), KnownObject { is_known, alert, review_id }))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Keeps which objects belong to reviews that are alerts (object id, review id).
pub async fn note_frigate_review_parts(db: &mut PgConnection, token_hash: &[u8; 32], parts: &[(String, String)]) -> sqlx::Result<()> {
    sqlx::query("select note_frigate_review_parts($1, $2, $3)")
        .bind(token_hash.as_slice())
        .bind(column(parts, |(object, _)| object.clone()))
        .bind(column(parts, |(_, review)| review.clone()))
        .execute(db)
        .await
        .map(drop)
}

/// The cameras of the Frigate with this prefix, by its names for them.
pub async fn find_frigate_cameras(db: &mut PgConnection, token_hash: &[u8; 32], prefix: &str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("select find_frigate_cameras($1, $2)").bind(token_hash.as_slice()).bind(prefix).fetch_all(db).await
}

/// Keeps that it spoke of them.
pub async fn note_frigate_cameras(db: &mut PgConnection, token_hash: &[u8; 32], prefix: &str, names: Vec<String>) -> sqlx::Result<()> {
    sqlx::query("select note_frigate_cameras($1, $2, $3)").bind(token_hash.as_slice()).bind(prefix).bind(names).execute(db).await.map(drop)
}

#[derive(FromRow)]
pub struct QuarantinedRow {
    pub id: i64,
    pub source: String,
    pub area_id: i32,
    pub device_id: i64,
    pub device_name: Option<String>,
    pub topic: Option<String>,
    pub reason: String,
    pub fault: Option<String>,
    pub field: Option<String>,
    pub detail: String,
    pub payload: Value,
    pub times: i32,
    pub first_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    pub replayed_at: Option<DateTime<Utc>>,
    pub put_away_at: Option<DateTime<Utc>>,
    pub put_away_by: Option<String>,
    pub put_away_reason: Option<String>,
}

const QUARANTINED: &str =
    "select q.id, q.source, q.area_id, q.device_id, q.device_name, q.topic, q.reason, q.fault, q.field, q.detail, q.payload,
    q.times, q.first_at, q.received_at, q.replayed_at, p.at as put_away_at, p.by_name as put_away_by, p.reason as put_away_reason
    from ingest_quarantine q left join ingest_put_away p on p.id = q.put_away_id";

/// Which of it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Neither taken in since nor put away.
    Waiting,
    PutAway,
    All,
}

/// What the caller may see of it before `cursor`, newest first.
pub async fn quarantined(db: &mut PgConnection, part: Part, cursor: Option<i64>, limit: i64) -> sqlx::Result<Vec<QuarantinedRow>> {
    let condition = match part {
        Part::Waiting => "q.replayed_at is null and q.put_away_id is null",
        Part::PutAway => "q.put_away_id is not null",
        Part::All => "true",
    };
    sqlx::query_as(&format!("{QUARANTINED} where {condition} and ($1::bigint is null or q.id < $1) order by q.id desc limit $2"))
        .bind(cursor)
        .bind(limit)
        .fetch_all(db)
        .await
}

pub async fn find_quarantined(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<QuarantinedRow>> {
    sqlx::query_as(&format!("{QUARANTINED} where q.id = $1")).bind(id).fetch_optional(db).await
}

/// Puts an item away, or all that wait like it; how many they were, none where it does not wait in the caller's reach.
pub async fn put_away(db: &mut PgConnection, id: i64, alike: bool, reason: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select put_quarantined_away($1, $2, $3)").bind(id).bind(alike).bind(reason).fetch_one(db).await
}

/// Deletes at most so many that were last told before `before`; how many they were. As `ioc_job`.
pub async fn forget_quarantined(jobs: &PgPool, before: DateTime<Utc>, at_most: i32) -> sqlx::Result<i64> {
    sqlx::query_scalar("select forget_quarantined($1, $2)").bind(before).bind(at_most).fetch_one(jobs).await
}

#[derive(FromRow)]
pub struct DeviceRow {
    pub name: String,
    pub area_code: String,
    pub area_name: String,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_seen_at: Option<DateTime<Utc>>,
}

pub async fn devices(owner: &mut PgConnection) -> sqlx::Result<Vec<DeviceRow>> {
    sqlx::query_as(
        "select d.name, a.code as area_code, a.name as area_name, d.created_at, d.revoked_at, d.last_seen_at
         from device d join area a on a.id = d.area_id order by d.revoked_at is not null, d.name, d.id",
    )
    .fetch_all(owner)
    .await
}

pub async fn add_device(owner: &mut PgConnection, name: &str, area_id: i32, token_hash: &[u8; 32]) -> sqlx::Result<()> {
    sqlx::query("insert into device (name, area_id, token_hash) values ($1, $2, $3)")
        .bind(name)
        .bind(area_id)
        .bind(token_hash.as_slice())
        .execute(owner)
        .await
        .map(drop)
}

/// False where no device of that name is in force.
pub async fn revoke_device(owner: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    let done = sqlx::query("update device set revoked_at = clock_timestamp() where name = $1 and revoked_at is null")
        .bind(name)
        .execute(owner)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The name of the device in force whose token has this hash; unlike [`find_device`] it notes nothing.
pub async fn name_of_device(owner: &mut PgConnection, token_hash: &[u8; 32]) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select name from device where token_hash = $1 and revoked_at is null")
        .bind(token_hash.as_slice())
        .fetch_optional(owner)
        .await
}

pub async fn is_in_force(owner: &mut PgConnection, name: &str, token_hash: &[u8; 32]) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from device where name = $1 and token_hash = $2 and revoked_at is null)")
        .bind(name)
        .bind(token_hash.as_slice())
        .fetch_one(owner)
        .await
}

/// Id and name of the current area with this code.
pub async fn area_by_code(owner: &mut PgConnection, code: &str) -> sqlx::Result<Option<(i32, String)>> {
    sqlx::query_as("select id, name from area where code = $1 and valid_to is null").bind(code).fetch_optional(owner).await
}

/// Current wards, the oldest first; at most two, because more make no difference.
pub async fn first_wards(owner: &mut PgConnection) -> sqlx::Result<Vec<(i32, String)>> {
    sqlx::query_as("select id, name from area where kind = 'ward' and valid_to is null order by id limit 2").fetch_all(owner).await
}
