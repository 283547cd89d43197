//! What a colleague might be sent: view, layers and selection, written into the page's address and read from it.
//! Which page it is, is the router's; nothing personal ever stands in an address.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::area::AreaList;
use shared::drawn_area::DrawnArea;
use shared::layer::Layer;
use wasm_bindgen::JsValue;

use crate::drawn_area;
use crate::map::{Command, FeatureRef, Filters, MapState, Padding, Tool, View};
use crate::number::{self, fixed};

/// Long enough that a gliding map does not write at every step; short enough to be there when the address is copied.
const WRITE_AFTER: Duration = Duration::from_millis(300);

/// The part of the address that this module owns.
#[derive(Debug, Clone, Default, PartialEq)]
struct Place {
    view: Option<View>,
    /// None: as the page opens by itself.
    layers: Option<BTreeSet<Layer>>,
    filters: Filters,
    area: Option<i64>,
    density: Option<Layer>,
    drawn: Option<DrawnArea>,
    /// Written and read by `cameras::alerts`.
    alerts: String,
    selected: Option<FeatureRef>,
}

/// Opens the map where the address says, and keeps the address true from then on.
pub fn follow(state: MapState) {
    let start = Place::read(&query());
    match start.view {
        Some(_) => state.view.set(start.view),
        // Typed, or cut short by a message: where it lies is known as soon as its card is.
        None => state.sought.set(start.selected),
    }
    if let Some(layers) = start.layers {
        state.layers.set(layers);
    }
    if start.selected.is_some() {
        state.selected.set(start.selected);
    }
    state.filters.set(start.filters);
    state.area.set(start.area);
    state.density.set(start.density);
    state.alerts.set(start.alerts);
    if start.drawn.is_some() {
        state.drawn.set(start.drawn);
        state.tool.set(Some(Tool::Draw));
    }
    if let (None, None, Some(area)) = (start.view, start.selected, start.area) {
        look_at(state, area);
    }
    let all: BTreeSet<Layer> = Layer::ALL.into_iter().collect();
    let shown = move || Place {
        view: state.view.get(),
        layers: Some(state.layers.get()).filter(|layers| *layers != all),
        filters: state.filters.get(),
        area: state.area.get(),
        density: state.density.get(),
        drawn: state.drawn.get(),
        alerts: state.alerts.get(),
        selected: state.selected.get(),
    };
    let pending = StoredValue::new(None::<TimeoutHandle>);
    let page = use_location().pathname;
    Effect::new(move |before: Option<Place>| {
        let place = shown();
        // A link to another page names the page alone; which ward it is about comes along.
        if place.area.is_some() {
            page.track();
        }
        if let Some(timeout) = pending.get_value() {
            timeout.clear();
        }
        if let Some(before) = before {
            // What was selected is a step that the browser's back button takes back; looking around is not.
            let step = before.selected != place.selected && Place::read(&query()).selected != place.selected;
            let wait = if step { Duration::ZERO } else { WRITE_AFTER };
            let to_write = place.clone();
            pending.set_value(set_timeout_with_handle(move || to_write.write(step), wait).ok());
        }
        place
    });
    let back = window_event_listener(ev::popstate, move |_| {
        let selected = Place::read(&query()).selected;
        if state.selected.get_untracked() != selected {
            state.selected.set(selected);
        }
    });
    on_cleanup(move || back.remove());
}

/// Brings the map, once, to the area that a link names without saying where to look: as soon as it is known where the area lies,
/// and what of the map the page covers.
fn look_at(state: MapState, area: i64) {
    Effect::new(move |is_done: Option<bool>| {
        if is_done == Some(true) || state.padding.get() == Padding::default() {
            return is_done == Some(true);
        }
        let find = |list: &AreaList| list.areas.iter().find(|known| i64::from(known.id.0) == area).map(|known| known.bounds);
        let bounds = state.areas.with(|list| list.as_ref().and_then(find));
        // Another one has been chosen meanwhile.
        let is_meant = state.area.get_untracked() == Some(area);
        if let Some(bounds) = bounds.filter(|_| is_meant) {
            state.command(Command::FitBounds(bounds));
        }
        bounds.is_some()
    });
}

fn query() -> String {
    window().location().search().unwrap_or_default()
}

