//! What somebody does with an alert: take it, hand it over or back, write a note, close it, open it again.
//! Whether they may, and who was faster, is the server's answer; the card shows what comes of it.

use gloo_net::http::Method;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use shared::camera_alert::{
    AlertHandler, AlertHandlerList, AlertKind, AlertOutcome, AlertStatus, AssignAlert, CameraAlert, CameraAlertCard, CloseAlert, NoteAlert,
    ReopenAlert,
};

use super::keys;
use crate::cameras::register::{LEGAL_BASES, LegalBases};
use crate::http::{self, Call, Failure};
use crate::t;
use crate::text::{clock, kinds};
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

impl Form {
    /// The form that asks for a step, of those that a form asks for.
    fn of(step: &str) -> Form {
        match step {
            "assign" => Form::HandOver,
            "note" => Form::Note,
            "close" => Form::Close,
            "reopen" => Form::Reopen,
            _ => Form::None,
        }
    }

    /// The key of the button that opens it.
    fn letter(self) -> Option<&'static str> {
        match self {
            Form::None => None,
            Form::HandOver => Some("A"),
            Form::Note => Some("N"),
            Form::Close => Some("C"),
            Form::Reopen => Some("R"),
        }
    }
}

/// What has been typed. It outlives what is redrawn while somebody types: devices go on reporting, colleagues go on working.
#[derive(Clone, Copy)]
struct Typed {
    words: RwSignal<String>,
    outcome: RwSignal<AlertOutcome>,
    legal_basis: RwSignal<String>,
    fine: RwSignal<String>,
}

/// One alert in somebody's hands.
#[derive(Clone, Copy)]
pub struct Handling {
    id: i64,
    form: RwSignal<Form>,
    typed: Typed,
    waiting: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    /// What was done, for whoever cannot see it.
    said: RwSignal<String>,
    /// The card as a step has left it.
    done: Callback<CameraAlertCard>,
}

impl Handling {
    pub fn of(id: i64, done: Callback<CameraAlertCard>) -> Handling {
        let typed = Typed {
            words: RwSignal::new(String::new()),
            outcome: RwSignal::new(AlertOutcome::Handled),
            legal_basis: RwSignal::new(String::new()),
            fine: RwSignal::new(String::new()),
        };
        Handling {
            id,
            form: RwSignal::new(Form::None),
            typed,
            waiting: RwSignal::new(false),
            failure: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            done,
        }
    }

    /// Whether a form is open, beside which no other belongs.
    pub fn asks(self) -> bool {
        self.form.get() != Form::None
    }

    fn take(self) {
        self.step("take", None, &());
    }

    /// Back to those that wait for somebody, unless a step came between.
    fn give_back(self, version: i32) {
        self.send("assign", Some(version), &AssignAlert { account_id: None, note: None }, t!("said-given-back"), Form::None);
    }

    /// `version`: what the person saw, where a step that came between should stop this one.
    pub(super) fn step(self, name: &str, version: Option<i32>, body: &impl Serialize) {
        self.send(name, version, body, said_of(name), Form::of(name));
    }

    /// `from`: what asked for it, and is put away with the answer; another form, opened meanwhile, keeps what is typed in it.
    fn send(self, name: &str, version: Option<i32>, body: &impl Serialize, words: String, from: Form) {
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
                    let is_ours = self.form.try_get_untracked() == Some(from);
                    if is_ours && from != Form::None {
                        self.form.try_set(Form::None);
                        self.typed.words.try_set(String::new());
                    }
                    self.said.try_set(words);
                    self.done.try_run(card);
                    if is_ours {
                        keys::focus_soon(".card .alert-actions .button:not(:disabled)".to_owned());
                    }
                }
                Err(failure) => _ = self.failure.try_set(Some(failure)),
            }
        });
    }

    /// Puts the form away and the hands back where they were.
    fn put_away(self) {
        let letter = self.form.get_untracked().letter();
        self.form.set(Form::None);
        if let Some(letter) = letter {
            // Soon: the buttons come back with the form's going.
            keys::focus_soon(format!(".alert-actions [aria-keyshortcuts=\"{letter}\"]"));
        }
    }
}

/// What a step has done, for whoever cannot see it.
fn said_of(step: &str) -> String {
    match step {
        "take" => t!("said-taken"),
        "assign" => t!("said-assigned"),
        "note" => t!("said-noted"),
        "close" => t!("said-closed"),
        "reopen" => t!("said-reopened"),
        _ => t!("edit-kept"),
    }
}

/// Who was faster, and when, in the words of the officers: "Bà Hoa đã nhận lúc 14:03."
fn lost_race(failure: &Failure) -> Option<String> {
    if failure.code() != Some("camera_alerts.already_taken") {
        return None;
    }
    let conflict = failure.conflict()?;
    let name = conflict.changed_by.clone()?;
    let time = clock(conflict.changed_at);
    let was_given = conflict.current.get("status").and_then(|status| status.as_str()) == Some(AlertStatus::Assigned.name());
    Some(if was_given { t!("alert-lost-to-assigned", name = name, time = time) } else { t!("alert-lost-race", name = name, time = time) })
}

