//! Writes alerts in bulk with all that was done about them, for seeds: what happened before anybody was here; and hands over what is
//! open where nobody is signed in to do it.
//! It deliberately makes no transaction: the caller begins one as owner, with `geography::load::begin_bulk`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::camera_alert::{AlertKind, AlertOutcome, AlertStatus, AlertStep, Severity};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// An alert as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadedAlert {
    pub uid: Uuid,
    pub camera_id: i64,
    pub external_id: String,
    pub kind: AlertKind,
    pub severity: Severity,
    pub confidence: Option<f32>,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    pub received_at: DateTime<Utc>,
    #[serde(rename = "box")]
    pub in_picture: Option<[f64; 4]>,
    pub path: Option<Vec<[f64; 2]>>,
    pub plate: Option<String>,
    pub status: AlertStatus,
    pub outcome: Option<AlertOutcome>,
    pub handler_id: Option<i64>,
    pub assigned_at: Option<DateTime<Utc>>,
    pub taken_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when whoever it was given to last must take it; the database forgets it of what is taken or closed.
    pub answer_due_at: Option<DateTime<Utc>>,
    pub escalation: i16,
    pub legal_basis: Option<String>,
    pub fine_vnd: Option<i64>,
    #[serde(skip)]
    pub entries: Vec<LoadedEntry>,
}

/// A step of somebody, in the order in which it was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadedEntry {
    pub at: DateTime<Utc>,
    pub step: AlertStep,
    pub outcome: Option<AlertOutcome>,
    /// Whose it was until it went one step up.
    pub from_account: Option<i64>,
    pub to_account: Option<i64>,
    pub note: Option<String>,
    /// None: a rule did it.
    pub actor: Option<i64>,
}

/// Rows of one statement: their JSON stays at some hundred kilobytes.
const AT_ONCE: usize = 1000;

#[derive(Serialize)]
struct AlertRow<'a> {
    #[serde(flatten)]
    alert: &'a LoadedAlert,
    steps: usize,
    note_count: usize,
    place: usize,
}

#[derive(Serialize)]
struct EntryRow<'a> {
    #[serde(flatten)]
    entry: &'a LoadedEntry,
    camera_id: i64,
    external_id: &'a str,
    place: usize,
}

/// Inserts the alerts in the slice's order, which their codes follow, with their plates and entries.
pub async fn insert_alerts(db: &mut PgConnection, alerts: &[LoadedAlert]) -> sqlx::Result<()> {
    // A step is signed with the caller's own name, and here nobody calls: what was done is written as it was done. Nobody else writes a step
    // meanwhile, for the table is locked until this transaction ends.
    sqlx::query("alter table camera_alert_entry disable trigger sign_alert_entry").execute(&mut *db).await?;
    for alerts in alerts.chunks(AT_ONCE) {
        insert_rows(db, alerts).await?;
        insert_plates(db, alerts).await?;
        insert_entries(db, alerts).await?;
    }
    sqlx::query("alter table camera_alert_entry enable trigger sign_alert_entry").execute(db).await.map(drop)
}

async fn insert_rows(db: &mut PgConnection, alerts: &[LoadedAlert]) -> sqlx::Result<()> {
    let row = |(place, alert)| AlertRow { alert, steps: alert.entries.len(), note_count: notes(alert), place };
    let rows: Vec<AlertRow> = alerts.iter().enumerate().map(row).collect();
    sqlx::query(
        "insert into camera_alert (uid, camera_id, camera_code, external_id, kind, severity, confidence, started_at, ended_at, received_at, \
           box, path, status, outcome, handler_id, assigned_at, taken_at, closed_at, answer_due_at, escalation, legal_basis, fine_vnd, steps, \
           note_count, area_id, ward_id, geom) \
         select r.uid, r.camera_id, c.code, r.external_id, r.kind, r.severity, r.confidence, r.started_at, r.ended_at, r.received_at, \
           r.box, r.path, r.status, r.outcome, r.handler_id, r.assigned_at, r.taken_at, r.closed_at, r.answer_due_at, r.escalation, r.legal_basis, \
           r.fine_vnd, r.steps, r.note_count, c.area_id, c.ward_id, c.geom \
         from jsonb_to_recordset($1::jsonb) as r (uid uuid, camera_id bigint, external_id text, kind text, severity text, confidence real, \
           started_at timestamptz, ended_at timestamptz, received_at timestamptz, box jsonb, path jsonb, status text, outcome text, \
           handler_id bigint, assigned_at timestamptz, taken_at timestamptz, closed_at timestamptz, answer_due_at timestamptz, \
           escalation smallint, legal_basis text, fine_vnd bigint, steps integer, note_count integer, place integer) \
         join camera c on c.id = r.camera_id order by r.place",
    )
    .bind(Json(rows))
    .execute(db)
    .await
    .map(drop)
}

/// Gives everything open that somebody has in an area to somebody else, with an entry each that nobody signs; answers how many alerts
/// they were. As owner.
pub async fn hand_over_open(db: &mut PgConnection, area_id: i32, from: i64, to: i64, now: DateTime<Utc>) -> sqlx::Result<i64> {
    super::db::hand_over_open(db, area_id, from, to, now).await
}

/// Notes by themselves, as handling counts them: what is said with another step is part of that step.
fn notes(alert: &LoadedAlert) -> usize {
    alert.entries.iter().filter(|entry| entry.step == AlertStep::Noted).count()
}

async fn insert_plates(db: &mut PgConnection, alerts: &[LoadedAlert]) -> sqlx::Result<()> {
    let plated = || alerts.iter().filter(|alert| alert.plate.is_some());
    sqlx::query(
        "insert into camera_alert_plate (alert_id, area_id, plate) \
         select a.id, a.area_id, p.plate from unnest($1::bigint[], $2::text[], $3::text[]) as p (camera_id, external_id, plate) \
         join camera_alert a on a.camera_id = p.camera_id and a.external_id = p.external_id",
    )
    .bind(plated().map(|alert| alert.camera_id).collect::<Vec<_>>())
    .bind(plated().map(|alert| alert.external_id.clone()).collect::<Vec<_>>())
    .bind(plated().map(|alert| alert.plate.clone()).collect::<Vec<_>>())
    .execute(db)
    .await
    .map(drop)
}

async fn insert_entries(db: &mut PgConnection, alerts: &[LoadedAlert]) -> sqlx::Result<()> {
    let steps = alerts.iter().flat_map(|alert| alert.entries.iter().map(move |entry| (alert, entry)));
    let rows: Vec<EntryRow> = steps
        .enumerate()
        .map(|(place, (alert, entry))| EntryRow { entry, camera_id: alert.camera_id, external_id: &alert.external_id, place })
        .collect();
    sqlx::query(
        "insert into camera_alert_entry (alert_id, area_id, at, step, outcome, from_account, from_name, to_account, to_name, note, actor, actor_name) \
         select a.id, a.area_id, r.at, r.step, r.outcome, r.from_account, had.display_name, r.to_account, given.display_name, r.note, r.actor, did.display_name \
         from jsonb_to_recordset($1::jsonb) as r (at timestamptz, step text, outcome text, from_account bigint, to_account bigint, note text, actor bigint, \
           camera_id bigint, external_id text, place integer) \
         join camera_alert a on a.camera_id = r.camera_id and a.external_id = r.external_id \
         left join account had on had.id = r.from_account left join account given on given.id = r.to_account left join account did on did.id = r.actor \
         order by r.place",
    )
    .bind(Json(rows))
    .execute(db)
    .await
    .map(drop)
}
