//! The past of an area's rules in words: who changed them, when, and what came and went.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use serde_json::Value;
use shared::camera_alert::AlertRule;
use shared::edit::{History, HistoryEntry, HistoryStep};

use super::words::{Change, Names, change, sentence};
use crate::editing::Past;
use crate::http;
use crate::t;

const PAGE: u32 = 20;

#[component]
pub fn PastOfRules(area_id: i32, version: Signal<i32>, names: StoredValue<Names>) -> impl IntoView {
    let read = Callback::new(move |()| {
        LocalResource::new(move || {
            // Read again whenever they have become others.
            version.track();
            let address = format!("/api/alert-rules/{area_id}/history?limit={PAGE}");
            async move {
                match http::get::<History>(&address).await {
                    // Rules that were never written have no past.
                    Err(failure) if failure.status() == Some(404) => Ok(History { entries: Vec::new(), next_cursor: None }),
                    answer => answer,
                }
            }
        })
    });
    let told = Callback::new(move |entry: HistoryEntry| {
        let lines = move || match entry.step {
            HistoryStep::Insert => vec![t!("rules-first")],
            HistoryStep::Delete => vec![t!("history-delete")],
            HistoryStep::Update => {
                let of_rules = entry.changes.iter().filter(|field| field.field == "rules");
                of_rules
                    .flat_map(|field| names.with_value(|names| said(&change(&read_rules(&field.before), &read_rules(&field.after)), names)))
                    .collect()
            }
        };
        let told = move || lines().into_iter().map(|line| view! { <p class="quiet-text">{line}</p> }).collect_view();
        told.into_any()
    });
    view! { <Past name="rules-history" read told/> }
}

fn said(change: &Change, names: &Names) -> Vec<String> {
    let removed = change.removed.iter().map(|rule| t!("rules-removed", rule = sentence(rule, names)));
    let added = change.added.iter().map(|rule| t!("rules-added", rule = sentence(rule, names)));
    let reordered = change.is_reordered.then(|| t!("rules-reordered"));
    removed.chain(added).chain(reordered).collect()
}

/// Rules that these screens cannot read are left out rather than the whole change.
fn read_rules(rules: &Value) -> Vec<AlertRule> {
    let rules = rules.as_array().cloned().unwrap_or_default();
    rules.into_iter().filter_map(|rule| serde_json::from_value(rule).ok()).collect()
}
