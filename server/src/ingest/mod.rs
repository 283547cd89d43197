//! The doors of devices: who a device is, how much it may send, what is kept aside when it cannot be taken in.
//! What a report means and becomes is its domain's (`cameras::alerts`).

pub mod clocks;
pub mod commands;
mod db;
mod device;
pub mod frigate;
mod http;
pub mod keeping;
mod limits;
pub mod mqtt;
mod pictures;
mod quarantine;
mod reading;

use std::{num::NonZeroU32, sync::Arc};

use axum::extract::{DefaultBodyLimit, FromRef};
use chrono::{DateTime, Utc};
use shared::ingest::IngestSource;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    clocks::{Clocks, Told},
    limits::DeviceLimits,
};
use crate::accounts::Accounts;
use crate::cameras::alerts::snapshots::Snapshots;
use crate::platform::clock::SharedClock;

/// A batch of some thousand alerts with their paths.
const LARGEST_BATCH_BYTES: usize = 16 * 1024 * 1024;

#[derive(Clone, FromRef)]
pub struct IngestState {
    accounts: Accounts,
    clock: SharedClock,
    limits: Arc<DeviceLimits>,
    clocks: Arc<Clocks>,
    snapshots: Snapshots,
}

impl IngestState {
    pub fn new(accounts: Accounts, clock: SharedClock, reports_per_minute: NonZeroU32, snapshots: Snapshots) -> Self {
        let limits = Arc::new(DeviceLimits::new(reports_per_minute, clock.clone()));
        Self { limits, clocks: Arc::default(), accounts, clock, snapshots }
    }

    /// Keeps what a batch said of its device's clock, once the batch is in.
    async fn note_clock(&self, device_id: i64, token_hash: &[u8; 32], source: IngestSource, told: &Told, now: DateTime<Utc>) {
        self.clocks.note(self.accounts.app_pool(), device_id, token_hash, source, told, now).await;
    }
}

/// The doors that devices push to, which take more than others.
pub fn device_routes(state: IngestState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(http::report_camera_alerts))
        .routes(routes!(http::report_camera_status))
        .with_state(state)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(LARGEST_BATCH_BYTES))
}

/// The doors of the operator.
pub fn routes(state: IngestState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(quarantine::list_quarantine))
        .routes(routes!(quarantine::replay_quarantined))
        .routes(routes!(quarantine::put_away_quarantined))
        .routes(routes!(clocks::routes::list_wrong_clocks))
        .with_state(state)
}
