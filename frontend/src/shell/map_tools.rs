//! The tools of the map: one button each, one of them in hand at a time, and the panel of the one that is.
//! What a tool does is its own room's; here is only where it hangs.

use leptos::ev;
use leptos::prelude::*;

use super::compare::ComparePanel;
use super::measure::MeasurePanel;
use super::place_actions::CopyLink;
use super::print::PrintView;
use crate::commands::{Command, add_command};
use crate::drawn_area::DrawPanel;
use crate::later::{Later, Part};
use crate::map::{MapState, Tool};
use crate::t;
use crate::ui::Icon;

/// A column of buttons beside the map's corner; on a phone a list that one button opens.
#[component]
pub fn MapTools() -> impl IntoView {
    let state: MapState = expect_context();
    put_down_on_escape(state);
    view! {
        <button type="button" class="button icon-only map-button tools-button phone-only" popovertarget="map-tools" aria-label=move || t!("map-tools") data-testid="tools-button">
            <Icon name="dots-three"/>
        </button>
        <div id="map-tools" class="panel map-tools" popover="auto" role="group" aria-label=move || t!("map-tools") data-testid="map-tools">
            <ToolButton tool=Tool::Draw icon="hexagon" label=Signal::derive(|| t!("draw"))/>
            <ToolButton tool=Tool::Measure icon="ruler" label=Signal::derive(|| t!("measure"))/>
            <ToolButton tool=Tool::Compare icon="square-split-horizontal" label=Signal::derive(|| t!("compare"))/>
            <ToolButton tool=Tool::Print icon="printer" label=Signal::derive(|| t!("print"))/>
            <CopyLink class="button quiet tool" name="copy-link"/>
        </div>
        {move || state.tool.get().filter(|tool| *tool != Tool::Edit).map(|tool| view! { <Later part=Part::Tool(tool)/> })}
    }
}

/// What a tool shows while it is in hand. Editing shows itself on the card of what is edited.
pub fn panel_of(tool: Tool) -> AnyView {
    match tool {
        Tool::Measure => view! { <MeasurePanel/> }.into_any(),
        Tool::Print => view! { <PrintView/> }.into_any(),
        Tool::Compare => view! { <ComparePanel/> }.into_any(),
        Tool::Draw => view! { <DrawPanel/> }.into_any(),
        Tool::Edit => ().into_any(),
    }
}

/// Takes a tool in hand, or puts it down.
#[component]
pub fn ToolButton(tool: Tool, icon: &'static str, #[prop(into)] label: Signal<String>) -> impl IntoView {
    let state: MapState = expect_context();
    // The palette knows every tool that has a button.
    add_command(Command {
        name: format!("{tool:?}").to_ascii_lowercase(),
        icon,
        title: label,
        words: tool_words(tool),
        shown: Signal::derive(|| true),
        run: Callback::new(move |()| state.tool.set(Some(tool))),
    });
    view! {
        <button
            type="button"
            class="button quiet tool"
            title=label
            aria-pressed=move || (state.tool.get() == Some(tool)).to_string()
            data-testid=format!("tool-{}", format!("{tool:?}").to_ascii_lowercase())
            on:click=move |_| {
                close_list();
                state.toggle_tool(tool);
            }
        >
            <Icon name=icon/>
            <span class="tool-name">{label}</span>
        </button>
    }
}

/// What people call it besides, in both languages.
fn tool_words(tool: Tool) -> &'static str {
    match tool {
        Tool::Measure => "do khoang cach dien tich measure distance area ruler",
        Tool::Draw => "khoanh vung ve dem draw area count",
        Tool::Edit => "sua chinh di chuyen edit move",
        Tool::Compare => "so sanh ngay compare dates before",
        Tool::Print => "in ban do print map pdf",
    }
}

/// The frame of a tool's panel: what it is, and putting it down.
#[component]
pub fn ToolPanel(#[prop(into)] title: Signal<String>, name: &'static str, children: Children) -> impl IntoView {
    let state: MapState = expect_context();
    view! {
        <section class="panel tool-panel" data-testid=name aria-label=title>
            <header class="panel-head">
                <h2>{title}</h2>
                <button type="button" class="button quiet icon-only" aria-label=move || t!("close") data-testid="tool-close" on:click=move |_| state.tool.set(None)>
                    <Icon name="x"/>
                </button>
            </header>
            {children()}
        </section>
    }
}

fn put_down_on_escape(state: MapState) {
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_busy = document().query_selector("dialog[open], :popover-open").is_ok_and(|found| found.is_some());
        if event.key() == "Escape" && !event.default_prevented() && !is_busy && state.tool.get_untracked().is_some() {
            // The card underneath stays open.
            event.prevent_default();
            state.tool.set(None);
        }
    });
    on_cleanup(move || keys.remove());
    // A tool belongs to the screen it was taken on.
    on_cleanup(move || _ = state.tool.try_set(None));
}

/// On a phone the list covers the map; on a desk it is no popover and there is nothing to close.
fn close_list() {
    if let Some(list) = document().get_element_by_id("map-tools") {
        let list: web_sys::HtmlElement = wasm_bindgen::JsCast::unchecked_into(list);
        if list.matches(":popover-open").unwrap_or(false) {
            _ = list.hide_popover();
        }
    }
}
