//! A list of alerts that stays true while somebody works with it: walked by keys, read on at its end, still under the eyes.
//! Which alerts it shows is the page's choice, and what one of them is about its card's business.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use shared::layer::Layer;

use super::alert_row::{AlertRow, choose, standing_of};
use super::arrivals::{RowKey, Shown};
use super::feed::AlertFeed;
use super::folded::{FoldedAlerts, OpenedRow};
use super::folding::Row;
use super::key_help::KeyHelp;
use super::keys::{self, Meant};
use super::shelve_row::{ShelveButton, ShelveDialog, ShelveRow};
use crate::http::Answer;
use crate::map::MapState;
use crate::t;
use crate::text::kinds;
use crate::ui::{Refused, Skeleton};

/// So near its end, in pixels, the list is read on.
const READ_ON_WITHIN: i32 = 600;
/// Scrolled less than this, somebody still looks at the top.
const AT_TOP: i32 = 8;

/// What the list says when it has nothing: all done, or nothing like that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    ToDo,
    Found,
}

/// What the rows are made from, and what makes them come at once though somebody looks at them.
#[derive(Clone, PartialEq)]
struct Held {
    shown: Shown,
    /// Another list, or a wish to see what waits.
    of: (String, u32),
}

#[component]
pub fn AlertList(
    feed: AlertFeed,
    /// Of the feed, as the page wants them shown.
    #[prop(into)]
    rows: Signal<Option<Answer<Vec<Row>>>>,
    /// Which of them, by name: another name is another list.
    #[prop(into)]
    of: Signal<String>,
    #[prop(into)] nothing: Signal<Nothing>,
) -> impl IntoView {
    let state: MapState = expect_context();
    let (hovered, focused, scrolled) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let released = RwSignal::new(0_u32);
    let opened = OpenedRow::none();
    let held = Memo::new(move |before: Option<&Option<Held>>| {
        let of = (of.get(), released.get());
        let is_held = hovered.get() || focused.get() || scrolled.get();
        let rows = rows.get()?.ok()?;
        let before = before.and_then(|before| before.as_ref()).filter(|before| is_held && before.of == of);
        let shown = match before {
            Some(before) => Shown::held(&before.shown, rows),
            None => Shown::all(rows),
        };
        Some(Held { shown, of })
    });
    let shown = Memo::new(move |_| held.get().map(|held| held.shown));
    let list: NodeRef<html::Div> = NodeRef::new();
    let shelve = ShelveRow::none();
    walk(state, shown, shelve);
    give_focus_back(state);

    let scroll = move |_: ev::Event| {
        let Some(list) = list.get_untracked() else { return };
        scrolled.set(list.scroll_top() > AT_TOP);
        if list.scroll_height() - list.scroll_top() - list.client_height() < READ_ON_WITHIN {
            feed.read_on();
        }
    };
    let release = move |_| {
        released.update(|times| *times += 1);
        if let Some(list) = list.get_untracked() {
            list.set_scroll_top(0);
        }
    };
    let row = move |(key, _): (RowKey, Row)| {
        let row = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.find(&key).cloned()));
        view! { <li class="alert-item"><AlertRow row/><ShelveButton row shelve/>{move || row.get().map(|row| view! { <FoldedAlerts row opened/> })}</li> }
    };
    let failure = move || rows.with(|rows| rows.as_ref().and_then(|rows| rows.as_ref().err().cloned()));
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.rows.is_empty() && shown.waiting == 0)));
    let waiting = Memo::new(move |_| shown.with(|shown| shown.as_ref().map_or(0, |shown| shown.waiting)));
    view! {
        <div class="alerts-waiting" role="status">
            {move || (waiting.get() > 0).then(|| view! {
                <button type="button" class="button" data-testid="alerts-waiting" on:click=release>{t!("alerts-waiting", count = waiting.get())}</button>
            })}
        </div>
        <div
            node_ref=list
            class="alert-scroller"
            on:scroll=scroll
            on:pointerenter=move |event| hovered.set(event.pointer_type() == "mouse")
            on:pointerleave=move |_| hovered.set(false)
            on:focusin=move |_| focused.set(true)
            on:focusout=move |_| focused.set(false)
        >
            {move || failure().map(|failure| view! { <Refused failure on_retry=move || feed.ask()/> })}
            {move || rows.with(Option::is_none).then(|| view! { <Skeleton lines=8/> })}
            {move || is_empty.get().then(|| view! {
                <p class="panel-note" data-testid="alerts-none">{match nothing.get() {
                    Nothing::ToDo => t!("nothing-needs-action"),
                    Nothing::Found => t!("alerts-no-match"),
                }}</p>
            })}
            <ul class="rows" data-testid="alert-list">
                <For each=move || shown.get().map(|shown| shown.rows).unwrap_or_default() key=|(key, _)| *key children=row/>
            </ul>
            {move || feed.next.with(Option::is_some).then(|| view! {
                <button type="button" class="button quiet alerts-more" data-testid="alerts-more" disabled=move || feed.reading_on.get() on:click=move |_| feed.read_on()>
                    {t!("list-more")}
                </button>
            })}
        </div>
        <KeyHelp/>
        <ShelveDialog shelve/>
    }
}

