//! The page: the one map, and the screen that floats on it.
//! Each floating part lives in its own module; this one brings them together and knows which address shows what.

use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

use crate::accounts::{ReasonDialog, Reasons, SignInDialog, SignInState};
use crate::geography::{Palette, PaletteState};
use crate::live::Live;
use crate::map::{Catalogue, MapCanvas, MapState};
use crate::screens::{Households, MissingPage, OpenMap, Operations, UnplacedPage};
use crate::session::{Session, Who};
use crate::shell::{ConnectionBar, SelectedCard, Viewport};
use crate::theme::{Theme, Themes};
use crate::ui::Now;
use crate::{address, text};

/// The screens by their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    OpenMap,
    Households,
    Operations,
    /// The tray of what has no place yet.
    Unplaced,
    /// The open map with the sign-in dialog before it.
    SignIn,
    Missing,
}

impl Page {
    pub fn at(path: &str) -> Page {
        match path.trim_end_matches('/') {
            "" => Page::OpenMap,
            "/households" => Page::Households,
            "/operations" => Page::Operations,
            "/unplaced" => Page::Unplaced,
            "/sign-in" => Page::SignIn,
            _ => Page::Missing,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Page::OpenMap | Page::SignIn => "open",
            Page::Households => "households",
            Page::Operations => "operations",
            Page::Unplaced => "unplaced",
            Page::Missing => "missing",
        }
    }

    /// A room full of screens is dark; a phone in the street and an office by day are not.
    fn theme(self) -> Theme {
        match self {
            Page::Operations => Theme::Dark,
            _ => Theme::Light,
        }
    }
}

#[component]
pub fn App() -> impl IntoView {
    text::follow_in_page();
    Now::provide();
    let session = Session::provide();
    let path = window().location().pathname().unwrap_or_default();
    Themes::provide(Page::at(&path).theme());
    // Nothing is asked before it is known who asks.
    view! {
        <Router>
            <Show when=move || !matches!(session.who(), Who::Asking)>
                <Screen/>
            </Show>
        </Router>
    }
}

#[component]
fn Screen() -> impl IntoView {
    let session = crate::session::session();
    let themes = crate::theme::themes();
    let audience = Memo::new(move |_| session.audience().unwrap_or_default());
    let catalogue = Catalogue::follow(audience.into());
    let live = Live::start(catalogue.topics());
    // The server hung up because the person, or what they may see, is no longer the same.
    Effect::new(move |_| {
        if live.dismissed.get() > 0 {
            session.ask_again();
            catalogue.ask_again();
        }
    });
    let state = MapState::new(catalogue, live, Signal::derive(move || themes.get()));
    provide_context(state);
    address::follow(state);
    Viewport::provide();
    Reasons::provide();
    PaletteState::provide();
    let sign_in = SignInState::provide();

    let location = use_location();
    let page = Memo::new(move |_| Page::at(&location.pathname.get()));
    Effect::new(move |_| {
        themes.suit_page(page.get().theme());
        if page.get() == Page::SignIn {
            sign_in.open();
        }
    });
    // What somebody else had selected is not for the next person.
    Effect::new(move |before: Option<String>| {
        let now = audience.get();
        if before.is_some_and(|before| before != now) {
            state.selected.set(None);
        }
        now
    });

    view! {
        <div class="screen" data-page=move || page.get().name() data-testid="screen">
            <a class="skip" href="#panel">{move || crate::t!("skip-to-panel")}</a>
            <main class="map-area" aria-label=move || crate::t!("map")>
                <MapCanvas state/>
                {move || state.broken.get().map(|reason| view! { <p class="map-broken" role="alert" title=reason>{crate::t!("map-broken")}</p> })}
            </main>
            {move || match page.get() {
                Page::OpenMap | Page::SignIn => view! { <OpenMap/> }.into_any(),
                Page::Households => view! { <Households/> }.into_any(),
                Page::Operations => view! { <Operations/> }.into_any(),
                Page::Unplaced => view! { <UnplacedPage/> }.into_any(),
                Page::Missing => view! { <MissingPage/> }.into_any(),
            }}
            <SelectedCard/>
            <ConnectionBar/>
            <Palette/>
            <SignInDialog/>
            <ReasonDialog/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_no_other_page() {
        assert_eq!(Page::at("/"), Page::OpenMap);
        assert_eq!(Page::at("/households/"), Page::Households);
        assert_eq!(Page::at("/nowhere"), Page::Missing);
    }
}
