//! Makes roads of `highway` ways: their class, number, width, and the road an alley leaves.
//! It deliberately draws nothing anew: a road keeps the course the file gives it.
//!
//! | `highway` (each with its `_link`) | class |
//! | --- | --- |
//! | motorway, trunk | national_road |
//! | primary, secondary | main_road |
//! | tertiary, unclassified, residential, living_street, road, busway; pedestrian with a name | street |
//! | service with service=alley | alley |
//! | service | service |
//! | footway, path, steps, cycleway, bridleway, track, corridor; pedestrian without a name | path |
//!
//! A name says more than the class: ngõ (alley), ngách (side_alley), hẻm (branch_alley), kiệt (alley, in the centre).
//! Where no ngõ or ngách stands in the name, hẻm and kiệt leave a street directly, as they do in the south.

use std::collections::{HashMap, HashSet};

use geo::{Distance, Euclidean, LineString};
use shared::address::Address;

use super::data::{ElementId, OsmData, Tags};
use super::problems::{Layer, Reason};
use super::report::Report;
use super::shapes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoadClass {
    NationalRoad,
    MainRoad,
    Street,
    Alley,
    SideAlley,
    BranchAlley,
    Service,
    Path,
}

impl RoadClass {
    /// The word in the table `road`.
    pub fn word(self) -> &'static str {
        match self {
            RoadClass::NationalRoad => "national_road",
            RoadClass::MainRoad => "main_road",
            RoadClass::Street => "street",
            RoadClass::Alley => "alley",
            RoadClass::SideAlley => "side_alley",
            RoadClass::BranchAlley => "branch_alley",
            RoadClass::Service => "service",
            RoadClass::Path => "path",
        }
    }

    /// Width to draw where the file gives none: what is usual in Hà Nội for the class.
    pub fn usual_width_m(self) -> f32 {
        match self {
            RoadClass::NationalRoad => 21.0,
            RoadClass::MainRoad => 14.0,
            RoadClass::Street => 8.0,
            RoadClass::Alley => 3.5,
            RoadClass::SideAlley => 2.5,
            RoadClass::BranchAlley | RoadClass::Path => 2.0,
            RoadClass::Service => 4.0,
        }
    }

    fn is_alley(self) -> bool {
        matches!(self, RoadClass::Alley | RoadClass::SideAlley | RoadClass::BranchAlley)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    pub element: ElementId,
    /// `osm-w12`; further parts of a way that the file's edge cut are `osm-w12.2`, `osm-w12.3`.
    pub code: String,
    pub class: RoadClass,
    pub name: Option<String>,
    /// Of an alley: the chain of numbers, "46/58/14".
    pub number: Option<String>,
    /// Code of the road an alley leaves.
    pub parent: Option<String>,
    pub width_m: f32,
    pub line: LineString<f64>,
    nodes: Vec<i64>,
}

/// Makes the roads of a file.
pub fn map(data: &OsmData, report: &mut Report) -> Vec<Road> {
    let mut roads = Vec::new();
    for (&id, way) in data.ways.iter().filter(|(_, way)| way.tags.has("highway")) {
        let element = ElementId::Way(id);
        let class = match class(&way.tags) {
            Ok(class) => class,
            Err((reason, detail)) => {
                report.left_out(element, Layer::Road, reason, detail);
                continue;
            }
        };
        let Some(lines) = report.shape(element, Layer::Road, shapes::lines(data, way)) else { continue };
        let name = way.tags.first(&["name", "name:vi", "alt_name"]).map(str::to_owned);
        let number = name.as_deref().and_then(Designation::read).and_then(|d| d.number());
        for (part, line) in lines.into_iter().enumerate() {
            let code = if part == 0 { element.code() } else { format!("{}.{}", element.code(), part + 1) };
            let (name, number, nodes) = (name.clone(), number.clone(), way.nodes.clone());
            let width_m = width_m(&way.tags, class);
            roads.push(Road { element, code, class, name, number, parent: None, width_m, line, nodes });
        }
    }
    link_parents(&mut roads);
    roads
}

