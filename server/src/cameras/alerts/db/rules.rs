//! The rules of areas, as their operators write them.
//! What they say of an alert is decided elsewhere (`alerts::rules`).

use chrono::{DateTime, Utc};
use shared::camera_alert::AlertRule;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection};

use crate::platform::database::written;

#[derive(FromRow)]
pub struct RulesRow {
    pub id: i64,
    pub area_id: i32,
    pub area_name: String,
    pub rules: Json<Vec<AlertRule>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

const RULES: &str =
    "select r.id, r.area_id, a.name as area_name, r.rules, r.version, r.updated_at from alert_rule r join area a on a.id = r.area_id";

pub async fn all_rules(db: &mut PgConnection) -> sqlx::Result<Vec<RulesRow>> {
    sqlx::query_as(&format!("{RULES} order by r.area_id")).fetch_all(db).await
}

pub async fn rules_of(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Option<RulesRow>> {
    sqlx::query_as(&format!("{RULES} where r.area_id = $1")).bind(area_id).fetch_optional(db).await
}

/// The same, for whoever may edit them; nobody else does until this transaction ends.
pub async fn lock_rules(db: &mut PgConnection, area_id: i32) -> sqlx::Result<Option<RulesRow>> {
    sqlx::query_as(&format!("{RULES} where r.area_id = $1 for update of r")).bind(area_id).fetch_optional(db).await
}

/// False where somebody else has just written the area's first rules.
pub async fn add_rules(db: &mut PgConnection, area_id: i32, rules: &[AlertRule]) -> sqlx::Result<bool> {
    let done = sqlx::query("insert into alert_rule (area_id, rules) values ($1, $2) on conflict (area_id) do nothing")
        .bind(area_id)
        .bind(Json(rules))
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn edit_rules(db: &mut PgConnection, id: i64, rules: &[AlertRule]) -> sqlx::Result<()> {
    sqlx::query("update alert_rule set rules = $2 where id = $1").bind(id).bind(Json(rules)).execute(db).await.and_then(written)
}
