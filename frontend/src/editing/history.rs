//! The past of a row on its card: who changed what and when, asked for when it is unfolded; each change can be taken back.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::edit::{HistoryEntry, HistoryStep};
use shared::layer::Layer;

use super::fields;
use super::request;
use super::row::EditableRow;
use crate::http::Failure;
use crate::t;
use crate::text::{format, kinds, moment};
use crate::ui::{Icon, Refused, Skeleton, now};

const PAGE: u32 = 10;

#[component]
pub fn HistoryList(layer: Layer, id: i64, row: Memo<Option<EditableRow>>, reload: Callback<()>) -> impl IntoView {
    let is_open = RwSignal::new(false);
    view! {
        <details class="history" data-testid="history" on:toggle=move |_| is_open.update(|open| *open = !*open)>
            <summary><Icon name="clock-counter-clockwise"/>{move || t!("history")}</summary>
            <Show when=move || is_open.get()>
                <Entries layer id row reload/>
            </Show>
        </details>
    }
}

#[component]
fn Entries(layer: Layer, id: i64, row: Memo<Option<EditableRow>>, reload: Callback<()>) -> impl IntoView {
    // Read again whenever the row has become another one.
    let version = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.version)));
    let history = LocalResource::new(move || {
        version.track();
        async move { request::history(layer, id, PAGE, None).await }
    });
    let failed = RwSignal::new(None::<Failure>);
    let now = now();
    move || match history.get() {
        None => view! { <Skeleton lines=2/> }.into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=move || history.refetch()/> }.into_any(),
        Some(Ok(history)) if history.entries.is_empty() => view! { <p class="quiet-text">{move || t!("history-empty")}</p> }.into_any(),
        Some(Ok(history)) => {
            let entries = history.entries.into_iter().map(|entry| view! { <Entry layer id entry row reload failed/> });
            view! {
                <ol class="history-entries" data-testid="history-entries">{entries.collect_view()}</ol>
                {move || failed.get().map(|failure| view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> })}
            }
            .into_any()
        }
    }
}

#[component]
fn Entry(
    layer: Layer,
    id: i64,
    entry: HistoryEntry,
    row: Memo<Option<EditableRow>>,
    reload: Callback<()>,
    failed: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let now = now();
    let HistoryEntry { at, step, by, changes, .. } = entry;
    let who = move || by.clone().unwrap_or_else(|| t!("history-in-database"));
    let told = {
        let changes = changes.clone();
        move || match step {
            HistoryStep::Insert => t!("history-insert"),
            HistoryStep::Delete => t!("history-delete"),
            HistoryStep::Update => {
                let told = changes.iter().filter_map(|change| fields::change(layer, &change.field, &change.before, &change.after));
                told.collect::<Vec<_>>().join(" · ")
            }
        }
    };
    let edit = StoredValue::new(changes.into_iter().map(|change| (change.field, change.before)).collect::<serde_json::Map<_, _>>());
    let can_take_back = move || step == HistoryStep::Update && row.with(|row| row.as_ref().is_some_and(|row| row.editable));
    let take_back = move |_| {
        let Some(version) = row.get_untracked().map(|row| row.version) else { return };
        failed.set(None);
        spawn_local(async move {
            match request::send(layer, id, version, &edit.get_value()).await {
                Ok(_) => _ = reload.try_run(()),
                Err(failure) => _ = failed.try_set(Some(failure)),
            }
        });
    };
    view! {
        <li>
            <p><strong>{who}</strong>" · "<time datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now.get_untracked())}</time></p>
            <p class="quiet-text">{told}</p>
            <Show when=can_take_back>
                <button type="button" class="link" data-testid="history-take-back" on:click=take_back>{move || t!("history-take-back")}</button>
            </Show>
        </li>
    }
}
