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

/// What is known of something that is read again and again: it stays while it is read, and while the server is away and it is `still`
/// what is asked for. What is refused by now is known no longer.
pub fn known<T: Clone + PartialEq + Send + Sync + 'static>(
    answer: LocalResource<Answer<T>>,
    still: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> Memo<Option<Answer<T>>> {
    Memo::new(move |before: Option<&Option<Answer<T>>>| match (answer.get()?, before) {
        (Err(failure), Some(Some(Ok(known)))) if failure.may_pass() && still(known) => Some(Ok(known.clone())),
        (answer, _) => Some(answer),
    })
}

/// The same waiting and failing around what is drawn once and keeps itself true: what somebody types in it, or has the focus on,
/// stays while it is read again.
#[component]
pub fn Kept<T: Clone + PartialEq + Send + Sync + 'static>(
    known: Memo<Option<Answer<T>>>,
    /// How many lines it will about take.
    lines: usize,
    on_retry: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let standing = Memo::new(move |_| known.with(|known| known.as_ref().map(|answer| answer.as_ref().err().cloned())));
    move || match standing.get() {
        None => view! { <Skeleton lines/> }.into_any(),
        Some(None) => children().into_any(),
        Some(Some(failure)) => view! { <Refused failure on_retry=move || on_retry.run(())/> }.into_any(),
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
    let may_help = failure.may_pass();
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
