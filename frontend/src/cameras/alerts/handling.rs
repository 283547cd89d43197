//! What somebody does with an alert: take it, hand it over, write a note, close it, open it again.
//! Whether they may, and who was faster, is the server's answer; the card shows what comes of it.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::camera_alert::{
    AlertHandler, AlertHandlerList, AlertKind, AlertOutcome, AlertStatus, AssignAlert, CameraAlert, CameraAlertCard, CloseAlert, NoteAlert,
    ReopenAlert,
};

use crate::cameras::register::{LEGAL_BASES, LegalBases};
use crate::http::{self, Call, Failure};
use crate::t;
use crate::text::kinds;
use crate::ui::{Icon, now};

/// What is being asked for on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    None,
    HandOver,
    Note,
    Close,
    Reopen,
}

/// One alert in somebody's hands.
#[derive(Clone, Copy)]
pub struct Handling {
    id: i64,
    form: RwSignal<Form>,
    waiting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    /// The card as a step has left it.
    done: Callback<CameraAlertCard>,
}

impl Handling {
    pub fn of(id: i64, done: Callback<CameraAlertCard>) -> Handling {
        Handling { id, form: RwSignal::new(Form::None), waiting: RwSignal::new(false), failure: RwSignal::new(None), done }
    }

    pub fn take(self) {
        self.step("take", None, &());
    }

    /// `version`: what the person saw, where a step that came between should stop this one.
    pub(super) fn step(self, name: &str, version: Option<i32>, body: &impl Serialize) {
        if self.waiting.get_untracked() {
            return;
        }
        let mut call = Call::new(Method::POST, &format!("/api/camera-alerts/{}/{name}", self.id));
        if let Some(version) = version {
            call = call.header("If-Match", &format!("\"{version}\""));
        }
        let call = call.body(body);
        self.waiting.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = match call {
                Ok(call) => call.receive::<CameraAlertCard>().await,
                Err(failure) => Err(failure),
            };
            // None: the card is closed.
            self.waiting.try_set(false);
            match answer {
                Ok(card) => {
                    self.form.try_set(Form::None);
                    self.done.try_run(card);
                }
                Err(failure) => _ = self.failure.try_set(Some(failure)),
            }
        });
    }
}

/// The buttons, and the form of the one that asks for more.
#[component]
pub fn AlertActions(alert: CameraAlert, handling: Handling) -> impl IntoView {
    let now = now();
    let Handling { form, waiting, failure, .. } = handling;
    let CameraAlert { status, version, area_id: _, id, kind, .. } = alert;
    let open = move |which: Form| move |_| form.set(if form.get_untracked() == which { Form::None } else { which });
    let failed = move || {
        failure.get().map(|failure| {
            let code = failure.code().unwrap_or("failure").to_owned();
            // Who took it and when is what the refusal's own words say.
            let words = match &failure {
                Failure::Refused { code, detail, .. } if code == "camera_alerts.already_taken" && !detail.is_empty() => detail.clone(),
                failure => kinds::failure(failure, now.get_untracked()),
            };
            view! { <p class="error" role="alert" data-testid="alert-failed" data-code=code>{words}</p> }
        })
    };
    let is_closed = status == AlertStatus::Closed;
    view! {
        {failed}
        <div class="card-actions alert-actions">
            {matches!(status, AlertStatus::New | AlertStatus::Assigned).then(|| view! {
                <button type="button" class="button primary" data-testid="alert-take" aria-keyshortcuts="T" disabled=move || waiting.get() on:click=move |_| handling.take()>
                    {move || t!("alert-take")}
                </button>
            })}
            {(!is_closed).then(|| view! {
                <button type="button" class="button" data-testid="alert-close" class:primary=status == AlertStatus::Taken on:click=open(Form::Close)>{move || t!("alert-close")}</button>
                <button type="button" class="button" data-testid="alert-hand-over" on:click=open(Form::HandOver)>{move || t!("alert-hand-over")}</button>
            })}
            <button type="button" class="button" data-testid="alert-note" on:click=open(Form::Note)>{move || t!("alert-note")}</button>
            {is_closed.then(|| view! {
                <button type="button" class="button" data-testid="alert-reopen" on:click=open(Form::Reopen)>{move || t!("alert-reopen")}</button>
            })}
        </div>
        {move || match form.get() {
            Form::None => None,
            Form::HandOver => Some(view! { <HandOver id version handling/> }.into_any()),
            Form::Note => Some(view! {
                <Words label=|| t!("alert-note") least=1 handling on_words=move |note| handling.step("note", None, &NoteAlert { note })/>
            }.into_any()),
            Form::Close => Some(view! { <CloseForm version kind handling/> }.into_any()),
            Form::Reopen => Some(view! {
                <Words label=|| t!("alert-reopen-reason") least=8 handling on_words=move |reason| handling.step("reopen", None, &ReopenAlert { reason })/>
            }.into_any()),
        }}
    }
}

