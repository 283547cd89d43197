//! Makes water and land use of the surfaces under the map.
//! It deliberately takes surfaces only: a stream drawn as a line has no width anybody measured, so it is reported.

use geo::MultiPolygon;

use super::buildings::is_building;
use super::data::{ElementId, OsmData, Tags};
use super::problems::{Layer, Reason};
use super::report::Report;
use super::shapes;

/// A piece of water or of land use, by the layer's own word for its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    pub element: ElementId,
    pub kind: &'static str,
    pub name: Option<String>,
    pub surface: MultiPolygon<f64>,
}

/// Makes the water of a file.
pub fn map_water(data: &OsmData, report: &mut Report) -> Vec<Ground> {
    let mut water = Vec::new();
    for (element, tags) in surfaces(data).filter(|(_, tags)| is_water(tags)) {
        if is_a_line(data, element, tags) {
            report.left_out(element, Layer::Water, Reason::NotAPolygon, "a watercourse drawn as a line");
            continue;
        }
        if let Some(surface) = report.shape(element, Layer::Water, shapes::surface(data, element)) {
            let name = name(tags);
            let kind = water_kind(tags, name.as_deref(), shapes::square_metres(&surface));
            water.push(Ground { element, kind, name, surface });
        }
    }
    water
}

/// Makes the land use of a file; buildings are not ground.
pub fn map_land_use(data: &OsmData, report: &mut Report) -> Vec<Ground> {
    let mut land_use = Vec::new();
    for (element, tags) in surfaces(data) {
        let Some(kind) = land_use_kind(tags) else { continue };
        if let Some(surface) = report.shape(element, Layer::LandUse, shapes::surface(data, element)) {
            land_use.push(Ground { element, kind, name: name(tags), surface });
        }
    }
    land_use
}

/// Ways and multipolygons; what they are is for their tags to say.
fn surfaces(data: &OsmData) -> impl Iterator<Item = (ElementId, &Tags)> {
    let ways = data.ways.iter().map(|(&id, way)| (ElementId::Way(id), &way.tags));
    let relations = data.relations.iter().filter(|(_, relation)| relation.tags.is("type", "multipolygon"));
    ways.chain(relations.map(|(&id, relation)| (ElementId::Relation(id), &relation.tags)))
}

fn name(tags: &Tags) -> Option<String> {
    tags.first(&["name", "name:vi", "official_name"]).map(str::to_owned)
}

fn is_water(tags: &Tags) -> bool {
    let running = ["riverbank", "dock", "river", "canal", "stream", "ditch", "drain"];
    tags.is("natural", "water")
        || tags.get("waterway").is_some_and(|kind| running.contains(&kind))
        || tags.get("landuse").is_some_and(|kind| matches!(kind, "reservoir" | "basin"))
}

fn is_a_line(data: &OsmData, element: ElementId, tags: &Tags) -> bool {
    let ElementId::Way(id) = element else { return false };
    let is_closed = data.ways.get(&id).is_some_and(|way| way.nodes.len() > 3 && way.nodes.first() == way.nodes.last());
    let runs = tags.get("waterway").is_some_and(|kind| !matches!(kind, "riverbank" | "dock"));
    runs && !tags.is("natural", "water") && !is_closed
}

/// The kind by `water` and `waterway`, else by the name's first word, else by size: a pond is under a hectare.
fn water_kind(tags: &Tags, name: Option<&str>, area_m2: f64) -> &'static str {
    let word = name.and_then(|name| name.split_whitespace().next()).map(str::to_lowercase);
    match tags.first(&["water", "waterway"]).unwrap_or_default() {
        "river" | "riverbank" | "oxbow" | "rapids" => return "river",
        "canal" | "stream" | "ditch" | "drain" | "moat" | "dock" | "lock" => return "canal",
        "lake" | "reservoir" | "lagoon" => return "lake",
        "pond" => return "pond",
        "wastewater" | "basin" | "fountain" | "pool" => return "other",
        _ => {}
    }
    match word.as_deref() {
        Some("sông" | "suối") => "river",
        Some("kênh" | "mương" | "ngòi") => "canal",
        Some("hồ" | "đầm") => "lake",
        Some("ao") => "pond",
        _ if tags.is("landuse", "basin") => "other",
        _ if area_m2 < 10_000.0 => "pond",
        _ => "lake",
    }
}

