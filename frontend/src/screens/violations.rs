//! `/violations`: the register of violations: figures on top, what they are made of, the list, and files to take along.
//! Who may see it is the server's decision; what it shows is `cameras::register`'s.

use leptos::prelude::*;
use shared::session::Permission;

use super::missing::NotYours;
use crate::cameras::register::{Choice, Downloads, Filters, RegisterFigures, ViolationRows};
use crate::geography::DemoMark;
use crate::session::{own_area, session};
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
    let session = session();
    let choice = Choice::follow();
    let area = move || session.info().and_then(|info| own_area(&info)).unwrap_or_default();
    view! {
        <div id="panel" class="panel page-room" data-testid="violations-page">
            <header class="side-head">
                <div class="side-titles">
                    <h1>{move || t!("page-violations")}</h1>
                    <p class="quiet-text">{area} <DemoMark/></p>
                </div>
                <AccountMenu/>
            </header>
            <div class="page-body">
                <div class="register-bar">
                    <Filters choice/>
                    <Downloads choice/>
                </div>
                <RegisterFigures choice/>
                <ViolationRows choice/>
            </div>
        </div>
    }
}
