//! How often somebody may try to sign in: by address, by login, and how long an account stays locked.
//! It deliberately does not count what an account did wrong (the database does), except for logins that do not exist.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use moka::sync::Cache;

use crate::platform::clock::SharedClock;
use crate::platform::error::{ApiError, ApiResult};

/// Limits of signing in; tests raise or lower them.
#[derive(Debug, Clone)]
pub struct SignInLimits {
    /// Attempts a minute from one address. An office shares one, so it is generous; the login's own limit is not.
    pub per_address_per_minute: NonZeroU32,
    pub per_login_per_minute: NonZeroU32,
    /// Wrong attempts in a row after which an account is locked.
    pub lock_after: i32,
    pub lock_for: TimeDelta,
    /// A refusal is not answered sooner, so that the work behind it (does the login exist?) cannot be timed.
    pub refusal_takes: Duration,
    /// A shift and its handover: whoever takes over the desk signs in as themselves.
    pub session_lives_for: TimeDelta,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            per_address_per_minute: NonZeroU32::new(60).expect("not zero"),
            per_login_per_minute: NonZeroU32::new(20).expect("not zero"),
            lock_after: 5,
            lock_for: TimeDelta::minutes(15),
            refusal_takes: Duration::from_millis(400),
            session_lives_for: TimeDelta::hours(12),
        }
    }
}

/// Counts by key, on the house's clock.
pub type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, NoOpMiddleware<Nanos>>;

/// Counts attempts in this process. Of several server instances each counts its own share.
pub struct AttemptCounter {
    by_address: Limiter<IpAddr>,
    by_login: Limiter<String>,
    /// Logins that do not exist, locked like those that do: otherwise the lock would tell them apart.
    unknown_logins: Cache<String, UnknownLogin>,
    clock: SharedClock,
    ticks: Ticks,
    limits: SignInLimits,
}

#[derive(Debug, Clone, Default)]
struct UnknownLogin {
    failed_attempts: i32,
    locked_until: Option<DateTime<Utc>>,
}

/// Above this many remembered keys, those that have recovered are dropped.
pub const REMEMBERED: usize = 20_000;

impl AttemptCounter {
    pub fn new(limits: SignInLimits, clock: SharedClock) -> Self {
        let ticks = Ticks::new(clock.clone());
        Self {
            by_address: RateLimiter::dashmap_with_clock(Quota::per_minute(limits.per_address_per_minute), ticks.clone()),
            by_login: RateLimiter::dashmap_with_clock(Quota::per_minute(limits.per_login_per_minute), ticks.clone()),
            unknown_logins: Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(24 * 3600)).build(),
            clock,
            ticks,
            limits,
        }
    }

    pub fn limits(&self) -> &SignInLimits {
        &self.limits
    }

    /// Counts an attempt, or refuses it. Code: `accounts.too_many_attempts`.
    pub fn admit(&self, address: IpAddr, login: &str) -> ApiResult<()> {
        self.admit_by(&self.by_address, &network_of(address), "this address")?;
        self.admit_by(&self.by_login, &login.to_owned(), "this account")
    }

    fn admit_by<K: std::hash::Hash + Eq + Clone>(&self, limiter: &Limiter<K>, key: &K, whose: &str) -> ApiResult<()> {
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        let Err(not_until) = limiter.check_key(key) else { return Ok(()) };
        let now = self.clock.now();
        let wait = not_until.wait_time_from(self.ticks.now());
        let until = now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(1));
        let detail = format!("too many attempts to sign in from {whose}; wait a moment and try again");
        Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "accounts.too_many_attempts", detail).until(until, now))
    }

    /// Until when a login that does not exist is locked.
    pub fn unknown_login_locked_until(&self, login: &str) -> Option<DateTime<Utc>> {
        self.unknown_logins.get(login)?.locked_until
    }

    /// Counts a failed attempt on a login that does not exist; until when it is locked now.
    pub fn unknown_login_failed(&self, login: &str) -> Option<DateTime<Utc>> {
        let entry = self.unknown_logins.entry_by_ref(login).and_upsert_with(|entry| {
            let mut state = entry.map(moka::Entry::into_value).unwrap_or_default();
            state.failed_attempts += 1;
            if state.failed_attempts >= self.limits.lock_after {
                state = UnknownLogin { failed_attempts: 0, locked_until: Some(self.clock.now() + self.limits.lock_for) };
            }
            state
        });
        entry.into_value().locked_until
    }
}

/// One household or office: an IPv6 network of 64 bits has more addresses than could ever be counted.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 => v4,
    }
}

/// The house's clock as the rate limiter wants it.
#[derive(Clone)]
pub struct Ticks {
    clock: SharedClock,
    start: DateTime<Utc>,
}

impl Ticks {
    pub fn new(clock: SharedClock) -> Self {
        Self { start: clock.now(), clock }
    }
}

impl GovernorClock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let passed = self.clock.now() - self.start;
        Nanos::new(passed.num_nanoseconds().and_then(|ns| u64::try_from(ns).ok()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::{Clock, TestClock};
    use chrono::TimeZone;
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    fn counter() -> (Arc<TestClock>, AttemptCounter) {
        let clock = TestClock::at(Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap());
        let limits = SignInLimits {
            per_address_per_minute: NonZeroU32::new(6).unwrap(),
            per_login_per_minute: NonZeroU32::new(3).unwrap(),
            ..SignInLimits::default()
        };
        (clock.clone(), AttemptCounter::new(limits, clock))
    }

    fn from(last: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
    }

    #[test]
    fn a_login_is_limited_from_wherever_it_is_tried() {
        let (clock, counter) = counter();
        for address in 1..=3 {
            counter.admit(from(address), "trucban").unwrap();
        }
        assert_eq!(counter.admit(from(4), "trucban").unwrap_err().code(), "accounts.too_many_attempts");
        counter.admit(from(4), "congan").unwrap();
        clock.advance(TimeDelta::seconds(20));
        counter.admit(from(4), "trucban").unwrap();
    }

    #[test]
    fn an_address_is_limited_whatever_login_it_tries() {
        let (_, counter) = counter();
        for n in 0..6 {
            counter.admit(from(1), &format!("guess{n}")).unwrap();
        }
        assert!(counter.admit(from(1), "another").is_err());
        counter.admit(from(2), "another").unwrap();
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_count_as_one() {
        let a: IpAddr = "2001:db8:1:2::1".parse().unwrap();
        assert_eq!(network_of(a), network_of("2001:db8:1:2:ffff::9".parse().unwrap()));
        assert_ne!(network_of(a), network_of("2001:db8:1:3::1".parse().unwrap()));
        assert_eq!(network_of("::ffff:192.0.2.1".parse().unwrap()), from(1));
    }

    #[test]
    fn a_login_that_does_not_exist_locks_like_one_that_does() {
        let (clock, counter) = counter();
        let outcomes: Vec<bool> = (0..5).map(|_| counter.unknown_login_failed("nobody").is_some()).collect();
        assert_eq!(outcomes, [false, false, false, false, true]);
        let until = counter.unknown_login_locked_until("nobody").unwrap();
        assert_eq!(until - clock.now(), TimeDelta::minutes(15));
    }
}
