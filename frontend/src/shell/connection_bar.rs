//! Says that the live connection is lost, since when, and that it is being tried again.
//! Trying again is the business of `live`.

use chrono::TimeDelta;
use leptos::prelude::*;

use crate::live::Connection;
use crate::map::MapState;
use crate::t;
use crate::text::format;
use crate::ui::{Icon, now};

/// Shorter losses mend before anybody could act on them.
const SAY_AFTER: TimeDelta = TimeDelta::seconds(2);

#[component]
pub fn ConnectionBar() -> impl IntoView {
    let state: MapState = expect_context();
    let now = now();
    let lost_since = Memo::new(move |_| match state.live.connection.get() {
        Connection::LostSince(at) if now.get() - at >= SAY_AFTER => Some(at),
        _ => None,
    });
    view! {
        <div class="connection" role="status" data-testid="connection">
            {move || lost_since.get().map(|at| view! {
                <p class="connection-lost" data-testid="connection-lost">
                    <Icon name="wifi-slash"/>
                    <span>{move || t!("connection-lost", time = format::since(at, now.get_untracked()))}</span>
                </p>
            })}
        </div>
    }
}

/// "Live" while it is; otherwise the bar has the word.
#[component]
pub fn LiveState() -> impl IntoView {
    let state: MapState = expect_context();
    let connection = state.live.connection;
    let name = move || match connection.get() {
        Connection::Connecting => "connecting",
        Connection::Connected => "connected",
        Connection::LostSince(_) => "lost",
    };
    let icon = Signal::derive(move || match connection.get() {
        Connection::LostSince(_) => "wifi-slash",
        _ => "broadcast",
    });
    let words = move || match connection.get() {
        Connection::Connecting => t!("live-connecting"),
        Connection::Connected => t!("live-connected"),
        Connection::LostSince(_) => t!("live-lost"),
    };
    view! {
        <span class="live-state" data-state=name data-testid="live-state">
            <Icon name=icon/>
            <span>{words}</span>
        </span>
    }
}
