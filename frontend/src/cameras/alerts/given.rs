//! What somebody else, or the roster, has just given to this person: one line in the bar, there as soon as it happens.
//! It goes when the alerts are taken; they stand in the list like all others.

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::feed::AlertFeed;
use super::filters::{AlertFilters, Shelved, Standing};
use crate::map::MapState;
use crate::t;
use crate::ui::Icon;

/// More than anybody is given before looking.
const MOST: usize = 50;
const QUERY: &str = "status=assigned&mine=true";

/// Nothing while there is nothing.
#[component]
pub fn GivenToMe() -> impl IntoView {
    let state: MapState = expect_context();
    let given = AlertFeed::follow(Signal::derive(|| QUERY.to_owned()), MOST);
    let count =
        Memo::new(move |_| given.answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok().map(Vec::len)).unwrap_or(0)));
    let navigate = use_navigate();
    // Whatever is counted here is in the list that opens.
    let mine = AlertFilters { shelved: Shelved::Any, ..AlertFilters::of(Standing::Mine) }.written();
    let address = format!("/alerts?alerts={mine}");
    view! {
        <div class="given" role="status">
            {move || {
                let (navigate, mine) = (navigate.clone(), mine.clone());
                let open = move |event: leptos::ev::MouseEvent| {
                    if !opens_elsewhere(&event) {
                        event.prevent_default();
                        state.alerts.set(mine.clone());
                        navigate("/alerts", Default::default());
                    }
                };
                (count.get() > 0).then(|| view! {
                    <a class="given-link" href=address.clone() data-testid="given-to-me" on:click=open>
                        <Icon name="user"/>
                        <span>{t!("alerts-given", count = count.get())}</span>
                    </a>
                })
            }}
        </div>
    }
}

/// Whether a click asks for another tab or window, which the browser sees to.
pub fn opens_elsewhere(event: &leptos::ev::MouseEvent) -> bool {
    event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key()
}
