//! `/alert-rules`: how grave alerts are and whose, by kind and hour, area by area; who changed that and when.
//! Who may edit is the server's decision; the editor itself is `cameras::rules`'.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use crate::cameras::rules::RulesOfAreas;
use crate::geography::WorkArea;
use crate::map::Padding;
use crate::session::session;
use crate::shell::{AccountMenu, viewport};
use crate::t;

#[component]
pub fn AlertRulesPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeCameraAlerts) fallback=NotYours>
            <Rules/>
        </Show>
    }
}

#[component]
fn Rules() -> impl IntoView {
    // Where the window leaves the map room beside the panel.
    viewport().keep_clear(|window, _| Padding {
        top: 16.0,
        right: 72.0,
        bottom: 16.0,
        left: if window.is_narrower_than(1800.0) { 16.0 } else { 1184.0 },
    });
    viewport().fit_home_again();
    view! {
        <div id="panel" class="panel page-room narrow" data-testid="alert-rules-page">
            <header class="side-head">
                <div class="side-titles">
                    <h1>{move || t!("page-alert-rules")}</h1>
                    <WorkArea/>
                </div>
                <AccountMenu/>
            </header>
            <div class="page-body">
                <p class="hint">{move || t!("rules-how")}</p>
                <RulesOfAreas/>
            </div>
        </div>
    }
}
