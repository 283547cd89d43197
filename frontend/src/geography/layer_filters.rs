//! What of a layer is shown: a few choices per layer, made for the questions that are asked of it.
//! The choices become conditions of tile addresses; applying them is the server's business.

use leptos::prelude::*;
use shared::layer::Layer;

use crate::map::MapState;
use crate::t;
use crate::text::kinds;

/// One property of a layer and the choices among its values.
struct Choices {
    property: &'static str,
    title: fn() -> String,
    /// What tile addresses understand, and how it is said.
    values: Vec<(&'static str, String)>,
}

fn numbers(property: &'static str, title: fn() -> String) -> Choices {
    let values = vec![("1", "1".into()), ("2..3", "2–3".into()), ("4..5", "4–5".into()), ("6..", t!("and-more", count = 6))];
    Choices { property, title, values }
}

fn codes(property: &'static str, title: fn() -> String, family: &str, codes: &[&'static str]) -> Choices {
    Choices { property, title, values: codes.iter().map(|code| (*code, kinds::word(family, code))).collect() }
}

/// In the order in which they are asked for.
fn choices(layer: Layer) -> Vec<Choices> {
    match layer {
        Layer::Building => vec![numbers("storeys", || t!("storeys"))],
        Layer::Household => {
            vec![numbers("member_count", || t!("people-in-household")), numbers("house_households", || t!("households-per-house"))]
        }
        Layer::BoardingHouse => vec![Choices {
            property: "vacant_room_count",
            title: || t!("rooms-unit-title"),
            values: vec![("1..", t!("has-vacancy")), ("0", t!("no-vacancy"))],
        }],
        Layer::Business => vec![
            codes("sector", || t!("sector"), "sector", &["G", "I", "S", "C", "F", "H", "J", "L", "M", "N", "P", "Q", "R", "K", "A"]),
            codes("kind", || t!("kind"), "business", &["company", "household_business"]),
            codes("status", || t!("status"), "business-status", &["operating", "suspended", "closed"]),
        ],
        Layer::Camera => vec![codes("status", || t!("status"), "camera-status", &["online", "offline", "unknown"])],
        Layer::Place => vec![codes("kind", || t!("kind"), "place", &place_kinds())],
        _ => Vec::new(),
    }
}

/// Kinds of places that are not among the few choices.
const NOT_ASKED_FOR: [&str; 8] = ["university", "park", "sports", "parking", "toilet", "bank", "post", "other"];

fn place_kinds() -> Vec<&'static str> {
    kinds::PLACE_KINDS.into_iter().filter(|kind| !NOT_ASKED_FOR.contains(kind)).collect()
}

/// Whether a layer can be filtered at all.
pub(super) fn has_filters(layer: Layer) -> bool {
    matches!(layer, Layer::Building | Layer::Household | Layer::BoardingHouse | Layer::Business | Layer::Camera | Layer::Place)
}

#[component]
pub(super) fn LayerFilters(layer: Layer) -> impl IntoView {
    let state: MapState = expect_context();
    let groups = move || {
        let groups = choices(layer).into_iter().map(|Choices { property, title, values }| {
            let chips = values.into_iter().map(|(value, words)| chip(state, layer, property, value, words)).collect_view();
            view! {
                <fieldset class="filter">
                    <legend>{title()}</legend>
                    <div class="chips">{chips}</div>
                </fieldset>
            }
        });
        groups.collect_view()
    };
    let filtered = move || state.filters.with(|filters| filters.count(layer) > 0);
    view! {
        {groups}
        <Show when=filtered>
            <button
                type="button"
                class="link clear-filters"
                data-testid=format!("clear-{layer}")
                on:click=move |_| state.filters.update(|filters| filters.clear(layer))
            >
                {move || t!("filters-clear")}
            </button>
        </Show>
    }
}

fn chip(state: MapState, layer: Layer, property: &'static str, value: &'static str, words: String) -> impl IntoView {
    let is_on = move || {
        state.filters.with(|filters| filters.get(layer, property).is_some_and(|accepts| accepts.split(',').any(|one| one == value)))
    };
    let toggle = move |_| {
        state.filters.update(|filters| {
            let accepts = toggled(filters.get(layer, property).unwrap_or_default(), value);
            filters.set(layer, property, &accepts);
        });
    };
    view! {
        <button type="button" class="chip" data-testid=format!("filter-{layer}-{property}-{value}") aria-pressed=move || is_on().to_string() on:click=toggle>
            {words}
        </button>
    }
}

/// The list with a value put in, or taken out.
fn toggled(list: &str, value: &str) -> String {
    let mut values: Vec<&str> = list.split(',').filter(|one| !one.is_empty()).collect();
    match values.iter().position(|one| *one == value) {
        Some(at) => drop(values.remove(at)),
        None => values.push(value),
    }
    values.sort_unstable();
    values.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_goes_in_and_out_of_the_list() {
        assert_eq!(toggled("", "4..5"), "4..5");
        assert_eq!(toggled("4..5", "1"), "1,4..5");
        assert_eq!(toggled("1,4..5", "4..5"), "1");
        assert_eq!(toggled("1", "1"), "");
    }
}
