//! Misspelt queries from real texts, as people make them: marks left out, letters swapped, missing, doubled, wrong, half a
//! name, keys of Telex left over. It deliberately knows no rows: a text comes in, what somebody types comes out.

use rand::{Rng, RngExt};
use shared::text::fold;
use unicode_normalization::UnicodeNormalization;

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misspelling {
    NoMarks,
    Swapped,
    Missing,
    Doubled,
    Wrong,
    Half,
    /// đ written as d, and nothing else.
    PlainD,
    Telex,
}

impl Misspelling {
    pub const ALL: [Misspelling; 8] = [
        Misspelling::NoMarks,
        Misspelling::Swapped,
        Misspelling::Missing,
        Misspelling::Doubled,
        Misspelling::Wrong,
        Misspelling::Half,
        Misspelling::PlainD,
        Misspelling::Telex,
    ];

    pub fn of(self, text: &str, random: &mut impl Rng) -> String {
        let text: String = text.nfc().collect();
        match self {
            Misspelling::NoMarks => fold(&text),
            Misspelling::PlainD => text.replace('đ', "d").replace('Đ', "D"),
            Misspelling::Half => half(&text, random),
            Misspelling::Telex => in_one_word(&text, 2, random, |word, _| telex(word)),
            letters => {
                // Whoever mistypes a letter mostly left the marks out too.
                let text = if random.random_bool(0.7) { fold(&text) } else { text };
                in_one_word(&text, 3, random, |word, random| letters.of_word(word, random))
            }
        }
    }

    fn of_word(self, word: &str, random: &mut impl Rng) -> String {
        let mut letters: Vec<char> = word.chars().collect();
        let at = random.random_range(0..letters.len());
        match self {
            Misspelling::Swapped => letters.swap(at.min(word.chars().count() - 2), at.min(word.chars().count() - 2) + 1),
            Misspelling::Missing => drop(letters.remove(at)),
            Misspelling::Doubled => letters.insert(at, letters[at]),
            _ => letters[at] = char::from(b'a' + random.random_range(0..26_u8)),
        }
        letters.into_iter().collect()
    }
}

/// Some words of a text, the last of them half; at least two letters.
fn half(text: &str, random: &mut impl Rng) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let keep = random.random_range(1..=words.len());
    let mut kept = words[..keep].to_vec();
    let last: Vec<char> = kept.pop().unwrap_or_default().chars().collect();
    let letters = last.len().div_ceil(2).max(if kept.is_empty() { 2.min(last.len()) } else { 1 });
    let last: String = last[..letters].iter().collect();
    kept.into_iter().map(str::to_owned).chain([last]).collect::<Vec<_>>().join(" ")
}

/// Does something to one word of letters; a text without one stays as it is.
fn in_one_word<R: Rng>(text: &str, least: usize, random: &mut R, change: impl Fn(&str, &mut R) -> String) -> String {
    let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    let long: Vec<usize> =
        (0..words.len()).filter(|at| words[*at].chars().count() >= least && words[*at].chars().all(char::is_alphabetic)).collect();
    if !long.is_empty() {
        let at = long[random.random_range(0..long.len())];
        words[at] = change(&words[at], random);
    }
    words.join(" ")
}

/// The keys that Telex composes a word from.
fn telex(word: &str) -> String {
    let (mut keys, mut tone) = (String::new(), None);
    for letter in word.to_lowercase().nfd() {
        match letter {
            'đ' => keys.push_str("dd"),
            '\u{302}' => keys.extend(keys.chars().last()),
            '\u{306}' | '\u{31b}' => keys.push('w'),
            '\u{301}' => tone = Some('s'),
            '\u{300}' => tone = Some('f'),
            '\u{309}' => tone = Some('r'),
            '\u{303}' => tone = Some('x'),
            '\u{323}' => tone = Some('j'),
            letter => keys.push(letter),
        }
    }
    keys.extend(tone);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn telex_leaves_its_keys() {
        assert_eq!(telex("Phương"), "phuwowng");
        assert_eq!(telex("Nguyễn"), "nguyeenx");
        assert_eq!(telex("Đức"), "dduwcs");
    }

    #[test]
    fn the_same_seed_misspells_alike() {
        let misspell = || {
            let mut random = ChaCha8Rng::seed_from_u64(7);
            Misspelling::ALL.map(|kind| kind.of("Nguyễn Thị Hạnh", &mut random))
        };
        assert_eq!(misspell(), misspell());
        assert!(misspell().iter().skip(1).any(|typed| typed != "Nguyễn Thị Hạnh"));
    }
}
