//! The past of a camera's links in words: who named others, when, and what stood there before.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use serde_json::Value;
use shared::edit::{FieldChange, History, HistoryEntry, HistoryStep};

use crate::editing::Past;
use crate::http;
use crate::t;

const PAGE: u32 = 10;

#[component]
pub fn PastOfLinks(id: i64) -> impl IntoView {
    let read = Callback::new(move |()| {
        LocalResource::new(move || async move { http::get::<History>(&format!("/api/cameras/{id}/recorder/history?limit={PAGE}")).await })
    });
    let told = Callback::new(|entry: HistoryEntry| {
        let lines = move || match entry.step {
            HistoryStep::Insert => vec![t!("history-insert")],
            HistoryStep::Delete => vec![t!("history-delete")],
            HistoryStep::Update => entry.changes.iter().map(said).collect(),
        };
        let told = move || lines().into_iter().map(|line| view! { <p class="quiet-text recorder-example">{line}</p> }).collect_view();
        told.into_any()
    });
    view! { <Past name="recorder-history" read told/> }
}

fn said(change: &FieldChange) -> String {
    let label = if change.field == "clip" { t!("alert-clip") } else { t!("camera-live-view") };
    let shown = |address: &Value| address.as_str().unwrap_or("—").to_owned();
    t!("history-changed", label = label, before = shown(&change.before), after = shown(&change.after))
}
