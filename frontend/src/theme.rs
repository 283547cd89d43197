//! Dark or light: what the person chose, else what their system prefers.
//! The colours themselves are in `style/tokens.css` and `style/map.json`.

use leptos::prelude::*;

/// `boot.js` reads the same key before the first paint.
const STORAGE_KEY: &str = "ioc.theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Dark,
    Light,
}

impl Theme {
    pub fn name(self) -> &'static str {
        match self {
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }

    pub fn other(self) -> Theme {
        match self {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Dark,
        }
    }
}

/// The theme in force. Setting it changes the page at once and is remembered in this browser.
pub fn provide() -> RwSignal<Theme> {
    let theme = RwSignal::new(initial());
    Effect::new(move |before: Option<Theme>| {
        let theme = theme.get();
        if let Some(root) = document().document_element() {
            // A failure leaves the system's preference in force.
            _ = root.set_attribute("data-theme", theme.name());
        }
        if before.is_some_and(|before| before != theme)
            && let Ok(Some(storage)) = window().local_storage()
        {
            _ = storage.set_item(STORAGE_KEY, theme.name());
        }
        theme
    });
    theme
}

fn initial() -> Theme {
    let chosen = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(STORAGE_KEY).ok().flatten());
    match chosen.as_deref() {
        Some("dark") => Theme::Dark,
        Some("light") => Theme::Light,
        _ if matches_media("(prefers-color-scheme: light)") => Theme::Light,
        _ => Theme::Dark,
    }
}

/// Whether a media query holds now.
pub fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}
