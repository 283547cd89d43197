//! Measuring on the map: the length of a line or the size of a surface, corner by corner.
//! The sums are `map::ground`'s; how lines look is the map style's.

use leptos::prelude::*;
use serde_json::{Value, json};

use super::map_tools::ToolPanel;
use crate::map::{MapState, Pointer, PointerKind, drawn, empty, ground, sketch};
use crate::t;
use crate::text::format;
use crate::ui::Icon;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measures {
    Length,
    Surface,
}

#[component]
pub fn MeasurePanel() -> impl IntoView {
    let state: MapState = expect_context();
    let measures = RwSignal::new(Measures::Length);
    let corners = RwSignal::new(Vec::<[f64; 2]>::new());
    // Where the pointer is: the next corner, if it were set here.
    let next = RwSignal::new(None::<[f64; 2]>);
    let done = RwSignal::new(false);
    let add = move |place: [f64; 2]| {
        if done.get_untracked() {
            corners.set(Vec::new());
            done.set(false);
        }
        corners.update(|corners| corners.push(place));
    };
    state.on_pointer(move |Pointer { kind, place, .. }| match kind {
        PointerKind::Click => {
            add(*place);
            true
        }
        PointerKind::DoubleClick => {
            // Its two clicks have set the same corner twice.
            corners.update(|corners| _ = corners.pop());
            done.set(true);
            next.set(None);
            true
        }
        PointerKind::Move => {
            next.set(Some(*place).filter(|_| !done.get_untracked()));
            false
        }
        PointerKind::Down | PointerKind::Up => false,
    });
    Effect::new(move |_| state.sketch.set(drawing(measures.get(), &corners.get(), next.get())));
    on_cleanup(move || _ = state.sketch.try_set(empty()));

    let add_at_middle = move |_| {
        if let Some(view) = state.view.get_untracked() {
            add([view.lon, view.lat]);
        }
    };
    let kind = move |choice: Measures, name: &'static str, label: fn() -> String| {
        view! {
            <button type="button" class="segment" data-testid=name aria-pressed=move || (measures.get() == choice).to_string() on:click=move |_| measures.set(choice)>
                {label}
            </button>
        }
    };
    let result = move || corners.with(|corners| answer(measures.get(), corners));
    let around = move || {
        let shown = measures.get() == Measures::Surface && corners.with(|corners| corners.len() > 2);
        shown.then(|| corners.with(|corners| t!("measure-around", length = format::distance(around(corners)))))
    };
    view! {
        <ToolPanel title=Signal::derive(|| t!("measure")) name="measure-panel">
            <div class="tool-body">
                <div class="segments" role="group" aria-label=move || t!("measure")>
                    {kind(Measures::Length, "measure-length", || t!("measure-length"))}
                    {kind(Measures::Surface, "measure-surface", || t!("measure-surface"))}
                </div>
                <p class="tool-result num" role="status" data-testid="measure-result">{result}</p>
                <p class="quiet-text">{around}</p>
                <p class="quiet-text">{move || t!("measure-how")}</p>
                <div class="tool-actions">
                    <button type="button" class="button" data-testid="measure-add" on:click=add_at_middle>{move || t!("measure-add-middle")}</button>
                    <button type="button" class="button icon-only" title=move || t!("undo") aria-label=move || t!("undo") on:click=move |_| corners.update(|corners| _ = corners.pop())>
                        <Icon name="arrow-counter-clockwise"/>
                    </button>
                    <button type="button" class="button" on:click=move |_| { corners.set(Vec::new()); done.set(false) }>{move || t!("measure-anew")}</button>
                </div>
            </div>
        </ToolPanel>
    }
}

fn around(corners: &[[f64; 2]]) -> f64 {
    let closing = corners.last().zip(corners.first()).map_or(0.0, |(last, first)| ground::distance_m(*last, *first));
    ground::length_m(corners) + closing
}

fn answer(measures: Measures, corners: &[[f64; 2]]) -> String {
    match measures {
        Measures::Length => format::distance(ground::length_m(corners)),
        Measures::Surface => format::surface(ground::area_m2(corners)),
    }
}

/// What is measured as a sketch: set corners and, as a ghost, the next one; a label with the length at each corner of a line.
fn drawing(measures: Measures, corners: &[[f64; 2]], next: Option<[f64; 2]>) -> Value {
    let mut features = Vec::new();
    match measures {
        Measures::Length => {
            features.push(drawn("LineString", json!(corners), "", None));
            if let (Some(last), Some(next)) = (corners.last(), next) {
                let length = ground::length_m(corners) + ground::distance_m(*last, next);
                features.push(drawn("LineString", json!([last, next]), "ghost", None));
                features.push(drawn("Point", json!(next), "label", Some(&format::distance(length))));
            }
        }
        Measures::Surface => {
            let ring: Vec<[f64; 2]> = corners.iter().copied().chain(next).collect();
            let closed: Vec<[f64; 2]> = ring.iter().chain(ring.first()).copied().collect();
            if ring.len() > 2 {
                features.push(drawn("Polygon", json!([closed]), "", None));
            }
            features.push(drawn("LineString", json!(closed), if next.is_some() { "ghost" } else { "" }, None));
        }
    }
    features.extend(corners.iter().map(|corner| drawn("Point", json!(corner), "handle", None)));
    // A line of one corner is no line.
    features.retain(|feature| {
        feature["geometry"]["type"] != "LineString" || feature["geometry"]["coordinates"].as_array().is_some_and(|line| line.len() > 1)
    });
    sketch(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_grows_towards_the_pointer_and_a_surface_closes() {
        let (a, b, c) = ([105.74, 21.04], [105.75, 21.04], [105.75, 21.05]);
        let kinds = |value: &Value| {
            let features = value["features"].as_array().unwrap();
            features.iter().map(|feature| feature["geometry"]["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&drawing(Measures::Length, &[a], None)), ["Point"]);
        assert_eq!(kinds(&drawing(Measures::Length, &[a], Some(b))), ["LineString", "Point", "Point"]);
        let surface = drawing(Measures::Surface, &[a, b, c], None);
        assert_eq!(kinds(&surface)[0], "Polygon");
        let ring = surface["features"][0]["geometry"]["coordinates"][0].as_array().unwrap();
        assert_eq!(ring.first(), ring.last());
    }

    #[test]
    fn the_way_around_includes_the_way_back() {
        let triangle = [[105.74, 21.04], [105.75, 21.04], [105.75, 21.05]];
        assert!(around(&triangle) > ground::length_m(&triangle) + 1000.0);
        assert_eq!(around(&[]), 0.0);
    }
}
