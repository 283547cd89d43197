//! Camera alerts: taken in once each, graded and routed by the ward's rules, answered for by somebody named until closed.
//! It deliberately knows neither HTTP nor MQTT of the devices (`ingest` does), and tells nobody: the change feed does.

mod db;
mod escalation;
mod figures;
mod handling;
mod listing;
pub mod load;
mod record;
mod rule_routes;
mod rules;
mod shelf_rules;
mod shelving;
pub mod snapshots;

pub use db::add_rules;
pub(in crate::cameras) use db::rule_set;
pub use escalation::keep_answered;
pub use handling::{count_open, count_open_of, hand_over_open};
pub use listing::handlers;
pub use record::{Became, Recorded, record_alerts, record_status, replay_alert, replay_status};
pub use rules::{AHEAD, BAD_TIME, Refused, usual_severity};
pub(in crate::cameras) use rules::{RuleSet, grade_kind};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::CamerasState;

pub(super) fn routes(state: CamerasState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(listing::list_camera_alerts))
        .routes(routes!(figures::count_camera_alerts))
        .routes(routes!(figures::count_camera_alerts_by_quarter))
        .routes(routes!(figures::count_camera_alerts_by_ward))
        .routes(routes!(listing::open_camera_alert))
        .routes(routes!(listing::reveal_plate))
        .routes(routes!(listing::list_alert_handlers))
        .routes(routes!(snapshots::routes::open_snapshot))
        .routes(routes!(snapshots::routes::hold_snapshot))
        .routes(routes!(snapshots::routes::release_snapshot))
        .routes(routes!(handling::take_camera_alert))
        .routes(routes!(handling::assign_camera_alert))
        .routes(routes!(handling::note_camera_alert))
        .routes(routes!(handling::close_camera_alert))
        .routes(routes!(handling::reopen_camera_alert))
        .routes(routes!(rule_routes::list_alert_rules, rule_routes::edit_alert_rules))
        .routes(routes!(rule_routes::read_alert_rules_history))
        .routes(routes!(rule_routes::list_rule_handlers))
        .routes(routes!(shelving::list_alert_shelves, shelving::shelve_alerts))
        .routes(routes!(shelving::end_alert_shelf))
        .with_state(state)
}

/// Where and when an alert was, for whoever looks for its pictures.
pub(super) struct Reported {
    pub camera_id: i64,
    pub camera_code: String,
    pub area_id: i32,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// None: there is no such alert in the caller's reach.
pub(super) async fn reported(db: &mut PgConnection, id: i64) -> sqlx::Result<Option<Reported>> {
    let row = db::find(db, id).await?;
    Ok(row.map(|row| Reported {
        camera_id: row.camera_id,
        camera_code: row.camera_code,
        area_id: row.area_id,
        started_at: row.started_at,
        ended_at: row.ended_at,
    }))
}
