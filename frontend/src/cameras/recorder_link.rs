//! The way to a recorder's own pictures: its address is asked for when somebody wants to look, and that look is written down.
//! Whether there is such an address, and for whom, is the server's answer; the recorder asks its viewers who they are by itself.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera::{RECORDER_TOPIC, RecorderLink};

use crate::http::{self, Failure};
use crate::map::MapState;
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// A button that asks for the address, and becomes the link to it: a window opened after an answer would be blocked.
#[component]
pub fn RecorderButton(
    /// The door that knows the address.
    door: String,
    label: fn() -> String,
    icon: &'static str,
    name: &'static str,
) -> impl IntoView {
    let now = now();
    let address = RwSignal::new(None::<String>);
    let failure = RwSignal::new(None::<Failure>);
    let waiting = RwSignal::new(false);
    // What was asked for may lead elsewhere by now, an answer that is still on its way too.
    let state: MapState = expect_context();
    let changes = StoredValue::new(0_u32);
    state.live.on_changes(RECORDER_TOPIC, move || {
        changes.try_update_value(|changes| *changes += 1);
        address.try_set(None);
    });
    let ask = move |_| {
        waiting.set(true);
        failure.set(None);
        let (door, asked_at) = (door.clone(), changes.get_value());
        spawn_local(async move {
            let answer = http::get::<RecorderLink>(&door).await;
            waiting.try_set(false);
            match answer {
                Ok(_) if changes.try_get_value() != Some(asked_at) => {}
                Ok(link) => _ = address.try_set(Some(link.address)),
                Err(refused) => _ = failure.try_set(Some(refused)),
            }
        });
    };
    view! {
        <div class="card-actions">
            <Show when=move || address.with(Option::is_none)>
                <button type="button" class="button" data-testid=name disabled=move || waiting.get() on:click=ask.clone()>
                    <Icon name=icon/>
                    {label}
                </button>
            </Show>
            {move || address.get().map(|address| view! {
                <a class="button" data-testid=format!("{name}-link") href=address target="_blank" rel="noopener noreferrer">
                    <Icon name="arrow-square-out"/>
                    {move || t!("recorder-open")}
                </a>
            })}
        </div>
        {move || failure.get().map(|refused| view! { <p class="error" role="alert">{kinds::failure(&refused, now.get_untracked())}</p> })}
    }
}
