//! Whose data the map is, on the map itself: licences ask for it where the map is seen.
//! What is said comes with the areas; an area of one's own survey says nothing.

use leptos::prelude::*;
use shared::area::Attribution;

use crate::map::MapState;

/// Each credited once, in the order of the areas.
pub fn credits(state: MapState) -> Vec<Attribution> {
    state.areas.with(|list| {
        let mut credits: Vec<Attribution> = Vec::new();
        for attribution in list.iter().flat_map(|list| &list.areas).filter_map(|area| area.attribution.as_ref()) {
            if !credits.contains(attribution) {
                credits.push(attribution.clone());
            }
        }
        credits
    })
}

#[component]
pub fn MapAttribution() -> impl IntoView {
    let state: MapState = expect_context();
    let shown = Memo::new(move |_| credits(state));
    let one = |Attribution { text, url }: Attribution| match url {
        Some(url) => view! { <a href=url target="_blank" rel="noopener">{text}</a> }.into_any(),
        None => view! { <span>{text}</span> }.into_any(),
    };
    move || {
        let credits = shown.get();
        (!credits.is_empty())
            .then(|| view! { <p class="attribution" data-testid="attribution">{credits.into_iter().map(one).collect_view()}</p> })
    }
}
