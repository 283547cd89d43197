//! Changes of topics, counted burst by burst: what is read again because of them is read once for many.
//! What is read, and what of it is shown, is the screens' business.

use std::time::Duration;

use leptos::prelude::*;

use super::Live;

/// Counts how often something of these topics has changed, at most once in `at_most`, until the surrounding owner is cleaned up.
pub fn bursts(live: Live, topics: &[&str], at_most: Duration) -> RwSignal<u32> {
    let changes = RwSignal::new(0_u32);
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let note = move || {
        if pending.with_value(Option::is_some) {
            return;
        }
        let tell = move || {
            pending.try_set_value(None);
            changes.try_update(|changes| *changes += 1);
        };
        pending.set_value(set_timeout_with_handle(tell, at_most).ok());
    };
    for topic in topics {
        // A snapshot too: what happened between the first answer and the first thing heard is in neither.
        live.listen(topic, move |_| note());
    }
    on_cleanup(move || {
        if let Some(Some(timeout)) = pending.try_get_value() {
            timeout.clear();
        }
    });
    changes
}
