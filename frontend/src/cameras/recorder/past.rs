//! The past of a camera's links: who named others, when, and what stood there before, asked for when it is unfolded.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use serde_json::Value;
use shared::edit::{FieldChange, History, HistoryEntry, HistoryStep};

use crate::http;
use crate::t;
use crate::text::{format, moment};
use crate::ui::{Icon, Refused, Skeleton, now};

const PAGE: u32 = 10;

#[component]
pub fn PastOfLinks(id: i64) -> impl IntoView {
    let is_open = RwSignal::new(false);
    view! {
        <details class="history" data-testid="recorder-history" on:toggle=move |_| is_open.update(|open| *open = !*open)>
            <summary><Icon name="clock-counter-clockwise"/>{move || t!("history")}</summary>
            <Show when=move || is_open.get()>
                <Entries id/>
            </Show>
        </details>
    }
}

#[component]
fn Entries(id: i64) -> impl IntoView {
    let history =
        LocalResource::new(move || async move { http::get::<History>(&format!("/api/cameras/{id}/recorder/history?limit={PAGE}")).await });
    move || match history.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=move || history.refetch()/> }.into_any(),
        Some(Ok(history)) if history.entries.is_empty() => view! { <p class="quiet-text">{move || t!("history-empty")}</p> }.into_any(),
        Some(Ok(history)) => {
            let entries = history.entries.into_iter().map(|entry| view! { <Entry entry/> });
            view! { <ol class="history-entries" data-testid="recorder-history-entries">{entries.collect_view()}</ol> }.into_any()
        }
    }
}

#[component]
fn Entry(entry: HistoryEntry) -> impl IntoView {
    let now = now();
    let HistoryEntry { at, step, by, changes, .. } = entry;
    let who = move || by.clone().unwrap_or_else(|| t!("history-in-database"));
    let told = move || match step {
        HistoryStep::Insert => vec![t!("history-insert")],
        HistoryStep::Delete => vec![t!("history-delete")],
        HistoryStep::Update => changes.iter().map(said).collect(),
    };
    view! {
        <li>
            <p><strong>{who}</strong>" · "<time datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now.get_untracked())}</time></p>
            {move || told().into_iter().map(|line| view! { <p class="quiet-text recorder-example">{line}</p> }).collect_view()}
        </li>
    }
}

fn said(change: &FieldChange) -> String {
    let label = if change.field == "clip" { t!("alert-clip") } else { t!("camera-live-view") };
    let shown = |address: &Value| address.as_str().unwrap_or("—").to_owned();
    t!("history-changed", label = label, before = shown(&change.before), after = shown(&change.after))
}
