//! `/unplaced`: households, shops, places and cameras that came without coordinates, and the map to put them on.
//! Which of them a person may place is the server's decision; the tray itself is `editing`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use super::tray::TrayFrame;
use crate::editing::Tray;
use crate::session::{Session, session};
use crate::t;
use crate::ui::Stop;

/// Whether somebody may place anything at all.
pub fn may_place(session: Session) -> bool {
    [Permission::PlaceHomes, Permission::EditOpenMap, Permission::EditCameras].into_iter().any(|permission| session.may(permission))
}

#[component]
pub fn UnplacedPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || may_place(session) fallback=NotYours>
            <TrayFrame name="unplaced" sheet="tray-panel" title=Signal::derive(|| t!("page-unplaced")) stop=Stop::Half>
                <Tray/>
            </TrayFrame>
        </Show>
    }
}
