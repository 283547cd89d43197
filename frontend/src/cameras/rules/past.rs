//! The past of an area's rules: who changed them, when, and what came and went, in words.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use serde_json::Value;
use shared::camera_alert::AlertRule;
use shared::edit::{History, HistoryEntry, HistoryStep};

use super::words::{Change, Names, change, sentence};
use crate::http::{self, Failure};
use crate::t;
use crate::text::{format, moment};
use crate::ui::{Icon, Refused, Skeleton, now};

const PAGE: u32 = 20;

#[component]
pub fn PastOfRules(area_id: i32, version: Signal<i32>, names: StoredValue<Names>) -> impl IntoView {
    let is_open = RwSignal::new(false);
    view! {
        <details class="history" data-testid="rules-history" on:toggle=move |_| is_open.update(|open| *open = !*open)>
            <summary><Icon name="clock-counter-clockwise"/>{move || t!("history")}</summary>
            <Show when=move || is_open.get()>
                <Entries area_id version names/>
            </Show>
        </details>
    }
}

#[component]
fn Entries(area_id: i32, version: Signal<i32>, names: StoredValue<Names>) -> impl IntoView {
    let history = LocalResource::new(move || {
        // Read again whenever they have become others.
        version.track();
        let address = format!("/api/alert-rules/{area_id}/history?limit={PAGE}");
        async move { http::get::<History>(&address).await }
    });
    let is_unwritten = |failure: &Failure| failure.status() == Some(404);
    move || match history.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        // Rules that were never written have no past.
        Some(Err(failure)) if is_unwritten(&failure) => view! { <p class="quiet-text">{move || t!("history-empty")}</p> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=move || history.refetch()/> }.into_any(),
        Some(Ok(history)) => {
            let entries = history.entries.into_iter().map(|entry| view! { <Entry entry names/> });
            view! { <ol class="history-entries" data-testid="rules-history-entries">{entries.collect_view()}</ol> }.into_any()
        }
    }
}

#[component]
fn Entry(entry: HistoryEntry, names: StoredValue<Names>) -> impl IntoView {
    let now = now();
    let HistoryEntry { at, step, by, changes, .. } = entry;
    let who = move || by.clone().unwrap_or_else(|| t!("history-in-database"));
    let told = move || match step {
        HistoryStep::Insert => vec![t!("rules-first")],
        HistoryStep::Delete => vec![t!("history-delete")],
        HistoryStep::Update => changes
            .iter()
            .filter(|field| field.field == "rules")
            .flat_map(|field| names.with_value(|names| said(&change(&read(&field.before), &read(&field.after)), names)))
            .collect(),
    };
    view! {
        <li>
            <p><strong>{who}</strong>" · "<time datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now.get_untracked())}</time></p>
            {move || told().into_iter().map(|line| view! { <p class="quiet-text">{line}</p> }).collect_view()}
        </li>
    }
}

fn said(change: &Change, names: &Names) -> Vec<String> {
    let removed = change.removed.iter().map(|rule| t!("rules-removed", rule = sentence(rule, names)));
    let added = change.added.iter().map(|rule| t!("rules-added", rule = sentence(rule, names)));
    let reordered = change.is_reordered.then(|| t!("rules-reordered"));
    removed.chain(added).chain(reordered).collect()
}

/// Rules that these screens cannot read are left out rather than the whole change.
fn read(rules: &Value) -> Vec<AlertRule> {
    let rules = rules.as_array().cloned().unwrap_or_default();
    rules.into_iter().filter_map(|rule| serde_json::from_value(rule).ok()).collect()
}
