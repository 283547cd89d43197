//! How well one row matches: the definition that every answer is ranked by.
//! It deliberately looks at one row at a time; which rows are worth looking at is decided in `find`.
//!
//! Each word typed counts as well as it is found best in the row's own texts, else in the name of the area it lies in.
//! To that come points for two words that stand side by side in one text as they were typed, for a text all of which was
//! asked for (what a thing is, "ngõ", need not be), for titles ("bà"), and for a row in the caller's own areas.

use super::chunk::{LOCAL_BREAK, Local};
use super::query::{Care, EXACT, IN_AREA, SURE};
use super::words::MAX_WORDS;

pub const SIDE_BY_SIDE: u32 = 4;
pub const WHOLE_TEXT: u32 = 5;
pub const TITLE: u32 = 3;
pub const AT_HOME: u32 = 2;

/// What a word of a chunk answers to: four bits of quality for each word typed, then one bit for each that it answers to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers(u64);

const MASK_AT: usize = 4 * MAX_WORDS;
const ASKED_FOR: u64 = 1 << 62;
const NEED_NOT_BE_ASKED: u64 = 1 << 63;

impl Answers {
    /// Answers to the word typed at `at`, unless it does better already.
    pub fn note(&mut self, at: usize, quality: u8, is_title: bool) {
        let shift = 4 * at;
        let known = (self.0 >> shift) & 15;
        if u64::from(quality) > known {
            self.0 = (self.0 & !(15 << shift)) | (u64::from(quality) << shift) | (1 << (MASK_AT + at));
        }
        if quality >= SURE && !is_title {
            self.0 |= ASKED_FOR;
        }
    }

    pub fn need_not_be_asked(&mut self) {
        self.0 |= NEED_NOT_BE_ASKED;
    }

    fn mask(self) -> u64 {
        (self.0 >> MASK_AT) & ((1 << MAX_WORDS) - 1)
    }

    fn quality(self, at: usize) -> u8 {
        ((self.0 >> (4 * at)) & 15) as u8
    }
}

/// How a row matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub care: Care,
    pub score: u32,
}

/// No row scores more: every word as typed and side by side, in a text that says nothing else. `titles`: which of the words
/// typed need not be found.
pub fn best_score(titles: impl ExactSizeIterator<Item = bool>) -> u32 {
    let pairs = titles.len().saturating_sub(1) as u32;
    let words: u32 = titles.map(|is_title| if is_title { TITLE } else { u32::from(EXACT) }).sum();
    words + SIDE_BY_SIDE * pairs + WHOLE_TEXT
}

/// Holds a row's words against what was typed. `titles`: which of the words typed need not be found; `in_area`: how well
/// the area it lies in answers to each.
pub fn match_row(words: &[Local], answers: &[Answers], titles: &[bool], in_area: &[u8]) -> Match {
    let mut best = [0_u8; MAX_WORDS];
    let mut pairs = 0_u64;
    let mut before = 0_u64;
    let (mut asked_for, mut all_asked_for, mut whole) = (false, true, false);
    for word in words {
        if *word == LOCAL_BREAK {
            whole |= asked_for && all_asked_for;
            (before, asked_for, all_asked_for) = (0, false, true);
            continue;
        }
        let answer = answers[usize::from(*word)];
        let mask = answer.mask();
        pairs |= (before << 1) & mask;
        before = mask;
        asked_for |= answer.0 & ASKED_FOR != 0;
        all_asked_for &= answer.0 & (ASKED_FOR | NEED_NOT_BE_ASKED) != 0;
        let mut left = mask;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            best[at] = best[at].max(answer.quality(at));
            left &= left - 1;
        }
    }
    let mut score = SIDE_BY_SIDE * pairs.count_ones() + if whole { WHOLE_TEXT } else { 0 };
    let (mut missed, mut mistyped, mut own_sure) = (0, false, false);
    for (at, is_title) in titles.iter().enumerate() {
        let own = best[at];
        let value = match in_area[at] {
            _ if *is_title => {
                score += if own >= SURE { TITLE } else { 0 };
                continue;
            }
            _ if own >= SURE => {
                own_sure = true;
                own
            }
            IN_AREA => IN_AREA,
            other if own > 0 || other > 0 => {
                mistyped = true;
                own.max(other)
            }
            _ => {
                missed += 1;
                0
            }
        };
        score += u32::from(value);
    }
    // The area's name alone is no match of the row.
    let care = match (missed, mistyped || !own_sure) {
        (0, false) => Care::Exact,
        (0, true) => Care::Mistyped,
        _ => Care::Lenient,
    };
    Match { care, score }
}
