//! The commands that every page has: pages, layers, looking around, theme, language, signing in and out.
//! It deliberately does nothing itself: each calls what a button elsewhere calls too.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::{use_location, use_navigate};
use shared::layer::Layer;
use shared::session::Permission;

use super::place_actions::CopiedLink;
use crate::accounts::SignInState;
use crate::cameras::alerts::{AlertFilters, Standing};
use crate::commands::{Command, add_command};
use crate::map::{self, MapState};
use crate::session::{own_page, session};
use crate::t;
use crate::text::{Language, kinds, language, speak};
use crate::theme::{Theme, themes};

/// Offers them for as long as the page is there.
pub fn page_commands(state: MapState) {
    pages(state);
    looks();
    views(state);
    for layer in Layer::ALL {
        layer_switch(state, layer);
    }
    signing();
}

fn offer(
    name: &str,
    icon: &'static str,
    title: Signal<String>,
    words: &'static str,
    shown: Signal<bool>,
    run: impl Fn() + Send + Sync + 'static,
) {
    add_command(Command { name: name.to_owned(), icon, title, words, shown, run: Callback::new(move |()| run()) });
}

fn always() -> Signal<bool> {
    Signal::derive(|| true)
}

fn pages(state: MapState) {
    let session = session();
    let navigate = use_navigate();
    let path = use_location().pathname;
    for page in ["/operations", "/households"] {
        let navigate = navigate.clone();
        let own = move || session.info().is_some_and(|info| own_page(&info) == page);
        let shown = Signal::derive(move || own() && path.get().trim_end_matches('/') != page);
        let title = Signal::derive(move || t!("command-open-page", page = kinds::word("page", page.trim_start_matches('/'))));
        offer(page.trim_start_matches('/'), "arrow-right", title, "trang mo go to page open", shown, move || {
            navigate(page, Default::default())
        });
    }
    let may = Signal::derive(move || session.may(Permission::SeeCameraAlerts));
    for (name, title, standing) in [
        ("alerts", Signal::derive(|| t!("page-alerts")), Standing::NeedsAction),
        ("my-alerts", Signal::derive(|| t!("command-my-alerts")), Standing::Mine),
    ] {
        let navigate = navigate.clone();
        offer(name, "warning", title, "canh bao camera cua toi alerts mine", may, move || {
            state.alerts.set(AlertFilters::of(standing).written());
            navigate("/alerts", Default::default());
        });
    }
    for (page, words) in
        [("/violations", "trang mo go to page open so vi pham phat"), ("/alert-rules", "trang mo go to page open quy tac muc do")]
    {
        let navigate = navigate.clone();
        let shown = Signal::derive(move || session.may(Permission::SeeCameraAlerts) && path.get().trim_end_matches('/') != page);
        let title = Signal::derive(move || t!("command-open-page", page = kinds::word("page", page.trim_start_matches('/'))));
        offer(page.trim_start_matches('/'), "arrow-right", title, words, shown, move || navigate(page, Default::default()));
    }
    let to_quarantine = navigate.clone();
    let shown = Signal::derive(move || session.may(Permission::SeeQuarantine) && path.get().trim_end_matches('/') != "/quarantine");
    let title = Signal::derive(|| t!("command-open-page", page = t!("page-quarantine")));
    offer("quarantine", "tray", title, "trang mo go to page open quarantine thiet bi device camera", shown, move || {
        to_quarantine("/quarantine", Default::default())
    });
    let to_duty = navigate.clone();
    let shown = Signal::derive(move || session.may(Permission::SeeCameraAlerts) && !path.get().starts_with("/duty"));
    let title = Signal::derive(|| t!("command-open-page", page = t!("page-duty")));
    offer("duty", "calendar-blank", title, "trang mo lich truc ca ban giao duty roster shift open", shown, move || {
        to_duty("/duty", Default::default())
    });
    let shown = Signal::derive(move || !path.get().trim_end_matches('/').is_empty());
    let title = Signal::derive(|| t!("command-open-page", page = t!("page-open-map")));
    offer("open-map", "map-trifold", title, "trang mo go to page", shown, move || navigate("/", Default::default()));
}

fn looks() {
    let themes = themes();
    let dark = move || themes.get() == Theme::Dark;
    let title = Signal::derive(move || if dark() { t!("command-light") } else { t!("command-dark") });
    offer("theme", "moon", title, "theme dark light giao dien sang toi", always(), move || themes.choose(untrack(|| themes.get()).other()));
    let title = Signal::derive(|| t!("command-language"));
    offer("language", "translate", title, "language ngon ngu tieng viet anh english vietnamese", always(), || {
        speak(if language() == Language::Vietnamese { Language::English } else { Language::Vietnamese });
    });
}

fn views(state: MapState) {
    let whole = Signal::derive(move || state.areas.with(|areas| areas.as_ref().is_some_and(|areas| areas.initial_bounds.is_some())));
    offer("whole-ward", "corners-out", Signal::derive(|| t!("whole-ward")), "whole all toan bo tat ca", whole, move || {
        if let Some(bounds) = state.whole() {
            state.command(map::Command::FitBounds(bounds));
        }
    });
    let moves = [
        ("zoom-in", "plus", Signal::derive(|| t!("zoom-in")), map::Command::ZoomIn),
        ("zoom-out", "minus", Signal::derive(|| t!("zoom-out")), map::Command::ZoomOut),
        ("tilt", "cube", Signal::derive(|| t!("lean")), map::Command::ToggleTilt),
    ];
    for (name, icon, title, command) in moves {
        offer(name, icon, title, "map ban do 3d zoom tilt", always(), move || state.command(command));
    }
    let link: CopiedLink = expect_context();
    offer("copy-link", "link-simple", Signal::derive(|| t!("copy-link")), "share link gui dia chi", always(), move || link.copy());
}

/// "Hide the layer Cameras", "Show the layer Cameras".
fn layer_switch(state: MapState, layer: Layer) {
    let reach = state.catalogue.reach;
    let shown = Signal::derive(move || reach.with(|reach| reach.layers.iter().any(|(known, _)| *known == layer)));
    let title = Signal::derive(move || {
        let name = reach.with(|reach| {
            reach.layers.iter().find(|(known, _)| *known == layer).map(|(_, summary)| match language() {
                Language::Vietnamese => summary.title.vi.clone(),
                Language::English => summary.title.en.clone(),
            })
        });
        let layer_name = name.unwrap_or_default();
        if state.layers.with(|layers| layers.contains(&layer)) {
            t!("command-hide-layer", layer = layer_name)
        } else {
            t!("command-show-layer", layer = layer_name)
        }
    });
    offer(&format!("layer-{layer}"), kinds::layer_icon(layer), title, "layer lop bat tat on off", shown, move || {
        state.layers.update(|layers| {
            if !layers.remove(&layer) {
                layers.insert(layer);
            }
        });
    });
}

fn signing() {
    let session = session();
    let sign_in: SignInState = expect_context();
    let navigate = use_navigate();
    let out = Signal::derive(move || session.is_signed_in());
    offer("sign-in", "sign-in", Signal::derive(|| t!("sign-in")), "login", Signal::derive(move || !out.get()), move || sign_in.open());
    offer("sign-out", "sign-out", Signal::derive(|| t!("sign-out")), "logout", out, move || {
        let navigate = navigate.clone();
        spawn_local(async move {
            // Without an answer the person is still signed in, and the menu still says so.
            if session.sign_out().await.is_ok() {
                navigate("/", Default::default());
            }
        });
    });
}
