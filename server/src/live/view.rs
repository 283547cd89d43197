//! What one listener may hear of one topic: the layer or table, the audience, the box.
//! It deliberately knows no connection; listeners with equal views get the same frames.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use shared::live::Extent;

use crate::{
    accounts::Caller,
    feed::{self, Epoch},
    geography::{
        audience::Audience,
        catalogue::{Catalogue, Layer, Property, Table},
    },
};

/// West, south, east, north; degrees.
pub type Bounds = [f64; 4];

/// What a topic is.
#[derive(Debug, Clone)]
pub enum Heard {
    Layer(Arc<Layer>),
    /// No layer: of its rows it is heard that they changed, by their ids alone.
    Table(Arc<Table>),
}

impl Heard {
    fn name(&self) -> &str {
        match self {
            Heard::Layer(layer) => &layer.name,
            Heard::Table(table) => &table.name,
        }
    }

    pub fn comes_as_rows(&self) -> bool {
        matches!(self, Heard::Layer(layer) if layer.comes_as_rows())
    }

    pub fn properties(&self) -> &[Property] {
        match self {
            Heard::Layer(layer) => &layer.properties,
            Heard::Table(_) => &[],
        }
    }

    fn owner_column(&self) -> Option<&str> {
        match self {
            Heard::Layer(layer) => layer.owner_column.as_deref(),
            Heard::Table(_) => None,
        }
    }
}

/// What of a topic is heard.
#[derive(Debug, Clone)]
pub struct View {
    pub heard: Heard,
    pub audience: Audience,
    pub bounds: Option<Bounds>,
}

/// Everything that one caller may hear.
#[derive(Debug, Clone, PartialEq)]
pub struct Ears {
    audiences: HashMap<String, Audience>,
    /// Equal for callers with equal reach, and no others.
    fingerprint: u64,
}

impl Ears {
    pub fn of(caller: &Caller) -> Self {
        let heard = Catalogue::embedded().layers().filter_map(|layer| {
            // Whoever is signed in may come to own a row at any time; row-level security would show it, so it is listened for.
            let may_own = layer.owner_column.is_some();
            Some((layer.name.clone(), Audience::of(layer, caller, |_| may_own)?))
        });
        let told = Catalogue::embedded().heard_tables().filter_map(|table| {
            let reach = caller.reach(table.permission?);
            (!reach.is_empty()).then(|| (table.name.clone(), Audience::of_areas(reach.clone(), None)))
        });
        let audiences: HashMap<_, _> = heard.chain(told).collect();
        let fingerprint = fingerprint(&audiences);
        Self { audiences, fingerprint }
    }

    /// The views of the topics that this caller may hear; the others are left out silently.
    pub fn views(&self, topics: &[String], bounds: Option<Bounds>) -> Vec<View> {
        let mut names: Vec<&String> = topics.iter().collect();
        names.sort_unstable();
        names.dedup();
        let heard = names.into_iter().filter_map(|name| {
            let audience = self.audiences.get(name)?.clone();
            let catalogue = Catalogue::embedded();
            Some(match catalogue.layer(name) {
                Some(layer) => View { heard: Heard::Layer(layer.clone()), audience, bounds },
                // What has no place lies in every box.
                None => {
                    let table = catalogue.heard_tables().find(|table| table.name == *name)?;
                    View { heard: Heard::Table(table.clone()), audience, bounds: None }
                }
            })
        });
        heard.collect()
    }

    /// The epoch as it is told to callers with this reach.
    ///
    /// A position is bound to the reach it was given out under: a screen that comes back with another one may show what it
    /// no longer may, and must begin anew.
    pub fn epoch(&self, epoch: Epoch) -> Epoch {
        let mut hash = Sha256::new();
        hash.update(epoch.0.to_be_bytes());
        hash.update(self.fingerprint.to_be_bytes());
        Epoch(feed::first_eight(&hash.finalize()))
    }
}

/// Areas only: who owns what concerns one layer, and would keep everybody's frames apart.
fn fingerprint(audiences: &HashMap<String, Audience>) -> u64 {
    let mut names: Vec<_> = audiences.iter().filter(|(_, audience)| !audience.is_everybody()).collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    let mut hash = Sha256::new();
    for (name, audience) in names {
        hash.update(name.as_bytes());
        for area in audience.areas().unwrap_or_default() {
            hash.update(b",");
            hash.update(area.to_be_bytes());
        }
        hash.update(b";");
    }
    feed::first_eight(&hash.finalize())
}