fn class(tags: &Tags) -> Result<RoadClass, (Reason, String)> {
    let highway = tags.get("highway").unwrap_or_default();
    let name = tags.first(&["name", "name:vi", "alt_name"]);
    if tags.is("area", "yes") {
        return Err((Reason::AreaNotALine, "a square, drawn as a surface".to_owned()));
    }
    let class = match highway.strip_suffix("_link").unwrap_or(highway) {
        "motorway" | "trunk" => RoadClass::NationalRoad,
        "primary" | "secondary" => RoadClass::MainRoad,
        "tertiary" | "unclassified" | "residential" | "living_street" | "road" | "busway" => RoadClass::Street,
        "pedestrian" if name.is_some() => RoadClass::Street,
        "service" if tags.is("service", "alley") => RoadClass::Alley,
        "service" => RoadClass::Service,
        "footway" | "path" | "steps" | "cycleway" | "bridleway" | "track" | "corridor" | "pedestrian" => RoadClass::Path,
        "construction" | "proposed" | "planned" => {
            let detail = format!("highway={highway} {}", tags.get(highway).unwrap_or_default());
            return Err((Reason::NotBuiltYet, detail.trim_end().to_owned()));
        }
        _ => return Err((Reason::OfNoLayer, format!("highway={highway}"))),
    };
    Ok(name.and_then(Designation::read).map_or(class, |designation| designation.class()))
}

/// The class that a word means: one of the table's, a Vietnamese one, or a value of `highway`; an alley's name says more.
pub fn class_of(word: &str, name: Option<&str>) -> Result<RoadClass, String> {
    let by_word = match shared::text::fold(word).replace('_', " ").as_str() {
        "national road" | "quoc lo" | "cao toc" => Some(RoadClass::NationalRoad),
        "main road" | "duong chinh" | "duong lon" | "tinh lo" | "dai lo" => Some(RoadClass::MainRoad),
        "street" | "duong" | "pho" | "duong pho" => Some(RoadClass::Street),
        "alley" | "ngo" => Some(RoadClass::Alley),
        "side alley" | "ngach" => Some(RoadClass::SideAlley),
        "branch alley" | "hem" => Some(RoadClass::BranchAlley),
        "duong noi bo" => Some(RoadClass::Service),
        "duong mon" | "loi di" => Some(RoadClass::Path),
        _ => None,
    };
    let by_name = name.and_then(Designation::read).map(|designation| designation.class());
    match by_name.or(by_word) {
        Some(class) => Ok(class),
        None => class(&[("highway", word)].into_iter().collect())
            .map_err(|_| "is no class of road; write quốc lộ, đường chính, đường, ngõ, ngách, hẻm or a value of highway".to_owned()),
    }
}

/// The number of an alley that its name says: "34/6" of "Ngách 34/6 phố Nhổn".
pub fn alley_number(name: &str) -> Option<String> {
    Designation::read(name)?.number()
}

/// `width` in metres, else lanes of 3 m, else what is usual.
fn width_m(tags: &Tags, class: RoadClass) -> f32 {
    let number = |key| tags.get(key).and_then(|text: &str| text.trim_end_matches('m').trim().parse::<f32>().ok());
    let sensible = |width: &f32| (0.5..100.0).contains(width);
    number("width")
        .filter(sensible)
        .or_else(|| number("lanes").map(|lanes| lanes * 3.0).filter(sensible))
        .unwrap_or_else(|| class.usual_width_m())
}

/// An alley's name taken apart: which alley, of which alley, of which street.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Designation {
    word: String,
    /// Numbers from the street inwards; empty for an alley that has a name instead.
    alleys: Vec<String>,
    street: Option<String>,
}

impl Designation {
    /// `None` for a street.
    fn read(name: &str) -> Option<Self> {
        let word = name.split_whitespace().next()?.to_lowercase();
        if !matches!(word.as_str(), "ngõ" | "ngách" | "hẻm" | "kiệt") {
            return None;
        }
        match name.parse::<Address>() {
            Ok(address) if word != "kiệt" => Some(Self { word, alleys: address.alleys, street: address.street }),
            // words the address reader has no place for: "Ngách 55 Linh Quang", "Kiệt 12 Lê Lợi", "Hẻm 48 Bùi Thị Xuân"
            _ => {
                let mut rest = name.split_whitespace().skip(1).peekable();
                let number = rest.next_if(|word| word.starts_with(|c: char| c.is_ascii_digit()));
                let alleys = number.map(|chain| chain.trim_end_matches(',').split('/').map(str::to_uppercase).collect());
                let street: Vec<_> = rest.collect();
                let street = (!street.is_empty()).then(|| street.join(" "));
                Some(Self { word, alleys: alleys.unwrap_or_default(), street })
            }
        }
    }

