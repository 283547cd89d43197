//! Bàn giao ca: the note that this shift leaves, what is open, to whom it goes; the latest notes, and taking one over.
//! What becomes of the alerts that go with it is the server's business.

use chrono::TimeDelta;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::duty::{Handover, HandoverList, OpenAlerts, WriteHandover};

use super::{Board, Failed};
use crate::http::{self, Failure};
use crate::t;
use crate::text::{count, format, kinds, moment};
use crate::ui::{Icon, Kept, now};

#[component]
pub fn Handovers(board: Board) -> impl IntoView {
    view! {
        <section class="duty-handover" aria-labelledby="handover-title">
            <h2 id="handover-title">{move || t!("handover")}</h2>
            <Kept known=board.left lines=4 on_retry=Callback::new(move |()| board.handovers.refetch())><Latest board/></Kept>
        </section>
    }
}

/// Something of the list of handovers, told anew when it has changed.
fn of_list<R: Clone + Default + PartialEq + Send + Sync + 'static>(
    board: Board,
    pick: impl Fn(&HandoverList) -> R + Send + Sync + 'static,
) -> Memo<R> {
    Memo::new(move |_| board.left.with(|left| left.as_ref().and_then(|answer| answer.as_ref().ok()).map(&pick)).unwrap_or_default())
}

#[component]
fn Latest(board: Board) -> impl IntoView {
    let mine = of_list(board, |list| list.my_open_alerts);
    let handovers = of_list(board, |list| list.handovers.clone());
    let is_none = Memo::new(move |_| handovers.with(Vec::is_empty));
    view! {
        <HandoverForm mine board/>
        <h3>{move || t!("handover-latest")}</h3>
        {move || is_none.get().then(|| view! { <p class="quiet-text">{move || t!("handover-none")}</p> })}
        <ul class="handovers" data-testid="handovers">
            <For each=move || handovers.get() key=|handover| (handover.id, handover.version, handover.can_take_over) let:handover>
                <Left handover board/>
            </For>
        </ul>
    }
}

/// `mine`: how many alerts the writer has and has not finished. What is typed stays while colleagues write theirs.
#[component]
fn HandoverForm(mine: Memo<i64>, board: Board) -> impl IntoView {
    let note = RwSignal::new(String::new());
    let to = RwSignal::new(None::<i64>);
    let give = RwSignal::new(true);
    let (waiting, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let now = now().get_untracked();
        // The shift that ends is one's own; who is on no roster hands over what is on now, else the last eight hours.
        let shift = board.roster_as_known(|roster| {
            let own = roster.on_now.iter().find(|duty| duty.is_mine).or(roster.on_now.first());
            own.map(|duty| (duty.from, duty.until))
        });
        let (shift_from, shift_until) = shift.flatten().unwrap_or((now - TimeDelta::hours(8), now));
        let request = WriteHandover {
            uid: None,
            area_id: board.area_id,
            shift_from,
            shift_until,
            note: note.get_untracked(),
            to_id: to.get_untracked(),
            give_alerts: mine.get_untracked() > 0 && give.get_untracked() && to.get_untracked().is_some(),
        };
        waiting.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = http::post::<Handover>("/api/duty/handovers", &request).await;
            waiting.try_set(false);
            match answer {
                Ok(_) => {
                    note.try_set(String::new());
                    to.try_set(None);
                    give.try_set(true);
                    board.handovers.refetch();
                }
                Err(refused) => _ = failure.try_set(Some(refused)),
            }
        });
    };
    let known_people = board.people();
    let people = move || {
        let option = |account_id: i64, name: String| {
            view! { <option value=account_id.to_string() selected=move || to.get_untracked() == Some(account_id)>{name}</option> }
        };
        known_people.get().unwrap_or_default().into_iter().map(|someone| option(someone.account_id, someone.display_name)).collect_view()
    };
    let chosen = move || to.get().map(|id| id.to_string()).unwrap_or_default();
    let is_empty = move || note.with(|note| note.trim().is_empty());
    view! {
        <form class="form" data-testid="handover-form" on:submit=submit>
            <div class="field">
                <label for="handover-note">{move || t!("handover-note")}</label>
                <textarea id="handover-note" rows="4" maxlength="4000" prop:value=note on:input:target=move |event| note.set(event.target().value())></textarea>
            </div>
            <div class="field">
                <label for="handover-to">{move || t!("handover-to")}</label>
                <select id="handover-to" prop:value=chosen on:change:target=move |event| to.set(event.target().value().parse().ok())>
                    <option value="">{move || t!("handover-to-next")}</option>
                    {people}
                </select>
            </div>
            <Show when=move || (mine.get() > 0) && to.get().is_some()>
                <label class="handover-give">
                    <input type="checkbox" prop:checked=give on:change:target=move |event| give.set(event.target().checked())/>
                    {move || t!("handover-give", count = count(mine.get()))}
                </label>
            </Show>
            <Failed failure/>
            <button type="submit" class="button primary" data-testid="hand-over" disabled=move || is_empty() || waiting.get()>{move || t!("handover-write")}</button>
        </form>
    }
}

