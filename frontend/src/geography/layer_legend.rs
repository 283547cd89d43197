//! What the marks of each layer mean, drawn as on the map; and what the colours of counts per cell stand for.
//! Colours are the style sheet's, which shares them with the map style.

use leptos::prelude::*;
use shared::layer::Layer;

use crate::map::MapState;
use crate::number;
use crate::t;
use crate::text::{count, kinds};
use crate::ui::Icon;

/// Upper ends of the first four classes of counts per cell, by whole zoom from 10 on; `style/map.json` has the same.
const BREAKS: [[i64; 4]; 7] = [
    [500, 2000, 5000, 20_000],
    [200, 500, 2000, 5000],
    [50, 200, 500, 1000],
    [20, 50, 100, 200],
    [5, 20, 50, 100],
    [3, 8, 15, 30],
    [2, 4, 8, 15],
];

fn breaks(zoom: f64) -> [i64; 4] {
    BREAKS[number::within(zoom.floor() - 10.0, 0.0, 6.0) as usize]
}

/// "1–4", "5–19", …, "100 trở lên".
fn classes(zoom: f64) -> [String; 5] {
    let ends = breaks(zoom);
    let between = |from: i64, to: i64| if from == to { count(from) } else { format!("{}–{}", count(from), count(to)) };
    [
        between(1, ends[0] - 1),
        between(ends[0], ends[1] - 1),
        between(ends[1], ends[2] - 1),
        between(ends[2], ends[3] - 1),
        t!("and-more", count = ends[3]),
    ]
}

#[component]
pub fn LayerLegend(layer: Layer) -> impl IntoView {
    let state: MapState = expect_context();
    move || {
        if state.density.get() == Some(layer) {
            return view! { <CellLegend/> }.into_any();
        }
        let rows = marks(layer).into_iter().map(|(class, icon, words)| {
            view! {
                <li>
                    <span class=format!("legend-mark {class}") data-layer=layer.name() aria-hidden="true">{icon.map(|name| view! { <Icon name/> })}</span>
                    <span>{words}</span>
                </li>
            }
        });
        view! { <ul class="legend">{rows.collect_view()}</ul> }.into_any()
    }
}

#[component]
fn CellLegend() -> impl IntoView {
    let state: MapState = expect_context();
    let whole_zoom = Memo::new(move |_| state.view.with(|view| view.map_or(14.0, |view| view.zoom.floor())));
    let rows = move || {
        let classes = classes(whole_zoom.get()).into_iter().enumerate();
        classes.map(|(number, words)| view! { <li><span class=format!("legend-mark cell count-{}", number + 1)></span><span class="num">{words}</span></li> }).collect_view()
    };
    view! {
        <p class="quiet-text">{move || t!("cells-explained")}</p>
        <ul class="legend">{rows}</ul>
    }
}

type Mark = (&'static str, Option<&'static str>, String);

fn marks(layer: Layer) -> Vec<Mark> {
    match layer {
        Layer::Area => {
            vec![
                ("line ward", None, t!("legend-ward-line")),
                ("line tdp", None, t!("legend-tdp-line")),
                ("outside", None, t!("legend-outside")),
            ]
        }
        Layer::Road => ["national_road", "main_road", "street", "alley", "side_alley", "branch_alley"]
            .map(|class| {
                let mark: &'static str = match class {
                    "national_road" => "line road-national",
                    "main_road" => "line road-main",
                    "street" => "line road-street",
                    "alley" => "line road-alley",
                    _ => "line road-branch",
                };
                (mark, None, kinds::word("road", class))
            })
            .into(),
        Layer::Building => vec![
            ("building storeys-1", None, t!("legend-storeys", count = "1–2")),
            ("building storeys-3", None, t!("legend-storeys", count = "3–4")),
            ("building storeys-5", None, t!("legend-storeys", count = "5–7")),
            ("building storeys-8", None, t!("legend-storeys", count = "8+")),
        ],
        Layer::Water => vec![("water", None, t!("one-water"))],
        Layer::LandUse => vec![("green", None, t!("legend-green"))],
        Layer::Household => vec![("dot", None, t!("legend-household"))],
        Layer::BoardingHouse => vec![("dot", None, t!("legend-far")), ("disc", Some("bed-fill"), t!("legend-near"))],
        Layer::Business => vec![("dot", None, t!("legend-far")), ("disc", Some("storefront-fill"), t!("legend-near"))],
        Layer::Camera => vec![
            ("disc hollow", Some("security-camera-fill"), t!("camera-status-online")),
            ("disc hollow", Some("video-camera-slash-fill"), t!("camera-status-offline")),
            ("cone", None, t!("legend-camera-view")),
            ("ring", None, t!("legend-heading-unknown")),
        ],
        Layer::Place => vec![("disc", Some("map-pin-fill"), t!("legend-place"))],
        Layer::CameraAlert => vec![
            ("alert critical", Some("warning-octagon-fill"), t!("severity-critical")),
            ("alert high", Some("warning-fill"), t!("severity-high")),
            ("alert medium", Some("warning-diamond-fill"), t!("severity-medium")),
        ],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The map and its legend say the same: every class of `style/map.json` is one of these.
    #[test]
    fn the_legend_has_the_classes_of_the_map_style() {
        let style: Value = serde_json::from_str(include_str!("../../../style/map.json")).unwrap();
        let cells = style["layers"].as_array().unwrap().iter().find(|layer| layer["id"] == "cells").unwrap();
        let steps = cells["paint"]["fill-color"].as_array().unwrap();
        // ["step", ["zoom"], classes below 11, 11, classes, 12, classes, …]
        let of_zoom = |classes: &Value| {
            let parts = classes.as_array().unwrap();
            [3, 5, 7, 9].map(|at| parts[at].as_i64().unwrap())
        };
        assert_eq!(of_zoom(&steps[2]), breaks(10.4));
        for (zoom, classes) in steps[3..].chunks(2).map(|pair| (pair[0].as_f64().unwrap(), &pair[1])) {
            assert_eq!(of_zoom(classes), breaks(zoom), "zoom {zoom}");
        }
        assert_eq!(breaks(19.0), BREAKS[6]);
    }

    #[test]
    fn classes_leave_no_number_out() {
        let words = classes(14.7);
        assert_eq!(words[..4], ["1–4", "5–19", "20–49", "50–99"]);
        assert_eq!(classes(16.0)[0], "1");
    }
}
