//! An icon of the one sprite; drawn in the colour of the text around it.
//! It says nothing to a screen reader: the control it stands in has a name.

use leptos::prelude::*;

use crate::bundle;

#[component]
pub fn Icon(
    /// As `style/icons.txt` has it; with `-fill` for the filled drawing.
    #[prop(into)]
    name: Signal<&'static str>,
) -> impl IntoView {
    let address = move || format!("{}#{}", bundle::address("/vendor/icons.svg"), name.get());
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=address></use>
        </svg>
    }
}
