//! What a search found: grouped by kind in the order of the best, the matching letters in bold.
//! Typing, keys and where a result leads belong to the search box.

use leptos::prelude::*;
use shared::search::{SearchKind, SearchResult, SearchResults};
use shared::text::fold;

use super::search::Found;
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// Brings results of one kind together, kinds in the order of their best; arrow keys then walk the list as it is seen.
pub(super) fn in_groups(mut found: SearchResults) -> SearchResults {
    let mut order: Vec<SearchKind> = Vec::new();
    for result in &found.results {
        if !order.contains(&result.kind) {
            order.push(result.kind);
        }
    }
    // The sort keeps the ranking within a kind.
    found.results.sort_by_key(|result| order.iter().position(|kind| *kind == result.kind));
    found
}

#[component]
pub(super) fn Results(
    /// The id by which the field names its list.
    list: String,
    found: Signal<Found>,
    marked: RwSignal<usize>,
    choose: Callback<SearchResult>,
) -> impl IntoView {
    let now = now();
    let rows = {
        let list = list.clone();
        move || {
            let Found { query, answer } = found.get();
            Some(match answer? {
                Err(failure) => {
                    view! { <p class="search-note" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> }.into_any()
                }
                Ok(found) if found.results.is_empty() => {
                    view! { <p class="search-note" role="status" data-testid="no-match">{t!("no-match")}</p> }.into_any()
                }
                Ok(found) => groups(&list, &query, found.results, marked, choose),
            })
        }
    };
    view! { <div id=list class="results" role="listbox" aria-label=move || t!("search-results")>{rows}</div> }
}

fn groups(list: &str, query: &str, results: Vec<SearchResult>, marked: RwSignal<usize>, choose: Callback<SearchResult>) -> AnyView {
    let numbered: Vec<(usize, SearchResult)> = results.into_iter().enumerate().collect();
    numbered
        .chunk_by(|(_, one), (_, next)| one.kind == next.kind)
        .map(|group| {
            let kind = group[0].1.kind.name();
            let rows = group.iter().map(|(number, result)| row(list, query, *number, result.clone(), marked, choose));
            view! {
                <div class="result-group" role="group" aria-label=kinds::word("group", kind)>
                    <h3>{kinds::word("group", kind)}</h3>
                    {rows.collect_view()}
                </div>
            }
        })
        .collect_view()
        .into_any()
}

fn row(
    list: &str,
    query: &str,
    number: usize,
    result: SearchResult,
    marked: RwSignal<usize>,
    choose: Callback<SearchResult>,
) -> impl IntoView + use<> {
    let icon = result.kind.name().parse().map_or("map-pin", kinds::layer_icon);
    let title = bold_matches(&result.title, query);
    let subtitle = result.subtitle.as_deref().map(|subtitle| bold_matches(subtitle, query));
    let unplaced = result.lon.is_none().then(|| view! { <span class="unplaced">{t!("unplaced")}</span> });
    view! {
        <button
            type="button"
            id=format!("{list}-{number}")
            class="result"
            role="option"
            tabindex="-1"
            data-testid="result"
            data-kind=result.kind.name()
            data-id=result.id.to_string()
            aria-selected=move || (marked.get() == number).to_string()
            on:mousemove=move |_| if marked.get_untracked() != number { marked.set(number) }
            on:click=move |_| choose.run(result.clone())
        >
            <span class="layer-mark" data-layer=result.kind.name()><Icon name=icon/></span>
            <span class="result-words">
                <span class="result-title">{title}</span>
                <span class="result-subtitle">{subtitle} {unplaced}</span>
            </span>
        </button>
    }
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

    #[test]
    fn results_of_a_kind_stand_together_in_their_rank() {
        let result = |kind, id| SearchResult { kind, id, title: String::new(), subtitle: None, lon: None, lat: None };
        let results = vec![result(SearchKind::Household, 1), result(SearchKind::Road, 2), result(SearchKind::Household, 3)];
        let grouped = in_groups(SearchResults { results, reason_needed: false });
        assert_eq!(grouped.results.iter().map(|result| result.id).collect::<Vec<_>>(), [1, 3, 2]);
    }
}
