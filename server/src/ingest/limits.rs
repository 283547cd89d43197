//! How much a device may report a minute, and how often an address may come with a token that is none.
//! It deliberately counts in this process; of several server instances each counts its own share.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use chrono::TimeDelta;
use governor::clock::Clock as GovernorClock;
use governor::{NotUntil, Quota, RateLimiter, nanos::Nanos};

use crate::accounts::limits::{Limiter, REMEMBERED, Ticks, network_of};
use crate::platform::clock::SharedClock;
use crate::platform::error::{ApiError, ApiResult};

/// Wrong tokens a minute from one address: a device whose token was revoked goes on trying, a guesser gains nothing.
const WRONG_TOKENS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");

pub struct DeviceLimits {
    by_device: Limiter<i64>,
    wrong_tokens: Limiter<IpAddr>,
    most_at_once: u32,
    clock: SharedClock,
    ticks: Ticks,
}

impl DeviceLimits {
    pub fn new(reports_per_minute: NonZeroU32, clock: SharedClock) -> Self {
        let ticks = Ticks::new(clock.clone());
        Self {
            by_device: RateLimiter::dashmap_with_clock(Quota::per_minute(reports_per_minute), ticks.clone()),
            wrong_tokens: RateLimiter::dashmap_with_clock(Quota::per_minute(WRONG_TOKENS_PER_MINUTE), ticks.clone()),
            most_at_once: reports_per_minute.get(),
            clock,
            ticks,
        }
    }

    /// Counts a batch, or refuses it whole; nothing of it is taken in then. Codes: `ingest.too_many_at_once`, `ingest.too_fast`.
    pub fn admit(&self, device_id: i64, reports: usize) -> ApiResult<()> {
        let Some(reports) = u32::try_from(reports).ok().filter(|reports| *reports <= self.most_at_once) else {
            let detail = format!("{reports} reports in one request; send at most {} at once", self.most_at_once);
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "ingest.too_many_at_once", detail));
        };
        // An empty array costs as much as one report.
        let reports = NonZeroU32::new(reports).unwrap_or(NonZeroU32::MIN);
        match self.by_device.check_key_n(&device_id, reports) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(self.refusal(&not_until, "this device reports faster than it may; wait, then send the same again")),
            Err(_) => Err(ApiError::bad_request("more reports than a device may send in a minute")),
        }
    }

    /// Counts reports that nobody can be refused, and waits until they may be taken in.
    pub async fn wait_for(&self, device_id: i64, reports: usize) {
        let reports = reports.min(self.most_at_once as usize);
        while self.admit(device_id, reports).is_err() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Counts a token that is nobody's. Code: `ingest.too_fast`, once there were too many.
    pub fn count_wrong_token(&self, address: IpAddr) -> ApiResult<()> {
        if self.wrong_tokens.len() > REMEMBERED {
            self.wrong_tokens.retain_recent();
        }
        self.wrong_tokens
            .check_key(&network_of(address))
            .map_err(|not_until| self.refusal(&not_until, "too many tokens from this address that are no device's; wait a moment"))
    }

    fn refusal(&self, not_until: &NotUntil<Nanos>, detail: &str) -> ApiError {
        let now = self.clock.now();
        let wait = not_until.wait_time_from(self.ticks.now());
        let until = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(1));
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "ingest.too_fast", detail).until(until, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::TestClock;
    use chrono::{TimeZone, Utc};

    #[test]
    fn a_device_is_counted_by_what_it_reports_and_recovers() {
        let clock = TestClock::at(Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap());
        let limits = DeviceLimits::new(NonZeroU32::new(60).unwrap(), clock.clone());
        assert_eq!(limits.admit(1, 61).unwrap_err().code(), "ingest.too_many_at_once");
        limits.admit(1, 50).unwrap();
        assert_eq!(limits.admit(1, 20).unwrap_err().code(), "ingest.too_fast");
        limits.admit(2, 20).unwrap();
        clock.advance(TimeDelta::seconds(10));
        limits.admit(1, 20).unwrap();
    }

    #[test]
    fn an_address_cannot_try_tokens_for_ever() {
        let clock = TestClock::at(Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap());
        let limits = DeviceLimits::new(NonZeroU32::MIN, clock);
        let address = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..60 {
            limits.count_wrong_token(address).unwrap();
        }
        assert_eq!(limits.count_wrong_token(address).unwrap_err().code(), "ingest.too_fast");
        limits.count_wrong_token(IpAddr::from([192, 0, 2, 2])).unwrap();
    }
}