/// "Cao 3 · Trung bình 12", whatever their status.
fn counted(open: &[OpenAlerts]) -> String {
    let of = |severity| open.iter().filter(|group| group.severity == severity).map(|group| group.count).sum::<i64>();
    let words = shared::camera_alert::Severity::ALL
        .into_iter()
        .filter(|severity| of(*severity) > 0)
        .map(|severity| format!("{} {}", kinds::named("severity", severity), count(of(severity))));
    words.collect::<Vec<_>>().join(" · ")
}

/// What one shift left.
#[component]
fn Left(handover: Handover, board: Board) -> impl IntoView {
    let Handover {
        id,
        at,
        by,
        shift_from,
        shift_until,
        note,
        open_alerts,
        to,
        alerts_given,
        taken_over_by,
        taken_over_at,
        can_take_over,
        ..
    } = handover;
    let (waiting, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let take_over = move |_| {
        waiting.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = http::post::<Handover>(&format!("/api/duty/handovers/{id}/take-over"), &()).await;
            waiting.try_set(false);
            match answer {
                Ok(_) => board.handovers.refetch(),
                Err(refused) => {
                    // Somebody else was quicker: the list says who.
                    if refused.code() == Some("duty.already_taken_over") {
                        board.handovers.refetch();
                    }
                    _ = failure.try_set(Some(refused));
                }
            }
        });
    };
    let shift = format!("{}–{}", format::clock(shift_from), format::clock(shift_until));
    let open = move || match counted(&open_alerts) {
        none if none.is_empty() => t!("handover-nothing-open"),
        counts => t!("handover-open", counts = counts),
    };
    let taken = taken_over_by.zip(taken_over_at).map(|(name, at)| {
        view! {
            <p class="quiet-text" data-testid="taken-over"><Icon name="check"/>" "{move || t!("handover-taken", name = name.as_str(), time = format::since(at, now().get_untracked()))}</p>
        }
    });
    view! {
        <li class="handover" data-testid="handover">
            <p><strong>{by}</strong>" · "<time class="num" datetime=at.to_rfc3339() title=moment(at)>{move || format::since(at, now().get_untracked())}</time>" · "<span class="num">{shift}</span></p>
            <p class="handover-words">{note}</p>
            <p class="quiet-text">{open}</p>
            {to.map(|to| view! { <p class="quiet-text">{move || t!("handover-to-whom", name = to.as_str(), count = count(i64::from(alerts_given)))}</p> })}
            {taken}
            {can_take_over.then(|| view! {
                <button type="button" class="button" data-testid="take-over" disabled=move || waiting.get() on:click=take_over>{move || t!("handover-take")}</button>
            })}
            <Failed failure/>
        </li>
    }
}
