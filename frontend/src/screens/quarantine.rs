//! `/quarantine`: what devices sent and could not be taken in, with the map beside it to see which cameras there are.
//! Who may see it is the server's decision; the list itself is `ingest`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use crate::geography::DemoMark;
use crate::ingest::Quarantine;
use crate::map::Padding;
use crate::session::{own_area, session};
use crate::shell::{AccountMenu, MapButtons, viewport};
use crate::t;
use crate::ui::{Sheet, Stop};

#[component]
pub fn QuarantinePage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeQuarantine) fallback=NotYours>
            <Room/>
        </Show>
    }
}

#[component]
fn Room() -> impl IntoView {
    let session = session();
    let stop = RwSignal::new(Stop::Full);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 16.0, right: 8.0, bottom: window.height() / 2.0, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 432.0 }
        }
    });
    let area = move || session.info().and_then(|info| own_area(&info)).unwrap_or_default();
    view! {
        <div id="panel" class="side households-side" data-testid="quarantine">
            <Sheet stop name="quarantine-panel" label=Signal::derive(|| t!("page-quarantine"))>
                <header class="side-head">
                    <div class="side-titles">
                        <h1>{move || t!("page-quarantine")}</h1>
                        <p class="quiet-text">{area} <DemoMark/></p>
                    </div>
                    <AccountMenu/>
                </header>
                <div class="sheet-body"><Quarantine/></div>
            </Sheet>
        </div>
        <MapButtons layers=true/>
    }
}
