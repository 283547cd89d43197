//! The search box: asks while it is typed in, walks what was found by arrow keys, and flies to what is chosen.
//! How words match is the server's; the words travel in a request's body when somebody is signed in, for they may be names.

use std::time::Duration;

use gloo_net::http::Method;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::search::{SearchKind, SearchRequest, SearchResult, SearchResults};

use super::recent::Recent;
use super::search_entries::{Entry, in_groups, lines};
use super::search_results::Results;
use crate::accounts::{Reasons, is_reason_missing};
use crate::commands::Commands;
use crate::http::{self, Answer, Call};
use crate::map::{FeatureRef, MapState};
use crate::session::session;
use crate::t;
use crate::ui::Icon;

/// Somebody who types on is not asked for in between.
const ASK_AFTER: Duration = Duration::from_millis(160);
const SHORTEST_QUERY: usize = 2;
/// As many as the door gives: a kind shows a few of them, the others open below.
const LIMIT: u8 = 50;
/// While the server still reads its rows, the same words find more a moment later.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// What is known about the words in the box.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// The words that were asked for: their matches are set in bold.
    pub query: String,
    /// The first answer is still out. Later words leave the lines before them standing until theirs are there.
    pub waiting: bool,
    /// Results in groups, as they stand in the list.
    pub answer: Option<Answer<SearchResults>>,
}