impl View {
    pub fn topic(&self) -> &str {
        self.heard.name()
    }

    /// Whether a row with this image is heard of.
    pub fn shows(&self, area_id: Option<i32>, image: &Json) -> bool {
        let owner = self.heard.owner_column().and_then(|column| image.get(column)).and_then(Json::as_i64);
        self.audience.sees(area_id, owner) && self.bounds.is_none_or(|bounds| extent(image).is_some_and(|at| touches(bounds, at)))
    }

    /// Whether what is read again in an area (none: everywhere) may concern this view.
    pub fn concerns_area(&self, area_id: Option<i32>) -> bool {
        match (area_id, self.audience.areas()) {
            (Some(area), Some(areas)) => areas.contains(&area) || self.audience.owner().is_some(),
            _ => true,
        }
    }
}

/// Where a change image says the row is.
pub fn extent(image: &Json) -> Option<Extent> {
    let number = |name: &str| image.get(name).and_then(Json::as_f64);
    if let Some((lon, lat)) = number("lon").zip(number("lat")) {
        return Some(Extent::Point([lon, lat]));
    }
    let corners = image.get("bbox")?.as_array()?;
    let corners: Vec<f64> = corners.iter().filter_map(Json::as_f64).collect();
    Some(Extent::Box(corners.try_into().ok()?))
}

fn touches([west, south, east, north]: Bounds, at: Extent) -> bool {
    let [left, bottom, right, top] = match at {
        Extent::Point([lon, lat]) => [lon, lat, lon, lat],
        Extent::Box(bounds) => bounds,
    };
    left <= east && right >= west && bottom <= north && top >= south
}

/// A box that can contain something: four finite numbers in order.
pub fn is_box(bounds: &Bounds) -> bool {
    let [west, south, east, north] = bounds;
    bounds.iter().all(|number| number.is_finite()) && west <= east && south <= north
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_box_touches_what_reaches_into_it() {
        let bounds = [105.0, 21.0, 105.1, 21.1];
        assert!(touches(bounds, Extent::Point([105.1, 21.0])));
        assert!(!touches(bounds, Extent::Point([105.2, 21.05])));
        assert!(touches(bounds, Extent::Box([104.0, 20.0, 106.0, 22.0])));
        assert!(!touches(bounds, Extent::Box([105.2, 21.0, 105.3, 21.1])));
    }

    #[test]
    fn an_image_says_where_the_row_is() {
        assert_eq!(extent(&json!({"lon": 105.5, "lat": 21})), Some(Extent::Point([105.5, 21.0])));
        assert_eq!(extent(&json!({"bbox": [1, 2, 3, 4]})), Some(Extent::Box([1.0, 2.0, 3.0, 4.0])));
        assert_eq!(extent(&json!({"bbox": [1, null, 3, 4]})), None);
        assert_eq!(extent(&json!({"name": "unplaced"})), None);
    }

    #[test]
    fn the_public_hears_open_layers_and_never_what_is_no_layer() {
        let ears = Ears::of(&Caller::public());
        let asked = ["business", "camera", "household", "resident", "session", "business", "nothing"].map(str::to_owned);
        let heard: Vec<_> = ears.views(&asked, None).iter().map(|view| view.topic().to_owned()).collect();
        assert_eq!(heard, ["business"]);
    }

    #[test]
    fn a_table_is_heard_wherever_the_map_looks() {
        let audience = Audience::of_areas([3].into_iter().collect(), None);
        let ears = Ears { audiences: HashMap::from([("alert_shelf".to_owned(), audience)]), fingerprint: 0 };
        let views = ears.views(&["alert_shelf".to_owned(), "alert_rule".to_owned()], Some([105.0, 21.0, 105.1, 21.1]));
        assert_eq!(views.len(), 1);
        assert!(views[0].shows(Some(3), &json!({})) && !views[0].shows(Some(4), &json!({})));
        assert!(!views[0].heard.comes_as_rows() && views[0].heard.properties().is_empty());
    }

    #[test]
    fn nonsense_is_no_box() {
        assert!(is_box(&[105.0, 21.0, 105.0, 21.0]));
        assert!(!is_box(&[105.1, 21.0, 105.0, 21.1]));
        assert!(!is_box(&[f64::NAN, 21.0, 105.0, 21.1]));
    }
}
