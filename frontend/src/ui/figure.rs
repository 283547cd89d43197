//! One figure with its caption, and one fact of a card: how a number stands on a screen, always with where it is from.
//! How the number came about and when is the screens' knowledge.

use leptos::prelude::*;

/// Label, one value, a caption that says source and time.
#[component]
pub fn Figure(
    #[prop(into)] label: Signal<String>,
    /// None: never arrived, shown as "—".
    #[prop(into)]
    value: Signal<Option<String>>,
    #[prop(into)] caption: Signal<String>,
    /// Past its expected interval: shown so.
    #[prop(into, optional)]
    stale: Signal<bool>,
    name: &'static str,
) -> impl IntoView {
    // "1.181/2.060" of a city would be cut where "57/60" of a ward stands.
    let is_long = move || value.with(|value| value.as_ref().is_some_and(|value| value.len() > 9));
    view! {
        <div class="figure" class:stale=stale data-testid=format!("figure-{name}")>
            <dt class="figure-label truncate">{label}</dt>
            <dd class="figure-value num" class:long=is_long>{move || value.get().unwrap_or_else(|| "—".to_owned())}</dd>
            <dd class="figure-caption truncate">{caption}</dd>
        </div>
    }
}

/// A line of a card: what, and what it is.
#[component]
pub fn Fact(#[prop(into)] label: Signal<String>, children: Children) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
