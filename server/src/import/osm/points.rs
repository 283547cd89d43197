//! Makes places and businesses of the points and houses of interest (`shop`, `office`, `craft`, `amenity`, ...).
//! It deliberately makes one row of one thing: what trades is a business, what serves the public is a place.
//!
//! A business's sector is its section of the Vietnamese Standard Industrial Classification (`trades.rs`), with the
//! four-digit class where the tag determines it.

use geo::{InteriorPoint, Point};

use super::buildings::{self, Building, BuildingIndex};
use super::data::{ElementId, OsmData, Tags};
use super::problems::{Layer, Reason};
use super::report::Report;
use super::shapes;
use super::trades::{self, Trade};

/// Keys whose presence makes an element a point of interest.
pub const KEYS: [&str; 8] = ["shop", "office", "craft", "amenity", "healthcare", "tourism", "historic", "leisure"];

#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub element: ElementId,
    /// A word of the table `place`: school, worship, bus_stop, ...
    pub kind: &'static str,
    pub name: String,
    /// The file gave no name: it has its kind's.
    pub named_by_kind: bool,
    pub address: Option<String>,
    pub point: Point<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Business {
    pub element: ElementId,
    pub name: String,
    pub named_by_kind: bool,
    /// Section of VSIC, A to U.
    pub sector: &'static str,
    /// Four-digit class, where the tag determines it.
    pub vsic: Option<&'static str>,
    /// `company` or `household_business`.
    pub kind: &'static str,
    pub address: Option<String>,
    /// The building it is in.
    pub building: Option<ElementId>,
    pub point: Point<f64>,
}

/// Makes the places and businesses of a file.
pub fn map(data: &OsmData, buildings: &[Building], index: &BuildingIndex, report: &mut Report) -> (Vec<Place>, Vec<Business>) {
    let (mut places, mut businesses) = (Vec::new(), Vec::new());
    for (element, tags) in elements(data) {
        match what_is(element, tags) {
            Interest::None => {}
            Interest::NoRow(tag) => report.left_out(element, Layer::Place, Reason::OfNoLayer, tag),
            Interest::Place(kind, label) => {
                let Some(point) = point(data, element, Layer::Place, report) else { continue };
                let (name, named_by_kind) = name(tags, label);
                places.push(Place { element, kind, name, named_by_kind, address: address(tags), point });
            }
            Interest::Business(trade) => {
                let Some(point) = point(data, element, Layer::Business, report) else { continue };
                let (name, named_by_kind) = name(tags, trade.label);
                let building = index.at(buildings, point).map(|at| buildings[at].element);
                let kind = if is_company(tags, &name, &trade) { "company" } else { "household_business" };
                let (sector, vsic, address) = (trade.sector, trade.vsic, address(tags));
                businesses.push(Business { element, name, named_by_kind, sector, vsic, kind, address, building, point });
            }
        }
    }
    (places, businesses)
}

fn elements(data: &OsmData) -> impl Iterator<Item = (ElementId, &Tags)> {
    let nodes = data.tagged_nodes.iter().map(|(&id, tags)| (ElementId::Node(id), tags));
    let ways = data.ways.iter().map(|(&id, way)| (ElementId::Way(id), &way.tags));
    let relations = data.relations.iter().filter(|(_, relation)| relation.tags.is("type", "multipolygon"));
    nodes.chain(ways).chain(relations.map(|(&id, relation)| (ElementId::Relation(id), &relation.tags)))
}

pub enum Interest {
    /// No point of interest.
    None,
    /// One that no layer shows.
    NoRow(String),
    Place(&'static str, &'static str),
    Business(Trade),
}

fn what_is(element: ElementId, tags: &Tags) -> Interest {
    if tags.is("highway", "bus_stop") {
        return Interest::Place("bus_stop", "Điểm dừng xe buýt");
    }
    let Some(first) = KEYS.iter().find(|key| tags.has(key)) else { return Interest::None };
    if let Some((kind, label)) = KEYS.iter().find_map(|key| place_kind(key, tags)) {
        return Interest::Place(kind, label);
    }
    if let Some(trade) = KEYS.iter().find_map(|key| trades::trade(key, tags.get(key)?)) {
        return Interest::Business(trade);
    }
    // gardens, pitches and the like without a name are ground, and stand in land use
    match element {
        ElementId::Way(_) | ElementId::Relation(_) if tags.has("leisure") => Interest::None,
        _ => Interest::NoRow(format!("{first}={}", tags.get(first).unwrap_or_default())),
    }
}

