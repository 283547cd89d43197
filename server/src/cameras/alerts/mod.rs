//! Camera alerts: taken in once each, graded and routed by the ward's rules, answered for by somebody named until closed.
//! It deliberately knows neither HTTP nor MQTT of the devices (`ingest` does), and tells nobody: the change feed does.

mod db;
mod escalation;
mod figures;
mod handling;
mod listing;
mod record;
mod rule_routes;
mod rules;
pub mod snapshots;

pub use escalation::keep_answered;
pub use handling::{count_open, count_open_of, hand_over_open};
pub use listing::handlers;
pub use record::{Became, Recorded, record_alerts, record_status, replay_alert, replay_status};
pub use rules::Refused;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::CamerasState;

pub(super) fn routes(state: CamerasState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(listing::list_camera_alerts))
        .routes(routes!(figures::count_camera_alerts))
        .routes(routes!(figures::count_camera_alerts_by_quarter))
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
        .with_state(state)
}
