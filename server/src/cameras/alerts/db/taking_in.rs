//! How reports become rows: cameras by the names that devices have for them, one statement for a whole batch.
//! What a report is worth was decided before (`rules`).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::camera::CameraStatus;
use shared::camera_alert::{AlertKind, AlertRule, Severity};
use shared::ingest::ReportedAlert;
use sqlx::PgConnection;

use crate::cameras::alerts::record::Became;
use crate::cameras::alerts::rules::RuleSet;
use crate::cameras::load::stored_status;
use crate::platform::columns::column;

/// What a name means: one camera where `matches` is 1.
#[derive(Debug, Clone)]
pub struct FoundCamera {
    pub id: i64,
    pub matches: i64,
    /// Its area, then those above it.
    pub areas: Vec<i32>,
}

/// An alert as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedAlert {
    camera_id: i64,
    external_id: String,
    kind: AlertKind,
    severity: Severity,
    confidence: Option<f32>,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    plate: Option<String>,
    in_picture: Option<[f64; 4]>,
    path: Option<Vec<[f64; 2]>>,
    handler_id: Option<i64>,
}

impl GradedAlert {
    pub fn of(report: &ReportedAlert, camera_id: i64, severity: Severity, handler_id: Option<i64>) -> Self {
        Self {
            camera_id,
            external_id: report.external_id.clone(),
            kind: report.kind,
            severity,
            confidence: report.confidence,
            started_at: report.started_at,
            ended_at: report.ended_at,
            plate: report.plate.as_deref().map(str::trim).filter(|plate| !plate.is_empty()).map(str::to_owned),
            in_picture: report.in_picture,
            path: report.path.clone(),
            handler_id,
        }
    }

    /// What is known when this one comes after `known`: what it leaves out stays.
    pub fn over(self, known: &Self) -> Self {
        Self {
            confidence: self.confidence.or(known.confidence),
            // An end that lies before a beginning that was corrected is no end of this.
            ended_at: self.ended_at.or(known.ended_at).filter(|ended_at| *ended_at >= self.started_at),
            plate: self.plate.or_else(|| known.plate.clone()),
            in_picture: self.in_picture.or(known.in_picture),
            path: self.path.or_else(|| known.path.clone()),
            // Whose it is was decided when it was new.
            handler_id: known.handler_id,
            ..self
        }
    }

    fn box_text(&self) -> Option<String> {
        self.in_picture.map(|corners| serde_json::to_string(&corners).expect("numbers can be written"))
    }

    fn path_text(&self) -> Option<String> {
        self.path.as_ref().map(|path| serde_json::to_string(path).expect("numbers can be written"))
    }
}

pub async fn find_cameras(db: &mut PgConnection, token_hash: &[u8; 32], names: &[String]) -> sqlx::Result<HashMap<String, FoundCamera>> {
    let rows: Vec<(i64, i64, i64, Vec<i32>)> =
        sqlx::query_as("select place, matches, camera_id, areas from find_cameras_of_device($1, $2)")
            .bind(token_hash.as_slice())
            .bind(names)
            .fetch_all(db)
            .await?;
    Ok(rows.into_iter().filter_map(|(place, matches, id, areas)| found(names, place, FoundCamera { id, matches, areas })).collect())
}

/// The same among the cameras that the caller reaches. Sixty of a ward, and asked for by hand: no index is needed.
pub async fn find_cameras_in_reach(db: &mut PgConnection, names: &[String]) -> sqlx::Result<HashMap<String, FoundCamera>> {
    let rows: Vec<(i64, i64, i64, Vec<i32>)> = sqlx::query_as(
        "with own as materialized (select id, area_id, lower(code) as code, name from camera),
         wanted as (select name, lower(name) as code, place from unnest($1::text[]) with ordinality w (name, place)),
         found as (
            select w.place, o.id, o.area_id from wanted w join own o on o.code = w.code
            union all
            select w.place, o.id, o.area_id from wanted w join own o on o.name = w.name where not exists (select from own c where c.code = w.code))
         select place, count(*), min(id), areas_above(min(area_id)) from found group by place",
    )
    .bind(names)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(|(place, matches, id, areas)| found(names, place, FoundCamera { id, matches, areas })).collect())
}

fn found(names: &[String], place: i64, camera: FoundCamera) -> Option<(String, FoundCamera)> {
    let name = names.get(usize::try_from(place).ok()?.checked_sub(1)?)?;
    Some((name.clone(), camera))
}

/// The rules of these areas. A rule that this version cannot read is left aside with its area's others, and said in the log.
pub async fn find_rules(db: &mut PgConnection, token_hash: &[u8; 32], areas: &[i32]) -> sqlx::Result<HashMap<i32, RuleSet>> {
    let rows: Vec<(i32, Value, Vec<i64>)> = sqlx::query_as("select area_id, rules, handlers from find_alert_rules($1, $2)")
        .bind(token_hash.as_slice())
        .bind(areas)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().filter_map(rule_set).collect())
}

