//! What is indexed of a row: its place, and its words as numbers of the vocabulary, name by name and address by address.
//! It deliberately keeps no text: what a row is called is read by id, under row-level security.

use shared::search::SearchKind;

use super::vocabulary::{Vocabulary, WordId};
use super::words::alleys_inwards;

/// A word in a row: its number doubled, and one more where only those who may open the row by name find it by this word.
pub type Term = u32;

/// Between two texts of a row: words on either side do not stand side by side.
pub const BREAK: Term = Term::MAX;

pub fn term(word: WordId, personal: bool) -> Term {
    word * 2 + Term::from(personal)
}

pub fn word_of(term: Term) -> WordId {
    term / 2
}

/// What is indexed of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub kind: SearchKind,
    pub id: i64,
    pub area_id: i32,
    /// Longitude and latitude in [`DEGREE`]ths; none for what has no place yet.
    pub at: Option<[i32; 2]>,
    /// Its texts, a [`BREAK`] after each: what everybody who may see the row may find it by, then names.
    pub terms: Vec<Term>,
    /// Residents of a household, so that a resident's change finds it.
    pub members: Vec<i64>,
}

/// Steps of a degree in which places are kept: about a centimetre.
pub const DEGREE: f64 = 1e7;

/// A home for hundreds is found by the first of them.
const MOST_TERMS: usize = 4_000;

impl Document {
    pub fn new(kind: SearchKind, id: i64, area_id: i32, at: Option<[f64; 2]>) -> Self {
        let at = at.map(|place| place.map(|degrees| (degrees * DEGREE).round() as i32));
        Self { kind, id, area_id, at, terms: Vec::new(), members: Vec::new() }
    }

    /// Adds a text; `personal`: only for those who may open the row by name.
    pub fn add_words(&mut self, words: &[WordId], personal: bool, vocabulary: &Vocabulary) {
        if words.is_empty() || self.terms.len() + words.len() > MOST_TERMS {
            return;
        }
        let words = alleys_inwards(words.to_vec(), |word| vocabulary.is_alley(*word), |word| vocabulary.is_number(*word));
        self.terms.extend(words.into_iter().map(|word| term(word, personal)));
        self.terms.push(BREAK);
    }

    pub fn words(&self) -> impl Iterator<Item = WordId> {
        self.terms.iter().filter(|term| **term != BREAK).map(|term| word_of(*term))
    }

    /// A row that is found by nothing (a shed without an address) need not be kept.
    pub fn is_found_by_something(&self) -> bool {
        !self.terms.is_empty()
    }
}
