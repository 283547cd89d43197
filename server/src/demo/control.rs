//! How fast the simulator plays, as the page of the demonstration sets it: paused, as a day goes, ten times.
//! It deliberately drives nothing: a simulator, wherever it runs, asks here. Outside demo mode there is no such door.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Json;
use axum::extract::{FromRef, State};
use shared::demo::DemoSpeed;
use shared::problem::Problem;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::{Accounts, Session};
use crate::geography::editing::invalid;
use crate::platform::error::{ApiError, ApiResult};

/// What was set last; forgotten when the server ends, as a demonstration may.
#[derive(Clone)]
struct Speed(Arc<AtomicU8>);

#[derive(Clone, FromRef)]
struct ControlState {
    accounts: Accounts,
    speed: Speed,
}

pub fn routes(accounts: Accounts) -> OpenApiRouter {
    let speed = Speed(Arc::new(AtomicU8::new(1)));
    OpenApiRouter::new().routes(routes!(show_demo_speed, set_demo_speed)).with_state(ControlState { accounts, speed })
}

/// How fast the simulator plays. For demo accounts in demo mode; for all others there is nothing here.
#[utoipa::path(get, path = "/api/demo/speed", tag = "demonstration",
    responses((status = 200, body = DemoSpeed), (status = 404, body = Problem)))]
async fn show_demo_speed(db: Session, State(accounts): State<Accounts>, State(speed): State<Speed>) -> ApiResult<Json<DemoSpeed>> {
    require_demo(&db, &accounts)?;
    Ok(Json(DemoSpeed { speed: speed.0.load(Ordering::Relaxed) }))
}

/// Sets how fast the simulator plays: 0, 1 or 10.
#[utoipa::path(put, path = "/api/demo/speed", tag = "demonstration", request_body = DemoSpeed,
    responses((status = 200, body = DemoSpeed), (status = 404, body = Problem), (status = 422, description = "`edit.invalid`", body = Problem)))]
async fn set_demo_speed(
    db: Session,
    State(accounts): State<Accounts>,
    State(speed): State<Speed>,
    Json(wanted): Json<DemoSpeed>,
) -> ApiResult<Json<DemoSpeed>> {
    require_demo(&db, &accounts)?;
    if !DemoSpeed::ALL.contains(&wanted) {
        return Err(invalid("speed", "is 0, 1 or 10"));
    }
    speed.0.store(wanted.speed, Ordering::Relaxed);
    Ok(Json(wanted))
}

fn require_demo(db: &Session, accounts: &Accounts) -> ApiResult<()> {
    let is_demo = accounts.is_demo() && db.caller().account().is_some_and(|account| account.is_demo);
    if is_demo { Ok(()) } else { Err(ApiError::not_found()) }
}
