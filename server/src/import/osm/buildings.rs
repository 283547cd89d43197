//! Makes buildings of `building` outlines: use, storeys, and the house number and street people know them by.
//! It deliberately invents no storeys and no number; what the file does not say stays empty.

use std::collections::{BTreeMap, BTreeSet};

use geo::{BoundingRect, Intersects, MultiPolygon, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use shared::address::Address;

use super::data::{ElementId, OsmData, Tags};
use super::problems::{Fate, Layer, Problem, Reason};
use super::report::Report;
use super::shapes::{self, Flaw};

#[derive(Debug, Clone, PartialEq)]
pub struct Building {
    pub element: ElementId,
    /// A word of the table `building`: house, villa, apartments, shop, ...
    pub use_kind: &'static str,
    pub name: Option<String>,
    pub storeys: Option<i16>,
    pub house_number: Option<String>,
    pub street: Option<String>,
    /// Code of the road that `street` names.
    pub road: Option<String>,
    pub footprint: MultiPolygon<f64>,
}

impl Building {
    /// "Số 12 phố Cát Linh".
    pub fn address(&self) -> Option<String> {
        address_text(self.house_number.as_deref(), self.street.as_deref())
    }
}

/// Makes the buildings of a file; house numbers that stand on nodes are given out later, by [`number_houses`].
pub fn map(data: &OsmData, report: &mut Report) -> Vec<Building> {
    let in_relation = outlines_of_relations(data);
    let mut buildings = Vec::new();
    for (element, tags) in elements(data).filter(|(_, tags)| is_building(tags)) {
        if let Some(relation) = in_relation.get(&element) {
            let detail = format!("it is the outline of relation {relation}, which is the building");
            report.left_out(element, Layer::Building, Reason::StandsInRelation, detail);
            continue;
        }
        let Some(footprint) = report.shape(element, Layer::Building, shapes::surface(data, element)) else { continue };
        let storeys = storeys(element, tags, report);
        buildings.push(Building {
            element,
            use_kind: use_kind(tags, &footprint),
            name: tags.first(&["name", "name:vi", "official_name"]).map(str::to_owned),
            storeys,
            house_number: house_number(tags),
            street: tags.get("addr:street").map(str::to_owned),
            road: None,
            footprint,
        });
    }
    buildings
}

fn elements(data: &OsmData) -> impl Iterator<Item = (ElementId, &Tags)> {
    let nodes = data.tagged_nodes.iter().map(|(&id, tags)| (ElementId::Node(id), tags));
    let ways = data.ways.iter().map(|(&id, way)| (ElementId::Way(id), &way.tags));
    let relations = data.relations.iter().filter(|(_, r)| r.tags.is("type", "multipolygon"));
    nodes.chain(ways).chain(relations.map(|(&id, relation)| (ElementId::Relation(id), &relation.tags)))
}

pub fn is_building(tags: &Tags) -> bool {
    tags.get("building").is_some_and(|kind| kind != "no")
}

/// Ways that outline a multipolygon building and are tagged as a building themselves: one house, drawn twice.
fn outlines_of_relations(data: &OsmData) -> BTreeMap<ElementId, ElementId> {
    let relations = data.relations.iter().filter(|(_, r)| r.tags.is("type", "multipolygon") && is_building(&r.tags));
    relations
        .flat_map(|(&id, relation)| {
            let outer = relation.members.iter().filter(|member| member.role != "inner");
            outer.map(move |member| (member.element, ElementId::Relation(id)))
        })
        .collect()
}

/// `building:levels` as a whole number from 1 to 150; a half storey counts as none ("2.5" is 2).
fn storeys(element: ElementId, tags: &Tags, report: &mut Report) -> Option<i16> {
    let text = tags.get("building:levels")?;
    let storeys = text.parse::<f64>().ok().map(f64::floor).filter(|levels| (1.0..=150.0).contains(levels));
    if storeys.is_none() {
        let detail = format!("building:levels=\"{text}\"");
        report.note(element, Layer::Building, Fate::ImportedWithout, Flaw { reason: Reason::StoreysNotUnderstood, detail });
    }
    storeys.map(|levels| levels as i16)
}

/// The use by `building`, else by what is in it.
///
/// Most mappers write no more than `building=yes`. Such an outline without further tags is taken for a house when it
/// covers no more than 300 m2 (a tube house covers 35 to 200), else it stays `other`.
fn use_kind(tags: &Tags, footprint: &MultiPolygon<f64>) -> &'static str {
    match tags.get("building").unwrap_or_default() {
        "house" | "detached" | "semidetached_house" | "terrace" | "residential" | "bungalow" | "farm" | "cabin" => "house",
        "villa" | "mansion" => "villa",
        "apartments" | "dormitory" => "apartments",
        "retail" | "shop" | "supermarket" | "kiosk" => "shop",
        "school" | "kindergarten" => "school",
        "university" | "college" => "campus",
        "industrial" | "factory" | "manufacture" | "warehouse" => "factory",
        "market" | "marketplace" => "market",
        "office" | "commercial" | "bank" => "office",
        "public" | "government" | "civic" | "hospital" | "clinic" | "transportation" | "train_station" | "stadium" | "museum"
        | "fire_station" | "sports_centre" | "sports_hall" | "library" => "public",
        "temple" | "pagoda" | "church" | "cathedral" | "chapel" | "shrine" | "mosque" | "monastery" | "religious" => "religious",
        "shed" | "garage" | "garages" | "carport" | "roof" | "hut" | "greenhouse" | "farm_auxiliary" | "service" | "guardhouse"
        | "toilets" | "outbuilding" => "outbuilding",
        "yes" => use_by_content(tags).unwrap_or_else(|| use_by_size(footprint)),
        _ => "other",
    }
}

