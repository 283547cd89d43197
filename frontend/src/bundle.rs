//! Where this version's own files are: its map library, icons, styles and fonts.
//! What they hold is the business of whoever asks for them.

use leptos::prelude::document;

thread_local! {
    static PREFIX: String = prefix().unwrap_or_default();
}

/// The address of a file of the bundle: `/vendor/icons.svg` as `/v/{version}/vendor/icons.svg`, which browsers may keep for ever.
pub fn address(path: &str) -> String {
    PREFIX.with(|prefix| format!("{prefix}{path}"))
}

/// The page says which version it belongs to.
fn prefix() -> Option<String> {
    document().document_element()?.get_attribute("data-bundle")
}