    fn class(&self) -> RoadClass {
        let in_an_alley = self.street.as_deref().is_some_and(|street| Self::read(street).is_some());
        match (self.word.as_str(), self.alleys.len() + usize::from(in_an_alley)) {
            ("ngõ", _) => RoadClass::Alley,
            ("ngách", _) | (_, 2) => RoadClass::SideAlley,
            (_, 3..) => RoadClass::BranchAlley,
            _ => RoadClass::Alley,
        }
    }

    fn number(&self) -> Option<String> {
        (!self.alleys.is_empty()).then(|| self.alleys.join("/"))
    }

    /// What two spellings of the same alley have in common.
    fn key(&self) -> String {
        match &self.street {
            Some(street) => format!("{}|{}", self.alleys.join("/"), street_key(street)),
            None => format!("{}|", self.alleys.join("/")),
        }
    }

    /// The key of the road it leaves; `None` when the name does not say.
    fn parent_key(&self) -> Option<String> {
        let (_, outer) = self.alleys.split_last()?;
        match (outer.is_empty(), &self.street) {
            (true, None) => None,
            (true, Some(street)) => Some(key(street)),
            (false, _) => Some(Self { alleys: outer.to_vec(), ..self.clone() }.key()),
        }
    }
}

/// What two spellings of the same road's name have in common: "Phố Hào Nam" and "Hào Nam", "Ngõ 46 Phố Hào Nam" and
/// "Ngõ 46 Hào Nam".
fn key(name: &str) -> String {
    Designation::read(name).map_or_else(|| format!("|{}", street_key(name)), |designation| designation.key())
}

fn street_key(street: &str) -> String {
    let lower = street.to_lowercase();
    let bare = ["phố ", "đường "].iter().find_map(|kind| lower.strip_prefix(kind)).unwrap_or(&lower);
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the road each alley leaves: by its name, else by the one street it touches.
fn link_parents(roads: &mut [Road]) {
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let mut at_node: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, road) in roads.iter().enumerate() {
        if let Some(name) = &road.name {
            by_key.entry(key(name)).or_default().push(index);
        }
        for node in &road.nodes {
            at_node.entry(*node).or_default().push(index);
        }
    }
    let parents: Vec<_> = (0..roads.len())
        .map(|index| {
            let road = &roads[index];
            let designation = road.name.as_deref().and_then(Designation::read).filter(|_| road.class.is_alley())?;
            let touching: HashSet<usize> = road.nodes.iter().flat_map(|node| &at_node[node]).copied().collect();
            match designation.parent_key() {
                // "Ngách 46 Ngõ Linh Quang" may leave a way that is called just "Linh Quang"
                Some(key) => {
                    let candidates = by_key.get(&key).or_else(|| by_key.get(&key.replacen("|ngõ ", "|", 1)))?;
                    nearest(roads, index, candidates, &touching)
                }
                None => only_street_touched(roads, index, &touching),
            }
        })
        .collect();
    for (road, parent) in roads.iter_mut().zip(parents) {
        road.parent = parent;
    }
}

/// How far the parent may lie when no node is shared: mappers leave gaps, but the same street name occurs in many quarters.
const PARENT_WITHIN_DEG: f64 = 0.002; // about 200 m

fn nearest(roads: &[Road], of: usize, candidates: &[usize], touching: &HashSet<usize>) -> Option<String> {
    let road = &roads[of];
    let shared = candidates.iter().find(|&&index| index != of && touching.contains(&index));
    shared.map(|&index| roads[index].code.clone()).or_else(|| {
        let distance = |index: &usize| Euclidean.distance(&road.line, &roads[*index].line);
        candidates
            .iter()
            .filter(|&&index| index != of)
            .map(|index| (distance(index), *index))
            .filter(|(distance, _)| *distance < PARENT_WITHIN_DEG)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, index)| roads[index].code.clone())
    })
}

/// The street that an alley with no street in its name leaves, if it touches just one.
fn only_street_touched(roads: &[Road], of: usize, touching: &HashSet<usize>) -> Option<String> {
    let mut streets: Vec<_> =
        touching.iter().map(|&index| &roads[index]).filter(|r| r.class < roads[of].class && r.name.is_some()).collect();
    streets.sort_by_key(|road| road.code.as_str());
    let first = streets.first()?;
    let one_name = streets.iter().all(|road| road.name == first.name);
    one_name.then(|| first.code.clone())
}

