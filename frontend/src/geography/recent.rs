//! What was chosen lately in the search box, offered again before a word is typed.
//! Never people: only what everybody may see is kept, because the next person at this browser is somebody else.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use shared::search::{SearchKind, SearchResult};

use crate::lasting::Lasting;
use crate::stored;

const STORAGE_KEY: &str = "ioc.recent";
const MOST: usize = 5;

/// A choice as it is kept: its place may have moved when it is chosen again, so it is read anew then by its layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    kind: SearchKind,
    id: i64,
    title: String,
    subtitle: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
}

#[derive(Clone, Copy)]
pub struct Recent(Lasting<Vec<SearchResult>>);

impl Recent {
    pub fn provide() -> Recent {
        let kept: Vec<Kept> = stored::kept(STORAGE_KEY).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let open = kept.into_iter().filter(|kept| is_open(kept.kind));
        let result = |Kept { kind, id, title, subtitle, lon, lat }| SearchResult { kind, id, title, named_after: None, subtitle, lon, lat };
        let recent = Recent(Lasting::new(open.map(result).take(MOST).collect()));
        provide_context(recent);
        recent
    }

    pub fn get(&self) -> Vec<SearchResult> {
        self.0.get()
    }

    pub fn note(&self, chosen: &SearchResult) {
        if !is_open(chosen.kind) {
            return;
        }
        self.0.update(|recent| put_first(recent, chosen.clone()));
        let kept = self.0.with_untracked(|recent| recent.iter().map(keep).collect::<Vec<_>>());
        if let Ok(text) = serde_json::to_string(&kept) {
            stored::keep(STORAGE_KEY, &text);
        }
    }
}

/// Kinds that everybody may see, and that name no person. A house's address alone would tell whom somebody looked up.
fn is_open(kind: SearchKind) -> bool {
    matches!(kind, SearchKind::Area | SearchKind::Road | SearchKind::Place | SearchKind::Business)
}

fn put_first(recent: &mut Vec<SearchResult>, chosen: SearchResult) {
    recent.retain(|other| (other.kind, other.id) != (chosen.kind, chosen.id));
    recent.insert(0, chosen);
    recent.truncate(MOST);
}

fn keep(result: &SearchResult) -> Kept {
    let SearchResult { kind, id, title, subtitle, lon, lat, .. } = result.clone();
    Kept { kind, id, title, subtitle, lon, lat }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(kind: SearchKind, id: i64) -> SearchResult {
        SearchResult { kind, id, title: String::new(), named_after: None, subtitle: None, lon: None, lat: None }
    }

    #[test]
    fn the_latest_choice_comes_first_and_once() {
        let mut recent = Vec::new();
        for id in [1, 2, 1, 3, 4, 5, 6] {
            put_first(&mut recent, result(SearchKind::Road, id));
        }
        assert_eq!(recent.iter().map(|result| result.id).collect::<Vec<_>>(), [6, 5, 4, 3, 1]);
    }

    #[test]
    fn nobody_is_kept() {
        assert!(![SearchKind::Household, SearchKind::BoardingHouse, SearchKind::Building, SearchKind::Camera].into_iter().any(is_open));
    }
}
