//! `/unplaced`: households, shops, places and cameras that came without coordinates, and the map to put them on.
//! Which of them a person may place is the server's decision; the tray itself is `editing`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use crate::editing::Tray;
use crate::geography::DemoMark;
use crate::map::Padding;
use crate::session::{Session, own_area, session};
use crate::shell::{AccountMenu, MapButtons, viewport};
use crate::t;
use crate::ui::{Sheet, Stop};

/// Whether somebody may place anything at all.
pub fn may_place(session: Session) -> bool {
    [Permission::PlaceHomes, Permission::EditOpenMap, Permission::EditCameras].into_iter().any(|permission| session.may(permission))
}

#[component]
pub fn UnplacedPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || may_place(session) fallback=NotYours>
            <Place/>
        </Show>
    }
}

#[component]
fn Place() -> impl IntoView {
    let session = session();
    let stop = RwSignal::new(Stop::Half);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 16.0, right: 8.0, bottom: window.height() / 2.0, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 432.0 }
        }
    });
    let area = move || session.info().and_then(|info| own_area(&info)).unwrap_or_default();
    view! {
        <div id="panel" class="side households-side" data-testid="unplaced">
            <Sheet stop name="tray-panel" label=Signal::derive(|| t!("page-unplaced"))>
                <header class="side-head">
                    <div class="side-titles">
                        <h1>{move || t!("page-unplaced")}</h1>
                        <p class="quiet-text">{area} <DemoMark/></p>
                    </div>
                    <AccountMenu/>
                </header>
                <div class="sheet-body"><Tray/></div>
            </Sheet>
        </div>
        <MapButtons layers=true/>
    }
}