/// A few words, and they are sent.
#[component]
pub(super) fn Words(label: fn() -> String, least: usize, handling: Handling, on_words: impl Fn(String) + 'static) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let is_short = move || words.with(|words| words.trim().chars().count() < least);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        on_words(words.get_untracked().trim().to_owned());
    };
    view! {
        <form class="alert-form" data-testid="alert-words" on:submit=submit>
            <label>{label}<textarea rows="3" maxlength="2000" autofocus prop:value=words on:input:target=move |event| words.set(event.target().value())></textarea></label>
            <button type="submit" class="button primary" disabled=move || is_short() || handling.waiting.get()>{move || t!("save")}</button>
        </form>
    }
}

/// To whom, among those who answer for alerts there.
#[component]
fn HandOver(id: i64, version: i32, handling: Handling) -> impl IntoView {
    let handlers =
        LocalResource::new(move || async move { http::get::<AlertHandlerList>(&format!("/api/camera-alerts/{id}/handlers")).await });
    let give = move |account_id: i64| handling.step("assign", Some(version), &AssignAlert { account_id, note: None });
    let row = move |AlertHandler { account_id, display_name, roles }: AlertHandler| {
        let words = move || roles.iter().map(|role| kinds::named("role", *role)).collect::<Vec<_>>().join(", ");
        view! {
            <li>
                <button type="button" class="row" data-testid="alert-handler" disabled=move || handling.waiting.get() on:click=move |_| give(account_id)>
                    <Icon name="user"/>
                    <span class="row-words"><strong>{display_name}</strong><span class="quiet-text">{words}</span></span>
                </button>
            </li>
        }
    };
    view! {
        <crate::ui::Loading answer=handlers lines=3 let:list>
            <ul class="rows" data-testid="alert-handlers">{list.handlers.into_iter().map(row).collect_view()}</ul>
        </crate::ui::Loading>
    }
}

/// How it ended; for what was handled, by which rule and with which fine.
#[component]
fn CloseForm(version: i32, kind: AlertKind, handling: Handling) -> impl IntoView {
    let outcome = RwSignal::new(AlertOutcome::Handled);
    let (note, legal_basis, fine) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let is_handled = outcome.get_untracked() == AlertOutcome::Handled;
        let digits: String = fine.get_untracked().chars().filter(char::is_ascii_digit).collect();
        let body = CloseAlert {
            outcome: outcome.get_untracked(),
            note: filled(note.get_untracked()),
            legal_basis: filled(legal_basis.get_untracked()).filter(|_| is_handled),
            fine_vnd: digits.parse().ok().filter(|_| is_handled),
        };
        handling.step("close", Some(version), &body);
    };
    let choice = move |of: AlertOutcome| {
        view! {
            <button
                type="button"
                class="chip"
                data-testid=format!("outcome-{}", of.name())
                aria-pressed=move || (outcome.get() == of).to_string()
                on:click=move |_| outcome.set(of)
            >
                {move || kinds::named("alert-outcome", of)}
            </button>
        }
    };
    view! {
        <form class="alert-form" data-testid="alert-close-form" on:submit=submit>
            <div class="chips" role="group" aria-label=move || t!("alert-close")>
                {[AlertOutcome::Handled, AlertOutcome::FalseAlarm, AlertOutcome::Duplicate].map(choice).collect_view()}
            </div>
            <label>{move || t!("alert-note")}<textarea rows="2" maxlength="2000" prop:value=note on:input:target=move |event| note.set(event.target().value())></textarea></label>
            <Show when=move || outcome.get() == AlertOutcome::Handled>
                <label>{move || t!("alert-legal-basis")}<input type="text" maxlength="300" list=LEGAL_BASES prop:value=legal_basis on:input:target=move |event| legal_basis.set(event.target().value())/></label>
                <LegalBases kind/>
                <label>{move || t!("alert-fine")}<input type="text" inputmode="numeric" class="num" prop:value=fine on:input:target=move |event| fine.set(event.target().value())/></label>
            </Show>
            <button type="submit" class="button primary" data-testid="alert-close-save" disabled=move || handling.waiting.get()>{move || t!("alert-close")}</button>
        </form>
    }
}
