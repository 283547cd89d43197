//! What is due to go one step up, and where it goes: through functions, because a job has no session.
//! Who is next was decided before (`duty`).

use chrono::{DateTime, Utc};
use shared::camera_alert::AlertKind;
use sqlx::{FromRow, PgConnection};

use crate::platform::{columns::column, database::from_text};

/// An alert whose time has run out, locked until the transaction ends.
#[derive(Debug)]
pub struct DueAlert {
    pub id: i64,
    pub kind: AlertKind,
    /// Its area, then those above it.
    pub areas: Vec<i32>,
    pub handler_id: Option<i64>,
    pub escalation: i16,
}

#[derive(FromRow)]
struct DueRow {
    id: i64,
    kind: String,
    areas: Vec<i32>,
    handler_id: Option<i64>,
    escalation: i16,
}

/// Where a due alert goes: step and account. None: nobody is further up.
#[derive(Debug)]
pub struct NextUp {
    pub id: i64,
    pub to: Option<(i16, i64)>,
}

/// The longest first.
pub async fn find_due(db: &mut PgConnection, now: DateTime<Utc>, at_most: usize) -> sqlx::Result<Vec<DueAlert>> {
    let rows: Vec<DueRow> = sqlx::query_as("select id, kind, areas, handler_id, escalation from find_due_camera_alerts($1, $2)")
        .bind(now)
        .bind(at_most as i32)
        .fetch_all(db)
        .await?;
    let due = |row: DueRow| {
        let DueRow { id, kind, areas, handler_id, escalation } = row;
        Ok(DueAlert { id, kind: from_text(&kind)?, areas, handler_id, escalation })
    };
    rows.into_iter().map(due).collect()
}

pub async fn escalate(db: &mut PgConnection, moves: &[NextUp], now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("select escalate_camera_alerts($1, $2, $3, $4)")
        .bind(column(moves, |alert| alert.id))
        .bind(column(moves, |alert| alert.to.map(|(_, account)| account)))
        .bind(column(moves, |alert| alert.to.map(|(step, _)| step)))
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}
