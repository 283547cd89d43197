//! The two sides of a screen that a telephone shows one at a time: its panel and the map. A desk shows both.
//! What stands on the panel is the screen's.

use leptos::prelude::*;

use crate::t;
use crate::ui::Icon;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Panel,
    Map,
}

/// The way from one to the other, at the foot of a telephone.
#[component]
pub fn SideTabs(
    side: RwSignal<Side>,
    /// What the page is called.
    page: fn() -> String,
    /// Of the panel's tab: icon, words, and what tests call it.
    panel: (&'static str, fn() -> String, &'static str),
) -> impl IntoView {
    let tab = move |to: Side, (icon, label, name): (&'static str, fn() -> String, &'static str)| {
        view! {
            <button type="button" class="nav-tab" data-testid=name aria-current=move || (side.get() == to).to_string() on:click=move |_| side.set(to)>
                <Icon name=icon/>
                <span>{label}</span>
            </button>
        }
    };
    view! {
        <nav class="bottom-nav" aria-label=page>
            {tab(Side::Panel, panel)}
            {tab(Side::Map, ("map-trifold", || t!("map"), "tab-map"))}
        </nav>
    }
}