pub async fn find_rules_in_reach(db: &mut PgConnection, areas: &[i32]) -> sqlx::Result<HashMap<i32, RuleSet>> {
    let rows: Vec<(i32, Value, Vec<i64>)> = sqlx::query_as(
        "select r.area_id, r.rules, array(select h.account_id from find_alert_handlers(r.area_id) h) from alert_rule r where r.area_id = any($1)",
    )
    .bind(areas)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().filter_map(rule_set).collect())
}

/// Notes that these cameras of the device were heard of just now.
pub async fn note_heard(db: &mut PgConnection, token_hash: &[u8; 32], camera_ids: Vec<i64>, now: DateTime<Utc>) -> sqlx::Result<()> {
    if camera_ids.is_empty() {
        return Ok(());
    }
    sqlx::query("select note_cameras_heard($1, $2, $3)").bind(token_hash.as_slice()).bind(camera_ids).bind(now).execute(db).await.map(drop)
}

pub fn rule_set((area_id, rules, handlers): (i32, Value, Vec<i64>)) -> Option<(i32, RuleSet)> {
    match serde_json::from_value::<Vec<AlertRule>>(rules) {
        Ok(rules) => Some((area_id, RuleSet { rules, handlers })),
        Err(cause) => {
            tracing::warn!(area.id = area_id, %cause, "alert rules of an area cannot be read; they are left aside");
            None
        }
    }
}

/// Writes each row once; answers in the rows' order. None: the camera is not the device's, or the token is not alive.
pub async fn write_alerts(db: &mut PgConnection, token_hash: &[u8; 32], rows: &[GradedAlert]) -> sqlx::Result<Vec<Option<Became>>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let became = sqlx::query_as("select place, became from record_camera_alerts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
        .bind(token_hash.as_slice())
        .bind(column(rows, |row| row.camera_id))
        .bind(column(rows, |row| row.external_id.clone()))
        .bind(column(rows, |row| row.kind.name()))
        .bind(column(rows, |row| row.severity.name()))
        .bind(column(rows, |row| row.confidence))
        .bind(column(rows, |row| row.started_at))
        .bind(column(rows, |row| row.ended_at))
        .bind(column(rows, |row| row.plate.clone()))
        .bind(column(rows, GradedAlert::box_text))
        .bind(column(rows, GradedAlert::path_text))
        .bind(column(rows, |row| row.handler_id))
        .fetch_all(db)
        .await?;
    Ok(by_place(rows.len(), became))
}

pub async fn write_status(
    db: &mut PgConnection,
    token_hash: &[u8; 32],
    rows: &[(i64, CameraStatus, DateTime<Utc>)],
) -> sqlx::Result<Vec<Option<Became>>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let became = sqlx::query_as("select place, became from record_camera_status($1, $2, $3, $4)")
        .bind(token_hash.as_slice())
        .bind(column(rows, |row| row.0))
        .bind(column(rows, |row| stored_status(row.1)))
        .bind(column(rows, |row| row.2))
        .fetch_all(db)
        .await?;
    Ok(by_place(rows.len(), became))
}

fn by_place(rows: usize, answers: Vec<(i64, String)>) -> Vec<Option<Became>> {
    let mut became = vec![None; rows];
    for (place, word) in answers {
        if let Some(slot) = usize::try_from(place - 1).ok().and_then(|place| became.get_mut(place)) {
            *slot = became_of(&word);
        }
    }
    became
}

fn became_of(word: &str) -> Option<Became> {
    match word {
        "new" => Some(Became::New),
        "updated" => Some(Became::Updated),
        "duplicate" => Some(Became::Duplicate),
        _ => None,
    }
}

pub async fn replay_alert(db: &mut PgConnection, quarantine_id: i64, row: &GradedAlert) -> sqlx::Result<Option<Became>> {
    let word: Option<String> = sqlx::query_scalar("select replay_camera_alert($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(quarantine_id)
        .bind(row.camera_id)
        .bind(&row.external_id)
        .bind(row.kind.name())
        .bind(row.severity.name())
        .bind(row.confidence)
        .bind(row.started_at)
        .bind(row.ended_at)
        .bind(row.box_text())
        .bind(row.path_text())
        .bind(row.handler_id)
        .fetch_one(db)
        .await?;
    Ok(word.as_deref().and_then(became_of))
}

pub async fn replay_status(
    db: &mut PgConnection,
    quarantine_id: i64,
    camera_id: i64,
    status: CameraStatus,
    at: DateTime<Utc>,
) -> sqlx::Result<Option<Became>> {
    let word: Option<String> = sqlx::query_scalar("select replay_camera_status($1, $2, $3, $4)")
        .bind(quarantine_id)
        .bind(camera_id)
        .bind(stored_status(status))
        .bind(at)
        .fetch_one(db)
        .await?;
    Ok(word.as_deref().and_then(became_of))
}
