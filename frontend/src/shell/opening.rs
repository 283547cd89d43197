//! What a card opens only on purpose: people, behind a button and, where one is needed, a reason.
//! Whether somebody may open it and whether the reason holds is the server's decision, and what is in it the domain's.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use shared::session::Permission;

use super::CardHeight;
use crate::accounts::{Reasons, is_reason_missing};
use crate::http::{Call, Failure};
use crate::session::session;
use crate::t;
use crate::ui::{Icon, Refused, Skeleton};

/// How far opening has come.
#[derive(Clone, PartialEq)]
enum Step<T> {
    Closed,
    Asked,
    Open(T),
    Refused(Failure),
}

/// One thing on its way from closed to open. It belongs to the card, so that what was opened stays when the card is read again.
pub struct Opening<T: Send + Sync + 'static> {
    door: StoredValue<String>,
    reasons: Reasons,
    step: RwSignal<Step<T>>,
}

impl<T: Send + Sync + 'static> Clone for Opening<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Opening<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Opening<T> {
    pub fn of(door: String) -> Opening<T> {
        Opening { door: StoredValue::new(door), reasons: expect_context(), step: RwSignal::new(Step::Closed) }
    }

    /// What is open.
    pub fn opened(self) -> Option<T> {
        match self.step.get() {
            Step::Open(opened) => Some(opened),
            _ => None,
        }
    }

    fn with_a_reason(self) {
        self.reasons.ask(move |reason| self.request(Some(reason)));
    }

    fn request(self, reason: Option<String>) {
        self.step.set(Step::Asked);
        let call = Call::new(Method::GET, &self.door.get_value());
        spawn_local(async move {
            let call = match reason {
                Some(reason) => call.access_reason(&reason),
                None => call,
            };
            let step = match call.receive().await {
                Ok(opened) => Step::Open(opened),
                Err(failure) => {
                    // An earlier reason no longer holds, or none was thought to be needed: it is asked for at once.
                    if is_reason_missing(&failure) {
                        self.with_a_reason();
                    }
                    Step::Refused(failure)
                }
            };
            // The card may be gone by now.
            self.step.try_set(step);
        });
    }
}

/// The button, and what is behind it once it has been opened.
#[component]
pub fn OpenedOnPurpose<T, V>(
    opening: Opening<T>,
    /// Without it there is no button.
    permission: Permission,
    label: fn() -> String,
    /// The button's, for tests.
    name: &'static str,
    /// How many lines it will about take.
    lines: usize,
    children: impl Fn(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let height: CardHeight = expect_context();
    let session = session();
    let Opening { reasons, step, .. } = opening;
    Effect::new(move |_| {
        if step.with(|step| matches!(step, Step::Open(_))) {
            height.grow();
        }
    });
    let open = move |_| {
        let needed = session.info_untracked().is_some_and(|info| info.reason_needed);
        match reasons.held() {
            None if needed => opening.with_a_reason(),
            held => opening.request(held),
        }
    };
    move || match step.get() {
        Step::Closed => view! {
            <Show when=move || session.may(permission)>
                <div class="card-actions sticky">
                    <button type="button" class="button primary wide" data-testid=name on:click=open>{label}</button>
                </div>
            </Show>
        }
        .into_any(),
        Step::Asked => view! { <Skeleton lines/> }.into_any(),
        Step::Open(opened) => {
            let opened = children(opened);
            view! {
                <p class="traced"><Icon name="eye"/>{move || t!("opening-is-kept")}</p>
                {opened}
            }
            .into_any()
        }
        Step::Refused(failure) => {
            let again = is_reason_missing(&failure).then(|| {
                view! {
                    <button type="button" class="button primary" data-testid="state-reason" on:click=move |_| opening.with_a_reason()>
                        {move || t!("reason-state")}
                    </button>
                }
            });
            view! {
                <Refused failure on_retry=move || opening.request(reasons.held())/>
                {again}
            }
            .into_any()
        }
    }
}
