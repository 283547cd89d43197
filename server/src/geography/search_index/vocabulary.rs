//! Every word that stands in a row, once, by a number; and which of them are like a word that was typed.
//! It deliberately knows no rows: a city's millions of names and addresses are made of some ten thousand words.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use shared::text::fold;

use super::keyboard::one_step_apart;
use super::words::{ALLEYS, KINDS, is_number, split};

/// The number of a word.
pub type WordId = u32;

/// Words typed half are looked for among this many, those used most first.
const MOST_BEGUN: usize = 200;
/// So many words without an order of their own are compared one by one.
const UNSORTED: usize = 2_000;
/// Longer words are not looked for with a letter wrong.
const LONGEST: usize = 16;

const NUMBER: u8 = 1;
const ALLEY: u8 = 2;

#[derive(Debug, Default)]
pub struct Vocabulary {
    words: Vec<Box<str>>,
    ids: HashMap<Box<str>, WordId>,
    marks: Vec<u8>,
    /// How many rows use a word, about: a row that is read again counts again.
    uses: Vec<u32>,
    /// The first `sorted` words in the order of their letters.
    by_text: Vec<WordId>,
    /// Of the first `sorted` words: the hash of the word, and of the word without each of its letters. Words that are one
    /// step apart share one of these (symmetric deletion, after Garbe's SymSpell).
    deletions: Vec<(u32, WordId)>,
    sorted: usize,
}

impl Vocabulary {
    pub fn intern(&mut self, word: &str) -> WordId {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = self.words.len() as WordId;
        self.words.push(word.into());
        self.ids.insert(word.into(), id);
        let mark = |is: bool, mark: u8| if is { mark } else { 0 };
        self.marks.push(mark(is_number(word), NUMBER) | mark(ALLEYS.contains(&word), ALLEY));
        self.uses.push(0);
        id
    }

    /// The words of a text that is not folded yet.
    pub fn intern_text(&mut self, text: &str) -> Vec<WordId> {
        split(&fold(text)).map(|word| self.intern(word)).collect()
    }

    pub fn id(&self, word: &str) -> Option<WordId> {
        self.ids.get(word).copied()
    }

    pub fn count_use(&mut self, word: WordId) {
        self.uses[word as usize] = self.uses[word as usize].saturating_add(1);
    }

    pub fn is_number(&self, word: WordId) -> bool {
        self.marks[word as usize] & NUMBER != 0
    }

    pub fn is_alley(&self, word: WordId) -> bool {
        self.marks[word as usize] & ALLEY != 0
    }

    /// Words that say what a thing is, not which: they need not be asked for.
    pub fn kind_words(&self) -> impl Iterator<Item = WordId> {
        KINDS.iter().filter_map(|word| self.id(word))
    }

    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Words that begin with `start` and are longer.
    pub fn begun_by(&self, start: &str) -> Vec<WordId> {
        let from = self.by_text.partition_point(|id| &*self.words[*id as usize] <= start);
        let sorted = self.by_text[from..].iter().take_while(|id| self.words[**id as usize].starts_with(start)).copied();
        let fresh = self.unsorted().filter(|id| self.words[*id as usize].starts_with(start) && &*self.words[*id as usize] != start);
        let mut begun: Vec<WordId> = sorted.chain(fresh).collect();
        if begun.len() > MOST_BEGUN {
            begun.sort_by_key(|id| std::cmp::Reverse(self.uses[*id as usize]));
            begun.truncate(MOST_BEGUN);
        }
        begun
    }

    /// Words without a digit that are one letter from `word`.
    pub fn mistyped(&self, word: &str) -> Vec<WordId> {
        let mut alike = Vec::new();
        for hash in with_and_without_each_letter(word) {
            let from = self.deletions.partition_point(|(known, _)| *known < hash);
            alike.extend(self.deletions[from..].iter().take_while(|(known, _)| *known == hash).map(|(_, id)| *id));
        }
        alike.extend(self.unsorted().filter(|id| is_plain(&self.words[*id as usize])));
        alike.sort_unstable();
        alike.dedup();
        alike.retain(|id| one_step_apart(word, &self.words[*id as usize]));
        alike
    }