impl Place {
    fn read(query: &str) -> Place {
        let fields: Vec<(&str, &str)> = query.trim_start_matches('?').split('&').filter_map(|field| field.split_once('=')).collect();
        let field = |name: &str| {
            fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.replace("%3A", ":").replace("%2C", ",").replace("%3B", ";"))
        };
        let number = |name: &str| field(name).and_then(|value| number::read(&value));
        let view = match (number("lon"), number("lat"), number("z")) {
            (Some(lon), Some(lat), Some(zoom)) if lon.abs() <= 180.0 && lat.abs() <= 85.0 => {
                Some(View { lon, lat, zoom, bearing: number("bearing").unwrap_or(0.0), pitch: number("pitch").unwrap_or(0.0) })
            }
            _ => None,
        };
        Place {
            view,
            layers: field("layers").map(|names| names.split(',').filter_map(|name| name.parse().ok()).collect()),
            filters: field("filter").map(|text| Filters::read(&text)).unwrap_or_default(),
            area: field("area").and_then(|id| id.parse().ok()),
            density: field("density").and_then(|name| name.parse().ok()),
            drawn: field("draw").and_then(|text| drawn_area::read(&text)),
            alerts: field("alerts").unwrap_or_default(),
            selected: field("select").and_then(|text| feature(&text)),
        }
    }

    fn fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        if let Some(view) = self.view {
            fields.push(format!("lon={}&lat={}&z={}", fixed(view.lon, 5), fixed(view.lat, 5), fixed(view.zoom, 2)));
            if view.bearing.abs() > 0.5 {
                fields.push(format!("bearing={}", fixed(view.bearing, 0)));
            }
            if view.pitch > 0.5 {
                fields.push(format!("pitch={}", fixed(view.pitch, 0)));
            }
        }
        if let Some(layers) = &self.layers {
            let names: Vec<_> = layers.iter().map(|layer| layer.name()).collect();
            fields.push(format!("layers={}", names.join(",")));
        }
        if !self.filters.is_empty() {
            fields.push(format!("filter={}", self.filters.written()));
        }
        if let Some(area) = self.area {
            fields.push(format!("area={area}"));
        }
        if let Some(layer) = self.density {
            fields.push(format!("density={layer}"));
        }
        if let Some(drawn) = self.drawn.as_ref().and_then(drawn_area::written) {
            fields.push(format!("draw={drawn}"));
        }
        if !self.alerts.is_empty() {
            fields.push(format!("alerts={}", self.alerts));
        }
        if let Some(FeatureRef { layer, id }) = self.selected {
            fields.push(format!("select={layer}:{id}"));
        }
        fields
    }

    fn write(&self, step: bool) {
        let path = window().location().pathname().unwrap_or_default();
        // What a page keeps behind the `#` is its own.
        let hash = window().location().hash().unwrap_or_default();
        let address = format!("{path}?{}{hash}", self.fields().join("&"));
        let Ok(history) = window().history() else { return };
        // Browsers refuse after some hundred changes in a short time; the next one is written then.
        _ = if step {
            history.push_state_with_url(&JsValue::NULL, "", Some(&address))
        } else {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&address))
        };
    }
}

/// "camera:12".
fn feature(text: &str) -> Option<FeatureRef> {
    let (layer, id) = text.split_once(':')?;
    Some(FeatureRef { layer: layer.parse().ok()?, id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let place = Place {
            view: Some(View { lon: 105.74213, lat: 21.0431, zoom: 16.5, bearing: -20.0, pitch: 50.0 }),
            layers: Some([Layer::Road, Layer::Camera].into()),
            filters: Filters::read("business.sector:G,I;building.storeys:4..6"),
            area: Some(7),
            density: Some(Layer::Household),
            drawn: drawn_area::read("circle:105.74200,21.04300,350"),
            alerts: "standing:mine;kind:theft,crowd;words:ng~C3~A3".to_owned(),
            selected: Some(FeatureRef { layer: Layer::BoardingHouse, id: 12 }),
        };
        assert_eq!(Place::read(&format!("?{}", place.fields().join("&"))), place);
    }

    #[test]
    fn an_address_that_makes_no_sense_is_left_aside() {
        assert_eq!(Place::read("?lon=abc&lat=21&z=3&select=resident:4"), Place::default());
        assert_eq!(Place::read("?lon=500&lat=21&z=NaN&select=camera"), Place::default());
        assert_eq!(Place::read(""), Place::default());
    }

    #[test]
    fn colons_and_commas_may_arrive_escaped() {
        let place = Place::read("?select=camera%3A12&layers=road%2Ccamera");
        assert_eq!(place.selected, Some(FeatureRef { layer: Layer::Camera, id: 12 }));
        assert_eq!(place.layers, Some([Layer::Road, Layer::Camera].into()));
    }
}
