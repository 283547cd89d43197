//! What an OpenStreetMap file holds, as it was written: nodes, ways, relations, their tags and the file's bounds.
//! It deliberately gives no meaning to a tag and builds no geometry; those are the mapper's work.

use std::collections::{BTreeMap, HashMap};

use geo_types::{Coord, Rect};
use unicode_normalization::UnicodeNormalization;

use super::problems::Problem;

/// Ten millionths of a degree (about 1 cm), the precision OpenStreetMap itself stores.
///
/// Whole numbers make the XML and the PBF form of one file give exactly the same coordinates, and make
/// "same place" an exact question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    pub lon_e7: i32,
    pub lat_e7: i32,
}

impl Position {
    /// Rounds degrees to OpenStreetMap's precision; `None` for a place that is not on Earth.
    pub fn from_degrees(lon: f64, lat: f64) -> Option<Self> {
        let on_earth = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        on_earth.then(|| Self { lon_e7: (lon * 1e7).round() as i32, lat_e7: (lat * 1e7).round() as i32 })
    }

    pub fn coord(self) -> Coord<f64> {
        Coord { x: f64::from(self.lon_e7) / 1e7, y: f64::from(self.lat_e7) / 1e7 }
    }
}

/// The tags of one element, in the file's order, values trimmed and in Unicode NFC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags(Vec<(String, String)>);

impl Tags {
    pub fn push(&mut self, key: &str, value: &str) {
        self.0.push((key.to_owned(), value.trim().nfc().collect()));
    }

    /// The value under `key`; an empty value counts as none.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, v)| k == key && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    pub fn is(&self, key: &str, value: &str) -> bool {
        self.get(key) == Some(value)
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The first of `keys` that is set.
    pub fn first(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.get(key))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Tags {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut tags = Tags::default();
        for (key, value) in pairs {
            tags.push(key, value);
        }
        tags
    }
}

/// Which element of the file something came from; also the code of its row: `osm-n12`, `osm-w34`, `osm-r56`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ElementId {
    Node(i64),
    Way(i64),
    Relation(i64),
}

impl ElementId {
    /// The code that makes a second import of the same element find its row again.
    pub fn code(self) -> String {
        format!("osm-{self}")
    }
}

impl std::fmt::Display for ElementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ElementId::Node(id) => write!(f, "n{id}"),
            ElementId::Way(id) => write!(f, "w{id}"),
            ElementId::Relation(id) => write!(f, "r{id}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub nodes: Vec<i64>,
    pub tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub element: ElementId,
    pub role: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    pub members: Vec<Member>,
    pub tags: Tags,
}

/// A whole file in memory. A ward is a few thousand elements, a city a few million.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OsmData {
    /// What the file says it covers; ways may run past it.
    pub bounds: Option<Rect<f64>>,
    pub positions: HashMap<i64, Position>,
    /// Only the nodes that carry tags; most are mere corners.
    pub tagged_nodes: BTreeMap<i64, Tags>,
    pub ways: BTreeMap<i64, Way>,
    pub relations: BTreeMap<i64, Relation>,
    /// What could not be taken in while reading.
    pub problems: Vec<Problem>,
}

impl OsmData {
    /// The file's own bounds, else the box of all nodes; `None` for a file without nodes.
    pub fn extent(&self) -> Option<Rect<f64>> {
        self.bounds.or_else(|| {
            let first = self.positions.values().next()?;
            let (mut low, mut high) = (*first, *first);
            for position in self.positions.values() {
                low = Position { lon_e7: low.lon_e7.min(position.lon_e7), lat_e7: low.lat_e7.min(position.lat_e7) };
                high = Position { lon_e7: high.lon_e7.max(position.lon_e7), lat_e7: high.lat_e7.max(position.lat_e7) };
            }
            Some(Rect::new(low.coord(), high.coord()))
        })
    }

    pub fn add_node(&mut self, id: i64, position: Position, tags: Tags) {
        if self.positions.insert(id, position).is_some() {
            self.problems.push(Problem::duplicate(ElementId::Node(id)));
            self.tagged_nodes.remove(&id);
        }
        if !tags.is_empty() {
            self.tagged_nodes.insert(id, tags);
        }
    }

    pub fn add_way(&mut self, id: i64, way: Way) {
        if self.ways.insert(id, way).is_some() {
            self.problems.push(Problem::duplicate(ElementId::Way(id)));
        }
    }

    pub fn add_relation(&mut self, id: i64, relation: Relation) {
        if self.relations.insert(id, relation).is_some() {
            self.problems.push(Problem::duplicate(ElementId::Relation(id)));
        }
    }

    /// Whether the file holds the element a relation names.
    pub fn holds(&self, element: ElementId) -> bool {
        match element {
            ElementId::Node(id) => self.positions.contains_key(&id),
            ElementId::Way(id) => self.ways.contains_key(&id),
            ElementId::Relation(id) => self.relations.contains_key(&id),
        }
    }
}
