//! `/quarantine`: what devices sent and could not be taken in, with the map beside it to see which cameras there are.
//! Who may see it is the server's decision; the list itself is `ingest`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use super::tray::TrayFrame;
use crate::ingest::Quarantine;
use crate::session::session;
use crate::t;
use crate::ui::Stop;

#[component]
pub fn QuarantinePage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeQuarantine) fallback=NotYours>
            <TrayFrame name="quarantine" sheet="quarantine-panel" title=Signal::derive(|| t!("page-quarantine")) stop=Stop::Full>
                <Quarantine/>
            </TrayFrame>
        </Show>
    }
}
