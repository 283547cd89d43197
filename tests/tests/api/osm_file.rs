//! The import of a real quarter of Hà Nội, held against the figures published with the file.
//! It deliberately writes out what each figure counts, so that a change of the mapping shows which one moved.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;

use server::import::osm::data::{ElementId, OsmData, Tags};
use server::import::osm::points;
use server::import::osm::problems::{Fate, Layer};
use server::import::osm::{self, Mapped};

use tests::shared_data;

fn quarter() -> Option<(OsmData, Mapped)> {
    let path = shared_data::file("osm/hanoi_quoctugiam_2023.osm")?;
    let data = osm::read(BufReader::new(File::open(path).unwrap())).unwrap();
    let mapped = osm::map(&data).unwrap();
    Some((data, mapped))
}

fn all_tags(data: &OsmData) -> impl Iterator<Item = &Tags> {
    let others = data.ways.values().map(|way| &way.tags).chain(data.relations.values().map(|relation| &relation.tags));
    data.tagged_nodes.values().chain(others)
}

#[test]
fn the_file_holds_what_its_description_says() {
    let Some((data, _)) = quarter() else { return };
    let ways = || data.ways.values().map(|way| &way.tags);
    assert_eq!(ways().filter(|tags| tags.has("building")).count(), 497, "buildings: ways with `building`");
    assert_eq!(
        ways().filter(|tags| tags.has("building") && tags.has("building:levels")).count(),
        47,
        "with levels: those of them with `building:levels` (35 more are building parts)"
    );
    assert_eq!(ways().filter(|tags| tags.has("highway")).count(), 527, "highway ways: ways with `highway`");
    assert_eq!(ways().filter(|tags| tags.has("highway") && tags.has("name")).count(), 204, "named: those with `name`");
    let is_poi = |tags: &&Tags| points::KEYS.iter().any(|key| tags.has(key));
    assert_eq!(data.tagged_nodes.values().filter(is_poi).count(), 158, "POI nodes: nodes with any of points::KEYS");
    assert_eq!(
        all_tags(&data).filter(|tags| tags.has("addr:housenumber")).count(),
        253,
        "house numbers: any element with `addr:housenumber` (167 nodes, 86 ways)"
    );
}

#[test]
fn every_building_and_road_of_the_quarter_is_a_row_or_in_the_report() {
    let Some((data, mapped)) = quarter() else { return };
    let buildings = mapped.count(Layer::Building);
    assert_eq!((buildings.in_file, buildings.imported, buildings.left_out), (497, 497, 0));
    assert_eq!(mapped.buildings.len(), 497);
    assert_eq!(buildings.over_the_edge, 26, "they stay whole");
    assert_eq!(mapped.buildings.iter().filter(|building| building.storeys.is_some()).count(), 47);

    let roads = mapped.count(Layer::Road);
    assert_eq!((roads.in_file, roads.imported, roads.left_out), (527, 504, 23));
    assert_eq!(mapped.roads.len(), 504, "no node is missing, so no way falls apart");
    assert_eq!(roads.over_the_edge, 84);
    let left_out = |layer| mapped.problems().iter().filter(move |p| p.layer == layer && p.fate == Fate::LeftOut);
    let reasons: Vec<_> = left_out(Layer::Road).map(|problem| problem.reason.word()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "area_not_a_line").count(), 21, "squares");
    assert_eq!(reasons.iter().filter(|reason| **reason == "not_built_yet").count(), 2);
    let named = mapped.roads.iter().filter(|road| road.name.is_some()).count();
    let left_out_by_name = left_out(Layer::Road).filter(|problem| named_in_file(&data, problem.element)).count();
    assert_eq!((named, left_out_by_name), (201, 3), "together 204; the three are a square and two roads under construction");

    for (layer, count) in &mapped.report.counts {
        assert_eq!(count.in_file, count.imported + count.left_out, "{layer:?}");
        assert_eq!(left_out(*layer).count(), count.left_out, "{layer:?}: each has its line in the report");
    }
}

fn named_in_file(data: &OsmData, element: ElementId) -> bool {
    matches!(element, ElementId::Way(id) if data.ways[&id].tags.has("name"))
}

#[test]
fn every_point_of_interest_and_house_number_is_accounted_for() {
    let Some((data, mapped)) = quarter() else { return };
    let rows: BTreeSet<ElementId> =
        mapped.places.iter().map(|place| place.element).chain(mapped.businesses.iter().map(|b| b.element)).collect();
    let reported: BTreeSet<ElementId> = mapped.problems().iter().map(|problem| problem.element).collect();
    for (&id, tags) in &data.tagged_nodes {
        let element = ElementId::Node(id);
        if points::KEYS.iter().any(|key| tags.has(key)) {
            assert!(rows.contains(&element) != reported.contains(&element), "{element}: {tags:?}");
        }
    }
    let nodes_with_rows = rows.iter().filter(|element| matches!(element, ElementId::Node(_))).count();
    let bus_stops = data.tagged_nodes.values().filter(|tags| tags.is("highway", "bus_stop")).count();
    let unwanted = mapped.problems().iter().filter(|p| p.layer == Layer::Place && matches!(p.element, ElementId::Node(_))).count();
    assert_eq!(nodes_with_rows - bus_stops + unwanted, 158);

    let numbers = mapped.house_numbers;
    assert_eq!(numbers.total(), 253);
    assert_eq!(numbers.on_buildings, 62);
    assert_eq!(mapped.problems().iter().filter(|p| p.layer == Layer::HouseNumber).count(), numbers.left_out);
    let numbered = mapped.buildings.iter().filter(|building| building.house_number.is_some()).count();
    assert_eq!(numbered, numbers.on_buildings + numbers.given_to_buildings);
}

#[test]
fn the_alleys_of_the_quarter_hang_together() {
    let Some((_, mapped)) = quarter() else { return };
    let named = |name: &str| mapped.roads.iter().find(|road| road.name.as_deref() == Some(name)).unwrap();
    let parent_of = |name: &str| {
        let parent = named(name).parent.as_deref().unwrap();
        mapped.roads.iter().find(|road| road.code == parent).unwrap().name.clone().unwrap()
    };
    let hem = named("Hẻm 14 Ngách 58 Ngõ 46 Phố Hào Nam");
    assert_eq!((hem.class.word(), hem.number.as_deref()), ("branch_alley", Some("46/58/14")));
    assert_eq!(parent_of("Hẻm 14 Ngách 58 Ngõ 46 Phố Hào Nam"), "Ngách 58 Ngõ 46 Phố Hào Nam");
    assert_eq!(parent_of("Ngách 58 Ngõ 46 Phố Hào Nam"), "Ngõ 46 Phố Hào Nam");
    assert_eq!(parent_of("Ngõ 46 Phố Hào Nam"), "Phố Hào Nam");
    assert_eq!(parent_of("Ngách 46 Ngõ Linh Quang"), "Linh Quang");
    assert_eq!(parent_of("Ngõ 33 Cát Linh"), "Phố Cát Linh", "the name leaves out «Phố»");
}
