//! The map on a sheet of A4: title, map, legend, scale, date and sources, as the browser prints it.
//! The map on it is drawn anew for paper; which printer takes it is the browser's business.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::layer::Layer;

use super::attribution::credits;
use crate::geography::{LayerLegend, ward};
use crate::map::{MapState, Padding, Second, SecondMap, View, ground};
use crate::number;
use crate::t;
use crate::text::{Language, count, kinds, language, moment};
use crate::theme::Theme;
use crate::ui::{Icon, now};

/// 288 dots per inch: three for each CSS pixel of 1/96 inch.
const DOTS_PER_PIXEL: f64 = 3.0;
const MILLIMETRES_PER_PIXEL: f64 = 25.4 / 96.0;
/// Below this zoom numbers of such a scale say nothing.
const ROUND_SCALE_TO: f64 = 50.0;

#[component]
pub fn PrintView() -> impl IntoView {
    let state: MapState = expect_context();
    let is_wide = RwSignal::new(true);
    let title = RwSignal::new(ward().about().map_or_else(|| t!("product"), |area| area.name));
    let ready = RwSignal::new(false);
    let close = move |_| state.tool.set(None);
    let print = move |_| {
        // Refused only where a page may not print at all.
        _ = window().print();
    };
    let side = move |wide: bool, name: &'static str, label: fn() -> String| {
        view! {
            <button type="button" class="segment" data-testid=name aria-pressed=move || (is_wide.get() == wide).to_string() on:click=move |_| is_wide.set(wide)>
                {label}
            </button>
        }
    };
    view! {
        <section class="print-view" data-testid="print-view" aria-label=move || t!("print")>
            <header class="panel print-bar">
                <h2>{move || t!("print")}</h2>
                <div class="segments" role="group" aria-label=move || t!("print-side")>
                    {side(true, "print-wide", || t!("print-wide"))}
                    {side(false, "print-high", || t!("print-high"))}
                </div>
                <label class="print-title-field">
                    <span class="visually-hidden">{move || t!("print-title")}</span>
                    <input type="text" maxlength="90" placeholder=move || t!("print-title") bind:value=title/>
                </label>
                <button type="button" class="button primary" data-testid="print-now" disabled=move || !ready.get() on:click=print>
                    <Icon name="printer"/>
                    {move || if ready.get() { t!("print-now") } else { t!("print-drawing") }}
                </button>
                <button type="button" class="button quiet icon-only" aria-label=move || t!("close") data-testid="tool-close" on:click=close>
                    <Icon name="x"/>
                </button>
            </header>
            <div class="print-desk">
                {move || view! { <Sheet is_wide=is_wide.get() title ready/> }}
            </div>
        </section>
    }
}

#[component]
fn Sheet(is_wide: bool, title: RwSignal<String>, ready: RwSignal<bool>) -> impl IntoView {
    let state: MapState = expect_context();
    let frame: NodeRef<html::Div> = NodeRef::new();
    let map: StoredValue<Option<SecondMap>, LocalStorage> = StoredValue::new_local(None);
    let scale = RwSignal::new(None::<f64>);
    let printed_at = now().get_untracked();
    ready.set(false);
    Effect::new(move |opened: Option<bool>| {
        let (Some(frame), None | Some(false)) = (frame.get(), opened) else { return opened.unwrap_or(false) };
        let view = fitted(state, f64::from(frame.client_width()), f64::from(frame.client_height()));
        scale.set(Some(metres_per_pixel(view) * 1000.0 / MILLIMETRES_PER_PIXEL).filter(|_| view.pitch < 1.0));
        let second = Second { theme: Theme::Light, view, pixel_ratio: Some(DOTS_PER_PIXEL), past: None, with_scale: true };
        spawn_local(async move {
            match SecondMap::open(frame.into(), state, second, move || _ = ready.try_set(true)).await {
                // Handed back when the sheet is gone meanwhile: then the map is dropped here.
                Ok(drawn) => _ = map.try_set_value(Some(drawn)),
                Err(error) => leptos::logging::warn!("paper: {error:?}"),
            }
        });
        true
    });
    let is_demo = ward().is_demo();
    let sources = move || {
        let credits = credits(state).into_iter().map(|credit| credit.text);
        std::iter::once(ward().about().map_or_else(|| t!("product"), |area| area.name)).chain(credits).collect::<Vec<_>>().join(" · ")
    };
    let said_scale =
        move || scale.get().map(|scale| t!("print-scale", scale = count(((scale / ROUND_SCALE_TO).round() * ROUND_SCALE_TO) as i64)));
    view! {
        <article class="paper" class:wide=is_wide class:high=!is_wide data-testid="paper">
            <header class="paper-head">
                <h1>{title}</h1>
                {is_demo.then(|| view! { <span class="demo-mark">{t!("demo")}</span> })}
            </header>
            <div class="paper-map" node_ref=frame data-testid="paper-map" data-ready=move || ready.get().to_string()></div>
            <div class="paper-legend">{legend(state)}</div>
            <footer class="paper-foot">
                <span class="num">{said_scale}</span>
                <span>{t!("print-north")}</span>
                <span class="num">{t!("print-at", time = moment(printed_at))}</span>
                <span>{move || t!("print-source", source = sources())}</span>
            </footer>
        </article>
    }
}

