//! The lines under a search box, in the order in which the arrow keys walk them: what was chosen lately, what was found, what
//! can be done. How a line looks is `search_results`'; what choosing it does is the search box's.

use shared::search::{SearchKind, SearchResult};
use shared::text::fold;

use crate::commands::Command;

/// So many of a kind stand there at first: the next kind begins in sight.
const SHOWN_AT_FIRST: usize = 4;

/// A line that can be chosen.
#[derive(Clone)]
pub(super) enum Entry {
    Recent(SearchResult),
    Found(SearchResult),
    /// Opens the rest of a kind: so many.
    More(SearchKind, usize),
    Command(Command),
}

/// What stands over lines that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Recent,
    Kind(SearchKind),
    Commands,
}

impl Entry {
    pub fn group(&self) -> Group {
        match self {
            Entry::Recent(_) => Group::Recent,
            Entry::Found(result) => Group::Kind(result.kind),
            Entry::More(kind, _) => Group::Kind(*kind),
            Entry::Command(_) => Group::Commands,
        }
    }
}

/// How near a result is to the words typed: named so and nothing else, so but for the word of what it is ("đường", "chợ"), then
/// every one of them a word of it, then only begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    NamedSo,
    NamedSoOfItsKind,
    WholeWords,
    Begun,
}

fn nearness(result: &SearchResult, wanted: &[String]) -> Nearness {
    let title = words(&result.title);
    if title == wanted {
        return Nearness::NamedSo;
    }
    if title.len() > 1 && title[1..] == *wanted {
        return Nearness::NamedSoOfItsKind;
    }
    let subtitle = result.subtitle.as_deref().map(words).unwrap_or_default();
    if wanted.iter().all(|word| title.contains(word) || subtitle.contains(word)) { Nearness::WholeWords } else { Nearness::Begun }
}

fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Results of one kind together, kinds in the order of their best; arrow keys then walk the list as it is seen. What is named as
/// was typed comes before what only begins so: "ngõ 34" before the many of ngõ 340.
pub(super) fn in_groups(mut results: Vec<SearchResult>, query: &str) -> Vec<SearchResult> {
    let wanted = words(query);
    // Both sorts keep the server's ranking among equals.
    results.sort_by_cached_key(|result| nearness(result, &wanted));
    let mut order: Vec<SearchKind> = Vec::new();
    for result in &results {
        if !order.contains(&result.kind) {
            order.push(result.kind);
        }
    }
    results.sort_by_key(|result| order.iter().position(|kind| *kind == result.kind));
    results
}

/// The lines of grouped results: a few of each kind, and a line that opens the rest where it is not opened.
pub(super) fn lines(results: &[SearchResult], opened: &[SearchKind]) -> Vec<Entry> {
    let of_group = |group: &[SearchResult]| {
        let kind = group[0].kind;
        let shown = if opened.contains(&kind) { group.len() } else { group.len().min(SHOWN_AT_FIRST) };
        let more = (shown < group.len()).then(|| Entry::More(kind, group.len() - shown));
        group[..shown].iter().cloned().map(Entry::Found).chain(more).collect::<Vec<_>>()
    };
    results.chunk_by(|one, next| one.kind == next.kind).flat_map(of_group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(kind: SearchKind, id: i64, title: &str) -> SearchResult {
        SearchResult { kind, id, title: title.to_owned(), named_after: None, subtitle: None, lon: None, lat: None }
    }

    fn ids(results: &[SearchResult]) -> Vec<i64> {
        results.iter().map(|result| result.id).collect()
    }

    #[test]
    fn results_of_a_kind_stand_together_in_their_rank() {
        let results = vec![result(SearchKind::Household, 1, ""), result(SearchKind::Road, 2, ""), result(SearchKind::Household, 3, "")];
        assert_eq!(ids(&in_groups(results, "hanh")), [1, 3, 2]);
    }

    #[test]
    fn what_is_named_as_was_typed_comes_before_what_only_begins_so() {
        let mut addressed = result(SearchKind::Household, 3, "Nguyễn Văn Hộ");
        addressed.subtitle = Some("Số 12 ngõ 34/6".to_owned());
        let results = vec![
            result(SearchKind::Household, 1, "Số 2 ngõ 340"),
            result(SearchKind::Household, 2, "Số 5 ngõ 341"),
            addressed,
            result(SearchKind::Road, 4, "Ngõ 34"),
        ];
        assert_eq!(ids(&in_groups(results, "ngo 34")), [4, 3, 1, 2]);
    }

    #[test]
    fn a_street_by_its_bare_name_comes_before_what_stands_in_it() {
        let results = vec![
            result(SearchKind::Place, 1, "Bảng QR phố Trịnh Văn Bô"),
            result(SearchKind::Road, 2, "Ngõ 12 phố Trịnh Văn Bô"),
            result(SearchKind::Road, 3, "Phố Trịnh Văn Bô"),
        ];
        assert_eq!(ids(&in_groups(results, "trinh van bo")), [3, 2, 1]);
    }

    #[test]
    fn a_few_of_each_kind_stand_there_until_the_rest_is_opened() {
        let mut results: Vec<SearchResult> = (1..=6).map(|id| result(SearchKind::Household, id, "")).collect();
        results.push(result(SearchKind::Road, 7, ""));
        let seen = |opened: &[SearchKind]| {
            let seen = |entry: &Entry| match entry {
                Entry::Found(result) | Entry::Recent(result) => result.id,
                Entry::More(_, more) => -(*more as i64),
                Entry::Command(_) => 0,
            };
            lines(&results, opened).iter().map(seen).collect::<Vec<_>>()
        };
        assert_eq!(seen(&[]), [1, 2, 3, 4, -2, 7]);
        assert_eq!(seen(&[SearchKind::Household]), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(seen(&[SearchKind::Road]), [1, 2, 3, 4, -2, 7]);
    }
}
