//! The palette: the search box in the middle of the screen, from anywhere by Ctrl K, with what can be done besides.
//! What is found and where it leads is the search box's; the commands come from the parts that own them.

use leptos::ev;
use leptos::prelude::*;

use super::page_commands;
use crate::geography::SearchBox;
use crate::lasting::Lasting;
use crate::later::{Later, Part};
use crate::t;
use crate::ui::{Dialog, Icon};

#[derive(Clone, Copy)]
pub struct PaletteState {
    pub open: Lasting<bool>,
}

impl PaletteState {
    pub fn provide() -> PaletteState {
        let state = PaletteState { open: Lasting::new(false) };
        let keys = window_event_listener(ev::keydown, move |event| {
            if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("k") {
                // The browser's own search box would open.
                event.prevent_default();
                state.open.update(|open| *open = !*open);
            }
        });
        on_cleanup(move || keys.remove());
        provide_context(state);
        state
    }
}

#[component]
pub fn Palette() -> impl IntoView {
    let state: PaletteState = expect_context();
    view! {
        <Dialog open=state.open title=Signal::derive(|| t!("search")) name="palette">
            <Later part=Part::Palette/>
        </Dialog>
    }
}

/// What fills it. The commands of every page are offered as long as somebody may choose among them.
#[component]
pub fn PaletteSearch() -> impl IntoView {
    let PaletteState { open } = expect_context();
    page_commands(expect_context());
    view! { <SearchBox name="palette-search" autofocus=true with_commands=true on_chosen=move |()| open.set(false)/> }
}

/// Looks like a search field; opens the palette.
#[component]
pub fn PaletteButton() -> impl IntoView {
    let state: PaletteState = expect_context();
    view! {
        <button type="button" class="search-button" data-testid="search-button" on:click=move |_| state.open.set(true)>
            <Icon name="magnifying-glass"/>
            <span class="truncate">{move || t!("search-hint")}</span>
            <kbd>"Ctrl K"</kbd>
        </button>
    }
}
