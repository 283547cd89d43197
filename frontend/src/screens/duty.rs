//! `/duty`, `/duty/2026-11-23`: the roster of the week, who is on now, what shifts hand to each other.
//! The roster itself is `duty`'s; whether somebody may see it is the server's decision.

use chrono::NaiveDate;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::area::{AreaId, AreaKind};
use shared::session::{Permission, SessionArea};

use super::missing::NotYours;
use crate::duty::{Board, DutyDialog, Handovers, OnNow, WeekTable, monday_of};
use crate::geography::{WorkArea, ward};
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
    let (session, ward) = (session(), ward());
    let path = use_location().pathname;
    let today = now().by_the_minute();
    let week = Memo::new(move |_| {
        let named = path.get().trim_end_matches('/').strip_prefix("/duty/").and_then(|day| day.parse().ok());
        monday_of(named.unwrap_or_else(|| format::local(today.get()).date_naive()))
    });
    // A roster is of one area: the ward that is chosen, else what somebody's widest appointment is in, unless that is one of several.
    let area = Memo::new(move |_| {
        let is_whole = |area: &SessionArea| area.kind == AreaKind::Province || !ward.has_choice();
        let widest = || session.info().as_ref().and_then(widest_area).filter(|area| is_whole(area)).map(|area| area.id);
        ward.chosen().map(|area| area.id).or_else(widest)
    });
    view! {
        <div id="panel" class="panel duty-page" data-testid="duty-page">
            <header class="duty-bar">
                <div class="side-titles">
                    <h1>{move || t!("page-duty")}</h1>
                    <WorkArea/>
                </div>
                <PaletteButton/>
                <AccountMenu/>
            </header>
            {move || match area.get() {
                Some(AreaId(area_id)) => view! { <RosterOf area_id week/> }.into_any(),
                None => view! { <p class="page-note" data-testid="duty-choose-ward">{t!("ward-choose-for-duty")}</p> }.into_any(),
            }}
        </div>
    }
}

/// The board of one area.
#[component]
fn RosterOf(area_id: i32, week: Memo<NaiveDate>) -> impl IntoView {
    let board = Board::follow(area_id, week);
    provide_context(board);
    view! {
        <div class="duty-body">
            <OnNow board/>
            <WeekTable board/>
            <Handovers board/>
        </div>
        <DutyDialog board/>
    }
}