/// The buttons, and the form of the one that asks for more.
#[component]
pub fn AlertActions(
    /// Stays the same while what it says changes, so that no form is taken from under somebody who types.
    #[prop(into)]
    alert: Signal<Option<CameraAlert>>,
    handling: Handling,
) -> impl IntoView {
    let now = now();
    let Handling { form, waiting, failure, said, .. } = handling;
    let status = Memo::new(move |_| alert.with(|alert| alert.as_ref().map(|alert| alert.status)));
    let kind = move || alert.with_untracked(|alert| alert.as_ref().map(|alert| alert.kind));
    let version = move || alert.with_untracked(|alert| alert.as_ref().map_or(0, |alert| alert.version));
    let open = move |which: Form| {
        move |_| {
            failure.set(None);
            form.set(if form.get_untracked() == which { Form::None } else { which });
        }
    };
    let failed = move || {
        failure.get().map(|failure| {
            let code = failure.code().unwrap_or("failure").to_owned();
            let words = lost_race(&failure).unwrap_or_else(|| kinds::failure(&failure, now.get_untracked()));
            view! { <p class="error" role="alert" data-testid="alert-failed" data-code=code>{words}</p> }
        })
    };
    let leave = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            // The card stays: only the form is put away.
            event.prevent_default();
            handling.put_away();
        }
    };
    let buttons = move || {
        let status = status.get()?;
        let is_closed = status == AlertStatus::Closed;
        let is_taken = status == AlertStatus::Taken;
        let is_with_somebody = is_taken || status == AlertStatus::Assigned;
        Some(view! {
            {(!is_closed && !is_taken).then(|| view! {
                <button type="button" class="button primary" data-testid="alert-take" aria-keyshortcuts="T" disabled=move || waiting.get() on:click=move |_| handling.take()>
                    {move || t!("alert-take")}
                </button>
            })}
            {(!is_closed).then(|| view! {
                <button type="button" class="button" data-testid="alert-close" aria-keyshortcuts="C" class:primary=is_taken aria-expanded=move || (form.get() == Form::Close).to_string() on:click=open(Form::Close)>
                    {move || t!("alert-close")}
                </button>
                <button type="button" class="button" data-testid="alert-hand-over" aria-keyshortcuts="A" aria-expanded=move || (form.get() == Form::HandOver).to_string() on:click=open(Form::HandOver)>
                    {move || t!("alert-hand-over")}
                </button>
            })}
            {is_with_somebody.then(|| view! {
                <button type="button" class="button" data-testid="alert-give-back" aria-keyshortcuts="B" disabled=move || waiting.get() on:click=move |_| handling.give_back(version())>
                    {move || t!("alert-step-given_back")}
                </button>
            })}
            <button type="button" class="button" data-testid="alert-note" aria-keyshortcuts="N" aria-expanded=move || (form.get() == Form::Note).to_string() on:click=open(Form::Note)>
                {move || t!("alert-note")}
            </button>
            {is_closed.then(|| view! {
                <button type="button" class="button" data-testid="alert-reopen" aria-keyshortcuts="R" aria-expanded=move || (form.get() == Form::Reopen).to_string() on:click=open(Form::Reopen)>
                    {move || t!("alert-reopen")}
                </button>
            })}
        })
    };
    view! {
        <div class="alert-handling" on:keydown=move |event| if form.get_untracked() != Form::None { leave(event) }>
            {failed}
            {move || match form.get() {
                Form::None => None,
                Form::HandOver => Some(view! { <HandOver version=Callback::new(move |()| version()) handling/> }.into_any()),
                Form::Note => Some(view! {
                    <Words label=|| t!("alert-note") least=1 handling on_words=move |note| handling.step("note", None, &NoteAlert { note }) leave=move || handling.put_away()/>
                }.into_any()),
                Form::Close => kind().map(|kind| view! { <CloseForm version=Callback::new(move |()| version()) kind handling/> }.into_any()),
                Form::Reopen => Some(view! {
                    <Words label=|| t!("alert-reopen-reason") least=8 handling on_words=move |reason| handling.step("reopen", None, &ReopenAlert { reason }) leave=move || handling.put_away()/>
                }.into_any()),
            }}
            // While a form is open its own two buttons are the only ones: nobody closes the form who means the alert.
            <div class="card-actions alert-actions" style:display=move || handling.asks().then_some("none")>{buttons}</div>
            <p class="visually-hidden" role="status">{said}</p>
        </div>
    }
}

