//! The SQL of silences: every statement is one of the functions that the migration explains.
//! It deliberately reads no heartbeat by itself; nobody may but those functions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::camera_alert::Severity;
use sqlx::{FromRow, PgConnection};

use crate::cameras::alerts::{RuleSet, rule_set};

/// A camera of whose silence nobody was told yet.
#[derive(FromRow)]
pub struct Silence {
    pub camera_id: i64,
    pub since: DateTime<Utc>,
    /// Its area, then those above it.
    pub areas: Vec<i32>,
}

pub async fn find(jobs: &mut PgConnection, now: DateTime<Utc>, listening_since: DateTime<Utc>) -> sqlx::Result<Vec<Silence>> {
    sqlx::query_as("select camera_id, since, areas from find_camera_silences($1, $2)").bind(now).bind(listening_since).fetch_all(jobs).await
}

pub async fn find_rules(jobs: &mut PgConnection, areas: &[i32]) -> sqlx::Result<HashMap<i32, RuleSet>> {
    if areas.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i32, Value, Vec<i64>)> =
        sqlx::query_as("select area_id, rules, handlers from find_rules_of_areas($1)").bind(areas).fetch_all(jobs).await?;
    Ok(rows.into_iter().filter_map(rule_set).collect())
}

/// False where the camera has been heard meanwhile, or somebody was told already.
pub async fn raise(
    jobs: &mut PgConnection,
    silence: &Silence,
    severity: Severity,
    handler_id: Option<i64>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("select raise_camera_silence($1, $2, $3, $4, $5)")
        .bind(silence.camera_id)
        .bind(silence.since)
        .bind(severity.name())
        .bind(handler_id)
        .bind(now)
        .fetch_one(jobs)
        .await
}

pub async fn close(jobs: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<i32> {
    sqlx::query_scalar("select close_camera_silences($1)").bind(now).fetch_one(jobs).await
}
