//! The quiet line above the list of `/alerts`: how many alerts a shelf leaves out of it now, and the way to them and back.
//! Why, by whom and until when is said on each of them, and above the room's list.

use leptos::prelude::*;

use super::filters::{AlertFilters, Shelved, Standing};
use super::given::opens_elsewhere;
use super::shelving::Shelves;
use crate::map::MapState;
use crate::t;
use crate::text::count;
use crate::ui::Icon;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// So many are not in the list.
    Without(i64),
    Only,
}

/// None where the list leaves nothing out, or holds only what no shelf concerns.
fn line_of(filters: &AlertFilters, hidden: i64) -> Option<Line> {
    match (filters.shelved, filters.standing) {
        (Shelved::Only, _) => Some(Line::Only),
        (Shelved::Any, _) | (_, Standing::Closed) => None,
        (Shelved::Without, _) => (hidden > 0).then_some(Line::Without(hidden)),
    }
}

#[component]
pub fn LeftOut(shelves: Shelves) -> impl IntoView {
    let state: MapState = expect_context();
    let line = Memo::new(move |_| {
        let hidden = shelves.list.with(|list| list.as_ref().map_or(0, |list| list.hidden));
        state.alerts.with(|written| line_of(&AlertFilters::read(written), hidden))
    });
    let to = move |shelved: Shelved, name: &'static str, label: fn() -> String| {
        let written = AlertFilters { shelved, ..AlertFilters::default() }.written();
        let address = if written.is_empty() { "/alerts".to_owned() } else { format!("/alerts?alerts={written}") };
        let open = move |event: leptos::ev::MouseEvent| {
            if !opens_elsewhere(&event) {
                event.prevent_default();
                state.alerts.set(written.clone());
            }
        };
        view! { <a class="link" href=address data-testid=name on:click=open>{label}</a> }
    };
    move || {
        line.get().map(|line| {
            let (words, way) = match line {
                Line::Without(hidden) => {
                    (t!("shelved-count", count = hidden, number = count(hidden)), to(Shelved::Only, "left-out-show", || t!("shelved-show")))
                }
                Line::Only => (t!("shelved-only"), to(Shelved::Without, "left-out-back", || t!("shelved-back"))),
            };
            view! { <p class="left-out" data-testid="left-out"><Icon name="eye-slash"/><span>{words}" · "{way}</span></p> }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_the_list_does_not_show() {
        let of = |shelved, standing| line_of(&AlertFilters { shelved, ..AlertFilters::of(standing) }, 3);
        assert_eq!(of(Shelved::Without, Standing::NeedsAction), Some(Line::Without(3)));
        assert_eq!(of(Shelved::Without, Standing::All), Some(Line::Without(3)));
        assert_eq!(of(Shelved::Without, Standing::Closed), None, "what is closed no shelf leaves out");
        assert_eq!(of(Shelved::Any, Standing::NeedsAction), None);
        assert_eq!(of(Shelved::Only, Standing::NeedsAction), Some(Line::Only), "the way back");
        assert_eq!(line_of(&AlertFilters::default(), 0), None);
    }
}
