//! Tries the readers and the mapper on small files made for it, and on what a broken disk makes of them.

use geo::{Area, Validation};
use proptest::prelude::*;

use super::pbf_writer::to_pbf;
use super::problems::{Fate, Layer, Reason};
use super::{Mapped, OsmData, ReadError, map, read};

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/fixtures/osm/{name}.osm", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

const FIXTURES: [&str; 6] =
    ["way_over_the_edge", "incomplete_relation", "unclosed_polygon", "bow_tie_polygon", "building_with_a_hole", "alleys"];

fn read_fixture(name: &str) -> OsmData {
    read(fixture(name).as_slice()).unwrap()
}

fn map_fixture(name: &str) -> Mapped {
    map(&read_fixture(name)).unwrap()
}

fn remarks(mapped: &Mapped) -> Vec<String> {
    let line = |p: &super::problems::Problem| format!("{} {} {} {}", p.element, p.layer.word(), p.fate.word(), p.reason.word());
    mapped.problems().iter().map(line).collect()
}

/// Nothing may be lost: each layer's books balance, and every shape is one the database takes.
fn check_sound(mapped: &Mapped) {
    for (layer, count) in &mapped.report.counts {
        assert_eq!(count.in_file, count.imported + count.left_out, "{layer:?}: {count:?}");
        let left_out = mapped.problems().iter().filter(|p| p.layer == *layer && p.fate == Fate::LeftOut).count();
        assert_eq!(left_out, count.left_out, "{layer:?}: each one left out has its line");
    }
    let footprints = mapped.buildings.iter().map(|building| &building.footprint);
    for shape in footprints.chain(mapped.water.iter().chain(&mapped.land_use).map(|ground| &ground.surface)) {
        assert!(shape.is_valid() && shape.unsigned_area() > 0.0, "{shape:?}");
    }
    for road in &mapped.roads {
        assert!(road.line.0.len() > 1 && road.width_m > 0.0);
        let is_there = |parent: &String| mapped.roads.iter().any(|other| other.code == *parent && other.code != road.code);
        assert!(road.parent.as_ref().is_none_or(is_there));
    }
}

#[test]
fn a_way_over_the_edge_stays_whole_and_is_counted() {
    let mapped = map_fixture("way_over_the_edge");
    check_sound(&mapped);
    assert_eq!(mapped.count(Layer::Road).over_the_edge, 1);
    assert_eq!(mapped.count(Layer::Building).over_the_edge, 1);
    assert_eq!(mapped.buildings[0].storeys, Some(3));
    let codes: Vec<_> = mapped.roads.iter().map(|road| (road.code.as_str(), road.line.0.len())).collect();
    assert_eq!(codes, [("osm-w100", 3), ("osm-w102", 2), ("osm-w102.2", 2)], "a missing node splits a road");
    assert_eq!(remarks(&mapped), ["w102 road imported_without cut_off", "w103 building left_out nodes_not_in_file"]);
}

#[test]
fn an_incomplete_relation_gives_what_it_can_and_says_what_it_lacks() {
    let mapped = map_fixture("incomplete_relation");
    check_sound(&mapped);
    assert_eq!(mapped.water.len(), 1);
    assert_eq!(mapped.water[0].kind, "lake");
    assert_eq!(mapped.water[0].surface.0[0].interiors().len(), 1, "the island that is in the file");
    assert!(mapped.land_use.is_empty(), "half an outline is not closed by a straight line across the ward");
    assert_eq!(
        remarks(&mapped),
        [
            "r200 water imported_without members_not_in_file",
            "r201 land_use left_out members_not_in_file",
            "r202 other left_out members_not_in_file",
        ]
    );
}

#[test]
fn an_unclosed_outline_is_closed_over_a_forgotten_edge_only() {
    let mapped = map_fixture("unclosed_polygon");
    check_sound(&mapped);
    assert_eq!(mapped.buildings.len(), 1);
    assert_eq!(mapped.buildings[0].address().as_deref(), Some("Số 12 phố Thử"));
    assert_eq!(
        remarks(&mapped),
        ["w100 building repaired ring_closed", "w101 building left_out ring_not_closed", "w102 building left_out too_few_points",]
    );
    assert!(mapped.problems()[0].detail.contains("11.1 m"), "{}", mapped.problems()[0].detail);
}

