//! Who answers: rosters by shift and kind of case, how long somebody has, what one shift hands to the next.
//! It deliberately does nothing to a case itself: alerts ask it whose they are, and move by their own rules.

mod answer_times;
mod db;
mod handover;
mod handover_db;
mod load;
mod roster;
mod rules;

use axum::extract::FromRef;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use load::{end_demo_roster, give_demo_shifts_to_colleagues, keep_demo_roster};
pub use rules::{Leader, OnDuty, next_up, who_answers};

use crate::{accounts::Accounts, platform::clock::SharedClock};

#[derive(Clone, FromRef)]
pub struct DutyState {
    pub accounts: Accounts,
    pub clock: SharedClock,
}

pub fn routes(state: DutyState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(roster::read_duty_roster, roster::add_duty))
        .routes(routes!(roster::edit_duty, roster::end_duty))
        .routes(routes!(roster::repeat_week))
        .routes(routes!(answer_times::edit_answer_times))
        .routes(routes!(handover::list_handovers, handover::write_handover))
        .routes(routes!(handover::take_over))
        .with_state(state)
}

/// Who is on in these areas at a moment. For what has no session too: a device's batch, the job that escalates.
pub async fn on_duty(db: &mut PgConnection, areas: &[i32], at: DateTime<Utc>) -> sqlx::Result<Vec<OnDuty>> {
    db::on_duty(db, areas, at).await
}

/// Leaders by appointment in these areas, who longest first.
pub async fn leaders(db: &mut PgConnection, areas: &[i32]) -> sqlx::Result<Vec<Leader>> {
    db::leaders(db, areas).await
}
