//! The page: the one map, and the screen that floats on it.
//! Each floating part lives in its own module; this one brings them together and knows which address shows what.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;
use shared::session::Permission;

use crate::accounts::{ReasonDialog, Reasons, SignInDialog, SignInState};
use crate::commands::Commands;
use crate::geography::Recent;
use crate::later::{Later, Part};
use crate::live::{Connection, Live};
use crate::map::{Catalogue, MapCanvas, MapState, follow_households};
use crate::screens::OpenMap;
use crate::session::{Session, Who};
use crate::shell::{ConnectionBar, CopiedLink, MapAttribution, Palette, PaletteState, SelectedCard, Viewport};
use crate::theme::{Theme, Themes};
use crate::ui::Now;
use crate::{address, text};

/// The screens by their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    OpenMap,
    Households,
    Operations,
    /// Camera alerts, as a list with the map beside it.
    Alerts,
    /// The tray of what has no place yet.
    Unplaced,
    /// The register of violations.
    Violations,
    /// The rules that grade and route alerts.
    AlertRules,
    /// What devices sent and could not be taken in.
    Quarantine,
    /// Lịch trực; its week follows in the path.
    Duty,
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
            "/alerts" => Page::Alerts,
            "/unplaced" => Page::Unplaced,
            "/violations" => Page::Violations,
            "/alert-rules" => Page::AlertRules,
            "/quarantine" => Page::Quarantine,
            "/sign-in" => Page::SignIn,
            "/duty" => Page::Duty,
            week if week.starts_with("/duty/") => Page::Duty,
            _ => Page::Missing,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Page::OpenMap | Page::SignIn => "open",
            Page::Households => "households",
            Page::Operations => "operations",
            Page::Alerts => "alerts",
            Page::Unplaced => "unplaced",
            Page::Violations => "violations",
            Page::AlertRules => "alert-rules",
            Page::Quarantine => "quarantine",
            Page::Duty => "duty",
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
    come_back(session, catalogue, live);
    let state = MapState::new(session, catalogue, live, Signal::derive(move || themes.get()));
    provide_context(state);
    address::follow(state);
    follow_households(state, Signal::derive(move || session.may(Permission::SeePopulationPerTdp)));
    Viewport::provide();
    Reasons::provide();
    PaletteState::provide();
    Commands::provide();
    Recent::provide();
    CopiedLink::provide();
    let sign_in = SignInState::provide();

    let location = use_location();
    let page = Memo::new(move |_| Page::at(&location.pathname.get()));
    Effect::new(move |_| {
        themes.suit_page(page.get().theme());
        if page.get() == Page::SignIn {
            sign_in.open();
        }
        // What one list was cut to is said nowhere on a page without one.
        if !matches!(page.get(), Page::Operations | Page::Alerts) && state.alerts.with_untracked(|alerts| !alerts.is_empty()) {
            state.alerts.set(String::new());
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
                <MapAttribution/>
                {move || state.broken.get().map(|reason| view! { <p class="map-broken" role="alert" title=reason>{crate::t!("map-broken")}</p> })}
            </main>
            {move || match page.get() {
                Page::OpenMap | Page::SignIn => view! { <OpenMap/> }.into_any(),
                Page::Households => view! { <Later part=Part::Households/> }.into_any(),
                Page::Operations => view! { <Later part=Part::Operations/> }.into_any(),
                Page::Alerts => view! { <Later part=Part::Alerts/> }.into_any(),
                Page::Unplaced => view! { <Later part=Part::Unplaced/> }.into_any(),
                Page::Violations => view! { <Later part=Part::Violations/> }.into_any(),
                Page::AlertRules => view! { <Later part=Part::AlertRules/> }.into_any(),
                Page::Quarantine => view! { <Later part=Part::Quarantine/> }.into_any(),
                Page::Duty => view! { <Later part=Part::Duty/> }.into_any(),
                Page::Missing => view! { <Later part=Part::Missing/> }.into_any(),
            }}
            <SelectedCard/>
            <ConnectionBar/>
            <Palette/>
            <SignInDialog/>
            <ReasonDialog/>
        </div>
    }
}

/// How often a page that opened without a server looks for it.
const LOOK_AGAIN_MS: u64 = 5_000;

/// A page that opened without a server knows only what an earlier visit kept, and not who sits before it: it says so, and
/// asks anew until it is answered.
fn come_back(session: Session, catalogue: Catalogue, live: Live) {
    Effect::new(move |_| {
        let Some(since) = catalogue.away_since.get() else { return };
        if live.connection.get() == Connection::Connecting {
            live.connection.set(Connection::LostSince(since));
        }
        let looking = set_interval_with_handle(
            move || {
                session.ask_again();
                catalogue.ask_again();
            },
            Duration::from_millis(LOOK_AGAIN_MS),
        );
        on_cleanup(move || {
            if let Ok(looking) = looking {
                looking.clear();
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_no_other_page() {
        assert_eq!(Page::at("/"), Page::OpenMap);
        assert_eq!(Page::at("/households/"), Page::Households);
        assert_eq!(Page::at("/alerts"), Page::Alerts);
        assert_eq!(Page::at("/duty/2026-11-23"), Page::Duty);
        assert_eq!(Page::at("/nowhere"), Page::Missing);
    }
}
