//! Who is on at this moment, until when, and how long they have to answer.
//! Whose an alert is stands with the alert.

use leptos::prelude::*;
use shared::duty::Duty;

use super::answer_times::AnswerTimesOf;
use super::{Board, DutyWords};
use crate::t;
use crate::text::format;
use crate::ui::{Kept, now};

#[component]
pub fn OnNow(board: Board) -> impl IntoView {
    view! {
        <section class="duty-now" aria-labelledby="duty-now-title">
            <h2 id="duty-now-title">{move || t!("duty-now")}</h2>
            <Kept known=board.known lines=3 on_retry=board.read_roster()><People board/></Kept>
        </section>
    }
}

#[component]
fn People(board: Board) -> impl IntoView {
    let on_now = board.of_roster(|roster| roster.on_now.clone());
    let is_nobody = Memo::new(move |_| on_now.with(|on| on.as_ref().is_some_and(Vec::is_empty)));
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
        {move || is_nobody.get().then(|| view! { <p class="error" data-testid="nobody-on">{move || t!("duty-nobody")}</p> })}
        <ul class="duties duties-now">
            <For each=move || on_now.get().unwrap_or_default() key=|duty| (duty.id, duty.version) children=row/>
        </ul>
        <AnswerTimesOf board/>
    }
}
