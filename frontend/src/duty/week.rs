//! The week as a table of days and shifts; on a phone, a list of days. A cell says who is on, and opens the form.
//! What may be changed is the server's decision; without the right the table is only read.

use chrono::{NaiveDate, TimeDelta};
use leptos::prelude::*;
use shared::duty::{Duty, DutyRoster};

use super::shifts::{Draft, Shift, day_of, shifts_of};
use super::{Board, DutyWords, Failed};
use crate::t;
use crate::text::format;
use crate::ui::{Icon, Kept, now};

#[component]
pub fn WeekTable(board: Board) -> impl IntoView {
    let monday = board.week;
    let step = |days: i64| move || format!("/duty/{}", monday.get() + TimeDelta::days(days));
    let title = move || {
        let (first, last) = (monday.get(), monday.get() + TimeDelta::days(6));
        t!("duty-week", from = format::day(first), until = format::day(last))
    };
    let editable = board.of_roster(|roster| roster.editable);
    let is_editable = move || editable.get() == Some(true);
    let look_for_today = move |_| {
        board.today_shown.set_value(false);
        request_animation_frame(move || show_today(board));
    };
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
                    <a class="button quiet" href="/duty" data-testid="week-this" on:click=look_for_today>{move || t!("duty-week-this")}</a>
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
            <Kept known=board.known lines=6 on_retry=board.read_roster()><Table board/></Kept>
        </section>
    }
}

/// The days, once for each week and its shifts. A cell draws anew what has changed in it and nothing else, so that nobody's next
/// click meets another row.
#[component]
fn Table(board: Board) -> impl IntoView {
    let duties = board.of_roster(week_of);
    let first_person = board.of_roster(|roster| roster.people.first().map(|person| person.account_id).filter(|_| roster.editable));
    let first_person = Memo::new(move |_| first_person.get().flatten());
    let drawn = board.of_roster(|roster| (monday(roster), shifts_of(&week_of(roster))));
    Effect::new(move |_| {
        if drawn.with(Option::is_some) {
            // The rows are on the page a moment later.
            request_animation_frame(move || show_today(board));
        }
    });
    let on_duty = move |(duty, editable): (Duty, bool)| view! { <OnDuty duty editable board/> };
    let cell = move |day: NaiveDate, shift: Shift| {
        let here = move || {
            let is_here = |duty: &&Duty| day_of(duty) == day && Shift::of(duty) == shift;
            let is_editable = first_person.get().is_some();
            duties.with(|duties| duties.iter().flatten().filter(is_here).map(|duty| (duty.clone(), is_editable)).collect::<Vec<_>>())
        };
        let add = move |person: i64| {
            let label = move || t!("duty-add-on", shift = shift.name(), day = format::day(day));
            view! {
                <button type="button" class="button quiet icon-only duty-add" aria-label=label data-testid="duty-add" on:click=move |_| board.open(Draft::new(person, shift.on(day)))>
                    <Icon name="plus"/>
                </button>
            }
        };
        view! {
            <td data-shift=shift.name()>
                <ul class="duties">
                    <For each=here key=|(duty, editable)| (duty.id, duty.version, *editable) children=on_duty/>
                </ul>
                {move || first_person.get().map(add)}
            </td>
        }
    };
    let row = move |day: NaiveDate, shifts: &[Shift]| {
        let is_today = move || format::local(now().by_the_minute().get()).date_naive() == day;
        view! {
            <tr aria-current=move || is_today().then_some("date")>
                <th scope="row">{move || format::weekday(super::shifts::begins(day))}</th>
                {shifts.iter().map(|shift| cell(day, *shift)).collect_view()}
            </tr>
        }
    };
    move || {
        drawn.get().map(|(monday, shifts)| {
            let head = shifts.iter().map(|shift| view! { <th scope="col" class="num">{shift.name()}</th> }).collect_view();
            let rows = (0..7).map(|later| row(monday + TimeDelta::days(later), &shifts)).collect_view();
            view! {
                <table class="duty-table" data-testid="duty-table">
                    <thead><tr><th scope="col">{move || t!("duty-day")}</th>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            }
        })
    }
}

/// Once, as soon as the week that is drawn has today in it: whoever scrolls on is left alone. The focus stays where it is.
fn show_today(board: Board) {
    if board.today_shown.try_get_value() != Some(false) {
        return;
    }
    let find = |selector: &str| document().query_selector(selector).ok().flatten();
    let Some(today) = find(".duty-table tr[aria-current]") else { return };
    let Some(body) = today.closest(".duty-body").ok().flatten() else { return };
    board.today_shown.set_value(true);
    let (row, window) = (today.get_bounding_client_rect(), body.get_bounding_client_rect());
    // Where the days are a table its head stays above them.
    let head = find(".duty-table thead").map_or(0.0, |head| head.get_bounding_client_rect().height());
    let top = window.top() + head;
    if row.top() < top || row.bottom() > window.bottom() {
        body.set_scroll_top(body.scroll_top() + (row.top() - top).round() as i32);
    }
}

fn monday(roster: &DutyRoster) -> NaiveDate {
    format::local(roster.from).date_naive()
}

/// What began before the week is the week before's.
fn week_of(roster: &DutyRoster) -> Vec<Duty> {
    roster.duties.iter().filter(|duty| day_of(duty) >= monday(roster)).cloned().collect()
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
