//! Where a row lies, as people say it: "ngõ 34 Phương Canh" names a ward that the row itself need not name.
//! It deliberately knows names of areas only; which rows lie in them is the rows' business.

use std::collections::HashMap;

use super::vocabulary::{Vocabulary, WordId};

/// A current area by its name, and the area above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedArea {
    pub id: i32,
    pub parent_id: Option<i32>,
    /// A province's name tells its wards from nothing.
    pub is_province: bool,
    pub name: String,
}

/// The areas that a word names: those of that name, and what lies in them.
#[derive(Debug, Default)]
pub struct Context(HashMap<WordId, Vec<i32>>);

impl Context {
    pub fn new(areas: &[NamedArea], vocabulary: &mut Vocabulary) -> Self {
        let by_id: HashMap<i32, &NamedArea> = areas.iter().map(|area| (area.id, area)).collect();
        let mut named: HashMap<WordId, Vec<i32>> = HashMap::new();
        for area in areas {
            let mut above = Some(area);
            // A tree that somebody tied into a ring must not hold us.
            for _ in 0..4 {
                let Some(holder) = above.filter(|holder| !holder.is_province) else { break };
                for word in vocabulary.intern_text(&holder.name) {
                    named.entry(word).or_default().push(area.id);
                }
                above = holder.parent_id.and_then(|parent| by_id.get(&parent).copied());
            }
        }
        for areas in named.values_mut() {
            areas.sort_unstable();
            areas.dedup();
        }
        Self(named)
    }

    pub fn areas(&self, word: WordId) -> &[i32] {
        self.0.get(&word).map_or(&[], Vec::as_slice)
    }
}
