//! What keys mean where alerts are handled: J and K walk, letters press the button that says it answers to them.
//! What a button does is its own business; a key whose button is not there does nothing.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    Next,
    Previous,
    /// Into the card of what is chosen.
    Open,
    /// Which keys there are.
    Keys,
    /// Press the button with this letter.
    Press(&'static str),
}

/// Take, hand over, give back, note, close, reopen, shelve.
const LETTERS: [&str; 7] = ["T", "A", "B", "N", "C", "R", "S"];

pub fn meant(key: &str, with_modifier: bool, is_typing: bool) -> Option<Meant> {
    if with_modifier || is_typing {
        return None;
    }
    match key {
        "j" | "J" => Some(Meant::Next),
        "k" | "K" => Some(Meant::Previous),
        "Enter" => Some(Meant::Open),
        "?" => Some(Meant::Keys),
        letter => LETTERS.into_iter().find(|known| known.eq_ignore_ascii_case(letter)).map(Meant::Press),
    }
}

/// Which of so many rows is next. From none, the first; the ends hold.
pub fn next_row(at: Option<usize>, step: Meant, rows: usize) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    Some(match (at, step) {
        (None, _) => 0,
        (Some(at), Meant::Previous) => at.saturating_sub(1).min(last),
        (Some(at), _) => (at + 1).min(last),
    })
}

/// Tells of keys until the surrounding owner is cleaned up; true: the key is used up.
pub fn on_keys(act: impl Fn(Meant) -> bool + 'static) {
    let listening = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let with_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        let Some(meant) = meant(&event.key(), with_modifier, event.default_prevented() || is_typing()) else { return };
        if act(meant) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listening.remove());
}

/// Presses the first button that says it answers to a letter; false where there is none to press.
pub fn press(letter: &str) -> bool {
    match button(letter) {
        Some(button) => {
            button.click();
            true
        }
        None => false,
    }
}

/// Whether there is a button that answers to a letter.
pub fn is_there(letter: &str) -> bool {
    button(letter).is_some()
}

/// One that is hidden is not there to press.
fn button(letter: &str) -> Option<HtmlElement> {
    element(&format!("[aria-keyshortcuts=\"{letter}\"]:not(:disabled)")).filter(|button| button.offset_parent().is_some())
}

/// Whether the keys belong to a field or a dialog.
fn is_typing() -> bool {
    document().query_selector("input:focus, textarea:focus, select:focus, dialog[open]").is_ok_and(|found| found.is_some())
}

/// Whether nothing has the focus: what had it is gone, or nothing ever did.
pub fn is_focus_free() -> bool {
    document().active_element().is_none_or(|element| element.tag_name().eq_ignore_ascii_case("body"))
}

pub fn focus(selector: &str) {
    if let Some(element) = element(selector) {
        _ = element.focus();
    }
}

/// Gives the focus to an element once it is on the page, unless somebody took it meanwhile.
pub fn focus_soon(selector: String) {
    request_animation_frame(move || {
        if is_focus_free() {
            focus(&selector);
        }
    });
}

fn element(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_keys_in_either_case_and_never_while_typing() {
        assert_eq!(meant("t", false, false), Some(Meant::Press("T")));
        assert_eq!(meant("T", false, false), Some(Meant::Press("T")));
        assert_eq!(meant("b", false, false), Some(Meant::Press("B")));
        assert_eq!(meant("s", false, false), Some(Meant::Press("S")));
        assert_eq!(meant("?", false, false), Some(Meant::Keys));
        assert_eq!(meant("Enter", false, false), Some(Meant::Open));
        assert_eq!(meant("x", false, false), None);
        assert_eq!(meant("t", true, false), None, "Ctrl T is the browser's");
        assert_eq!(meant("j", false, true), None, "a name may have a J");
    }

    #[test]
    fn walking_stops_at_the_ends() {
        assert_eq!(next_row(None, Meant::Next, 3), Some(0));
        assert_eq!(next_row(Some(0), Meant::Next, 3), Some(1));
        assert_eq!(next_row(Some(2), Meant::Next, 3), Some(2));
        assert_eq!(next_row(Some(0), Meant::Previous, 3), Some(0));
        assert_eq!(next_row(Some(9), Meant::Previous, 3), Some(2), "the list became shorter");
        assert_eq!(next_row(None, Meant::Next, 0), None);
    }
}