fn use_by_content(tags: &Tags) -> Option<&'static str> {
    let by_amenity = tags.get("amenity").and_then(|amenity| match amenity {
        "school" | "kindergarten" => Some("school"),
        "university" | "college" => Some("campus"),
        "place_of_worship" => Some("religious"),
        "marketplace" => Some("market"),
        "toilets" => Some("outbuilding"),
        "bank" => Some("office"),
        "restaurant" | "cafe" | "fast_food" | "bar" | "pub" | "pharmacy" | "fuel" => Some("shop"),
        "hospital" | "clinic" | "police" | "townhall" | "library" | "theatre" | "community_centre" | "post_office" | "fire_station" => {
            Some("public")
        }
        _ => None,
    });
    let by_office = || tags.get("office").map(|office| if office == "government" { "public" } else { "office" });
    let by_shop = || tags.has("shop").then_some("shop");
    let by_other = || ["tourism", "leisure", "historic"].iter().any(|key| tags.has(key)).then_some("other");
    by_amenity.or_else(by_office).or_else(by_shop).or_else(by_other)
}

fn use_by_size(footprint: &MultiPolygon<f64>) -> &'static str {
    if shapes::square_metres(footprint) <= 300.0 { "house" } else { "other" }
}

/// The number as it hangs on the door: "No. 1B" and "Số 1b" are "1B".
pub fn house_number(tags: &Tags) -> Option<String> {
    let text = tags.get("addr:housenumber")?;
    let upper = text.to_uppercase();
    let announced = ["SỐ NHÀ ", "SỐ ", "NO. ", "NO.", "NO "];
    let bare = announced.iter().find_map(|word| upper.strip_prefix(word)).map(str::trim).filter(|rest| !rest.is_empty());
    Some(bare.unwrap_or(&upper).to_owned())
}

/// The address in the ward's own form where it can be read as one ("số 12 Phố Cát Linh" is "Số 12 phố Cát Linh").
pub fn address_text(number: Option<&str>, street: Option<&str>) -> Option<String> {
    let plain = match (number, street) {
        (Some(number), Some(street)) => format!("Số {number} {street}"),
        (Some(number), None) => format!("Số {number}"),
        (None, Some(street)) => street.to_owned(),
        (None, None) => return None,
    };
    Some(plain.parse::<Address>().map_or(plain, |address| address.to_string()))
}

/// Which building holds a point.
pub struct BuildingIndex {
    boxes: RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>,
}

