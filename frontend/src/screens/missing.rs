//! What stands where a page is not: unknown addresses, and pages that belong to somebody else's work.
//! Whether the data behind a page may be seen is decided by the server all the same.

use leptos::prelude::*;

use crate::accounts::SignInState;
use crate::session::session;
use crate::t;

#[component]
pub fn MissingPage() -> impl IntoView {
    view! {
        <section id="panel" class="panel notice" data-testid="missing-page">
            <h1>{move || t!("page-missing")}</h1>
            <p>{move || t!("page-missing-explained")}</p>
            <a href="/" class="button primary">{move || t!("page-open-map")}</a>
        </section>
    }
}

/// Stands in for a page that this person has no use of: sign in, or somebody else should.
#[component]
pub fn NotYours() -> impl IntoView {
    let session = session();
    let sign_in: SignInState = expect_context();
    view! {
        <section id="panel" class="panel notice" data-testid="not-yours">
            <Show
                when=move || session.is_signed_in()
                fallback=move || view! {
                    <h1>{move || t!("sign-in-first")}</h1>
                    <p>{move || t!("sign-in-first-explained")}</p>
                    <button type="button" class="button primary" data-testid="sign-in-button" on:click=move |_| sign_in.open()>{move || t!("sign-in")}</button>
                    <a href="/" class="button">{move || t!("page-open-map")}</a>
                }
            >
                <h1>{move || t!("status-403")}</h1>
                <p>{move || t!("forbidden-explained")}</p>
                <a href="/" class="button primary">{move || t!("page-open-map")}</a>
            </Show>
        </section>
    }
}
