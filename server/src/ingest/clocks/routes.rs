//! The door to what the last day says of the clocks of devices.
//! It deliberately has nothing to mend: a clock is set at the device.

use axum::{Json, extract::State};
use shared::{ingest::WrongClocks, problem::Problem};

use crate::{
    accounts::{Session, matrix::Permission},
    platform::{clock::SharedClock, error::ApiResult},
};

/// Devices whose clock is hours or days from ours, by what they reported within a day.
#[utoipa::path(get, path = "/api/ingest/clocks", tag = "devices",
    responses((status = 200, body = WrongClocks), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(in crate::ingest) async fn list_wrong_clocks(mut db: Session, State(clock): State<SharedClock>) -> ApiResult<Json<WrongClocks>> {
    db.caller().require(Permission::SeeQuarantine)?;
    let at = clock.now();
    let wrong = super::last_day(&mut db, at).await?.wrong;
    Ok(Json(WrongClocks { wrong, at }))
}
