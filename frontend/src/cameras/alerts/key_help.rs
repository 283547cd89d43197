//! Which keys there are, for whoever presses "?" or its button.
//! What they do is `keys`'; a letter works only where its button is.

use leptos::prelude::*;
use shared::camera_alert::AlertOutcome;

use crate::lasting::Lasting;
use crate::t;
use crate::text::kinds;
use crate::ui::{Dialog, Icon};

#[component]
pub fn KeyHelp() -> impl IntoView {
    let open = Lasting::new(false);
    let key = |keys: &'static str, does: fn() -> String| view! { <div class="fact"><dt><kbd>{keys}</kbd></dt><dd>{does}</dd></div> };
    // "Đóng" alone would be said of the card too.
    let closing = || {
        let outcomes = AlertOutcome::ALL.map(|outcome| kinds::named("alert-outcome", outcome));
        format!("{}: {}", t!("alert-close"), outcomes.join(", "))
    };
    view! {
        <footer class="alerts-keys desk-only">
            <button type="button" class="button quiet" data-testid="keys-button" aria-keyshortcuts="?" on:click=move |_| open.set(true)>
                <Icon name="keyboard"/>
                {move || t!("keys")}
                <kbd>"?"</kbd>
            </button>
        </footer>
        <Dialog open title=Signal::derive(|| t!("keys")) name="keys-dialog">
            <dl class="facts">
                {key("J", || t!("key-next"))}
                {key("K", || t!("key-previous"))}
                {key("Enter", || t!("key-open"))}
                {key("T", || t!("alert-take"))}
                {key("A", || t!("alert-hand-over"))}
                {key("B", || t!("alert-step-given_back"))}
                {key("N", || t!("alert-note"))}
                {key("C", closing)}
                {key("R", || t!("alert-reopen"))}
                {key("S", || t!("alert-shelve"))}
                {key("Esc", || t!("close"))}
            </dl>
        </Dialog>
    }
}
