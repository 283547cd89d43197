//! The sign-in dialog: login, password, and the code of the authenticator app once the server asks for it.
//! Every refusal is explained by its code; what was typed stays.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use shared::session::SignIn;

use crate::http::Failure;
use crate::lasting::Lasting;
use crate::later::{Later, Part};
use crate::session::{own_page, session};
use crate::t;
use crate::text::kinds;
use crate::ui::{Dialog, Icon, now};

/// Refused only because the code is still missing: not a failure, the next question.
const CODE_REQUIRED: &str = "accounts.code_required";

#[derive(Clone, Copy)]
pub struct SignInState {
    open: Lasting<bool>,
}

impl SignInState {
    pub fn provide() -> SignInState {
        let state = SignInState { open: Lasting::new(false) };
        provide_context(state);
        state
    }

    pub fn open(&self) {
        self.open.set(true);
    }
}

#[component]
pub fn SignInDialog() -> impl IntoView {
    let state: SignInState = expect_context();
    view! {
        <Dialog open=state.open title=Signal::derive(|| t!("sign-in")) name="sign-in-dialog">
            <Later part=Part::SignInForm/>
        </Dialog>
    }
}

#[component]
pub fn SignInForm() -> impl IntoView {
    let SignInState { open } = expect_context();
    let session = session();
    let now = now();
    let navigate = use_navigate();
    let location = use_location();
    let (login, password, code) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let code_wanted = RwSignal::new(false);
    let waiting = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let code_field: NodeRef<html::Input> = NodeRef::new();

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if waiting.get_untracked() {
            return;
        }
        let request = SignIn {
            login: login.get_untracked().trim().to_lowercase(),
            password: password.get_untracked(),
            code: Some(code.get_untracked().trim().to_owned()).filter(|code| code_wanted.get_untracked() && !code.is_empty()),
        };
        waiting.set(true);
        let navigate = navigate.clone();
        // Whoever was sent to a page stays there; from the open map everybody goes to the own page.
        let here = location.pathname.get_untracked();
        spawn_local(async move {
            let answer = session.sign_in(&request).await;
            waiting.try_set(false);
            match answer {
                Ok(info) => {
                    open.set(false);
                    if matches!(here.as_str(), "/" | "/sign-in") {
                        navigate(own_page(&info), NavigateOptions { scroll: false, ..Default::default() });
                    }
                }
                Err(refused) => {
                    if refused.code() == Some(CODE_REQUIRED) {
                        code_wanted.set(true);
                    }
                    failure.try_set(Some(refused));
                }
            }
        });
    };
    // The new question is asked where the eye should go.
    Effect::new(move |_| {
        if let (true, Some(field)) = (code_wanted.get(), code_field.get()) {
            _ = field.focus();
        }
    });
    let explained = move || {
        failure.get().map(|failure| {
            let severity = if failure.code() == Some(CODE_REQUIRED) { "note" } else { "error" };
            let code = failure.code().unwrap_or("failure").to_owned();
            view! {
                <p class=format!("form-{severity}") role="alert" data-testid="sign-in-refused" data-code=code>
                    <Icon name="info"/>
                    <span>{kinds::failure(&failure, now.get_untracked())}</span>
                </p>
            }
        })
    };
    view! {
        <form class="form" on:submit=submit>
            {explained}
            <div class="field">
                <label for="login">{move || t!("login")}</label>
                <input id="login" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus bind:value=login/>
            </div>
            <div class="field">
                <label for="password">{move || t!("password")}</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required bind:value=password/>
            </div>
            <Show when=move || code_wanted.get()>
                <div class="field">
                    <label for="code">{move || t!("sign-in-code")}</label>
                    <input id="code" name="code" class="num" node_ref=code_field inputmode="numeric" autocomplete="one-time-code" maxlength="6" bind:value=code/>
                </div>
            </Show>
            <button type="submit" class="button primary wide" data-testid="sign-in-submit" disabled=move || waiting.get()>
                {move || if waiting.get() { t!("sign-in-waiting") } else { t!("sign-in") }}
            </button>
            <p class="quiet-text">{move || t!("sign-in-help")}</p>
        </form>
    }
}
