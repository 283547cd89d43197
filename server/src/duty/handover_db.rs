//! The SQL of handovers, read and written under the caller's row-level security; the database signs them with the caller.
//! The alerts that go with one are the alerts' own.

use chrono::{DateTime, Utc};
use shared::duty::{OpenAlerts, WriteHandover};
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::platform::database::written;

#[derive(FromRow)]
pub struct HandoverRow {
    pub id: i64,
    pub uid: Uuid,
    pub area_id: i32,
    pub area_name: String,
    pub at: DateTime<Utc>,
    pub by_account: i64,
    pub by_name: String,
    pub shift_from: DateTime<Utc>,
    pub shift_until: DateTime<Utc>,
    pub note: String,
    pub open_alerts: Json<Vec<OpenAlerts>>,
    pub to_account: Option<i64>,
    pub to_name: Option<String>,
    pub alerts_given: i32,
    pub taken_over_by: Option<i64>,
    pub taken_over_name: Option<String>,
    pub taken_over_at: Option<DateTime<Utc>>,
    pub version: i32,
}

const HANDOVER: &str =
    "select h.id, h.uid, h.area_id, a.name as area_name, h.at, h.by_account, h.by_name, h.shift_from, h.shift_until, h.note,
        h.open_alerts, h.to_account, h.to_name, h.alerts_given, h.taken_over_by, h.taken_over_name, h.taken_over_at, h.version
    from duty_handover h join area a on a.id = h.area_id";

/// Handovers of an area and what lies below it, the latest first, before the one `cursor`.
pub async fn handovers(db: &mut PgConnection, area_id: i32, cursor: Option<i64>, limit: i64) -> sqlx::Result<Vec<HandoverRow>> {
    sqlx::query_as(&format!(
        "{HANDOVER} where h.area_id = any (areas_below($1)) and ($2::bigint is null or h.id < $2) order by h.id desc limit $3"
    ))
    .bind(area_id)
    .bind(cursor)
    .bind(limit)
    .fetch_all(db)
    .await
}

pub async fn find_handover(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<HandoverRow>> {
    sqlx::query_as(&format!("{HANDOVER} where h.id = $1")).bind(id).fetch_optional(db).await
}

pub async fn find_handover_by_uid(db: &mut PgConnection, uid: Uuid) -> sqlx::Result<Option<HandoverRow>> {
    sqlx::query_as(&format!("{HANDOVER} where h.uid = $1")).bind(uid).fetch_optional(db).await
}

/// The same, for whoever handles alerts there; nobody else acknowledges it until this transaction ends.
pub async fn lock_handover(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<HandoverRow>> {
    sqlx::query_as(&format!("{HANDOVER} where h.id = $1 for update of h")).bind(id).fetch_optional(db).await
}

/// None where the same uid was written before. The database signs it with the caller.
pub async fn write_handover(
    db: &mut PgConnection,
    uid: Uuid,
    request: &WriteHandover,
    at: DateTime<Utc>,
    open_alerts: &[OpenAlerts],
    alerts_given: i32,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "insert into duty_handover (uid, area_id, at, shift_from, shift_until, note, open_alerts, to_account, alerts_given)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (uid) do nothing returning id",
    )
    .bind(uid)
    .bind(request.area_id)
    .bind(at)
    .bind(request.shift_from)
    .bind(request.shift_until)
    .bind(&request.note)
    .bind(Json(open_alerts))
    .bind(request.to_id)
    .bind(alerts_given)
    .fetch_optional(db)
    .await
}

/// The database signs it with the caller.
pub async fn take_over(db: &mut PgConnection, id: i64, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update duty_handover set taken_over_at = $2 where id = $1").bind(id).bind(at).execute(db).await.and_then(written)
}
