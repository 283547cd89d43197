//! What the screens say, in Vietnamese and English: sentences by key (`vi.ftl`, `en.ftl`), numbers and times by custom.
//! It does not know who says what where; a key that a screen uses and a language lacks fails a test.

pub mod format;
pub mod kinds;
pub mod names;
mod sentences;

use std::cell::RefCell;

use leptos::prelude::*;
use leptos::reactive::graph::Observer;

pub use format::{ago, clock, count, moment};
pub(crate) use sentences::sentence;
pub use sentences::{Value, bring_later_words};

use crate::lasting::Readers;
use crate::stored;

/// `boot.js` reads the same key for the page's `lang`.
const STORAGE_KEY: &str = "ioc.language";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Vietnamese,
    English,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::Vietnamese, Language::English];

    /// As HTML's `lang` and the browser's store know it.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Vietnamese => "vi",
            Language::English => "en",
        }
    }

    fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

thread_local! {
    /// One page speaks one language. Not a context, because answers that arrive later are also put into words.
    static LANGUAGE: ArcRwSignal<Language> = ArcRwSignal::new(initial());
    static READERS: RefCell<Readers> = RefCell::new(Readers::new());
}

/// The language in force; a view that asks is redrawn when it changes. What is said once (to the map library, after an
/// answer) asks outside a view.
pub fn language() -> Language {
    LANGUAGE.with(|signal| {
        READERS.with_borrow_mut(|readers| readers.note(signal));
        if Observer::get().is_some() { signal.get() } else { signal.get_untracked() }
    })
}

/// Speaks `language` from now on, and the next time in this browser.
pub fn speak(language: Language) {
    LANGUAGE.with(|signal| signal.set(language));
    stored::keep(STORAGE_KEY, language.tag());
}

/// Keeps the page's `lang` and title true, for screen readers and the browser's tab.
pub fn follow_in_page() {
    Effect::new(move |_| {
        let language = language();
        if let Some(root) = document().document_element() {
            // A page without the attribute is read out in the wrong voice, nothing worse.
            _ = root.set_attribute("lang", language.tag());
        }
    });
}

fn initial() -> Language {
    stored::kept(STORAGE_KEY).and_then(|tag| Language::from_tag(&tag)).unwrap_or(Language::Vietnamese)
}

/// Every view that says something says it again.
fn say_anew() {
    LANGUAGE.with(|signal| signal.notify());
}

/// A sentence in the language in force. Screens write it as [`t!`](crate::t).
pub fn say(sentence: &'static str, values: &[(&str, Value)]) -> String {
    sentences::said(sentence, language(), values)
}

/// The sentence of the first key that has one, of keys that are put together from data (a kind, a refusal's code); none if the
/// data is newer than these screens.
pub fn say_if_known(keys: &[String], values: &[(&str, Value)]) -> Option<String> {
    // Asked first: a view that misses a word is drawn again when it comes.
    let language = language();
    let sentence = keys.iter().find_map(|key| sentences::word(key))?;
    Some(sentences::said(sentence, language, values))
}

/// The sentence of a key, with its values by name: `t!("people", count = 4)`.
#[macro_export]
macro_rules! t {
    ($key:tt $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::text::say($crate::text::sentence!($key), &[$((stringify!($name), $crate::text::Value::from($value))),*])
    };
}

#[cfg(test)]
mod tests;
