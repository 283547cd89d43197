//! Who is signed in, and what belongs to the person rather than to a screen: own page, language, theme, signing out.
//! Signing in itself is the dialog's business.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::session::Permission;

use crate::accounts::SignInState;
use crate::http::Failure;
use crate::later::{Later, Part};
use crate::screens::may_place;
use crate::session::{own_area, own_page, session};
use crate::t;
use crate::text::{Language, kinds, language, speak};
use crate::theme::{Theme, themes};
use crate::ui::{Icon, now};

#[component]
pub fn AccountMenu() -> impl IntoView {
    let session = session();
    let name = move || session.info().map(|info| info.display_name);
    let label = move || name().unwrap_or_else(|| t!("account-menu"));
    let opened = RwSignal::new(false);
    view! {
        <button type="button" class="button quiet account-button" popovertarget="account-menu" aria-label=label data-testid="account-button" on:click=move |_| opened.set(true)>
            <Icon name="user-circle"/>
            <span class="account-name truncate">{label}</span>
        </button>
        <div id="account-menu" class="panel menu" popover="auto" data-testid="account-menu">
            <Show when=move || opened.get()><Later part=Part::AccountMenu/></Show>
        </div>
    }
}

#[component]
pub fn AccountMenuContent() -> impl IntoView {
    view! {
        <Person/>
        <LanguageSwitch/>
        <ThemeSwitch/>
        <SignInOrOut/>
    }
}

#[component]
fn Person() -> impl IntoView {
    let session = session();
    move || {
        session.info().map(|info| {
            let page = own_page(&info);
            let login = info.login.clone();
            let roles = info.roles.clone();
            let duty = move || {
                let roles: Vec<_> = roles.iter().map(|role| kinds::word("role", role.name())).collect();
                let area = session.info().and_then(|info| own_area(&info));
                roles.into_iter().chain(area).collect::<Vec<_>>().join(" · ")
            };
            view! {
                <div class="menu-person" data-testid="signed-in" data-login=login>
                    <strong>{info.display_name}</strong>
                    <span class="quiet-text">{duty}</span>
                </div>
                <nav class="menu-pages">
                    {(page != "/").then(|| view! { <a href=page>{move || kinds::word("page", page.trim_start_matches('/'))}</a> })}
                    <Show when=move || session.may(Permission::SeeCameraAlerts)>
                        <a href="/alerts">{move || t!("page-alerts")}</a>
                        <a href="/duty">{move || t!("page-duty")}</a>
                    </Show>
                    <Show when=move || may_place(session)><a href="/unplaced">{move || t!("page-unplaced")}</a></Show>
                    <Show when=move || session.may(Permission::SeeCameraAlerts)>
                        <a href="/violations">{move || t!("page-violations")}</a>
                        <a href="/alert-rules">{move || t!("page-alert-rules")}</a>
                    </Show>
                    <Show when=move || session.may(Permission::SeeQuarantine)><a href="/quarantine">{move || t!("page-quarantine")}</a></Show>
                    <a href="/">{move || t!("page-open-map")}</a>
                </nav>
            }
        })
    }
}

#[component]
fn LanguageSwitch() -> impl IntoView {
    view! {
        <div class="menu-row" role="group" aria-label=move || t!("language")>
            <Icon name="translate"/>
            <div class="segments">
                {Language::ALL
                    .map(|choice| view! {
                        <button
                            type="button"
                            class="segment"
                            lang=choice.tag()
                            data-testid=format!("language-{}", choice.tag())
                            aria-pressed=move || (language() == choice).to_string()
                            on:click=move |_| speak(choice)
                        >
                            {match choice {
                                Language::Vietnamese => "Tiếng Việt",
                                Language::English => "English",
                            }}
                        </button>
                    })
                    .collect_view()}
            </div>
        </div>
    }
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let themes = themes();
    view! {
        <div class="menu-row" role="group" aria-label=move || t!("theme")>
            <Icon name=Signal::derive(move || if themes.get() == Theme::Dark { "moon" } else { "sun" })/>
            <div class="segments">
                {[Theme::Light, Theme::Dark]
                    .map(|choice| view! {
                        <button
                            type="button"
                            class="segment"
                            data-testid=format!("theme-{}", choice.name())
                            aria-pressed=move || (themes.get() == choice).to_string()
                            on:click=move |_| themes.choose(choice)
                        >
                            {move || kinds::word("theme", choice.name())}
                        </button>
                    })
                    .collect_view()}
            </div>
        </div>
    }
}

#[component]
fn SignInOrOut() -> impl IntoView {
    let session = session();
    let sign_in: SignInState = expect_context();
    let now = now();
    let failed = RwSignal::new(None::<Failure>);
    let navigate = use_navigate();
    let leave = move |_| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match session.sign_out().await {
                Ok(()) => navigate("/", NavigateOptions::default()),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    let leave = StoredValue::new(leave);
    view! {
        <Show
            when=move || session.is_signed_in()
            fallback=move || view! {
                <button type="button" class="button primary" data-testid="sign-in-button" on:click=move |_| sign_in.open()>
                    <Icon name="sign-in"/>
                    {move || t!("sign-in")}
                </button>
            }
        >
            <button type="button" class="button" data-testid="sign-out-button" on:click=move |event| leave.with_value(|leave| leave(event))>
                <Icon name="sign-out"/>
                {move || t!("sign-out")}
            </button>
            {move || failed.get().map(|failure| view! { <p class="error" role="alert">{kinds::failure(&failure, now.get_untracked())}</p> })}
        </Show>
    }
}