impl BuildingIndex {
    pub fn new(buildings: &[Building]) -> Self {
        let boxes = buildings.iter().enumerate().filter_map(|(index, building)| {
            let rect = building.footprint.bounding_rect()?;
            let (low, high) = ([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
            Some(GeomWithData::new(Rectangle::from_corners(low, high), index))
        });
        Self { boxes: RTree::bulk_load(boxes.collect()) }
    }

    /// The building at a point; of several, the first of the file.
    pub fn at(&self, buildings: &[Building], point: Point<f64>) -> Option<usize> {
        let candidates = self.boxes.locate_in_envelope_intersecting(&AABB::from_point([point.x(), point.y()]));
        candidates.map(|found| found.data).filter(|&index| buildings[index].footprint.intersects(&point)).min()
    }
}

/// What became of the file's house numbers. The five add up to all elements with `addr:housenumber`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HouseNumbers {
    /// On a building's own outline.
    pub on_buildings: usize,
    /// On a node inside a building that had none.
    pub given_to_buildings: usize,
    /// On a node inside a building that has the same number already.
    pub repeated: usize,
    /// Kept in the address of a place or business alone.
    pub with_places_and_businesses: usize,
    pub left_out: usize,
}

impl HouseNumbers {
    pub fn total(&self) -> usize {
        self.on_buildings + self.given_to_buildings + self.repeated + self.with_places_and_businesses + self.left_out
    }
}

/// Gives the numbers that stand on nodes to the buildings around them. `addressed` are the elements that became a place
/// or a business and keep the number in their own address.
pub fn number_houses(
    data: &OsmData,
    buildings: &mut [Building],
    index: &BuildingIndex,
    addressed: &BTreeSet<ElementId>,
    report: &mut Report,
) -> HouseNumbers {
    let mut numbers = HouseNumbers::default();
    let imported: BTreeSet<ElementId> = buildings.iter().map(|building| building.element).collect();
    for (element, tags) in elements(data).chain(other_relations(data)) {
        let Some(number) = house_number(tags) else { continue };
        if imported.contains(&element) {
            numbers.on_buildings += 1;
            continue;
        }
        let problem = match give_number(data, buildings, index, (element, tags), &number) {
            Given::ToBuilding => {
                numbers.given_to_buildings += 1;
                None
            }
            Given::ThereAlready => {
                numbers.repeated += 1;
                None
            }
            Given::NotTaken(..) if addressed.contains(&element) => {
                numbers.with_places_and_businesses += 1;
                None
            }
            Given::NotTaken(reason, detail) => {
                numbers.left_out += 1;
                Some(Problem::left_out(element, Layer::HouseNumber, reason, detail))
            }
        };
        report.speak_for(element);
        report.problems.extend(problem);
    }
    numbers
}

/// Relations that are no surfaces may carry a number as well (a site, for example).
fn other_relations(data: &OsmData) -> impl Iterator<Item = (ElementId, &Tags)> {
    let relations = data.relations.iter().filter(|(_, r)| !r.tags.is("type", "multipolygon"));
    relations.map(|(&id, relation)| (ElementId::Relation(id), &relation.tags))
}

enum Given {
    ToBuilding,
    ThereAlready,
    NotTaken(Reason, String),
}

fn give_number(
    data: &OsmData,
    buildings: &mut [Building],
    index: &BuildingIndex,
    (element, tags): (ElementId, &Tags),
    number: &str,
) -> Given {
    let place = format!("{number} {}", tags.get("addr:street").unwrap_or_default());
    let place = place.trim_end();
    let position = match element {
        ElementId::Node(id) => data.positions.get(&id),
        _ => None,
    };
    let Some(position) = position else {
        return Given::NotTaken(Reason::HouseNumberWithoutBuilding, format!("{place} stands on ground, not on a house"));
    };
    let Some(at) = index.at(buildings, Point(position.coord())) else {
        return Given::NotTaken(Reason::HouseNumberWithoutBuilding, place.to_owned());
    };
    let building = &mut buildings[at];
    match &building.house_number {
        None => {
            building.house_number = Some(number.to_owned());
            if building.street.is_none() {
                building.street = tags.get("addr:street").map(str::to_owned);
            }
            Given::ToBuilding
        }
        Some(own) if own == number => Given::ThereAlready,
        Some(own) => {
            let detail = format!("{place}; building {} has {own}", building.element);
            Given::NotTaken(Reason::SecondHouseNumber, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().copied().collect()
    }

    #[test]
    fn storeys_are_whole_numbers_or_reported() {
        let mut report = Report::default();
        let mut read = |text| storeys(ElementId::Way(1), &tags(&[("building:levels", text)]), &mut report);
        assert_eq!(read("5"), Some(5));
        assert_eq!(read("2.5"), Some(2));
        assert_eq!(read("0"), None);
        assert_eq!(read("3;4"), None);
        assert_eq!(read("NaN"), None);
        assert_eq!(report.problems.len(), 3);
    }

    #[test]
    fn numbers_and_addresses_take_the_wards_form() {
        let number = |text| house_number(&tags(&[("addr:housenumber", text)])).unwrap();
        assert_eq!(number("No. 1B"), "1B");
        assert_eq!(number("Số 54b"), "54B");
        assert_eq!(number("40-42"), "40-42");
        assert_eq!(number("No."), "NO.");
        assert_eq!(address_text(Some("22"), Some("Ngõ 27 Phố Cát Linh")).unwrap(), "Số 22 ngõ 27 phố Cát Linh");
        assert_eq!(address_text(Some("40-42"), Some("Phố Cát Linh")).unwrap(), "Số 40-42 Phố Cát Linh");
        assert_eq!(address_text(None, None), None);
    }
}