#[component]
pub fn SearchBox(
    /// For tests and labels; unique on the page.
    name: &'static str,
    #[prop(optional)] autofocus: bool,
    /// What the field invites to; by default everything that can be found.
    #[prop(into, optional)]
    hint: Option<Signal<String>>,
    #[prop(into)] on_chosen: Callback<()>,
    /// Whether commands and recent choices are offered too.
    #[prop(optional)]
    with_commands: bool,
    /// Told whether there are words in the box: the screens make room for results.
    #[prop(optional)]
    active: Option<RwSignal<bool>>,
) -> impl IntoView {
    let state: MapState = expect_context();
    let reasons: Reasons = expect_context();
    let session = session();
    let words = RwSignal::new(String::new());
    let found = RwSignal::new(Found::default());
    let marked = RwSignal::new(0_usize);
    // Kinds of which all are shown.
    let opened = RwSignal::new(Vec::<SearchKind>::new());
    let field: NodeRef<html::Input> = NodeRef::new();

    let ask = move |query: String, reason: Option<String>| {
        spawn_local(async move {
            let answer = search(&query, session.is_signed_in_untracked(), near(state), reason.or_else(|| reasons.held()).as_deref()).await;
            // An answer to words that are no longer there is not shown.
            if words.try_with_untracked(|words| words.trim() == query) == Some(true) {
                let again = found.with_untracked(|found| found.query == query && !found.waiting);
                if !again {
                    marked.set(0);
                    opened.set(Vec::new());
                }
                let answer = answer.map(|found| SearchResults { results: in_groups(found.results, &query), ..found });
                found.set(Found { query, waiting: false, answer: Some(answer) });
            }
        });
    };
    let pending = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let query = words.with(|words| words.trim().to_owned());
        if let Some(active) = active {
            active.set(!query.is_empty());
        }
        if let Some(timeout) = pending.get_value() {
            timeout.clear();
        }
        if query.chars().count() < SHORTEST_QUERY {
            found.set(Found::default());
        } else {
            found.update(|found| found.waiting |= found.answer.is_none());
            pending.set_value(set_timeout_with_handle(move || ask(query.clone(), None), ASK_AFTER).ok());
        }
    });

    Effect::new(move |_| {
        let (indexing, query) =
            found.with(|found| (matches!(&found.answer, Some(Ok(found)) if found.indexing.is_some()), found.query.clone()));
        if indexing {
            let again = set_timeout_with_handle(
                move || {
                    if words.try_with_untracked(|words| words.trim() == query) == Some(true) {
                        ask(query.clone(), None);
                    }
                },
                ASK_AGAIN_AFTER,
            );
            on_cleanup(move || {
                if let Ok(again) = again {
                    again.clear()
                }
            });
        }
    });

    let offers = with_commands.then(|| (expect_context::<Commands>(), expect_context::<Recent>()));
    // The list closes over a choice and opens again over the next word or look into the field.
    let closed = RwSignal::new(false);
    let entries = Signal::derive(move || {
        if closed.get() {
            return Vec::new();
        }
        let typed = words.with(|words| words.trim().to_owned());
        let mut entries = found.with(|found| match &found.answer {
            Some(Ok(found)) => opened.with(|opened| lines(&found.results, opened)),
            _ => Vec::new(),
        });
        if let Some((commands, recent)) = offers {
            if typed.is_empty() {
                entries.extend(recent.get().into_iter().map(Entry::Recent));
            }
            entries.extend(commands.matching(&typed).into_iter().map(Entry::Command));
        }
        entries
    });
    let choose = move |entry: Entry| {
        if let Entry::More(kind, _) = entry {
            // The first of the rest takes this line's place, and with it the mark; the words stay in hand.
            opened.update(|opened| opened.push(kind));
            if let Some(field) = field.get_untracked() {
                _ = field.focus();
            }
            return;
        }
        closed.set(true);
        if let Some(field) = field.get_untracked() {
            _ = field.blur();
        }
        // First, so that what a command opens is not closed with the palette.
        on_chosen.run(());
        match entry {
            Entry::Recent(result) | Entry::Found(result) => {
                if let Some((_, recent)) = offers {
                    recent.note(&result);
                }
                go_to(state, &result);
            }
            Entry::Command(command) => command.run.run(()),
            Entry::More(..) => {}
        }
    };
    let keys = move |event: KeyboardEvent| {
        let count = entries.with(Vec::len);
        let reopened = closed.get_untracked();
        closed.set(false);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => marked.update(|marked| *marked = (*marked + 1) % count),
            "ArrowUp" if count > 0 => marked.update(|marked| *marked = (*marked + count - 1) % count),
            "Home" if count > 0 && event.ctrl_key() => marked.set(0),
            "End" if count > 0 && event.ctrl_key() => marked.set(count - 1),
            "Enter" if !reopened => {
                if let Some(entry) = entries.get_untracked().into_iter().nth(marked.get_untracked()) {
                    choose(entry);
                }
            }
            // An empty box leaves Esc to whatever it stands in.
            "Escape" if !words.with_untracked(String::is_empty) => words.set(String::new()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let give_reason = move |_| {
        let query = words.with_untracked(|words| words.trim().to_owned());
        reasons.ask(move |reason| ask(query.clone(), Some(reason)));
    };
    let reason_needed = Memo::new(move |_| {
        found.with(|found| match &found.answer {
            Some(Ok(results)) => results.reason_needed,
            Some(Err(failure)) => is_reason_missing(failure),
            None => false,
        })
    });
    let retry = move |()| ask(words.with_untracked(|words| words.trim().to_owned()), None);
    // Fewer lines than before must not leave the mark beyond the last.
    Effect::new(move |_| {
        let count = entries.with(Vec::len);
        if marked.get_untracked() >= count.max(1) {
            marked.set(0);
        }
    });
    let list = format!("{name}-results");
    let marked_id = {
        let list = list.clone();
        move || (!entries.with(Vec::is_empty)).then(|| format!("{list}-{}", marked.get()))
    };
    keep_marked_in_sight(list.clone(), marked, entries);
    let hint = move || hint.map_or_else(|| t!("search-hint"), |hint| hint.get());
    view! {
        <search class="search" data-testid=name>
            <div class="search-field">
                <Icon name="magnifying-glass"/>
                <input
                    type="text"
                    role="combobox"
                    node_ref=field
                    autofocus=autofocus
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    enterkeyhint="search"
                    placeholder=hint
                    aria-label=hint
                    aria-autocomplete="list"
                    aria-controls=list.clone()
                    aria-expanded=move || (!entries.with(Vec::is_empty)).to_string()
                    aria-activedescendant=marked_id
                    maxlength="200"
                    bind:value=words
                    on:focus=move |_| closed.set(false)
                    on:keydown=keys
                />
                <Show when=move || !words.with(String::is_empty)>
                    <button
                        type="button"
                        class="button quiet icon-only clear"
                        aria-label=move || t!("search-clear")
                        on:click=move |_| {
                            words.set(String::new());
                            if let Some(field) = field.get_untracked() {
                                _ = field.focus();
                            }
                        }
                    >
                        <Icon name="x-circle"/>
                    </button>
                </Show>
            </div>
            <Results
                list
                found=Signal::derive(move || if closed.get() { Found::default() } else { found.get() })
                entries
                marked
                choose=Callback::new(choose)
                retry=Callback::new(retry)
            />
            <Show when=move || reason_needed.get() && !closed.get()>
                <div class="search-reason">
                    <p>{move || t!("search-by-name-needs-reason")}</p>
                    <button type="button" class="button" data-testid="search-reason" on:click=give_reason>{move || t!("reason-state")}</button>
                </div>
            </Show>
        </search>
    }
}

async fn search(query: &str, signed_in: bool, near: Option<[f64; 2]>, reason: Option<&str>) -> Answer<SearchResults> {
    if !signed_in {
        let query = String::from(js_sys::encode_uri_component(query));
        return http::get(&format!("/api/search?q={query}&limit={LIMIT}")).await;
    }
    let request = SearchRequest { q: query.to_owned(), limit: Some(LIMIT), near };
    let mut call = Call::new(Method::POST, "/api/search").body(&request)?;
    if let Some(reason) = reason {
        call = call.access_reason(reason);
    }
    call.receive().await
}

/// Arrow keys walk out of the list's visible part: it follows, by as little as it needs.
fn keep_marked_in_sight(list: String, marked: RwSignal<usize>, entries: Signal<Vec<Entry>>) {
    Effect::new(move |_| {
        entries.track();
        let line = format!("{list}-{}", marked.get());
        // The lines are on the page a moment later.
        request_animation_frame(move || {
            let Some(line) = document().get_element_by_id(&line) else { return };
            let Some(list) = line.closest(".results").ok().flatten() else { return };
            let (line, window) = (line.get_bounding_client_rect(), list.get_bounding_client_rect());
            let hidden = (line.bottom() - window.bottom()).max(0.0) + (line.top() - window.top()).min(0.0);
            if hidden != 0.0 {
                list.set_scroll_top(list.scroll_top() + hidden.round() as i32);
            }
        });
    });
}

/// The middle of what is looked at.
fn near(state: MapState) -> Option<[f64; 2]> {
    state.view.get_untracked().map(|view| [view.lon, view.lat])
}

fn go_to(state: MapState, result: &SearchResult) {
    if let Ok(layer) = result.kind.name().parse() {
        state.selected.set(Some(FeatureRef { layer, id: result.id }));
    }
    if let (Some(lon), Some(lat)) = (result.lon, result.lat) {
        state.fly_to(lon, lat, zoom_for(result.kind));
    }
}

/// Close enough to recognise the thing among its neighbours.
fn zoom_for(kind: SearchKind) -> f64 {
    match kind {
        SearchKind::Area => 15.0,
        SearchKind::Road => 16.5,
        SearchKind::Camera | SearchKind::Place => 17.0,
        SearchKind::Business | SearchKind::Building | SearchKind::Household | SearchKind::BoardingHouse => 18.0,
    }
}
