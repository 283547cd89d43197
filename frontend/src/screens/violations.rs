//! `/violations`: the register of violations: figures on top, what they are made of, the list, and files to take along.
//! Who may see it is the server's decision; what it shows is `cameras::register`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use crate::cameras::register::{Choice, Downloads, Filters, RegisterFigures, ViolationRows};
use crate::geography::{WorkArea, ward};
use crate::session::session;
use crate::shell::AccountMenu;
use crate::t;

#[component]
pub fn ViolationsPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeCameraAlerts) fallback=NotYours>
            <Register/>
        </Show>
    }
}

#[component]
fn Register() -> impl IntoView {
    let choice = Choice::follow();
    let ward = ward().asked();
    let asked = Memo::new(move |_| choice.get().in_ward(ward.get()));
    // A part of one ward is nothing of the next.
    Effect::new(move |before: Option<Option<i32>>| {
        let now = ward.get();
        if before.flatten().is_some_and(|before| Some(before) != now) {
            choice.update(|choice| choice.area = None);
        }
        now
    });
    view! {
        <div id="panel" class="panel page-room" data-testid="violations-page">
            <header class="side-head">
                <div class="side-titles">
                    <h1>{move || t!("page-violations")}</h1>
                    <WorkArea/>
                </div>
                <AccountMenu/>
            </header>
            <div class="page-body">
                <div class="register-bar">
                    <Filters choice/>
                    <Downloads choice=asked/>
                </div>
                <RegisterFigures choice=asked/>
                <ViolationRows choice=asked/>
            </div>
        </div>
    }
}
