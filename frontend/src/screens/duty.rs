//! `/duty`, `/duty/2026-11-23`: the roster of the week, who is on now, what shifts hand to each other.
//! The roster itself is `duty`'s; whether somebody may see it is the server's decision.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::session::Permission;

use super::missing::NotYours;
use crate::duty::{Board, DutyDialog, Handovers, OnNow, WeekTable, monday_of};
use crate::geography::DemoMark;
use crate::session::{session, widest_area};
use crate::shell::{AccountMenu, PaletteButton};
use crate::t;
use crate::text::format;
use crate::ui::now;

#[component]
pub fn DutyPage() -> impl IntoView {
    let session = session();
    view! {
        <Show when=move || session.may(Permission::SeeCameraAlerts) fallback=NotYours>
            <Roster/>
        </Show>
    }
}

#[component]
fn Roster() -> impl IntoView {
    let area = untrack(|| session().info()).and_then(|info| widest_area(&info).cloned());
    area.map(|area| {
        let path = use_location().pathname;
        let today = now().by_the_minute();
        let week = Memo::new(move |_| {
            let named = path.get().trim_end_matches('/').strip_prefix("/duty/").and_then(|day| day.parse().ok());
            monday_of(named.unwrap_or_else(|| format::local(today.get()).date_naive()))
        });
        let board = Board::follow(area.id.0, week);
        provide_context(board);
        view! {
            <div id="panel" class="panel duty-page" data-testid="duty-page">
                <header class="duty-bar">
                    <div class="side-titles">
                        <h1>{move || t!("page-duty")}</h1>
                        <p class="quiet-text">{area.name}" "<DemoMark/></p>
                    </div>
                    <PaletteButton/>
                    <AccountMenu/>
                </header>
                <div class="duty-body">
                    <OnNow board/>
                    <WeekTable board/>
                    <Handovers board/>
                </div>
            </div>
            <DutyDialog board/>
        }
    })
}
