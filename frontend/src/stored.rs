//! What this browser remembers for the next visit: theme, language, sound, what open things were lately chosen in the search box.
//! Nothing about people is ever kept here; a browser that keeps nothing only forgets a preference.

use leptos::prelude::window;

#[cfg(target_arch = "wasm32")]
pub fn kept(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Tests run outside a browser, where nothing is remembered.
#[cfg(not(target_arch = "wasm32"))]
pub fn kept(_key: &str) -> Option<String> {
    None
}

pub fn keep(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden store loses a preference, nothing else.
        _ = storage.set_item(key, value);
    }
}