    fn unsorted(&self) -> impl Iterator<Item = WordId> {
        self.sorted as WordId..self.words.len() as WordId
    }

    /// Brings words that came since into the order of the others, once they are many.
    pub fn tidy(&mut self) {
        if self.words.len() - self.sorted > UNSORTED {
            self.sort();
        }
    }

    pub fn sort(&mut self) {
        self.by_text = (0..self.words.len() as WordId).collect();
        self.by_text.sort_unstable_by(|a, b| self.words[*a as usize].cmp(&self.words[*b as usize]));
        let fresh = (self.sorted..self.words.len()).filter(|id| is_plain(&self.words[*id]));
        let fresh = fresh.flat_map(|id| with_and_without_each_letter(&self.words[id]).into_iter().map(move |hash| (hash, id as WordId)));
        self.deletions.extend(fresh.collect::<Vec<_>>());
        self.deletions.sort_unstable();
        self.deletions.dedup();
        self.sorted = self.words.len();
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        let words: usize = self.words.iter().map(|word| 2 * (word.len() + 24) + 8).sum();
        words + self.deletions.capacity() * 8 + self.words.len() * 9
    }
}

fn is_plain(word: &str) -> bool {
    word.len() <= LONGEST && !word.contains(|letter: char| letter.is_ascii_digit())
}

fn with_and_without_each_letter(word: &str) -> Vec<u32> {
    let letters: Vec<char> = word.chars().collect();
    let mut hashes = vec![hash(&mut letters.iter())];
    if letters.len() <= LONGEST + 1 {
        for gone in 0..letters.len() {
            hashes.push(hash(&mut letters.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, letter)| letter)));
        }
    }
    hashes
}

/// The same on every run; a hash that two words share costs one comparison.
fn hash(letters: &mut dyn Iterator<Item = &char>) -> u32 {
    let mut hasher = DefaultHasher::new();
    letters.for_each(|letter| letter.hash(&mut hasher));
    hasher.finish() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(sorted: bool) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        vocabulary.intern_text("Nguyễn Thị Hạnh, Số 12 ngõ 34 phố Phương Canh; Cảnh, Hanh, Phượng");
        if sorted {
            vocabulary.sort();
        }
        vocabulary
    }

    fn words(vocabulary: &Vocabulary, ids: Vec<WordId>) -> Vec<&str> {
        let mut words: Vec<&str> = ids.into_iter().map(|id| &*vocabulary.words[id as usize]).collect();
        words.sort_unstable();
        words
    }

    #[test]
    fn words_are_alike_whether_they_came_early_or_late() {
        for vocabulary in [vocabulary(true), vocabulary(false)] {
            assert_eq!(words(&vocabulary, vocabulary.begun_by("ph")), ["pho", "phuong"]);
            assert_eq!(words(&vocabulary, vocabulary.begun_by("pho")), Vec::<&str>::new());
            assert_eq!(words(&vocabulary, vocabulary.mistyped("hamh")), ["hanh"]);
            assert_eq!(words(&vocabulary, vocabulary.mistyped("hanh")), ["canh"]);
            assert_eq!(words(&vocabulary, vocabulary.mistyped("phoung")), ["phuong"]);
            assert_eq!(words(&vocabulary, vocabulary.mistyped("nguyn")), ["nguyen"]);
            assert_eq!(words(&vocabulary, vocabulary.mistyped("nguyyen")), ["nguyen"]);
        }
    }

    #[test]
    fn late_words_find_their_place() {
        let mut vocabulary = vocabulary(true);
        vocabulary.intern("phung");
        assert_eq!(words(&vocabulary, vocabulary.begun_by("phu")), ["phung", "phuong"]);
        vocabulary.sort();
        assert_eq!(words(&vocabulary, vocabulary.begun_by("phu")), ["phung", "phuong"]);
        assert_eq!(words(&vocabulary, vocabulary.mistyped("phungg")), ["phung"]);
    }
}
