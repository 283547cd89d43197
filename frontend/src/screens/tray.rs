//! The frame of the trays beside the map, for what waits until somebody deals with it.
//! What waits, and who may see it, is the page's business.

use leptos::prelude::*;

use crate::geography::DemoMark;
use crate::map::Padding;
use crate::session::{own_area, session};
use crate::shell::{AccountMenu, MapButtons, viewport};
use crate::ui::{Sheet, Stop};

#[component]
pub fn TrayFrame(
    /// For tests.
    name: &'static str,
    sheet: &'static str,
    #[prop(into)] title: Signal<String>,
    /// How far it stands open on a phone at first.
    stop: Stop,
    children: ChildrenFn,
) -> impl IntoView {
    let session = session();
    let stop = RwSignal::new(stop);
    viewport().keep_clear(|window, card| {
        if window.is_phone() {
            Padding { top: 16.0, right: 8.0, bottom: window.height() / 2.0, left: 8.0 }
        } else {
            Padding { top: 16.0, right: if card { 432.0 } else { 72.0 }, bottom: 16.0, left: 432.0 }
        }
    });
    viewport().fit_home_again();
    let area = move || session.info().and_then(|info| own_area(&info)).unwrap_or_default();
    view! {
        <div id="panel" class="side households-side" data-testid=name>
            <Sheet stop name=sheet label=title>
                <header class="side-head">
                    <div class="side-titles">
                        <h1>{title}</h1>
                        <p class="quiet-text">{area} <DemoMark/></p>
                    </div>
                    <AccountMenu/>
                </header>
                <div class="sheet-body">{children()}</div>
            </Sheet>
        </div>
        <MapButtons layers=true/>
    }
}
