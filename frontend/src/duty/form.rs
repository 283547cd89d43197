//! One duty in a dialog: who, from when to when, for which kinds, at which step. New, changed or taken off the roster.
//! Whether it fits beside the others is the server's answer.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::camera_alert::AlertKind;
use shared::duty::{AddDuty, Duty, DutyEdit, DutyStep};

use super::shifts::{Draft, Offered, from_field, offered, to_field};
use super::{Board, Failed, write};
use crate::http::{self, Answer, Failure};
use crate::t;
use crate::text::kinds;
use crate::ui::Dialog;

#[component]
pub fn DutyDialog(board: Board) -> impl IntoView {
    let is_new = move || board.draft.with(|draft| draft.as_ref().is_none_or(|draft| draft.standing.is_none()));
    let title = Signal::derive(move || if is_new() { t!("duty-add") } else { t!("duty-edit") });
    view! {
        <Dialog open=board.form_open title name="duty-dialog">
            {move || board.draft.get().map(|draft| view! { <DutyForm draft board/> })}
        </Dialog>
    }
}

#[component]
fn DutyForm(draft: Draft, board: Board) -> impl IntoView {
    let Draft { standing, rostered, duty } = draft;
    let person = RwSignal::new(duty.account_id);
    let (from, until) = (RwSignal::new(to_field(duty.from)), RwSignal::new(to_field(duty.until)));
    let step = RwSignal::new(duty.step);
    let named = RwSignal::new(duty.kinds.unwrap_or_default());
    let note = RwSignal::new(duty.note.unwrap_or_default());
    let (waiting, failure) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let finish = move |answer: Answer<()>| {
        waiting.try_set(false);
        match answer {
            Ok(()) => {
                board.form_open.set(false);
                board.roster.refetch();
            }
            Err(refused) => _ = failure.try_set(Some(refused)),
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(from), Some(until)) = (from_field(&from.get_untracked()), from_field(&until.get_untracked())) else { return };
        let kinds = Some(named.get_untracked()).filter(|named| !named.is_empty());
        let note = Some(note.get_untracked().trim().to_owned()).filter(|note| !note.is_empty());
        let duty = DutyEdit { account_id: person.get_untracked(), from, until, kinds, step: step.get_untracked(), note };
        waiting.set(true);
        failure.set(None);
        spawn_local(async move {
            let answer = match standing {
                Some((id, version)) => write::<Duty>(Method::PUT, &format!("/api/duty/{id}"), version, &duty).await,
                None => http::post::<Duty>("/api/duty", &AddDuty { uid: None, area_id: board.area_id, duty }).await,
            };
            finish(answer.map(drop));
        });
    };
    let end = standing.map(|(id, version)| {
        let end = move |_| {
            waiting.set(true);
            failure.set(None);
            spawn_local(async move { finish(write::<()>(Method::DELETE, &format!("/api/duty/{id}"), version, &()).await) });
        };
        view! { <button type="button" class="button" data-testid="duty-end" disabled=move || waiting.get() on:click=end>{move || t!("duty-end")}</button> }
    });
    let known_people = board.people();
    let people = move || {
        let option = |Offered { account_id, name, answers }: Offered| {
            let words = move || if answers { name.clone() } else { t!("duty-person-gone", name = name.clone()) };
            view! { <option value=account_id.to_string() selected=move || person.get_untracked() == account_id>{words}</option> }
        };
        // Nobody is offered before all are known: the rostered one might be among them.
        let known = known_people.get()?;
        Some(offered(&known, rostered.as_ref()).into_iter().map(option).collect_view())
    };
    let step_option = move |of: DutyStep| {
        view! { <option value=of.name() selected=move || step.get_untracked() == of>{move || kinds::named("duty-step", of)}</option> }
    };
    let choose_step = move |name: String| step.set(DutyStep::ALL.into_iter().find(|step| step.name() == name).unwrap_or(DutyStep::First));
    let kind_chip = move |kind: AlertKind| {
        let toggle = move |_| {
            named.update(|named| match named.iter().position(|known| *known == kind) {
                Some(place) => _ = named.remove(place),
                None => named.push(kind),
            })
        };
        view! {
            <button type="button" class="chip" aria-pressed=move || named.with(|named| named.contains(&kind)).to_string() on:click=toggle>
                {move || kinds::named("alert-kind", kind)}
            </button>
        }
    };
    view! {
        <form class="form" data-testid="duty-form" on:submit=submit>
            <Failed failure/>
            <div class="field">
                <label for="duty-person">{move || t!("duty-person")}</label>
                <select id="duty-person" autofocus on:change:target=move |event| if let Ok(id) = event.target().value().parse() { person.set(id) }>{people}</select>
            </div>
            <div class="duty-times">
                <div class="field">
                    <label for="duty-from">{move || t!("duty-from")}</label>
                    <input id="duty-from" type="datetime-local" required prop:value=from on:input:target=move |event| from.set(event.target().value())/>
                </div>
                <div class="field">
                    <label for="duty-until">{move || t!("duty-until-field")}</label>
                    <input id="duty-until" type="datetime-local" required prop:value=until on:input:target=move |event| until.set(event.target().value())/>
                </div>
            </div>
            <div class="field">
                <label for="duty-step">{move || t!("duty-step")}</label>
                <select id="duty-step" on:change:target=move |event| choose_step(event.target().value())>{DutyStep::ALL.map(step_option).collect_view()}</select>
            </div>
            <fieldset class="filter">
                <legend>{move || t!("duty-kinds")}</legend>
                <div class="chips">{AlertKind::ALL.map(kind_chip).collect_view()}</div>
            </fieldset>
            <div class="field">
                <label for="duty-note">{move || t!("duty-note")}</label>
                <input id="duty-note" type="text" maxlength="500" prop:value=note on:input:target=move |event| note.set(event.target().value())/>
            </div>
            <div class="card-actions">
                <button type="submit" class="button primary" data-testid="duty-save" disabled=move || waiting.get()>{move || t!("save")}</button>
                {end}
            </div>
        </form>
    }
}