/// J and K walk through the list from wherever the hands are, unless somebody types; what they reach is said. S shelves the row that
/// has the focus, else the one that is chosen.
fn walk(state: MapState, shown: Memo<Option<Shown>>, shelve: ShelveRow) {
    let said = expect_context::<Said>();
    keys::on_keys(move |meant| match meant {
        Meant::Next | Meant::Previous => shown.with_untracked(|shown| {
            let Some(rows) = shown.as_ref().map(|shown| &shown.rows) else { return false };
            let selected = state.selected.get_untracked().filter(|of| of.layer == Layer::CameraAlert);
            let at = selected.and_then(|of| rows.iter().position(|(_, row)| row.alert.id == of.id));
            let Some((_, row)) = keys::next_row(at, meant, rows.len()).map(|at| &rows[at]) else { return false };
            choose(state, row.alert.id, row.alert.lon.zip(row.alert.lat));
            said.say(format!("{}, {}, {}", kinds::named("alert-kind", row.alert.kind), row.alert.camera_name, standing_of(&row.alert)));
            bring_into_view(row.alert.id);
            true
        }),
        Meant::Open => {
            let is_open = keys::is_focus_free() && state.selected.get_untracked().is_some_and(|of| of.layer == Layer::CameraAlert);
            if is_open {
                keys::focus(".card .alert-actions .button, .card .button");
            }
            is_open
        }
        Meant::Press("S") => shown.with_untracked(|shown| {
            let chosen = state.selected.get_untracked().filter(|of| of.layer == Layer::CameraAlert).map(|of| of.id);
            let wanted = focused_row().or(chosen);
            // An open card asks on itself.
            if wanted == chosen && keys::is_there("S") {
                return false;
            }
            let mut rows = shown.iter().flat_map(|shown| &shown.rows).map(|(_, row)| row);
            let row = rows.find(|row| Some(row.alert.id) == wanted).filter(|row| shelve.may(row));
            row.inspect(|row| shelve.ask(row)).is_some()
        }),
        // The card's.
        Meant::Press(_) => false,
        Meant::Keys => keys::press("?"),
    });
}

/// Which alert's row, or button beside it, has the focus.
fn focused_row() -> Option<i64> {
    let item = document().active_element()?.closest(".alert-item").ok().flatten()?;
    item.query_selector("[data-testid=\"alert\"]").ok().flatten()?.get_attribute("data-id")?.parse().ok()
}

fn bring_into_view(id: i64) {
    let row = document().query_selector(&format!("[data-testid=\"alert\"][data-id=\"{id}\"]")).ok().flatten();
    if let Some(row) = row {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// A card that closes leaves the focus on the row that it was opened from.
fn give_focus_back(state: MapState) {
    Effect::new(move |before: Option<Option<i64>>| {
        let now = state.selected.get().filter(|of| of.layer == Layer::CameraAlert).map(|of| of.id);
        if let (Some(Some(id)), None) = (before, now)
            && state.selected.with_untracked(Option::is_none)
        {
            keys::focus_soon(format!("[data-testid=\"alert\"][data-id=\"{id}\"]"));
        }
        now
    });
}

/// What a screen reader is told of what keys did.
#[derive(Clone, Copy)]
pub struct Said(RwSignal<String>);

impl Said {
    pub fn provide() {
        provide_context(Said(RwSignal::new(String::new())));
    }

    pub fn say(self, words: String) {
        self.0.set(words);
    }
}

#[component]
pub fn Announcer() -> impl IntoView {
    let Said(said) = expect_context();
    view! { <p class="visually-hidden" role="status" data-testid="said">{said}</p> }
}
