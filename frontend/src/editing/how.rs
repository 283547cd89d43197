//! How a point is moved: one sentence over the form.

use leptos::prelude::*;

use crate::t;
use crate::theme::matches_media;

/// Keys are spoken of where there are any.
#[component]
pub fn HowToMove(#[prop(into)] is_placed: Signal<bool>) -> impl IntoView {
    let has_keys = matches_media("(any-pointer: fine)");
    let words = move || match (is_placed.get(), has_keys) {
        (false, _) => t!("edit-how-unplaced"),
        (true, true) => t!("edit-how"),
        (true, false) => t!("edit-how-by-touch"),
    };
    view! { <p class="quiet-text">{words}</p> }
}
