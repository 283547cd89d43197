//! The search box: asks while it is typed in, shows what was found in groups, and flies to what is chosen.
//! How words match is the server's; the words travel in a request's body when somebody is signed in, for they may be names.

use std::time::Duration;

use gloo_net::http::Method;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::search::{SearchKind, SearchRequest, SearchResult, SearchResults};

use super::search_results::{Results, in_groups};
use crate::accounts::{Reasons, is_reason_missing};
use crate::http::{self, Answer, Call};
use crate::map::{FeatureRef, MapState};
use crate::session::session;
use crate::t;
use crate::ui::Icon;

/// Somebody who types on is not asked for in between.
const ASK_AFTER: Duration = Duration::from_millis(160);
const SHORTEST_QUERY: usize = 2;
const LIMIT: u8 = 30;

/// What is known about the words in the box.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// The words that were asked for: their matches are set in bold.
    pub query: String,
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
    on_chosen: impl Fn() + Copy + Send + Sync + 'static,
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
    let field: NodeRef<html::Input> = NodeRef::new();

    let ask = move |query: String, reason: Option<String>| {
        spawn_local(async move {
            let answer = search(&query, session.is_signed_in_untracked(), near(state), reason.or_else(|| reasons.held()).as_deref()).await;
            // An answer to words that are no longer there is not shown.
            if words.try_with_untracked(|words| words.trim() == query) == Some(true) {
                marked.set(0);
                found.set(Found { query, answer: Some(answer.map(in_groups)) });
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
            pending.set_value(set_timeout_with_handle(move || ask(query.clone(), None), ASK_AFTER).ok());
        }
    });

    let results =
        move || found.with(|found| found.answer.as_ref().and_then(|answer| answer.as_ref().ok()).map(|found| found.results.clone()));
    let results = Memo::new(move |_| results().unwrap_or_default());
    // The list closes over a choice and opens again over the next word or look into the field.
    let closed = RwSignal::new(false);
    let choose = move |result: SearchResult| {
        closed.set(true);
        if let Some(field) = field.get_untracked() {
            _ = field.blur();
        }
        go_to(state, &result);
        on_chosen();
    };
    let keys = move |event: KeyboardEvent| {
        let count = results.with(Vec::len);
        closed.set(false);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => marked.update(|marked| *marked = (*marked + 1) % count),
            "ArrowUp" if count > 0 => marked.update(|marked| *marked = (*marked + count - 1) % count),
            "Enter" => {
                if let Some(result) = results.get_untracked().into_iter().nth(marked.get_untracked()) {
                    choose(result);
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
    let list = format!("{name}-results");
    let marked_id = {
        let list = list.clone();
        move || (!results.with(Vec::is_empty)).then(|| format!("{list}-{}", marked.get()))
    };
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
                    aria-expanded=move || (!closed.get() && !results.with(Vec::is_empty)).to_string()
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
            <Results list found=Signal::derive(move || if closed.get() { Found::default() } else { found.get() }) marked choose=Callback::new(choose)/>
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
