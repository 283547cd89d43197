//! A past that is unfolded: asked for only then, who changed something and when, and below each what the screen says of it.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use shared::edit::{History, HistoryEntry};

use crate::http::Answer;
use crate::t;
use crate::text::{format, moment};
use crate::ui::{Icon, Refused, Skeleton, now};

#[component]
pub fn Past(
    /// For tests.
    name: &'static str,
    /// Asks for it.
    read: Callback<(), LocalResource<Answer<History>>>,
    /// What was changed, and what can be done about it.
    told: Callback<HistoryEntry, AnyView>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    view! {
        <details class="history" data-testid=name on:toggle=move |_| is_open.update(|open| *open = !*open)>
            <summary><Icon name="clock-counter-clockwise"/>{move || t!("history")}</summary>
            <Show when=move || is_open.get()>
                <Entries name history=read.run(()) told/>
            </Show>
        </details>
    }
}

#[component]
fn Entries(name: &'static str, history: LocalResource<Answer<History>>, told: Callback<HistoryEntry, AnyView>) -> impl IntoView {
    let now = now();
    let row = move |entry: HistoryEntry| {
        let (at, by) = (entry.at, entry.by.clone());
        let who = move || by.clone().unwrap_or_else(|| t!("history-in-database"));
        view! {
            <li>
                <p><strong>{who}</strong>" · "<time datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now.get_untracked())}</time></p>
                {told.run(entry)}
            </li>
        }
    };
    move || match history.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=move || history.refetch()/> }.into_any(),
        Some(Ok(history)) if history.entries.is_empty() => view! { <p class="quiet-text">{move || t!("history-empty")}</p> }.into_any(),
        Some(Ok(history)) => {
            let rows = history.entries.into_iter().map(row).collect_view();
            view! { <ol class="history-entries" data-testid=format!("{name}-entries")>{rows}</ol> }.into_any()
        }
    }
}
