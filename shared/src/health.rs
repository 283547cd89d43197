//! What `/readyz` answers.
//! It deliberately says nothing that a stranger could use.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which of the things that a request needs are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    pub database: bool,
    pub migrations: bool,
    pub partitions: bool,
    /// The change feed was level with the database within the last five seconds.
    pub feed: bool,
    /// Everything can be found. Until then a search finds what is indexed and says so; nothing waits for it.
    pub search: bool,
    /// Whether the MQTT broker is connected, where one is set. Nothing waits for it: what recorders send meanwhile waits at the broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mqtt: Option<MqttReadiness>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MqttReadiness {
    pub connected: bool,
    /// Since when it is so. Of several instances of the server one is connected.
    pub since: DateTime<Utc>,
}

impl Readiness {
    pub fn is_ready(&self) -> bool {
        self.database && self.migrations && self.partitions && self.feed
    }
}