#[test]
fn a_bow_tie_becomes_two_triangles_and_a_doubled_line_no_house() {
    let mapped = map_fixture("bow_tie_polygon");
    check_sound(&mapped);
    assert_eq!(mapped.buildings.len(), 1);
    assert_eq!(mapped.buildings[0].footprint.0.len(), 2);
    assert_eq!(remarks(&mapped), ["w100 building repaired crosses_itself", "w101 building left_out not_a_polygon"]);
}

#[test]
fn a_building_keeps_its_courtyard_and_knows_who_is_in_it() {
    let mapped = map_fixture("building_with_a_hole");
    check_sound(&mapped);
    let block = &mapped.buildings[0];
    assert_eq!((mapped.buildings.len(), block.element.code().as_str()), (1, "osm-r200"));
    assert_eq!(block.footprint.0[0].interiors().len(), 1);
    assert_eq!((block.storeys, block.use_kind), (Some(9), "apartments"));
    assert_eq!(block.address().as_deref(), Some("Số 8 ngõ 12 phố Thử"), "the number stands on a node inside");
    assert_eq!(remarks(&mapped), ["w100 building left_out stands_in_relation"]);
    let trade = |name: &str| mapped.businesses.iter().find(|business| business.name == name).unwrap();
    assert_eq!(trade("Cà phê Ngõ").building, Some(block.element));
    assert_eq!(trade("Hoa Tươi Lan").building, None, "the courtyard is not the building");
    assert_eq!((trade("Hoa Tươi Lan").sector, trade("Hoa Tươi Lan").vsic), ("G", Some("4773")));
}

#[test]
fn an_alley_knows_the_road_it_leaves() {
    let mapped = map_fixture("alleys");
    check_sound(&mapped);
    let of = |id: usize| {
        let road = &mapped.roads[id];
        (road.class.word(), road.number.as_deref().unwrap_or("-"), road.parent.as_deref().unwrap_or("-"))
    };
    assert_eq!(of(0), ("street", "-", "-"));
    assert_eq!(of(1), ("alley", "12", "osm-w100"));
    assert_eq!(of(2), ("side_alley", "12/34", "osm-w101"));
    assert_eq!(of(3), ("branch_alley", "12/34/6", "osm-w102"));
    assert_eq!(of(4), ("alley", "20", "osm-w100"), "it touches one street only");
}

