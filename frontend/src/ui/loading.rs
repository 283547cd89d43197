//! Waiting and failing, which look the same on every screen.
//! What is waited for, and what it becomes, is the screens' business.

use leptos::prelude::*;

use super::{Icon, now};
use crate::http::{Answer, Failure};
use crate::t;
use crate::text::kinds;

/// Shows grey lines of the final size until the answer is there, then the answer, or why there is none.
#[component]
pub fn Loading<T, V>(
    answer: LocalResource<Answer<T>>,
    /// How many lines the answer will about take.
    #[prop(default = 3)]
    lines: usize,
    children: impl Fn(T) -> V + Send + 'static,
) -> impl IntoView
where
    T: Clone + 'static,
    V: IntoView + 'static,
{
    move || match answer.get() {
        None => view! { <Skeleton lines/> }.into_any(),
        Some(Ok(value)) => children(value).into_any(),
        Some(Err(failure)) => view! { <Refused failure on_retry=move || answer.refetch()/> }.into_any(),
    }
}

/// Grey lines of the final size, after 300 ms; after ten seconds, that it takes long.
#[component]
pub fn Skeleton(lines: usize) -> impl IntoView {
    let line = |_| view! { <div class="skeleton skeleton-line"></div> };
    view! {
        <div class="waiting" role="status" aria-label=move || t!("loading")>
            {(0..lines).map(line).collect_view()}
            <p class="slow">{move || t!("loading-slow")}</p>
        </div>
    }
}

/// Why something is not there, and again.
#[component]
pub fn Refused(failure: Failure, on_retry: impl Fn() + Send + 'static) -> impl IntoView {
    let may_help = match &failure {
        Failure::Unreachable | Failure::Unreadable(_) => true,
        Failure::Refused { status, .. } => *status >= 500 || *status == 429,
    };
    let now = now();
    let code = failure.code().unwrap_or("failure").to_owned();
    view! {
        <div class="refused" role="alert" data-code=code>
            <Icon name="info"/>
            <p>{move || kinds::failure(&failure, now.get_untracked())}</p>
            {may_help.then(|| view! {
                <button type="button" class="button" on:click=move |_| on_retry()>{move || t!("retry")}</button>
            })}
        </div>
    }
}
