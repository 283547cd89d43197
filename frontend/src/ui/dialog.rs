//! A modal dialog on the browser's own element: it keeps the focus inside, closes on Esc and gives the focus back.
//! What is asked in it, and what an answer means, is whoever opens it.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::Icon;
use crate::lasting::Lasting;
use crate::t;

#[component]
pub fn Dialog(
    /// Set it to open; Esc, the cross and a click beside the dialog clear it.
    open: Lasting<bool>,
    #[prop(into)] title: Signal<String>,
    /// Says its width and kind to the style sheets, and its name to tests.
    name: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let element: NodeRef<html::Dialog> = NodeRef::new();
    // The browser says only later that we closed it; whoever has opened it again meanwhile means the next time.
    let we_closed = StoredValue::new(false);
    let obey = move || {
        let Some(dialog) = element.try_get_untracked().flatten() else { return };
        match (open.get_untracked(), dialog.open()) {
            // Refused only where the page has let go of the element.
            (true, false) => _ = dialog.show_modal(),
            (false, true) => {
                we_closed.set_value(true);
                dialog.close();
            }
            _ => {}
        }
    };
    Effect::new(move |_| {
        if element.get().is_some() {
            open.track();
            // An element that was just made is not on the page before the next frame.
            request_animation_frame(obey);
        }
    });
    let closed = move |_| {
        if we_closed.try_update_value(std::mem::take) == Some(false) {
            open.set(false);
        }
    };
    // The dialog itself is only hit on its backdrop: its contents fill it.
    let click_beside = move |event: ev::MouseEvent| {
        let target = event.target();
        if element.get_untracked().is_some_and(|dialog| target.as_ref() == Some(dialog.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=element
            class=format!("dialog {name}")
            data-testid=name
            aria-label=title
            on:close=closed
            on:mousedown=click_beside
        >
            <Show when=move || open.get()>
                <div class="dialog-content">
                    <header class="dialog-head">
                        <h2>{title}</h2>
                        <button type="button" class="button quiet icon-only" aria-label=move || t!("close") on:click=move |_| open.set(false)>
                            <Icon name="x"/>
                        </button>
                    </header>
                    {children()}
                </div>
            </Show>
        </dialog>
    }
}
