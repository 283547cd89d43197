//! Search sessions: names were looked through, for a reason or without one, and that is on the audit trail for a while.
//! It deliberately forgets with the process: the worst that follows is one entry more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use crate::accounts::Caller;

const LASTS: TimeDelta = TimeDelta::minutes(15);

/// Which sessions have an entry on the trail that still counts.
#[derive(Clone, Default)]
pub struct NameSearches(Arc<Mutex<HashMap<i64, Running>>>);

#[derive(Clone, Copy)]
struct Running {
    until: DateTime<Utc>,
    with_reason: bool,
}

impl NameSearches {
    /// Whether the caller gave a reason lately.
    pub fn has_reason(&self, caller: &Caller, now: DateTime<Utc>) -> bool {
        self.running(caller, now).is_some_and(|running| running.with_reason)
    }

    /// Whether looking through names now begins a session: it has no entry yet, or one without the reason given now.
    pub fn begins(&self, caller: &Caller, with_reason: bool, now: DateTime<Utc>) -> bool {
        self.running(caller, now).is_none_or(|running| with_reason && !running.with_reason)
    }

    /// To be said once the entry is on the trail.
    pub fn begun(&self, caller: &Caller, with_reason: bool, now: DateTime<Utc>) {
        let Some(account) = caller.account() else { return };
        let mut sessions = self.0.lock().expect("nobody panics while holding the sessions");
        sessions.retain(|_, running| running.until > now);
        sessions.insert(account.session_id, Running { until: now + LASTS, with_reason });
    }

    fn running(&self, caller: &Caller, now: DateTime<Utc>) -> Option<Running> {
        let sessions = self.0.lock().expect("nobody panics while holding the sessions");
        sessions.get(&caller.account()?.session_id).copied().filter(|running| running.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::caller::Account;
    use chrono::TimeZone;

    #[test]
    fn a_reason_holds_for_fifteen_minutes_and_is_recorded_once() {
        let start = Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap();
        let account =
            Account { id: 5, session_id: 9, login: "x".into(), display_name: "X".into(), is_demo: false, session_expires_at: start };
        let caller = Caller::new(account, Vec::new());
        let searches = NameSearches::default();
        assert!(searches.begins(&caller, false, start));
        searches.begun(&caller, false, start);
        assert!(!searches.begins(&caller, false, start));
        assert!(searches.begins(&caller, true, start), "the reason is new to the trail");
        searches.begun(&caller, true, start);
        let later = start + TimeDelta::minutes(14);
        assert!(searches.has_reason(&caller, later) && !searches.begins(&caller, true, later));
        let too_late = start + LASTS;
        assert!(!searches.has_reason(&caller, too_late) && searches.begins(&caller, true, too_late));
        assert!(!searches.has_reason(&Caller::public(), start));
    }
}