/// The button that sends a form: its name for tests, and its words.
type Submit = (&'static str, fn() -> String);

/// How a form ends: done, or put away.
#[component]
fn FormEnd(
    /// None where a choice is the deed.
    #[prop(optional)]
    submit: Option<Submit>,
    #[prop(optional, into)] disabled: Signal<bool>,
    leave: impl Fn() + 'static,
    handling: Handling,
) -> impl IntoView {
    let end: NodeRef<html::Div> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(end) = end.get() {
            let into_view = web_sys::ScrollIntoViewOptions::new();
            into_view.set_block(web_sys::ScrollLogicalPosition::Nearest);
            request_animation_frame(move || end.scroll_into_view_with_scroll_into_view_options(&into_view));
        }
    });
    view! {
        <div class="card-actions" node_ref=end>
            {submit.map(|(name, words)| view! {
                <button type="submit" class="button primary" data-testid=name disabled=move || disabled.get() || handling.waiting.get()>{words}</button>
            })}
            <button type="button" class="button" data-testid="alert-form-cancel" on:click=move |_| leave()>{move || t!("cancel")}</button>
        </div>
    }
}

/// A field that has the focus as soon as it is there.
fn focused_at_once(field: NodeRef<html::Textarea>) {
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || _ = field.focus());
        }
    });
}

/// A few words, and they are sent.
#[component]
pub(super) fn Words(
    label: fn() -> String,
    least: usize,
    handling: Handling,
    on_words: impl Fn(String) + 'static,
    /// What puts the form away with nothing said.
    leave: impl Fn() + 'static,
) -> impl IntoView {
    let words = handling.typed.words;
    let field: NodeRef<html::Textarea> = NodeRef::new();
    focused_at_once(field);
    let is_short = move || words.with(|words| words.trim().chars().count() < least);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        on_words(words.get_untracked().trim().to_owned());
    };
    view! {
        <form class="alert-form" data-testid="alert-words" on:submit=submit>
            <label>
                {label}
                <textarea node_ref=field rows="3" maxlength="2000" prop:value=words on:input:target=move |event| words.set(event.target().value())></textarea>
            </label>
            <FormEnd submit=("alert-words-save", (|| t!("save")) as fn() -> String) disabled=Signal::derive(is_short) leave handling/>
        </form>
    }
}

/// To whom, among those who answer for alerts there.
#[component]
fn HandOver(version: Callback<(), i32>, handling: Handling) -> impl IntoView {
    let id = handling.id;
    let handlers =
        LocalResource::new(move || async move { http::get::<AlertHandlerList>(&format!("/api/camera-alerts/{id}/handlers")).await });
    Effect::new(move |_| {
        if handlers.get().is_some() {
            request_animation_frame(|| keys::focus("[data-testid=\"alert-handler\"]"));
        }
    });
    let give =
        move |account_id: i64| handling.step("assign", Some(version.run(())), &AssignAlert { account_id: Some(account_id), note: None });
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
        <section class="alert-form" aria-label=move || t!("alert-hand-over")>
            <h3>{move || t!("alert-hand-over")}</h3>
            <crate::ui::Loading answer=handlers lines=3 let:list>
                <ul class="rows alert-handlers" data-testid="alert-handlers">{list.handlers.into_iter().map(row).collect_view()}</ul>
            </crate::ui::Loading>
            <FormEnd leave=move || handling.put_away() handling/>
        </section>
    }
}

/// How it ended; for what was handled, by which rule and with which fine.
#[component]
fn CloseForm(version: Callback<(), i32>, kind: AlertKind, handling: Handling) -> impl IntoView {
    let Typed { words, outcome, legal_basis, fine } = handling.typed;
    let field: NodeRef<html::Textarea> = NodeRef::new();
    focused_at_once(field);
    let filled = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let is_handled = outcome.get_untracked() == AlertOutcome::Handled;
        let digits: String = fine.get_untracked().chars().filter(char::is_ascii_digit).collect();
        let body = CloseAlert {
            outcome: outcome.get_untracked(),
            note: filled(words.get_untracked()),
            legal_basis: filled(legal_basis.get_untracked()).filter(|_| is_handled),
            fine_vnd: digits.parse().ok().filter(|_| is_handled),
        };
        handling.step("close", Some(version.run(())), &body);
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
                {AlertOutcome::ALL.map(choice).collect_view()}
            </div>
            <label>
                {move || t!("alert-note")}
                <textarea node_ref=field id="close-note" rows="2" maxlength="2000" prop:value=words on:input:target=move |event| words.set(event.target().value())></textarea>
            </label>
            <Show when=move || outcome.get() == AlertOutcome::Handled>
                <label>{move || t!("alert-legal-basis")}<input type="text" id="close-basis" maxlength="300" list=LEGAL_BASES prop:value=legal_basis on:input:target=move |event| legal_basis.set(event.target().value())/></label>
                <LegalBases kind/>
                <label>{move || t!("alert-fine")}<input type="text" id="close-fine" inputmode="numeric" class="num" prop:value=fine on:input:target=move |event| fine.set(event.target().value())/></label>
                <p class="quiet-text">{move || t!("alert-close-register")}</p>
            </Show>
            <FormEnd submit=("alert-close-save", (|| t!("alert-close-save")) as fn() -> String) leave=move || handling.put_away() handling/>
        </form>
    }
}
