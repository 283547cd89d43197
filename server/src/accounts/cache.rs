//! Callers by session token, so that a request does not ask the database who it is each time.
//! The change feed says when to forget; it is not decided here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::Caller;

/// Even with the feed silent (a database restart), nobody is believed longer than this without asking again. It also
/// bounds how late an appointment that begins is noticed: beginnings write nothing.
const BELIEVED_FOR: Duration = Duration::from_secs(30);
const AT_MOST: u64 = 50_000;

pub struct SessionCache {
    callers: Cache<[u8; 32], (Generation, Caller)>,
    generation: AtomicU64,
}

/// What was known when a lookup began. A lookup that overlaps a change is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation(u64);

impl Default for SessionCache {
    fn default() -> Self {
        Self { callers: Cache::builder().max_capacity(AT_MOST).time_to_live(BELIEVED_FOR).build(), generation: AtomicU64::new(0) }
    }
}

impl SessionCache {
    pub fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::SeqCst))
    }

    pub fn get(&self, token_hash: &[u8; 32], now: DateTime<Utc>) -> Option<Caller> {
        let (generation, caller) = self.callers.get(token_hash)?;
        let holds = generation == self.generation() && caller.holds_until().is_none_or(|until| now < until);
        holds.then_some(caller)
    }

    /// Keeps `caller`, read after `generation` was taken.
    pub fn keep(&self, token_hash: [u8; 32], generation: Generation, caller: Caller) {
        self.callers.insert(token_hash, (generation, caller));
    }

    pub fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.callers.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::caller::Account;
    use chrono::{TimeDelta, TimeZone};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap()
    }

    fn caller() -> Caller {
        let session_expires_at = now() + TimeDelta::hours(1);
        Caller::new(
            Account { id: 1, session_id: 1, login: "a".into(), display_name: "A".into(), is_demo: false, session_expires_at },
            vec![],
        )
    }

    #[test]
    fn a_lookup_that_overlapped_a_change_is_not_believed() {
        let cache = SessionCache::default();
        let before = cache.generation();
        cache.forget_all();
        cache.keep([1; 32], before, caller());
        assert!(cache.get(&[1; 32], now()).is_none());
        cache.keep([1; 32], cache.generation(), caller());
        assert!(cache.get(&[1; 32], now()).is_some());
    }

    #[test]
    fn an_ended_session_is_not_answered_from_memory() {
        let cache = SessionCache::default();
        cache.keep([1; 32], cache.generation(), caller());
        assert!(cache.get(&[1; 32], now() + TimeDelta::hours(1)).is_none());
    }
}
