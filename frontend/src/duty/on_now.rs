//! Who is on at this moment, until when, and how long they have to answer.
//! Whose an alert is stands with the alert.

use leptos::prelude::*;
use shared::duty::{Duty, DutyRoster};

use super::answer_times::AnswerTimesOf;
use super::{Board, DutyWords};
use crate::t;
use crate::text::format;
use crate::ui::{Loading, now};

#[component]
pub fn OnNow(board: Board) -> impl IntoView {
    view! {
        <section class="duty-now" aria-labelledby="duty-now-title">
            <h2 id="duty-now-title">{move || t!("duty-now")}</h2>
            <Loading answer=board.roster lines=3 let:roster><People roster board/></Loading>
        </section>
    }
}

#[component]
fn People(roster: DutyRoster, board: Board) -> impl IntoView {
    let DutyRoster { on_now, answer_times, .. } = roster;
    let nobody = on_now.is_empty().then(|| view! { <p class="error" data-testid="nobody-on">{move || t!("duty-nobody")}</p> });
    let row = |duty: Duty| {
        let (until, is_mine) = (duty.until, duty.is_mine);
        let when = move || t!("duty-until", time = format::since(until, now().by_the_minute().get()));
        view! {
            <li class="duty" class:mine=is_mine data-testid="on-now">
                <DutyWords duty/>
                <span class="quiet-text num">{when}</span>
            </li>
        }
    };
    view! {
        {nobody}
        <ul class="duties duties-now">{on_now.into_iter().map(row).collect_view()}</ul>
        <AnswerTimesOf times=answer_times board/>
    }
}
