//! What accounts and the audit trail take from the change feed: whom to read again, and that there is something to sign.
//! It deliberately tells nobody else; the hub asks again who its listeners are when it sees the same changes.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::Accounts;
use super::audit::Signer;
use crate::feed::{Batch, Change, Follower, Head, Op};

impl Follower for Accounts {
    fn name(&self) -> &'static str {
        "signed-in callers"
    }

    fn begin<'a>(&'a self, _: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        self.forget_all();
        async { Ok(()) }.boxed()
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        if batch.changes.iter().any(concerns_callers) {
            self.forget_all();
        }
        async { Ok(()) }.boxed()
    }
}

impl Follower for Signer {
    fn name(&self) -> &'static str {
        "signer of the audit trail"
    }

    fn begin<'a>(&'a self, _: &'a Head) -> BoxFuture<'a, anyhow::Result<()>> {
        self.entries_arrived();
        async { Ok(()) }.boxed()
    }

    fn follow<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, anyhow::Result<()>> {
        if batch.changes.iter().any(|change| &*change.topic == "audit_entry") {
            self.entries_arrived();
        }
        async { Ok(()) }.boxed()
    }
}

/// Whether what is remembered of callers may be wrong after this change.
///
/// A new session is nobody remembered yet. An account changes with every failed attempt to sign in; of that only
/// `disabled_at` (its one catalogue column) matters here.
fn concerns_callers(change: &Change) -> bool {
    match &*change.topic {
        "area" | "appointment" => true,
        "session" => change.op != Op::Insert,
        "account" => change.op != Op::Update || change.before != change.after,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use serde_json::{Value, json};

    fn change(topic: &str, op: Op, before: Option<Value>, after: Option<Value>) -> Change {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        Change {
            seq: 1,
            xid: 1,
            at,
            topic: topic.into(),
            op,
            old_area_id: None,
            area_id: None,
            row_id: Some(1),
            before,
            after,
            actor: None,
            request_id: None,
        }
    }

    #[test]
    fn an_ended_session_and_a_disabled_account_are_noticed() {
        assert!(concerns_callers(&change("session", Op::Update, None, None)));
        let enabled = Some(json!({"disabled_at": null}));
        let disabled = Some(json!({"disabled_at": "2026-11-21T08:00:00Z"}));
        assert!(concerns_callers(&change("account", Op::Update, enabled, disabled)));
        assert!(concerns_callers(&change("appointment", Op::Delete, None, None)));
        assert!(concerns_callers(&change("area", Op::Reload, None, None)));
    }

    #[test]
    fn somebody_guessing_passwords_does_not_empty_the_cache() {
        let enabled = Some(json!({"disabled_at": null}));
        assert!(!concerns_callers(&change("account", Op::Update, enabled.clone(), enabled)));
        assert!(!concerns_callers(&change("session", Op::Insert, None, None)));
        assert!(!concerns_callers(&change("camera", Op::Update, None, None)));
    }
}