/// One kind for each surface: what stands on the ground says more than how the ground is zoned.
fn land_use_kind(tags: &Tags) -> Option<&'static str> {
    if is_building(tags) || is_water(tags) {
        return None;
    }
    let by_amenity = tags.get("amenity").and_then(|amenity| match amenity {
        "school" | "kindergarten" | "college" | "university" | "research_institute" | "prep_school" => Some("education"),
        "hospital" | "clinic" | "police" | "townhall" | "courthouse" | "fire_station" | "library" | "community_centre" | "post_office"
        | "social_facility" | "arts_centre" | "theatre" | "prison" | "public_building" => Some("public"),
        "marketplace" => Some("market"),
        "place_of_worship" | "monastery" => Some("religious"),
        "parking" | "bicycle_parking" | "motorcycle_parking" | "bus_station" => Some("parking"),
        "grave_yard" => Some("cemetery"),
        _ => None,
    });
    let by_office = || tags.get("office").and_then(|o| matches!(o, "government" | "diplomatic").then_some("public"));
    let by_leisure = || tags.get("leisure").and_then(leisure_kind);
    let by_landuse = || tags.get("landuse").and_then(landuse_kind);
    let by_natural = || match tags.get("natural") {
        Some("grassland" | "heath") => Some("grass"),
        Some("wood" | "scrub" | "wetland" | "sand" | "beach" | "bare_rock") => Some("other"),
        _ => None,
    };
    let by_military = || tags.has("military").then_some("military");
    let square = || (tags.has("highway") && is_square(tags)).then_some("public");
    by_amenity.or_else(by_office).or_else(by_leisure).or_else(by_landuse).or_else(by_natural).or_else(by_military).or_else(square)
}

/// A square is drawn as a surface: `area=yes`, or a multipolygon.
fn is_square(tags: &Tags) -> bool {
    tags.is("area", "yes") || tags.is("type", "multipolygon")
}

fn leisure_kind(leisure: &str) -> Option<&'static str> {
    match leisure {
        "park" | "garden" | "playground" | "nature_reserve" | "dog_park" => Some("park"),
        "pitch" | "sports_centre" | "stadium" | "golf_course" | "swimming_pool" => Some("sports"),
        _ => None,
    }
}

fn landuse_kind(landuse: &str) -> Option<&'static str> {
    Some(match landuse {
        "residential" => "residential",
        "commercial" | "retail" => "commercial",
        "industrial" | "quarry" | "landfill" => "industrial",
        "education" => "education",
        "institutional" | "civic_admin" => "public",
        "religious" => "religious",
        "military" => "military",
        "recreation_ground" => "park",
        "grass" | "meadow" | "village_green" | "flowerbed" | "greenery" => "grass",
        "cemetery" => "cemetery",
        "farmland" | "orchard" | "vineyard" | "allotments" | "farmyard" | "plant_nursery" | "aquaculture" | "greenhouse_horticulture" => {
            "farmland"
        }
        "construction" => "construction",
        "garages" => "parking",
        _ => "other",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_school_in_a_commercial_zone_is_education_and_a_house_is_no_ground() {
        assert_eq!(land_use_kind(&tags(&[("landuse", "commercial"), ("amenity", "school")])), Some("education"));
        assert_eq!(land_use_kind(&tags(&[("building", "yes"), ("amenity", "school")])), None);
        assert_eq!(land_use_kind(&tags(&[("leisure", "track")])), None);
        assert_eq!(land_use_kind(&tags(&[("landuse", "basin")])), None, "that is water");
        assert_eq!(land_use_kind(&tags(&[("highway", "pedestrian"), ("area", "yes")])), Some("public"));
    }

    #[test]
    fn water_is_known_by_tag_name_or_size() {
        let kind = |pairs: &[(&str, &str)], name, m2| water_kind(&tags(pairs), name, m2);
        assert_eq!(kind(&[("natural", "water"), ("water", "pond")], Some("Hồ Văn"), 20_000.0), "pond");
        assert_eq!(kind(&[("natural", "water")], Some("Hồ Văn"), 5_000.0), "lake");
        assert_eq!(kind(&[("natural", "water")], None, 5_000.0), "pond");
        assert_eq!(kind(&[("waterway", "riverbank")], None, 5_000.0), "river");
    }
}
