//! The sentences that `build.rs` makes of `vi.ftl` and `en.ftl`, and how values stand in them. Which is said when is the screens'
//! business.
//!
//! `t!` writes a sentence into the code that says it, so what comes later brings its own. Keys that are put together from data
//! are looked up in tables: one of what the open map says, one that comes later.

use std::cell::{Cell, RefCell};

use super::{Language, format, say_anew};

// `sentence!("key")`: the sentence in each language, with marks where values go. A key that nobody has written does not compile.
include!(concat!(env!("OUT_DIR"), "/sentences.rs"));
pub(crate) use sentence;

/// One line a key, sorted: the key, then the sentence in each language.
const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/words.txt"));
const LATER_WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/later_words.txt"));

/// The marks, as `build.rs` writes them: `BEGIN name END` is a value, `BEGIN name VARIANT key SAYS sentence … END` a choice
/// by it, the last variant's key empty.
const BEGIN: char = '\u{1}';
const END: char = '\u{2}';
const VARIANT: char = '\u{3}';
const SAYS: char = '\u{4}';
const COLUMN: char = '\u{5}';

/// What a sentence is completed with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    /// Written with the language's separators; English chooses its plural by it.
    Number(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Number(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Value {
        Value::Number(number as i64)
    }
}

impl Value {
    fn written(&self, language: Language) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Number(number) => format::count_in(language, *number),
        }
    }

    /// Whether a variant is the one for this value: `one` is English's singular, anything else the value itself.
    fn is_meant_by(&self, variant: &str) -> bool {
        match self {
            Value::Text(text) => text == variant,
            Value::Number(1) if variant == "one" => true,
            Value::Number(number) => variant.parse() == Ok(*number),
        }
    }
}

type Lines = Vec<&'static str>;

thread_local! {
    static LINES: Lines = WORDS.lines().collect();
    /// Here from the beginning where the bundle is one file.
    static LATER_LINES: RefCell<Lines> = RefCell::new(if cfg!(split) { Vec::new() } else { LATER_WORDS.lines().collect() });
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

/// The sentence of a key that is put together from data; none where nobody has written it, or where it comes later.
pub(super) fn word(key: &str) -> Option<&'static str> {
    let found = LINES.with(|lines| find(lines, key)).or_else(|| LATER_LINES.with_borrow(|lines| find(lines, key)));
    if found.is_none() {
        MISSED.set(true);
    }
    found
}

fn find(lines: &Lines, key: &str) -> Option<&'static str> {
    let split = |line: &&'static str| line.split_once(COLUMN).unwrap_or_default();
    lines.binary_search_by_key(&key, |line| split(line).0).ok().map(|at| split(&lines[at]).1)
}

/// Of the second file only. Whatever was said by its bare key for want of a word is said anew.
pub fn bring_later_words() {
    let is_first = LATER_LINES.with_borrow_mut(|lines| {
        let is_first = lines.is_empty();
        if is_first {
            lines.extend(LATER_WORDS.lines());
        }
        is_first
    });
    if is_first && MISSED.get() {
        say_anew();
    }
}

pub(super) fn said(sentence: &str, language: Language, values: &[(&str, Value)]) -> String {
    let column = match language {
        Language::Vietnamese => 0,
        Language::English => 1,
    };
    complete(sentence.split(COLUMN).nth(column).unwrap_or_default(), language, values)
}

fn complete(sentence: &str, language: Language, values: &[(&str, Value)]) -> String {
    let mut said = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        said.push_str(before);
        let (placed, after) = split_placed(after);
        let (name, variants) = placed.split_once(VARIANT).map_or((placed, None), |(name, variants)| (name, Some(variants)));
        let value = values.iter().find(|(other, _)| *other == name).map(|(_, value)| value);
        match (value, variants) {
            (_, Some(variants)) => said.push_str(&complete(chosen(variants, value), language, values)),
            (Some(value), None) => said.push_str(&value.written(language)),
            // As ugly as an unknown key.
            (None, None) => said.push_str(name),
        }
        rest = after;
    }
    said.push_str(rest);
    said
}

/// What stands between a `BEGIN` and its `END`, and what follows; variants may hold placed values of their own.
fn split_placed(text: &str) -> (&str, &str) {
    let mut depth = 1;
    for (at, letter) in text.char_indices() {
        depth += match letter {
            BEGIN => 1,
            END => -1,
            _ => 0,
        };
        if depth == 0 {
            return (&text[..at], &text[at + END.len_utf8()..]);
        }
    }
    (text, "")
}

/// The sentence of the first variant that the value fits, else of the last.
fn chosen<'a>(variants: &'a str, value: Option<&Value>) -> &'a str {
    let mut rest = variants;
    loop {
        let (key, after) = rest.split_once(SAYS).unwrap_or_default();
        let (says, next) = split_variant(after);
        match next {
            Some(next) if !value.is_some_and(|value| value.is_meant_by(key)) => rest = next,
            _ => return says,
        }
    }
}

/// A variant's sentence, and the variants after it. A choice within a choice keeps its own.
fn split_variant(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            BEGIN => depth += 1,
            END => depth -= 1,
            VARIANT if depth == 0 => return (&text[..at], Some(&text[at + VARIANT.len_utf8()..])),
            _ => {}
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{ $count -> [0] none [one] { $count } in { $kind -> [wall] a wall *[other] a house } *[other] { $count } }!`
    const NESTED: &str = "\u{1}count\u{3}0\u{4}none\u{3}one\u{4}\u{1}count\u{2} in \u{1}kind\u{3}wall\u{4}a wall\u{3}\u{4}a house\u{2}\u{3}\u{4}\u{1}count\u{2}\u{2}!";

    #[test]
    fn a_choice_within_a_choice_is_made_by_its_own_value() {
        let say = |count: i64, kind: &str| complete(NESTED, Language::English, &[("count", count.into()), ("kind", kind.into())]);
        assert_eq!(say(0, "wall"), "none!");
        assert_eq!(say(1, "wall"), "1 in a wall!");
        assert_eq!(say(1, "roof"), "1 in a house!");
        assert_eq!(say(4000, "wall"), "4,000!");
    }

    #[test]
    fn a_value_that_nobody_gave_is_said_by_its_name() {
        assert_eq!(complete("until \u{1}time\u{2}.", Language::English, &[]), "until time.");
    }

    #[test]
    fn every_line_of_the_tables_has_a_key_and_both_languages() {
        let lines: Vec<_> = WORDS.lines().chain(LATER_WORDS.lines()).collect();
        assert!(lines.len() > 150, "{} words", lines.len());
        for line in lines {
            assert_eq!(line.split(COLUMN).filter(|part| !part.is_empty()).count(), 3, "{line:?}");
        }
    }
}
