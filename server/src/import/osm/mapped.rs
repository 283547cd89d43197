//! Turns a file's data into the rows of the map: everything the import puts into the database, and its report.
//! It deliberately touches no database, so that all of it can be tried on a few lines of XML.

use std::collections::{BTreeMap, BTreeSet};

use geo::{BoundingRect, InteriorPoint, Rect};

use super::buildings::{self, Building, BuildingIndex, HouseNumbers};
use super::data::{ElementId, OsmData, Tags};
use super::ground::{self, Ground};
use super::points::{self, Business, Place};
use super::problems::{Layer, Problem, Reason};
use super::report::{Count, Report};
use super::roads::{self, Road, StreetIndex};
use super::shapes;

/// All rows of a file and the report on it. Nothing that carries a tag is missing from both.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// What the file covers: its own bounds, else the box of its nodes.
    pub extent: Rect<f64>,
    pub roads: Vec<Road>,
    pub buildings: Vec<Building>,
    pub water: Vec<Ground>,
    pub land_use: Vec<Ground>,
    pub places: Vec<Place>,
    pub businesses: Vec<Business>,
    pub house_numbers: HouseNumbers,
    pub report: Report,
    /// Tagged elements that no layer of ours shows, by their main tag.
    pub of_no_layer: BTreeMap<String, usize>,
}

impl Mapped {
    pub fn problems(&self) -> &[Problem] {
        &self.report.problems
    }

    pub fn count(&self, layer: Layer) -> Count {
        self.report.counts.get(&layer).copied().unwrap_or_default()
    }
}

/// Maps a file; `None` when it holds no node at all.
pub fn map(data: &OsmData) -> Option<Mapped> {
    let extent = data.extent()?;
    let mut report = Report::beginning_with(data.problems.clone());
    let roads = roads::map(data, &mut report);
    let mut buildings = buildings::map(data, &mut report);
    let water = ground::map_water(data, &mut report);
    let land_use = ground::map_land_use(data, &mut report);
    let index = BuildingIndex::new(&buildings);
    let (places, businesses) = points::map(data, &buildings, &index, &mut report);
    let addressed: BTreeSet<ElementId> =
        places.iter().map(|place| place.element).chain(businesses.iter().map(|business| business.element)).collect();
    let house_numbers = buildings::number_houses(data, &mut buildings, &index, &addressed, &mut report);
    link_streets(&mut buildings, &roads);
    report_incomplete_relations(data, &mut report);
    let of_no_layer = tally_of_no_layer(data, &report);
    let mut mapped = Mapped { extent, roads, buildings, water, land_use, places, businesses, house_numbers, report, of_no_layer };
    count_over_the_edge(&mut mapped);
    Some(mapped)
}

fn link_streets(buildings: &mut [Building], roads: &[Road]) {
    let streets = StreetIndex::new(roads);
    for building in buildings {
        let Some(street) = &building.street else { continue };
        let Some(point) = building.footprint.interior_point() else { continue };
        building.road = streets.find(street, point).map(|road| road.code.clone());
    }
}

/// Every relation with members outside the file gets its line, whatever it is about.
fn report_incomplete_relations(data: &OsmData, report: &mut Report) {
    for (&id, relation) in &data.relations {
        let element = ElementId::Relation(id);
        let absent = relation.members.iter().filter(|member| !data.holds(member.element)).count();
        if absent == 0 || report.knows(element) {
            continue;
        }
        let kind = relation.tags.get("type").unwrap_or("relation");
        let name = relation.tags.get("name").map(|name| format!(" \"{name}\"")).unwrap_or_default();
        let detail = format!("{absent} of {} members of {kind}{name}", relation.members.len());
        report.problems.push(Problem::left_out(element, Layer::Other, Reason::MembersNotInFile, detail));
    }
}

/// Keys by which an element without a layer is known, the most telling first.
const MAIN_KEYS: [&str; 22] = [
    "highway",
    "railway",
    "public_transport",
    "natural",
    "barrier",
    "man_made",
    "power",
    "building:part",
    "building",
    "boundary",
    "place",
    "route",
    "route_master",
    "restriction",
    "traffic_signals",
    "crossing",
    "entrance",
    "emergency",
    "leisure",
    "waterway",
    "landuse",
    "type",
];

fn tally_of_no_layer(data: &OsmData, report: &Report) -> BTreeMap<String, usize> {
    let nodes = data.tagged_nodes.iter().map(|(&id, tags)| (ElementId::Node(id), tags));
    let ways = data.ways.iter().map(|(&id, way)| (ElementId::Way(id), &way.tags));
    let relations = data.relations.iter().map(|(&id, relation)| (ElementId::Relation(id), &relation.tags));
    let mut tally = BTreeMap::new();
    for (element, tags) in nodes.chain(ways).chain(relations) {
        if !tags.is_empty() && !report.knows(element) {
            *tally.entry(main_tag(tags)).or_default() += 1;
        }
    }
    tally
}

fn main_tag(tags: &Tags) -> String {
    let main = MAIN_KEYS.iter().find_map(|key| Some((*key, tags.get(key)?)));
    match main {
        Some((key, value)) => format!("{key}={value}"),
        // names, heights and notes are as many as there are elements: the key alone is enough
        None => tags.iter().next().map_or_else(String::new, |(key, _)| format!("{key}=*")),
    }
}

/// Rows keep their whole shape: a house on the edge stays a house. How many reach over it is counted.
fn count_over_the_edge(mapped: &mut Mapped) {
    let edge = mapped.extent;
    let beyond = |shape: Option<Rect<f64>>| shape.is_some_and(|rect| shapes::reaches_beyond(&rect, &edge));
    let mut elements: BTreeSet<(Layer, ElementId)> = BTreeSet::new();
    let surfaces = |layer, grounds: &[Ground]| {
        let over = grounds.iter().filter(|ground| beyond(ground.surface.bounding_rect()));
        over.map(|ground| (layer, ground.element)).collect::<Vec<_>>()
    };
    elements.extend(mapped.roads.iter().filter(|r| beyond(r.line.bounding_rect())).map(|r| (Layer::Road, r.element)));
    elements.extend(mapped.buildings.iter().filter(|b| beyond(b.footprint.bounding_rect())).map(|b| (Layer::Building, b.element)));
    elements.extend(surfaces(Layer::Water, &mapped.water));
    elements.extend(surfaces(Layer::LandUse, &mapped.land_use));
    elements.extend(mapped.places.iter().filter(|p| beyond(Some(p.point.bounding_rect()))).map(|p| (Layer::Place, p.element)));
    elements.extend(mapped.businesses.iter().filter(|b| beyond(Some(b.point.bounding_rect()))).map(|b| (Layer::Business, b.element)));
    for (layer, _) in elements {
        mapped.report.count(layer).over_the_edge += 1;
    }
}