/// Finds roads by the street part of an address.
pub struct StreetIndex<'a> {
    by_key: HashMap<String, Vec<&'a Road>>,
}

impl<'a> StreetIndex<'a> {
    pub fn new(roads: &'a [Road]) -> Self {
        let mut by_key: HashMap<String, Vec<&Road>> = HashMap::new();
        for road in roads {
            if let Some(name) = &road.name {
                by_key.entry(key(name)).or_default().push(road);
            }
        }
        Self { by_key }
    }

    /// The nearest road of that name.
    pub fn find(&self, street: &str, near: geo::Point<f64>) -> Option<&'a Road> {
        let distance = |road: &Road| Euclidean.distance(&road.line, &near);
        let candidates = self.by_key.get(&key(street))?;
        candidates.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(pairs: &[(&str, &str)]) -> &'static str {
        class(&pairs.iter().copied().collect()).map_or("left out", RoadClass::word)
    }

    #[test]
    fn the_name_decides_before_the_highway_class() {
        let named = |name| class_of(&[("highway", "residential"), ("name", name)]);
        assert_eq!(named("Phố Cát Linh"), "street");
        assert_eq!(named("Ngõ 46 Phố Hào Nam"), "alley");
        assert_eq!(named("Ngõ An Trạch 1"), "alley");
        assert_eq!(named("Ngách 58 Ngõ 46 Phố Hào Nam"), "side_alley");
        assert_eq!(named("Ngách 55 Linh Quang"), "side_alley");
        assert_eq!(named("Ngách 35 Ngõ Linh Quang"), "side_alley");
        assert_eq!(named("Hẻm 14 Ngách 58 Ngõ 46 Phố Hào Nam"), "branch_alley");
        assert_eq!(named("Hẻm 12/34/6"), "branch_alley");
        assert_eq!(named("Hẻm 48 Bùi Thị Xuân"), "alley", "in the south a hẻm leaves the street");
        assert_eq!(named("Kiệt 12 Lê Lợi"), "alley");
        assert_eq!(class_of(&[("highway", "trunk_link")]), "national_road");
        assert_eq!(class_of(&[("highway", "service"), ("service", "alley")]), "alley");
        assert_eq!(class_of(&[("highway", "service"), ("service", "driveway")]), "service");
        assert_eq!(class_of(&[("highway", "pedestrian")]), "path");
        assert_eq!(class_of(&[("highway", "construction"), ("construction", "primary")]), "left out");
    }

    #[test]
    fn an_alley_knows_its_chain_and_what_it_leaves() {
        let read = |name| Designation::read(name).unwrap();
        let hem = read("Hẻm 14 Ngách 58 Ngõ 46 Phố Hào Nam");
        assert_eq!(hem.number().as_deref(), Some("46/58/14"));
        assert_eq!(hem.parent_key().unwrap(), key("Ngách 58 Ngõ 46 Hào Nam"));
        assert_eq!(read("Ngách 58 Ngõ 46 Hào Nam").parent_key().unwrap(), key("Ngõ 46 Phố Hào Nam"));
        assert_eq!(read("Ngõ 46 Phố Hào Nam").parent_key().unwrap(), key("Đường Hào Nam"));
        assert_eq!(read("Ngách 33 Ngõ An Trạch 1").parent_key().unwrap(), key("Ngõ An Trạch 1"));
        assert_eq!(read("Ngõ 105").parent_key(), None, "the name does not say");
        assert_eq!(read("Ngõ 68, An Trạch").parent_key().unwrap(), key("Phố An Trạch"));
    }

    #[test]
    fn width_is_taken_from_the_file_where_it_is_sensible() {
        let width = |pairs: &[(&str, &str)]| width_m(&pairs.iter().copied().collect(), RoadClass::Street);
        assert_eq!(width(&[("width", "6.5 m")]), 6.5);
        assert_eq!(width(&[("width", "-3"), ("lanes", "2")]), 6.0);
        assert_eq!(width(&[("width", "wide")]), 8.0);
        assert_eq!(width(&[("lanes", "NaN")]), 8.0);
    }
}
