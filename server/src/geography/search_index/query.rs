//! Which words of the vocabulary answer to each word that was typed, and how well.
//! It deliberately knows no rows; how the words of one row add up is `matching`'s.

use std::collections::HashMap;

use super::context::Context;
use super::vocabulary::{Vocabulary, WordId};
use super::words::{ALLEYS, Word, Words};

/// How well a word is found: as typed; as it was meant on a keyboard that did not compose; begun, or an alley of another
/// depth (people say ngõ for all); with one letter wrong.
pub const EXACT: u8 = 10;
pub const COMPOSED: u8 = 9;
pub const BEGUN: u8 = 7;
pub const ANOTHER_ALLEY: u8 = 7;
pub const MISTYPED: u8 = 5;
/// From here on nothing was forgiven.
pub const SURE: u8 = BEGUN;
/// Found in the name of the area that a row lies in; there with one letter wrong.
pub const IN_AREA: u8 = 4;
pub const IN_AREA_MISTYPED: u8 = 2;

/// How much is forgiven, from strict to forgiving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Care {
    /// Every word, as typed or begun.
    Exact,
    /// A letter wrong.
    Mistyped,
    /// Every word but one of three or more, none of them mistyped: with both forgiven, everything would match something.
    Lenient,
}

/// A word that was typed, and what answers to it.
#[derive(Debug)]
pub struct Asked {
    pub is_title: bool,
    pub sure: Vec<(WordId, u8)>,
    pub mistyped: Vec<WordId>,
    /// Areas named so: [`IN_AREA`] or [`IN_AREA_MISTYPED`].
    areas: HashMap<i32, u8>,
}

impl Asked {
    fn new(word: &Word, vocabulary: &Vocabulary, context: &Context) -> Self {
        let mut found: HashMap<WordId, u8> = HashMap::new();
        let mut note = |id: WordId, quality: u8| {
            found.entry(id).and_modify(|known| *known = quality.max(*known)).or_insert(quality);
        };
        for (text, quality) in [(Some(&word.text), EXACT), (word.composed.as_ref(), COMPOSED)] {
            let Some(text) = text else { continue };
            if let Some(id) = vocabulary.id(text) {
                note(id, quality);
            }
            // The number of a tone ends a VNI word: what stands before it is whole.
            if word.may_be_begun && (quality == EXACT || !text_has_digit(&word.text)) {
                vocabulary.begun_by(text).into_iter().for_each(|id| note(id, BEGUN));
            }
        }
        if ALLEYS.contains(&word.text.as_str()) {
            ALLEYS.iter().filter_map(|alley| vocabulary.id(alley)).for_each(|id| note(id, ANOTHER_ALLEY));
        }
        let mut mistyped = if word.may_be_mistyped() { vocabulary.mistyped(&word.text) } else { Vec::new() };
        mistyped.retain(|id| !found.contains_key(id));
        let mut areas = HashMap::new();
        for id in &mistyped {
            areas.extend(context.areas(*id).iter().map(|area| (*area, IN_AREA_MISTYPED)));
        }
        for id in found.keys() {
            areas.extend(context.areas(*id).iter().map(|area| (*area, IN_AREA)));
        }
        Self { is_title: word.is_title, sure: found.into_iter().collect(), mistyped, areas }
    }

    /// How well the area answers: 0 for not at all.
    pub fn in_area(&self, area_id: i32, care: Care) -> u8 {
        let quality = self.areas.get(&area_id).copied().unwrap_or(0);
        if care != Care::Mistyped && quality < IN_AREA { 0 } else { quality }
    }

    pub fn is_named_by_areas(&self) -> bool {
        !self.areas.is_empty()
    }

    pub fn words(&self, care: Care) -> impl Iterator<Item = (WordId, u8)> {
        let mistyped = if care == Care::Mistyped { &self.mistyped[..] } else { &[][..] };
        self.sure.iter().copied().chain(mistyped.iter().map(|id| (*id, MISTYPED)))
    }
}

fn text_has_digit(text: &str) -> bool {
    text.contains(|letter: char| letter.is_ascii_digit())
}

/// What was typed, ready to be held against rows.
#[derive(Debug)]
pub struct Query {
    pub asked: Vec<Asked>,
    /// Words that say what a thing is, not which.
    pub kind_words: Vec<WordId>,
}

impl Query {
    pub fn new(words: &Words, vocabulary: &Vocabulary, context: &Context) -> Self {
        Self {
            asked: words.iter().map(|word| Asked::new(word, vocabulary, context)).collect(),
            kind_words: vocabulary.kind_words().collect(),
        }
    }

    /// Words that must be found, but for one where [`Care::Lenient`] says so.
    pub fn required(&self) -> usize {
        self.asked.iter().filter(|asked| !asked.is_title).count()
    }

    /// How many of them may be missing. Of two words, the one that is left would find half the ward.
    pub fn may_miss(&self, care: Care) -> Option<usize> {
        match care {
            Care::Lenient if self.required() < 3 => None,
            Care::Lenient => Some(1),
            Care::Exact | Care::Mistyped => Some(0),
        }
    }
}
