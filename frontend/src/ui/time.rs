//! The present moment as a signal, for clocks and for "5 minutes ago".
//! Everything that shows a time takes it from here, so that one page never shows two.

use std::time::Duration;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::Icon;
use crate::lasting::Lasting;
use crate::t;
use crate::text::{ago, moment};

/// Ticks once a second.
#[derive(Clone, Copy)]
pub struct Now(Lasting<DateTime<Utc>>);

impl Now {
    /// Starts the page's clock and hands it to everything below.
    pub fn provide() -> Now {
        // The browser's clock: a screen has no other, and shows nothing by it that the server decides.
        #[allow(clippy::disallowed_methods)]
        let read = Utc::now;
        let now = Now(Lasting::new(read()));
        if let Ok(interval) = set_interval_with_handle(move || now.0.set(read()), Duration::from_secs(1)) {
            on_cleanup(move || interval.clear());
        }
        provide_context(now);
        now
    }

    pub fn get(&self) -> DateTime<Utc> {
        self.0.get()
    }

    pub fn get_untracked(&self) -> DateTime<Utc> {
        self.0.get_untracked()
    }

    /// Changes once a minute only: enough for ages, and nothing is redrawn in between.
    pub fn by_the_minute(&self) -> Memo<DateTime<Utc>> {
        let now = self.0;
        Memo::new_with_compare(
            move |_| now.get(),
            |before, after| match (before, after) {
                (Some(before), Some(after)) => before.timestamp().div_euclid(60) != after.timestamp().div_euclid(60),
                _ => true,
            },
        )
    }
}

/// The page's clock.
pub fn now() -> Now {
    expect_context()
}

/// When what is shown was written down: at the foot of every card.
#[component]
pub fn Updated(at: DateTime<Utc>) -> impl IntoView {
    let minute = now().by_the_minute();
    view! {
        <p class="updated">
            <Icon name="clock"/>
            <time datetime=at.to_rfc3339() title=move || moment(at)>{move || t!("updated", when = ago(at, minute.get()))}</time>
        </p>
    }
}
