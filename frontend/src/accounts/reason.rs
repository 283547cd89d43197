//! Asks why somebody's data is looked up, once for a stretch of work, and hands the reason to whoever waits for it.
//! Whether a reason is needed, and how long it holds, is decided by the server; here it only spares a refused look.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use shared::audit::{REASON_MAX_CHARACTERS, REASON_MIN_CHARACTERS, SEARCH_REASON_LASTS_S};

use crate::http::Failure;
use crate::lasting::Lasting;
use crate::later::{Later, Part};
use crate::session::session;
use crate::t;
use crate::ui::{Dialog, Now, now};

const REASON_REQUIRED: &str = "residents.reason_required";

type Waiting = Arc<dyn Fn(String) + Send + Sync>;

/// Whether a request was refused only because it did not say why.
pub fn is_reason_missing(failure: &Failure) -> bool {
    failure.code() == Some(REASON_REQUIRED)
}

#[derive(Clone, Copy)]
pub struct Reasons {
    open: Lasting<bool>,
    waiting: StoredValue<Option<Waiting>>,
    given: Lasting<Option<(String, DateTime<Utc>)>>,
    now: Now,
}

impl Reasons {
    pub fn provide() -> Reasons {
        let reasons = Reasons { open: Lasting::new(false), waiting: StoredValue::new(None), given: Lasting::new(None), now: now() };
        let session = session();
        // The next person states their own.
        Effect::new(move |_| {
            session.audience();
            reasons.given.set(None);
        });
        provide_context(reasons);
        reasons
    }

    /// Opens the dialog; `then` is called with the reason, or never.
    pub fn ask(&self, then: impl Fn(String) + Send + Sync + 'static) {
        self.waiting.set_value(Some(Arc::new(then)));
        self.open.set(true);
    }

    /// What was stated on this page so lately that it still stands: the server takes the same words for the same search.
    pub fn held(&self) -> Option<String> {
        let lasts = TimeDelta::seconds(SEARCH_REASON_LASTS_S);
        let (reason, at) = self.given.get_untracked()?;
        (self.now.get_untracked() - at < lasts).then_some(reason)
    }

    fn give(&self, reason: String) {
        self.open.set(false);
        self.given.set(Some((reason.clone(), self.now.get_untracked())));
        if let Some(then) = self.waiting.get_value() {
            self.waiting.set_value(None);
            then(reason);
        }
    }
}

#[component]
pub fn ReasonDialog() -> impl IntoView {
    let reasons: Reasons = expect_context();
    view! {
        <Dialog open=reasons.open title=Signal::derive(|| t!("reason-title")) name="reason-dialog">
            <Later part=Part::ReasonForm/>
        </Dialog>
    }
}

#[component]
pub fn ReasonForm() -> impl IntoView {
    let reasons: Reasons = expect_context();
    let reason = RwSignal::new(String::new());
    let too_short = RwSignal::new(false);
    let field: NodeRef<html::Textarea> = NodeRef::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = reason.get_untracked().trim().to_owned();
        if text.chars().count() < REASON_MIN_CHARACTERS {
            too_short.set(true);
            focus(field);
        } else {
            reasons.give(text);
        }
    };
    let chip = move |text: fn() -> String| {
        let take = move |_| {
            too_short.set(false);
            reason.set(text());
            focus(field);
        };
        view! { <button type="button" class="chip" on:click=take>{move || text()}</button> }
    };
    view! {
        <form class="form" on:submit=submit>
            <p class="quiet-text">{move || t!("reason-explained")}</p>
            <div class="chips" role="group" aria-label=move || t!("reason-usual")>
                {chip(|| t!("reason-residence"))}
                {chip(|| t!("reason-report"))}
                {chip(|| t!("reason-case"))}
            </div>
            <div class="field">
                <label for="reason">{move || t!("reason-field")}</label>
                <textarea
                    id="reason"
                    rows="3"
                    maxlength=REASON_MAX_CHARACTERS.to_string()
                    node_ref=field
                    autofocus
                    aria-describedby="reason-error"
                    aria-invalid=move || too_short.get().to_string()
                    prop:value=reason
                    on:input:target=move |event| {
                        reason.set(event.target().value());
                        too_short.set(false);
                    }
                ></textarea>
                <p id="reason-error" class="error" role="alert">
                    {move || too_short.get().then(|| t!("reason-too-short", count = REASON_MIN_CHARACTERS))}
                </p>
            </div>
            <button type="submit" class="button primary wide" data-testid="reason-submit">{move || t!("reason-submit")}</button>
        </form>
    }
}

fn focus(field: NodeRef<html::Textarea>) {
    if let Some(field) = field.get_untracked() {
        _ = field.focus();
    }
}
