//! Whether the MQTT broker is connected, and since when: for `/readyz` and `/metrics`.
//! It deliberately does nothing about it.

use std::sync::{Arc, Mutex, PoisonError};

use shared::health::MqttReadiness;

use crate::platform::clock::SharedClock;

#[derive(Clone)]
pub struct Presence {
    now: Arc<Mutex<MqttReadiness>>,
    clock: SharedClock,
}

impl Presence {
    pub fn new(clock: SharedClock) -> Self {
        let presence = Self { now: Arc::new(Mutex::new(MqttReadiness { connected: false, since: clock.now() })), clock };
        presence.tell(presence.get());
        presence
    }

    pub fn get(&self) -> MqttReadiness {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connected(&self) {
        self.become_(true);
    }

    /// Whether it was connected until now.
    pub(super) fn lost(&self) -> bool {
        self.become_(false)
    }

    fn become_(&self, connected: bool) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let was_other = now.connected != connected;
        if was_other {
            *now = MqttReadiness { connected, since: self.clock.now() };
            self.tell(*now);
        }
        was_other
    }

    fn tell(&self, MqttReadiness { connected, since }: MqttReadiness) {
        metrics::gauge!("ioc_mqtt_connected").set(if connected { 1.0 } else { 0.0 });
        metrics::gauge!("ioc_mqtt_since_seconds").set(since.timestamp() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::TestClock;
    use chrono::{TimeDelta, TimeZone, Utc};

    #[test]
    fn a_state_holds_since_it_began() {
        let begin = Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap();
        let clock = TestClock::at(begin);
        let presence = Presence::new(clock.clone());
        assert!(!presence.lost(), "it never was connected");
        clock.advance(TimeDelta::seconds(5));
        presence.connected();
        clock.advance(TimeDelta::seconds(5));
        presence.connected();
        assert_eq!(presence.get(), MqttReadiness { connected: true, since: begin + TimeDelta::seconds(5) });
        assert!(presence.lost());
        assert_eq!(presence.get(), MqttReadiness { connected: false, since: begin + TimeDelta::seconds(10) });
    }
}