/// Layers that are on and within reach, each with its marks and, where it is filtered, that it is.
fn legend(state: MapState) -> AnyView {
    const LEGEND: [Layer; 7] =
        [Layer::Household, Layer::BoardingHouse, Layer::Business, Layer::Camera, Layer::Place, Layer::Building, Layer::Area];
    let (reach, shown) = (state.catalogue.reach.get_untracked(), state.layers.get_untracked());
    let layers = LEGEND.into_iter().filter_map(|layer| {
        let (_, summary) = reach.layers.iter().find(|(other, _)| *other == layer)?;
        let name = match language() {
            Language::Vietnamese => summary.title.vi.clone(),
            Language::English => summary.title.en.clone(),
        };
        let filters = state.filters.with_untracked(|filters| filters.count(layer));
        shown.contains(&layer).then(|| {
            view! {
                <div class="paper-layer">
                    <h2><span class="layer-mark" data-layer=layer.name()><Icon name=kinds::layer_icon(layer)/></span>{name}</h2>
                    {(filters > 0).then(|| view! { <p class="quiet-text">{t!("filters-on", count = filters)}</p> })}
                    <LayerLegend layer/>
                </div>
            }
        })
    });
    layers.collect_view().into_any()
}

/// Beside a ward that fills its sheet.
const MARGIN: f64 = 1.06;

/// The ward, where all of it is in view; else what no panel of the screen covers. On paper of another size.
fn fitted(state: MapState, width: f64, height: f64) -> View {
    let view = state.view.get_untracked().unwrap_or(View { lon: 105.85, lat: 21.03, zoom: 11.0, bearing: 0.0, pitch: 0.0 });
    let Some(seen) = state.bounds.get_untracked() else { return view };
    if view.bearing.abs() > 1.0 || view.pitch > 1.0 {
        return view;
    }
    let is_whole = |[west, south, east, north]: &[f64; 4]| *west >= seen[0] && *south >= seen[1] && *east <= seen[2] && *north <= seen[3];
    let shown = untrack(|| state.home()).filter(is_whole).map(|home| widened(home, MARGIN));
    let [west, south, east, north] = shown.unwrap_or_else(|| uncovered(seen, state.padding.get_untracked(), metres_per_pixel(view)));
    let (lon, lat) = (f64::midpoint(west, east), f64::midpoint(south, north));
    let across = ground::distance_m([west, lat], [east, lat]);
    let down = ground::distance_m([lon, south], [lon, north]);
    let per_pixel = (across / width.max(1.0)).max(down / height.max(1.0)).max(0.01);
    View { lon, lat, zoom: view.zoom + number::log2(metres_per_pixel(view) / per_pixel), ..view }
}

/// West, south, east, north; as much larger, about the same middle.
fn widened([west, south, east, north]: [f64; 4], times: f64) -> [f64; 4] {
    let (by_lon, by_lat) = ((east - west) * (times - 1.0) / 2.0, (north - south) * (times - 1.0) / 2.0);
    [west - by_lon, south - by_lat, east + by_lon, north + by_lat]
}

/// What of the window's ground no panel covers. Panels that cover most of a side count for nothing there.
fn uncovered([west, south, east, north]: [f64; 4], covered: Padding, metres_per_pixel: f64) -> [f64; 4] {
    let across = ground::distance_m([west, south], [east, south]) / metres_per_pixel;
    let down = ground::distance_m([west, south], [west, north]) / metres_per_pixel;
    let Padding { top, right, bottom, left } = covered;
    let ([left, right], [bottom, top]) = (shares([left, right], across), shares([bottom, top], down));
    let (lon, lat) = (east - west, north - south);
    [west + left * lon, south + bottom * lat, east - right * lon, north - top * lat]
}

fn shares(covered: [f64; 2], whole: f64) -> [f64; 2] {
    if covered[0] + covered[1] < whole * 0.6 { covered.map(|pixels| pixels / whole) } else { [0.0, 0.0] }
}

/// On the ground, per CSS pixel; a tile is 512 of them wide.
fn metres_per_pixel(view: View) -> f64 {
    const EQUATOR_M: f64 = 40_075_016.686;
    EQUATOR_M * number::cos(view.lat.to_radians()) / (512.0 * number::exp2(view.zoom))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_shows_what_panels_leave_free() {
        // 0.01 degrees of latitude are 1,112 m: 1,112 pixels of a metre each, of which 400 are covered on the left.
        let covered = Padding { top: 0.0, right: 0.0, bottom: 0.0, left: 400.0 };
        let [west, south, east, north] = uncovered([0.0, 0.0, 0.01, 0.01], covered, 1.0);
        assert!((west - 0.0036).abs() < 0.0001 && east == 0.01 && south == 0.0 && north == 0.01, "{west}");
        let all = Padding { left: 900.0, ..covered };
        assert_eq!(uncovered([0.0, 0.0, 0.01, 0.01], all, 1.0), [0.0, 0.0, 0.01, 0.01], "a panel over nearly everything");
        assert_eq!(widened([0.0, 0.0, 2.0, 4.0], 1.5), [-0.5, -1.0, 2.5, 5.0]);
    }

    /// One pixel at zoom 0 is 78,271.5 m at the equator with tiles of 512 (OpenStreetMap wiki, "Zoom levels").
    #[test]
    fn a_pixel_is_as_large_as_the_zoom_says() {
        let view = View { lon: 0.0, lat: 0.0, zoom: 0.0, bearing: 0.0, pitch: 0.0 };
        assert!((metres_per_pixel(view) - 78_271.517).abs() < 0.01);
        assert!((metres_per_pixel(View { lat: 60.0, zoom: 1.0, ..view }) - 78_271.517 / 4.0).abs() < 0.01);
    }
}
