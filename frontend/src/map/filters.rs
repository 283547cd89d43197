//! What of each layer is shown: conditions as tile addresses understand them (`storeys=4..6`, `sector=G,I`).
//! The server applies them to tiles; small layers, whose rows are here already, are filtered here by the same words.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use shared::camera_alert::AlertStatus;
use shared::layer::Layer;

use crate::number;

/// Conditions that all hold, by layer and property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters(BTreeMap<(Layer, String), String>);

impl Filters {
    pub fn get(&self, layer: Layer, property: &str) -> Option<&str> {
        self.0.get(&(layer, property.to_owned())).map(String::as_str)
    }

    /// An empty text lifts the condition.
    pub fn set(&mut self, layer: Layer, property: &str, accepts: &str) {
        let key = (layer, property.to_owned());
        if accepts.is_empty() {
            self.0.remove(&key);
        } else {
            self.0.insert(key, accepts.to_owned());
        }
    }

    pub fn clear(&mut self, layer: Layer) {
        self.0.retain(|(other, _), _| *other != layer);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many conditions a layer has.
    pub fn count(&self, layer: Layer) -> usize {
        self.0.keys().filter(|(other, _)| *other == layer).count()
    }

    /// `?storeys=4..6`, or nothing.
    pub fn query(&self, layer: Layer) -> String {
        let conditions: Vec<_> = self
            .0
            .iter()
            .filter(|((other, _), _)| *other == layer)
            .map(|((_, property), accepts)| format!("{property}={accepts}"))
            .collect();
        if conditions.is_empty() { String::new() } else { format!("?{}", conditions.join("&")) }
    }

    /// All layers' conditions as query fields with the layer before the property: `business.sector=G,I`.
    pub fn fields(&self) -> Vec<String> {
        self.0.iter().map(|((layer, property), accepts)| format!("{layer}.{property}={accepts}")).collect()
    }

    /// What the map draws, said in full: where nobody chose which alerts, `style/map.json` leaves out those that are closed.
    pub fn as_drawn(&self) -> Filters {
        let mut drawn = self.clone();
        if drawn.get(Layer::CameraAlert, "status").is_none() {
            let open = AlertStatus::ALL.into_iter().filter(|status| *status != AlertStatus::Closed).map(AlertStatus::name);
            drawn.set(Layer::CameraAlert, "status", &open.collect::<Vec<_>>().join(","));
        }
        drawn
    }

    /// As the page's address has them: `business.sector:G,I;building.storeys:4..6`.
    pub fn written(&self) -> String {
        let conditions: Vec<_> = self.0.iter().map(|((layer, property), accepts)| format!("{layer}.{property}:{accepts}")).collect();
        conditions.join(";")
    }

    /// Reads what [`Filters::written`] wrote; what makes no sense is left out.
    pub fn read(text: &str) -> Filters {
        let condition = |text: &str| {
            let (name, accepts) = text.split_once(':')?;
            let (layer, property) = name.split_once('.')?;
            let plain =
                |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.,-".contains(letter));
            (plain(property) && plain(accepts)).then_some(((layer.parse().ok()?, property.to_owned()), accepts.to_owned()))
        };
        Filters(text.split(';').filter_map(condition).collect())
    }

    /// Whether a row of a small layer is shown.
    pub fn accept(&self, layer: Layer, properties: &Map<String, Value>) -> bool {
        self.0.iter().filter(|((other, _), _)| *other == layer).all(|((_, property), accepts)| match properties.get(property) {
            Some(Value::String(code)) => accepts.split(',').any(|accepted| accepted == code),
            Some(Value::Number(number)) => number.as_f64().is_some_and(|number| accepts.split(',').any(|range| within(range, number))),
            // As for tiles: nothing meets no condition.
            _ => false,
        })
    }
}

/// Whether a number lies in `3`, `3..5`, `3..` or `..5`.
fn within(range: &str, number: f64) -> bool {
    let end = |text: &str, open: f64| if text.is_empty() { Some(open) } else { number::read(text) };
    let ends = match range.split_once("..") {
        Some((from, to)) => end(from, f64::NEG_INFINITY).zip(end(to, f64::INFINITY)),
        None => number::read(range).map(|only| (only, only)),
    };
    ends.is_some_and(|(from, to)| from <= number && number <= to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filters() -> Filters {
        let mut filters = Filters::default();
        filters.set(Layer::Business, "sector", "G,I");
        filters.set(Layer::Building, "storeys", "4..6");
        filters
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Filters::read(&filters().written()), filters());
        assert_eq!(Filters::read("business.sector:G;resident.name:x;road;building.storeys:<b>;"), Filters::read("business.sector:G"));
        assert_eq!(Filters::read(""), Filters::default());
    }

    #[test]
    fn closed_alerts_are_not_drawn_unless_somebody_chose_them() {
        assert_eq!(filters().as_drawn().get(Layer::CameraAlert, "status"), Some("new,taken,assigned"));
        assert_eq!(filters().as_drawn().get(Layer::Business, "sector"), Some("G,I"));
        let mut chosen = filters();
        chosen.set(Layer::CameraAlert, "status", "closed");
        assert_eq!(chosen.as_drawn(), chosen);
    }

    #[test]
    fn each_layer_asks_for_its_own_conditions() {
        assert_eq!(filters().query(Layer::Building), "?storeys=4..6");
        assert_eq!(filters().query(Layer::Camera), "");
        let mut lifted = filters();
        lifted.set(Layer::Building, "storeys", "");
        assert_eq!(lifted.query(Layer::Building), "");
    }

    #[test]
    fn rows_meet_the_conditions_that_tiles_would() {
        let accepts = |text: &str, row: Value| Filters::read(text).accept(Layer::Camera, row.as_object().unwrap());
        assert!(accepts("camera.status:offline,unknown", json!({"status": "offline"})));
        assert!(!accepts("camera.status:offline", json!({"status": "online"})));
        assert!(!accepts("camera.status:offline", json!({"status": null})));
        assert!(accepts("camera.range_m:20..", json!({"range_m": 25.5})));
        assert!(!accepts("camera.range_m:..20", json!({"range_m": 25.5})));
        assert!(accepts("place.kind:wifi", json!({"status": "online"})));
    }
}
