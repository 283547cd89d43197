//! What can be done with any place on the map: go there (by itself where a link named it and no view), or send a colleague the address of this very view.
//! Which map finds the way is the phone's choice; what the colleague sees is cut by their own appointment.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::lasting::Lasting;
use crate::map::{MapState, copy};
use crate::t;
use crate::ui::Icon;

const SAID_FOR: Duration = Duration::from_secs(4);

/// At the foot of a card.
#[component]
pub fn PlaceActions(lon: Option<f64>, lat: Option<f64>) -> impl IntoView {
    let state: MapState = expect_context();
    if let Some((lon, lat)) = lon.zip(lat) {
        state.show_sought([lon, lat]);
    }
    let directions = lon.zip(lat).map(|(lon, lat)| {
        view! {
            // On a desk there is nothing to walk to.
            <a class="button phone-only" data-testid="directions" href=format!("geo:{lat:.6},{lon:.6}?q={lat:.6},{lon:.6}")>
                <Icon name="navigation-arrow"/>
                {move || t!("directions")}
            </a>
        }
    });
    view! {
        <div class="card-actions">
            {directions}
            <CopyLink class="button" name="copy-card-link"/>
        </div>
    }
}

/// Whether the address of this page has just been put on the clipboard, from wherever; none a moment later.
#[derive(Clone, Copy)]
pub struct CopiedLink(Lasting<Option<bool>>);

impl CopiedLink {
    pub fn provide() {
        provide_context(CopiedLink(Lasting::new(None)));
    }

    pub fn copy(self) {
        let CopiedLink(copied) = self;
        spawn_local(async move {
            let address = window().location().href().unwrap_or_default();
            copied.try_set(Some(copy(&address).await));
            set_timeout(move || _ = copied.try_set(None), SAID_FOR);
        });
    }
}

/// Puts the address of this page on the clipboard, and says whether it is there.
#[component]
pub fn CopyLink(class: &'static str, name: &'static str) -> impl IntoView {
    let link: CopiedLink = expect_context();
    let CopiedLink(copied) = link;
    let label = Signal::derive(move || match copied.get() {
        None => t!("copy-link"),
        Some(true) => t!("link-copied"),
        Some(false) => t!("link-not-copied"),
    });
    let icon = Signal::derive(move || if copied.get() == Some(true) { "check" } else { "link-simple" });
    view! {
        <button type="button" class=class class:said=move || copied.get().is_some() title=label data-testid=name on:click=move |_| link.copy()>
            <Icon name=icon/>
            <span class="tool-name" role="status">{label}</span>
        </button>
    }
}
