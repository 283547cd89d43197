//! Whether the process is up (`/healthz`), whether it can serve (`/readyz`), and what it counts (`/metrics`).
//! `doctor` explains at length what these say in a word.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use shared::health::Readiness;

use crate::{
    feed::{self, Feed},
    geography::search_index::SearchIndex,
    ingest::mqtt::Presence,
    platform::{database::Pools, error::ApiError, http::ClientAddress, migrate, telemetry},
};

#[derive(Clone)]
pub struct HealthState {
    pub pools: Pools,
    pub feed: Feed,
    pub search_index: SearchIndex,
    pub mqtt: Option<Presence>,
}

pub fn routes(state: HealthState) -> Router {
    Router::new()
        .route("/healthz", get(|| std::future::ready("ok")))
        .route("/readyz", get(answer_readiness))
        .route("/metrics", get(render_metrics))
        .with_state(state)
}

/// 200 when everything a request needs is there, else 503 with what is missing.
async fn answer_readiness(State(state): State<HealthState>) -> (StatusCode, Json<Readiness>) {
    let pending = migrate::pending(&state.pools.app).await;
    let partitions = feed::partitions(&state.pools.feed).await;
    let readiness = Readiness {
        database: pending.is_ok(),
        migrations: pending.is_ok_and(|pending| pending.is_empty()),
        partitions: partitions.is_ok_and(|partitions| partitions.are_ready()),
        feed: state.feed.is_current(),
        search: state.search_index.indexing().is_none(),
        mqtt: state.mqtt.as_ref().map(Presence::get),
    };
    let status = if readiness.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

/// Prometheus text, for this machine only: counts tell about people's work. Whom a proxy on this machine speaks for is elsewhere.
async fn render_metrics(ClientAddress(address): ClientAddress) -> Result<String, ApiError> {
    if !address.to_canonical().is_loopback() {
        return Err(ApiError::not_found());
    }
    Ok(telemetry::metrics().render())
}
