//! Counts what lies within a shape: points from the map index, houses from the base map.
//! It deliberately asks the matrix and the caller's reach for every kind, and counts nobody for whoever may not count them.

use std::collections::HashMap;

use geo::GeodesicArea;
use shared::drawn_area::{AreaFigures, BoardingCounts, Breakdown, KindCount};
use shared::layer::Layer;
use shared::session::Permission;

use super::db::HouseRow;
use super::rules::{self, HouseholdSizes, Storeys};
use super::target::Target;
use crate::accounts::Caller;
use crate::geography::audience::Audience;
use crate::geography::map_index::{MapIndex, PointLayer, RowRef, Shape, Value};

/// What a caller may count in a shape, as it stands in the map index now.
pub fn count(index: &MapIndex, caller: &Caller, target: Target, houses: &[HouseRow], at: chrono::DateTime<chrono::Utc>) -> AreaFigures {
    let shape = &target.shape;
    let counting = Counting { index, caller, shape };
    let (households, businesses, boarding) = (counting.households(), counting.businesses(), counting.boarding_houses());
    let storeys = storeys(shape, houses);
    let kinds = [
        (Layer::Household, households.as_ref().map(|counted| counted.count)),
        (Layer::BoardingHouse, boarding.map(|(count, _)| count)),
        (Layer::Business, Some(businesses.values().sum())),
        (Layer::Place, counting.rows("place")),
        (Layer::Camera, counting.rows("camera")),
        (Layer::Building, Some(storeys.count())),
    ];
    let sizes = households.as_ref().map(|counted| counted.sizes.breakdown());
    let breakdowns = [sizes, Some(storeys.breakdown()), Some(rules::sectors(businesses))];
    AreaFigures {
        at,
        area_m2: shape.outline().geodesic_area_unsigned(),
        outline: coordinates(shape),
        name: target.name,
        kinds: kinds.into_iter().filter_map(|(kind, count)| Some(KindCount { kind, count: count? })).collect(),
        residents: households.map(|counted| counted.residents),
        boarding: boarding.map(|(_, counts)| counts),
        breakdowns: breakdowns.into_iter().flatten().filter(has_something).collect(),
        within: within(caller),
    }
}

fn has_something(breakdown: &Breakdown) -> bool {
    breakdown.bars.iter().any(|bar| bar.count > 0)
}

/// The audience that may list the rows of a kind in an area; none where the kind does not exist for the caller.
pub fn audience(index: &MapIndex, caller: &Caller, layer: &str) -> Option<Audience> {
    let audience = index.audience(layer, caller)?;
    // Points without names are one right, counting people another; the matrix grants them together, and both are asked for.
    let may = layer != "household" || caller.reach(Permission::SeeExactPopulation) == caller.reach(Permission::SeeHouseholds);
    may.then_some(audience)
}

struct Counting<'a> {
    index: &'a MapIndex,
    caller: &'a Caller,
    shape: &'a Shape,
}

#[derive(Default)]
struct Households {
    count: u64,
    residents: u64,
    sizes: HouseholdSizes,
}

impl Counting<'_> {
    /// Shows `visit` the rows of a layer with the wanted properties' positions; false where the layer does not exist for the caller.
    fn visit<const N: usize>(&self, layer: &str, properties: [&str; N], mut visit: impl FnMut(&PointLayer, [&Value; N])) -> bool {
        let Some(audience) = audience(self.index, self.caller, layer) else { return false };
        let mut positions: Option<[usize; N]> = None;
        self.index.visit_in_shape(layer, &audience, self.shape, |points: &PointLayer, row: RowRef<'_>| {
            let positions = positions.get_or_insert_with(|| properties.map(|name| position(points, name)));
            visit(points, positions.map(|position| &row.values[position]));
        });
        true
    }

    fn rows(&self, layer: &str) -> Option<u64> {
        let mut count = 0;
        self.visit(layer, [], |_, []| count += 1).then_some(count)
    }

    fn households(&self) -> Option<Households> {
        let mut counted = Households::default();
        let seen = self.visit("household", ["member_count"], |_, [members]| {
            let members = integer(members);
            counted.count += 1;
            counted.residents += members.unsigned_abs();
            counted.sizes.add(members);
        });
        seen.then_some(counted)
    }

    fn boarding_houses(&self) -> Option<(u64, BoardingCounts)> {
        let (mut houses, mut counts) = (0, BoardingCounts::default());
        let properties = ["room_count", "vacant_room_count", "tenant_count"];
        let seen = self.visit("boarding_house", properties, |_, [rooms, vacant, tenants]| {
            houses += 1;
            counts.rooms += integer(rooms).unsigned_abs();
            counts.vacant_rooms += integer(vacant).unsigned_abs();
            counts.tenants += integer(tenants).unsigned_abs();
        });
        seen.then_some((houses, counts))
    }

    fn businesses(&self) -> HashMap<String, u64> {
        let mut by_code: HashMap<u32, u64> = HashMap::new();
        let mut names: HashMap<u32, String> = HashMap::new();
        self.visit("business", ["sector"], |points, [sector]| {
            if let Value::Code(code) = sector {
                *by_code.entry(*code).or_default() += 1;
                names.entry(*code).or_insert_with(|| points.codes().text(*code).to_owned());
            }
        });
        by_code.into_iter().filter_map(|(code, count)| Some((names.remove(&code)?, count))).collect()
    }
}

fn position(points: &PointLayer, name: &str) -> usize {
    points.layer().properties.iter().position(|property| property.name == name).expect("data/layers.toml has what is counted")
}

fn integer(value: &Value) -> i64 {
    if let Value::Integer(value) = value { *value } else { 0 }
}

/// A house lies where the middle of its bounding box lies.
fn storeys(shape: &Shape, houses: &[HouseRow]) -> Storeys {
    let mut storeys = Storeys::default();
    for house in houses.iter().filter(|house| shape.holds([house.lon, house.lat])) {
        storeys.add(house.storeys);
    }
    storeys
}

fn coordinates(shape: &Shape) -> Vec<Vec<Vec<[f64; 2]>>> {
    let ring = |line: &geo::LineString| line.coords().map(|corner| [corner.x, corner.y]).collect();
    let polygon = |polygon: &geo::Polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
    shape.outline().iter().map(polygon).collect()
}

/// The areas of the appointments with which the caller counts people.
fn within(caller: &Caller) -> Vec<i32> {
    let counting = caller
        .appointments()
        .iter()
        .filter(|appointment| crate::accounts::matrix::grants(appointment.role, Permission::SeeExactPopulation));
    let mut areas: Vec<i32> = counting.map(|appointment| appointment.area_id).collect();
    areas.sort_unstable();
    areas.dedup();
    areas
}
