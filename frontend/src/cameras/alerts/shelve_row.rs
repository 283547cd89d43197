//! Shelving from the list: the button of a row, the key of the row that is chosen, and the dialog that both open.
//! What a shelf may hold, and the form itself, is `shelving`'s; an open card has a form of its own.

use leptos::prelude::*;
use shared::camera_alert::CameraAlert;
use shared::session::Permission;

use super::folding::Row;
use super::shelving::{ShelveForm, Shelving, may_shelve};
use crate::lasting::Lasting;
use crate::session::{Session, session};
use crate::t;
use crate::text::kinds;
use crate::ui::{Dialog, Icon};

/// The row in hand, as it was when somebody reached for it: the list goes on changing under the dialog.
#[derive(Clone, Copy)]
pub struct ShelveRow {
    alert: RwSignal<Option<CameraAlert>>,
    open: Lasting<bool>,
    shelving: Shelving,
    session: Session,
}

impl ShelveRow {
    pub fn none() -> ShelveRow {
        ShelveRow { alert: RwSignal::new(None), open: Lasting::new(false), shelving: Shelving::closed(), session: session() }
    }

    /// Whether this person can leave out what a row stands for.
    pub fn may(self, row: &Row) -> bool {
        may_shelve(&row.alert) && row.alert.shelved_until.is_none() && self.session.may(Permission::HandleCameraAlerts)
    }

    /// Asks for how long and why; a row of a whole area begins with its kind everywhere.
    pub fn ask(self, row: &Row) {
        self.shelving.begin(row.is_of_area);
        self.alert.set(Some(row.alert.clone()));
        self.open.set(true);
    }
}

/// Beside a row, never in it: a row is a button itself.
#[component]
pub fn ShelveButton(row: Memo<Option<Row>>, shelve: ShelveRow) -> impl IntoView {
    let may = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| shelve.may(row))));
    let name = move || {
        let of =
            row.with(|row| row.as_ref().map(|row| format!("{} · {}", kinds::named("alert-kind", row.alert.kind), row.alert.camera_name)));
        format!("{}: {}", t!("alert-shelve"), of.unwrap_or_default())
    };
    let ask = move |_| {
        if let Some(row) = row.get_untracked() {
            shelve.ask(&row);
        }
    };
    move || {
        may.get().then(|| {
            view! {
                <button type="button" class="button quiet icon-only alert-row-shelve" data-testid="alert-row-shelve" aria-haspopup="dialog" title=move || t!("alert-shelve") aria-label=name on:click=ask>
                    <Icon name="eye-slash"/>
                </button>
            }
        })
    }
}

#[component]
pub fn ShelveDialog(shelve: ShelveRow) -> impl IntoView {
    let ShelveRow { alert, open, shelving, .. } = shelve;
    let done = Callback::new(move |()| open.set(false));
    view! {
        <Dialog open title=Signal::derive(|| t!("alert-shelve")) name="shelve-dialog">
            {move || alert.get().map(|alert| view! { <ShelveForm alert shelving on_done=done/> })}
        </Dialog>
    }
}
