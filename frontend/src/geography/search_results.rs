//! How the lines under a search box look: grouped, the matching letters in bold; waiting, nothing found, failing.
//! Which lines there are is `search_entries`'; typing, keys and where a line leads belong to the search box.

use leptos::prelude::*;
use shared::search::{NamedAfter, SearchResult};
use shared::text::fold;

use super::search::Found;
use super::search_entries::{Entry, Group};
use crate::commands::Command;
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, Refused, Skeleton};

/// Lines that stand there while the first answer is out.
const WAITING_LINES: usize = 3;

#[component]
pub(super) fn Results(
    /// The id by which the field names its list.
    list: String,
    found: Signal<Found>,
    entries: Signal<Vec<Entry>>,
    marked: RwSignal<usize>,
    choose: Callback<Entry>,
    retry: Callback<()>,
) -> impl IntoView {
    let lines = {
        let list = list.clone();
        move || groups(&list, &found.with(|found| found.query.clone()), entries.get(), marked, choose)
    };
    let has_lines = move || entries.with(|entries| !entries.is_empty());
    let note = move || {
        let Found { waiting, answer, .. } = found.get();
        match answer {
            _ if waiting => {
                view! { <div class="search-waiting" data-testid="search-waiting"><Skeleton lines=WAITING_LINES/></div> }.into_any()
            }
            Some(Err(failure)) => view! { <div class="search-note"><Refused failure on_retry=move || retry.run(())/></div> }.into_any(),
            Some(Ok(found)) if found.results.is_empty() && !has_lines() => {
                view! { <p class="search-note" role="status" data-testid="no-match">{t!("no-match")}</p> }.into_any()
            }
            _ => ().into_any(),
        }
    };
    let indexing =
        move || found.with(|found| found.answer.as_ref().and_then(|answer| answer.as_ref().ok()).and_then(|found| found.indexing));
    view! {
        <div class="results" data-answered=move || found.with(|found| found.query.clone())>
            <div id=list class="result-list" role="listbox" aria-label=move || t!("search-results")>{lines}</div>
            {note}
            {move || indexing().map(|percent| view! {
                <p class="search-note indexing" role="status" data-testid="indexing">{t!("search-indexing", percent = i64::from(percent))}</p>
            })}
        </div>
    }
}

fn groups(list: &str, query: &str, entries: Vec<Entry>, marked: RwSignal<usize>, choose: Callback<Entry>) -> AnyView {
    let numbered: Vec<(usize, Entry)> = entries.into_iter().enumerate().collect();
    numbered
        .chunk_by(|(_, one), (_, next)| one.group() == next.group())
        .map(|group| {
            let title = match group[0].1.group() {
                Group::Recent => t!("search-recent"),
                Group::Kind(kind) => kinds::word("group", kind.name()),
                Group::Commands => t!("commands"),
            };
            let rows = group.iter().map(|(number, entry)| row(list, query, *number, entry.clone(), marked, choose));
            let label = title.clone();
            view! {
                <div class="result-group" role="group" aria-label=label>
                    <h3 aria-hidden="true">{title}</h3>
                    {rows.collect_view()}
                </div>
            }
        })
        .collect_view()
        .into_any()
}

fn row(list: &str, query: &str, number: usize, entry: Entry, marked: RwSignal<usize>, choose: Callback<Entry>) -> impl IntoView + use<> {
    let (test, kind, id, words) = match &entry {
        Entry::Recent(result) | Entry::Found(result) => {
            ("result".to_owned(), result.kind.name(), result.id.to_string(), result_words(result, query))
        }
        Entry::More(kind, more) => ("results-more".to_owned(), kind.name(), String::new(), more_words(*more)),
        Entry::Command(command) => (format!("command-{}", command.name), "command", command.name.clone(), command_words(command, query)),
    };
    view! {
        <button
            type="button"
            id=format!("{list}-{number}")
            class="result"
            role="option"
            tabindex="-1"
            data-testid=test
            data-kind=kind
            data-id=id
            aria-selected=move || (marked.get() == number).to_string()
            on:mousemove=move |_| if marked.get_untracked() != number { marked.set(number) }
            on:click=move |_| choose.run(entry.clone())
        >
            {words}
        </button>
    }
}

