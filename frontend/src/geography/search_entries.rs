//! The lines under a search box, in the order in which the arrow keys walk them: what was chosen lately, what was found, what
//! can be done. How a line looks is `search_results`'; what choosing it does is the search box's.

use shared::search::{SearchKind, SearchResult};

use crate::commands::Command;

/// A line that can be chosen.
#[derive(Clone)]
pub(super) enum Entry {
    Recent(SearchResult),
    Found(SearchResult),
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
            Entry::Command(_) => Group::Commands,
        }
    }
}

/// Results of one kind together, kinds in the order of their best; arrow keys then walk the list as it is seen.
pub(super) fn in_groups(mut results: Vec<SearchResult>) -> Vec<SearchResult> {
    let mut order: Vec<SearchKind> = Vec::new();
    for result in &results {
        if !order.contains(&result.kind) {
            order.push(result.kind);
        }
    }
    // The sort keeps the ranking within a kind.
    results.sort_by_key(|result| order.iter().position(|kind| *kind == result.kind));
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_a_kind_stand_together_in_their_rank() {
        let result = |kind, id| SearchResult { kind, id, title: String::new(), subtitle: None, lon: None, lat: None };
        let results = vec![result(SearchKind::Household, 1), result(SearchKind::Road, 2), result(SearchKind::Household, 3)];
        assert_eq!(in_groups(results).iter().map(|result| result.id).collect::<Vec<_>>(), [1, 3, 2]);
    }
}