#[test]
fn the_binary_form_gives_the_same_as_xml() {
    for name in FIXTURES {
        let xml = read_fixture(name);
        for dense in [true, false] {
            let pbf = read(to_pbf(&xml, dense).as_slice()).unwrap();
            assert_eq!(pbf, xml, "{name}, dense nodes: {dense}");
            assert_eq!(map(&pbf), map(&xml), "{name}");
        }
    }
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn a_malformed_file_is_refused_with_its_place() {
    let with = |body: &str| format!("<osm>\n <node id=\"1\" lat=\"21\" lon=\"105\"/>\n{body}\n</osm>");
    assert_eq!(refusal(with("<way id=\"x\"/>").as_bytes()), "line 3 (byte 41): <way> with id=\"x\"");
    assert_eq!(refusal(with("<node id=\"2\" lat=\"21,0\" lon=\"1\"/>").as_bytes()), "line 3 (byte 41): <node> with lat=\"21,0\"");
    assert!(refusal(with("<way id=\"1\"></node>").as_bytes()).starts_with("line 3 (byte "));
    assert!(refusal(with("<way id=\"1\"><nd/></way>").as_bytes()).contains("<nd> without ref"));
    assert!(refusal(b"<osm>\n <node id=\"1\" lat=\"21\" lon=\"105\"/>\n").contains("cut off"));
    assert!(refusal(b"<kml></kml>").contains("begins with <kml>"));
    assert!(refusal(b"<osmChange></osmChange>").contains("changes"));
    assert_eq!(refusal(b""), "the file is empty");
    assert!(refusal(b"\x1f\x8b\x08").contains("gunzip"));
    assert!(refusal(with("<remark> runtime error: timed out </remark>").as_bytes()).contains("timed out"));
    let xml = read_fixture("alleys");
    let pbf = to_pbf(&xml, true);
    assert!(matches!(read(&pbf[..pbf.len() - 9]), Err(ReadError::MalformedPbf { blob: 2, .. })));
}

#[test]
fn what_is_deleted_doubled_or_off_the_earth_is_reported() {
    let text = r#"<osm><node id="1" lat="91" lon="105"/><node id="2" visible="false"/>
        <node id="3" lat="21" lon="105"/><node id="3" lat="21.1" lon="105"/></osm>"#;
    let data = read(text.as_bytes()).unwrap();
    let reasons: Vec<_> = data.problems.iter().map(|p| p.reason).collect();
    assert_eq!(reasons, [Reason::BadPosition, Reason::DeletedElement, Reason::DuplicateElement]);
    assert_eq!(data.positions.len(), 1);
}

/// Random outlines on a small grid: touching, crossing, doubled and open ones come by themselves.
fn a_quarter() -> impl Strategy<Value = String> {
    let corners = proptest::collection::vec((0i32..6, 0i32..6), 1..8);
    let kind = prop_oneof![Just("building"), Just("landuse"), Just("highway"), Just("natural")];
    let ways = proptest::collection::vec((corners, any::<bool>(), kind), 1..6);
    let roles = proptest::collection::vec((0usize..7, prop_oneof![Just("outer"), Just("inner"), Just("")]), 0..4);
    (ways, roles).prop_map(|(ways, roles)| {
        let mut text = String::from("<osm>");
        for (x, y) in (0..6).flat_map(|x| (0..6).map(move |y| (x, y))) {
            let (lon, lat) = (105.74 + f64::from(x) * 1e-4, 21.04 + f64::from(y) * 1e-4);
            // the last corner of the grid is missing from the file
            if (x, y) != (5, 5) {
                text += &format!("<node id=\"{}\" lat=\"{lat:.7}\" lon=\"{lon:.7}\"/>", x * 6 + y);
            }
        }
        for (id, (corners, close, kind)) in ways.iter().enumerate() {
            let value = if *kind == "natural" { "water" } else { "residential" };
            text += &format!("<way id=\"{id}\">");
            for (x, y) in corners.iter().chain(corners.first().filter(|_| *close)) {
                text += &format!("<nd ref=\"{}\"/>", x * 6 + y);
            }
            text += &format!("<tag k=\"{kind}\" v=\"{value}\"/></way>");
        }
        text += "<relation id=\"1\"><tag k=\"type\" v=\"multipolygon\"/><tag k=\"landuse\" v=\"grass\"/>";
        for (way, role) in roles {
            text += &format!("<member type=\"way\" ref=\"{way}\" role=\"{role}\"/>");
        }
        text + "</relation></osm>"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_outline_becomes_valid_or_is_reported(text in a_quarter()) {
        check_sound(&map(&read(text.as_bytes()).unwrap()).unwrap());
    }

    #[test]
    fn a_damaged_file_never_makes_the_reader_panic(
        name in prop::sample::select(FIXTURES.to_vec()),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0usize..3), 1..6),
    ) {
        let mut bytes = fixture(name);
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        if let Ok(data) = read(bytes.as_slice()) && let Some(mapped) = map(&data) {
            check_sound(&mapped);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(<osm>)?(<(way|node|tag|nd|relation|member|bounds|/osm|/way)( (id|lat|lon|k|v|ref|type|role)='[0-9.a-z&;]{0,5}')*/?>|\\PC){0,12}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn a_damaged_binary_file_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = to_pbf(&read_fixture("alleys"), true);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = read(bytes.as_slice());
    }
}
