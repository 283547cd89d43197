//! The hub and the websocket `/live`: what of each change goes to whom, said once per audience and shared.
//! It deliberately decides nothing about reach itself (the access matrix and the catalogue do) and keeps no rows.

mod frames;
mod hub;
mod recent;
mod socket;
mod view;

use std::sync::Arc;

use axum::{
    extract::{FromRef, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use tokio::sync::Semaphore;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use hub::Hub;

use crate::{
    accounts::{Accounts, SessionToken},
    platform::error::{ApiError, ApiResult},
};

/// A server keeps this many screens. Each costs a socket and what waits in its queue.
const MOST_CONNECTIONS: usize = 20_000;
/// A client says what it subscribes to and little else.
const LONGEST_MESSAGE: usize = 64 * 1024;

#[derive(Clone, FromRef)]
pub struct LiveState {
    pub hub: Hub,
    pub accounts: Accounts,
    #[from_ref(skip)]
    places: Arc<Semaphore>,
}

impl LiveState {
    pub fn new(hub: Hub, accounts: Accounts) -> Self {
        Self { hub, accounts, places: Arc::new(Semaphore::new(MOST_CONNECTIONS)) }
    }
}

pub fn routes(state: LiveState) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(connect)).with_state(state)
}

/// Opens the live connection.
///
/// A websocket of JSON text frames, each an object with one key. The client begins with `subscribe {topics, bbox?, since?}`
/// and answers `ping` with `pong`; the server sends `snapshot`, `delta`, `resync` and `ping`. It closes with 4401 when the
/// session has ended and with 4403 when the caller's reach has changed: connect again.
#[utoipa::path(
    get, path = "/live", tag = "live",
    responses(
        (status = 101, description = "the connection speaks websocket from here on"),
        (status = 503, description = "`live.full`: this server has as many connections as it takes"),
    )
)]
async fn connect(State(state): State<LiveState>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> ApiResult<Response> {
    let Ok(place) = state.places.clone().try_acquire_owned() else {
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "live.full", "too many screens are connected; try again in a minute"));
    };
    let token = SessionToken::from_headers(&headers);
    let caller = state.accounts.caller_of(token.as_ref()).await?;
    let upgrade = upgrade.max_message_size(LONGEST_MESSAGE).max_frame_size(LONGEST_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::serve(socket, state.hub, state.accounts, token, caller).await;
        drop(place);
    }))
}
