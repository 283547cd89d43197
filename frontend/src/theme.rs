//! Dark or light: what the person chose, else what suits the page: dark for the operations room, light elsewhere.
//! The colours themselves are in `style/tokens.css` and `style/map.json`.

use leptos::prelude::*;

use crate::lasting::Lasting;
use crate::stored;

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

/// The theme in force, and who decided.
#[derive(Clone, Copy)]
pub struct Themes {
    chosen: Lasting<Option<Theme>>,
    /// What suits the page that is open.
    page: Lasting<Theme>,
}

impl Themes {
    /// Paints the page at once and hands the choice to everything below.
    pub fn provide(page: Theme) -> Themes {
        let themes = Themes { chosen: Lasting::new(remembered()), page: Lasting::new(page) };
        provide_context(themes);
        Effect::new(move |_| {
            if let Some(root) = document().document_element() {
                // A failure leaves the theme that boot.js painted.
                _ = root.set_attribute("data-theme", themes.get().name());
            }
        });
        themes
    }

    pub fn get(&self) -> Theme {
        self.chosen.get().unwrap_or_else(|| self.page.get())
    }

    /// Holds for every page from now on, and at the next visit.
    pub fn choose(&self, theme: Theme) {
        self.chosen.set(Some(theme));
        stored::keep(STORAGE_KEY, theme.name());
    }

    pub fn suit_page(&self, theme: Theme) {
        self.page.set(theme);
    }
}

pub fn themes() -> Themes {
    expect_context()
}

fn remembered() -> Option<Theme> {
    match stored::kept(STORAGE_KEY)?.as_str() {
        "dark" => Some(Theme::Dark),
        "light" => Some(Theme::Light),
        _ => None,
    }
}

/// Whether a media query holds now.
pub fn matches_media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|list| list.matches())
}