fn result_words(result: &SearchResult, query: &str) -> AnyView {
    let icon = result.kind.name().parse().map_or("map-pin", kinds::layer_icon);
    let title = bold_matches(&called(result), query);
    let subtitle = result.subtitle.as_deref().map(|subtitle| bold_matches(subtitle, query));
    let unplaced = result.lon.is_none().then(|| view! { <span class="unplaced">{t!("unplaced")}</span> });
    view! {
        <span class="layer-mark" data-layer=result.kind.name()><Icon name=icon/></span>
        <span class="result-words">
            <span class="result-title">{title}</span>
            <span class="result-subtitle">{subtitle} {unplaced}</span>
        </span>
    }
    .into_any()
}

/// "Hộ bà Nguyễn Thị Hạnh"; all else by its name alone.
fn called(result: &SearchResult) -> String {
    let name = result.title.as_str();
    match result.named_after {
        None => name.to_owned(),
        Some(NamedAfter::WomanAtHead) => t!("household-of-woman", name = name),
        Some(NamedAfter::ManAtHead) => t!("household-of-man", name = name),
        Some(NamedAfter::Member) => t!("household-with", name = name),
    }
}

fn command_words(command: &Command, query: &str) -> AnyView {
    let title = bold_matches(&command.title.get_untracked(), query);
    view! {
        <span class="layer-mark command-mark"><Icon name=command.icon/></span>
        <span class="result-words"><span class="result-title">{title}</span></span>
    }
    .into_any()
}

fn more_words(more: usize) -> AnyView {
    view! {
        <span class="layer-mark command-mark"><Icon name="caret-down"/></span>
        <span class="result-words"><span class="result-title">{t!("search-more", count = more)}</span></span>
    }
    .into_any()
}

/// Words that begin as a word of the query does are bold as far as they agree.
fn bold_matches(text: &str, query: &str) -> Vec<AnyView> {
    let wanted: Vec<String> = fold(query).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    pieces(text, &wanted)
        .into_iter()
        .map(|(piece, bold)| if bold { view! { <b>{piece}</b> }.into_any() } else { view! { {piece} }.into_any() })
        .collect()
}

/// Cuts a text into pieces that match a word of the query, and pieces that do not.
fn pieces(text: &str, wanted: &[String]) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for word in text.split_inclusive(|letter: char| !letter.is_alphanumeric()) {
        let folded = fold(word.trim_end_matches(|letter: char| !letter.is_alphanumeric()));
        let agreed = wanted.iter().filter(|wanted| folded.starts_with(wanted.as_str())).map(|wanted| wanted.chars().count()).max();
        // Folding keeps one letter for each composed one, so letters can be counted across.
        let cut = word.char_indices().nth(agreed.unwrap_or(0)).map_or(word.len(), |(at, _)| at);
        add(&mut pieces, &word[..cut], true);
        add(&mut pieces, &word[cut..], false);
    }
    pieces
}

fn add(pieces: &mut Vec<(String, bool)>, piece: &str, bold: bool) {
    match pieces.last_mut() {
        _ if piece.is_empty() => {}
        Some((last, was_bold)) if *was_bold == bold => last.push_str(piece),
        _ => pieces.push((piece.to_owned(), bold)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> String {
        let wanted: Vec<String> = query.split(' ').map(str::to_owned).collect();
        pieces(text, &wanted).into_iter().map(|(piece, bold)| if bold { format!("[{piece}]") } else { piece }).collect()
    }

    #[test]
    fn matches_are_found_through_diacritics() {
        assert_eq!(marked("Bà Nguyễn Thị Hạnh", "ba hanh"), "[Bà] Nguyễn Thị [Hạnh]");
        assert_eq!(marked("Số 12 ngõ 34/6 Phương Canh", "ngo 34"), "Số 12 [ngõ] [34]/6 Phương Canh");
        assert_eq!(marked("Đường Cầu Diễn", "du"), "[Đư]ờng Cầu Diễn");
    }

    #[test]
    fn a_text_without_matches_stays_in_one_piece() {
        assert_eq!(marked("Camera C01", "hanh"), "Camera C01");
        assert_eq!(marked("", "hanh"), "");
    }
}