/// The kind of place, and what it is called when it has no name.
fn place_kind(key: &str, tags: &Tags) -> Option<(&'static str, &'static str)> {
    let named = || tags.first(NAME_KEYS);
    let words = named().unwrap_or_default().to_lowercase();
    Some(match (key, tags.get(key)?) {
        ("office", "government") | ("amenity", "townhall") => {
            let of_the_ward = ["ubnd phường", "ủy ban nhân dân phường", "uỷ ban nhân dân phường", "ubnd xã"];
            if of_the_ward.iter().any(|office| words.contains(office)) {
                ("ward_office", "Ủy ban nhân dân phường")
            } else {
                ("other", "Cơ quan nhà nước")
            }
        }
        ("office", "diplomatic" | "association" | "foundation" | "ngo" | "political_party" | "quango") => ("other", "Tổ chức"),
        ("amenity", "police") => ("police", "Công an"),
        ("amenity", "fire_station") => ("other", "Phòng cháy chữa cháy"),
        ("amenity", "community_centre") => ("culture_house", "Nhà văn hóa"),
        ("amenity", "school" | "kindergarten") => ("school", "Trường học"),
        ("amenity", "university" | "college" | "research_institute") => ("university", "Trường, viện"),
        ("amenity", "hospital" | "clinic") | ("healthcare", "hospital" | "clinic" | "centre" | "yes") => ("health", "Cơ sở y tế"),
        ("amenity", "marketplace") => ("market", "Chợ"),
        ("amenity", "place_of_worship" | "monastery") => ("worship", "Nơi thờ tự"),
        ("amenity", "parking" | "motorcycle_parking" | "bicycle_parking") => ("parking", "Bãi đỗ xe"),
        ("amenity", "toilets") => ("toilet", "Nhà vệ sinh công cộng"),
        ("amenity", "atm") => ("bank", "Máy ATM"),
        ("amenity", "post_office") => ("post", "Bưu điện"),
        ("amenity", "bus_station") => ("bus_stop", "Bến xe"),
        ("amenity", "library") => ("other", "Thư viện"),
        ("amenity", "theatre" | "arts_centre") => ("other", "Nhà hát"),
        ("amenity", "courthouse") => ("other", "Tòa án"),
        ("amenity", "social_facility" | "nursing_home") => ("other", "Cơ sở xã hội"),
        ("amenity", "fountain") => ("other", "Đài phun nước"),
        ("tourism", "museum") => ("heritage", "Bảo tàng"),
        ("tourism", "attraction") => ("heritage", "Điểm tham quan"),
        ("tourism", "artwork") => ("other", "Tác phẩm nghệ thuật"),
        ("tourism", "information") => ("other", "Điểm thông tin"),
        ("tourism", "viewpoint" | "theme_park" | "zoo") => ("other", "Điểm tham quan"),
        ("historic", _) => ("heritage", "Di tích"),
        ("leisure", "park" | "garden" | "playground" | "nature_reserve") if named().is_some() => ("park", "Công viên"),
        ("leisure", "stadium") => ("sports", "Sân vận động"),
        ("leisure", "sports_centre") => ("sports", "Nhà thi đấu"),
        ("leisure", "pitch" | "track") if named().is_some() => ("sports", "Sân thể thao"),
        _ => return None,
    })
}

const NAME_KEYS: &[&str] = &["name", "name:vi", "official_name", "short_name", "brand", "operator"];

fn name(tags: &Tags, label: &str) -> (String, bool) {
    tags.first(NAME_KEYS).map_or_else(|| (label.to_owned(), true), |name| (name.to_owned(), false))
}

fn address(tags: &Tags) -> Option<String> {
    buildings::address_text(buildings::house_number(tags).as_deref(), tags.get("addr:street"))
}

/// OpenStreetMap does not say who runs a business. Chains, banks, offices and names that say "công ty" are companies;
/// the rest is taken for what most street-front businesses of a ward are.
fn is_company(tags: &Tags, name: &str, trade: &Trade) -> bool {
    let name = name.to_lowercase();
    let says_so = ["công ty", "company", "tổng công ty", "tập đoàn", "tnhh", "jsc", "corporation", "ngân hàng", "bank"];
    trade.is_company || tags.has("brand") || says_so.iter().any(|word| name.contains(word))
}

/// Where the point stands: the node itself, or a point inside the outline.
fn point(data: &OsmData, element: ElementId, layer: Layer, report: &mut Report) -> Option<Point<f64>> {
    if let ElementId::Node(id) = element {
        let position = data.positions.get(&id)?;
        report.imported(element, layer);
        return Some(Point(position.coord()));
    }
    let surface = report.shape(element, layer, shapes::surface(data, element))?;
    // a valid polygon has an inside
    surface.interior_point()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().copied().collect()
    }

    fn is(pairs: &[(&str, &str)]) -> String {
        match what_is(ElementId::Node(1), &tags(pairs)) {
            Interest::None => "nothing".to_owned(),
            Interest::NoRow(tag) => format!("no row: {tag}"),
            Interest::Place(kind, _) => format!("place {kind}"),
            Interest::Business(trade) => format!("business {} {}", trade.sector, trade.vsic.unwrap_or("-")),
        }
    }

    #[test]
    fn what_trades_is_a_business_and_what_serves_all_is_a_place() {
        assert_eq!(is(&[("amenity", "restaurant")]), "business I 5610");
        assert_eq!(is(&[("amenity", "bank")]), "business K 6419");
        assert_eq!(is(&[("amenity", "atm")]), "place bank");
        assert_eq!(is(&[("amenity", "school")]), "place school");
        assert_eq!(is(&[("shop", "no_such_shop")]), "business G -");
        assert_eq!(is(&[("office", "government"), ("name", "Đảng ủy - UBND phường Cát Linh")]), "place ward_office");
        assert_eq!(is(&[("office", "government"), ("name", "Kho bạc Nhà nước")]), "place other");
        assert_eq!(is(&[("amenity", "parking_entrance")]), "no row: amenity=parking_entrance");
        assert_eq!(is(&[("natural", "tree")]), "nothing");
        assert_eq!(is(&[("highway", "bus_stop")]), "place bus_stop");
    }

    #[test]
    fn a_bank_is_a_company_and_a_noodle_stall_is_not() {
        let bank = trades::trade("amenity", "bank").unwrap();
        let stall = trades::trade("amenity", "fast_food").unwrap();
        assert!(is_company(&tags(&[]), "MB", &bank));
        assert!(!is_company(&tags(&[]), "Phở Thìn", &stall));
        assert!(is_company(&tags(&[("brand", "KFC")]), "KFC", &stall));
    }
}
