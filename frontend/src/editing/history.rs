//! The past of a row on its card: who changed what and when; each change can be taken back.
//! What the past holds, and for whom, is the server's decision.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::edit::{HistoryEntry, HistoryStep};
use shared::layer::Layer;

use super::fields;
use super::past::Past;
use super::request;
use super::row::EditableRow;
use crate::http::Failure;
use crate::t;
use crate::text::kinds;
use crate::ui::now;

const PAGE: u32 = 10;

#[component]
pub fn HistoryList(layer: Layer, id: i64, row: Memo<Option<EditableRow>>, reload: Callback<()>) -> impl IntoView {
    // Read again whenever the row has become another one.
    let version = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.version)));
    let failed = RwSignal::new(None::<Failure>);
    let now = now();
    let read = Callback::new(move |()| {
        LocalResource::new(move || {
            version.track();
            async move { request::history(layer, id, PAGE, None).await }
        })
    });
    let told = Callback::new(move |entry: HistoryEntry| view! { <Told layer id entry row reload failed/> }.into_any());
    view! {
        <Past name="history" read told/>
        {move || failed.get().map(|failure| view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> })}
    }
}

#[component]
fn Told(
    layer: Layer,
    id: i64,
    entry: HistoryEntry,
    row: Memo<Option<EditableRow>>,
    reload: Callback<()>,
    failed: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let HistoryEntry { step, changes, .. } = entry;
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
        <p class="quiet-text">{told}</p>
        <Show when=can_take_back>
            <button type="button" class="link" data-testid="history-take-back" on:click=take_back>{move || t!("history-take-back")}</button>
        </Show>
    }
}
