//! The week as a table of days and shifts; on a phone, a list of days. A cell says who is on, and opens the form.
//! What may be changed is the server's decision; without the right the table is only read.

use chrono::{NaiveDate, TimeDelta};
use leptos::prelude::*;
use shared::duty::{Duty, DutyRoster};

use super::shifts::{Draft, Shift, day_of, shifts_of};
use super::{Board, DutyWords, Failed};
use crate::t;
use crate::text::format;
use crate::ui::{Icon, Loading, now};

#[component]
pub fn WeekTable(board: Board) -> impl IntoView {
    let monday = board.week;
    let step = |days: i64| move || format!("/duty/{}", monday.get() + TimeDelta::days(days));
    let title = move || {
        let (first, last) = (monday.get(), monday.get() + TimeDelta::days(6));
        t!("duty-week", from = format::day(first), until = format::day(last))
    };
    let is_editable = move || board.roster.with(|answer| matches!(answer, Some(Ok(roster)) if roster.editable));
    let repeated = move || {
        board.repeated.get().map(|done| {
            view! { <p class="quiet-text" role="status" data-testid="week-repeated">{move || t!("duty-repeated", added = i64::from(done.added), left = i64::from(done.left_out))}</p> }
        })
    };
    view! {
        <section class="duty-week" aria-label=title>
            <header class="duty-head">
                <h2>{title}</h2>
                <div class="duty-steps">
                    <a class="button quiet icon-only" href=step(-7) aria-label=move || t!("duty-week-before") data-testid="week-before"><Icon name="caret-left"/></a>
                    <a class="button quiet" href="/duty">{move || t!("duty-week-this")}</a>
                    <a class="button quiet icon-only" href=step(7) aria-label=move || t!("duty-week-after") data-testid="week-after"><Icon name="caret-right"/></a>
                    <Show when=is_editable>
                        <button type="button" class="button" data-testid="repeat-week" on:click=move |_| board.repeat_week()>
                            <Icon name="copy"/>{move || t!("duty-repeat-week")}
                        </button>
                    </Show>
                </div>
            </header>
            <Failed failure=board.failure/>
            {repeated}
            <Loading answer=board.roster lines=6 let:roster><Table roster board/></Loading>
        </section>
    }
}

#[component]
fn Table(roster: DutyRoster, board: Board) -> impl IntoView {
    let DutyRoster { from, duties, editable, people, .. } = roster;
    let monday = format::local(from).date_naive();
    let first_person = people.first().map(|person| person.account_id);
    // What began before the week is the week before's.
    let duties: Vec<Duty> = duties.into_iter().filter(|duty| day_of(duty) >= monday).collect();
    let shifts = shifts_of(&duties);
    let head = shifts.iter().map(|shift| view! { <th scope="col" class="num">{shift.name()}</th> }).collect_view();
    let row = |day: NaiveDate| {
        let cell = |shift: Shift| {
            let here: Vec<Duty> = duties.iter().filter(|duty| day_of(duty) == day && Shift::of(duty) == shift).cloned().collect();
            let add = first_person.filter(|_| editable).map(|person| {
                let label = move || t!("duty-add-on", shift = shift.name(), day = format::day(day));
                view! {
                    <button type="button" class="button quiet icon-only duty-add" aria-label=label data-testid="duty-add" on:click=move |_| board.open(Draft::new(person, shift.on(day)))>
                        <Icon name="plus"/>
                    </button>
                }
            });
            view! {
                <td data-shift=shift.name()>
                    <ul class="duties">{here.into_iter().map(|duty| view! { <OnDuty duty editable board/> }).collect_view()}</ul>
                    {add}
                </td>
            }
        };
        let is_today = move || format::local(now().by_the_minute().get()).date_naive() == day;
        view! {
            <tr aria-current=move || is_today().then_some("date")>
                <th scope="row">{move || format::weekday(super::shifts::begins(day))}</th>
                {shifts.iter().map(|shift| cell(*shift)).collect_view()}
            </tr>
        }
    };
    let rows = (0..7).map(|later| row(monday + TimeDelta::days(later))).collect_view();
    view! {
        <table class="duty-table" data-testid="duty-table">
            <thead><tr><th scope="col">{move || t!("duty-day")}</th>{head}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn OnDuty(duty: Duty, editable: bool, board: Board) -> impl IntoView {
    let (draft, is_mine) = (Draft::of(&duty), duty.is_mine);
    if editable {
        view! {
            <li>
                <button type="button" class="duty" class:mine=is_mine data-testid="duty" on:click=move |_| board.open(draft.clone())>
                    <DutyWords duty/>
                </button>
            </li>
        }
        .into_any()
    } else {
        view! { <li class="duty" class:mine=is_mine data-testid="duty"><DutyWords duty/></li> }.into_any()
    }
}
