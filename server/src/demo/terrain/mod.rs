//! Grows the demo ward's terrain from the hand-made sketch: TDPs, alleys, houses, their numbers, open places.
//! It deliberately knows no database and no people: `load` writes what it returns, `people` moves in.
//!
//! The order is that of a real ward: lots and streets first, then alleys branching into open ground, then houses along all of
//! them, then numbers. Everything hangs on one seeded generator: the same seed gives the same ward to the last millimetre.

mod alleys;
mod compounds;
mod ground;
mod houses;
pub mod load;
mod numbering;
mod places;
pub(super) mod plane;
mod sketch;
#[cfg(test)]
mod tests;

use alleys::GrownRoad;
use geo::BooleanOps;
use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use ground::Ground;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use shared::address::Address;
pub use sketch::Sketch;

/// The seed of the ward that `ioc demo seed` grows unless told otherwise.
pub const DEFAULT_SEED: u64 = 151;

/// A grown ward, in WGS84 longitude and latitude.
#[derive(Clone, Debug)]
pub struct Terrain {
    pub ward: Polygon<f64>,
    /// TDP 1 to 8: together exactly the ward.
    pub groups: Vec<Polygon<f64>>,
    pub roads: Vec<Road>,
    pub buildings: Vec<Building>,
    pub waters: Vec<Surface>,
    pub land_uses: Vec<Surface>,
    pub places: Vec<Place>,
}

#[derive(Clone, Debug)]
pub struct Road {
    /// Street name, or chain of alley numbers; never a house number.
    pub address: Address,
    pub class: &'static str,
    /// The road it leaves, by its place in [`Terrain::roads`].
    pub parent: Option<usize>,
    pub width_m: f64,
    pub line: LineString<f64>,
}

#[derive(Clone, Debug)]
pub struct Building {
    /// Street or alleys, and the house number.
    pub address: Address,
    pub use_: &'static str,
    pub name: Option<String>,
    pub storeys: i16,
    /// By its place in [`Terrain::roads`].
    pub road: usize,
    pub footprint: Polygon<f64>,
}

#[derive(Clone, Debug)]
pub struct Surface {
    pub kind: &'static str,
    pub name: Option<String>,
    pub shape: MultiPolygon<f64>,
}

#[derive(Clone, Debug)]
pub struct Place {
    pub kind: &'static str,
    pub name: String,
    pub address: Option<String>,
    pub at: Coord<f64>,
}

/// Grows a ward on a sketch.
pub fn generate(sketch: &Sketch, seed: u64) -> Terrain {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut ground = Ground::of(sketch);
    let mut roads = lay_streets(sketch, &mut ground);
    alleys::grow(&mut ground, &mut roads, &mut rng);
    let mut buildings = compounds::build(sketch, &mut ground, &roads, &mut rng);
    buildings.extend(houses::build(sketch, &mut ground, &roads, &mut rng));
    let numbers = numbering::number(&roads, &buildings, &mut rng);
    let plane = sketch.plane;
    let line = |points: &[plane::Metres]| points.iter().map(|&p| plane.to_degrees(p)).collect::<LineString<f64>>();
    Terrain {
        ward: sketch.ward.clone(),
        groups: sketch.groups.clone(),
        places: places::place(sketch, &sketch.groups, &roads, &numbers.roads),
        waters: waters(sketch),
        land_uses: land_uses(sketch),
        buildings: buildings
            .into_iter()
            .zip(&numbers.buildings)
            .map(|(building, number)| Building {
                address: numbers.roads[building.road].house(number),
                use_: building.use_,
                name: building.name,
                storeys: building.storeys,
                road: building.road,
                footprint: Polygon::new(line(&building.ring), vec![]),
            })
            .collect(),
        roads: roads
            .iter()
            .zip(numbers.roads)
            .map(|(road, address)| Road {
                address,
                class: road.class,
                parent: road.leaves.map(|leaves| leaves.road),
                width_m: road.width_m,
                line: line(&road.path.points),
            })
            .collect(),
    }
}

fn lay_streets(sketch: &Sketch, ground: &mut Ground) -> Vec<GrownRoad> {
    let mut roads = vec![];
    for street in &sketch.streets {
        let class = match street.class.as_str() {
            "national_road" => "national_road",
            "main_road" => "main_road",
            "service" => "service",
            _ => "street",
        };
        ground.add_road(roads.len(), &street.path, street.width_m / 2.0);
        let name = Some(street.name.clone());
        roads.push(GrownRoad { name, class, level: 0, width_m: street.width_m, path: street.path.clone(), leaves: None });
    }
    roads
}

fn waters(sketch: &Sketch) -> Vec<Surface> {
    let surface = |water: &sketch::Surface| Surface {
        kind: match water.kind.as_str() {
            "river" => "river",
            "lake" => "lake",
            _ => "pond",
        },
        name: Some(water.name.clone()),
        shape: sketch::in_degrees(sketch.plane, &water.shape),
    };
    sketch.waters.iter().map(surface).collect()
}

/// The sketch's lots, and as residential ground whatever the ward has left.
fn land_uses(sketch: &Sketch) -> Vec<Surface> {
    let mut left = MultiPolygon(vec![sketch.ward_in_metres()]);
    let mut surfaces = vec![];
    for zone in &sketch.zones {
        left = left.difference(&zone.shape);
        let kind = match zone.kind.as_str() {
            "industrial" => "industrial",
            "university" | "school" => "education",
            "apartments" | "villas" => "residential",
            "park" => "park",
            "sports" => "sports",
            "cemetery" => "cemetery",
            "farmland" => "farmland",
            "market" => "market",
            "religious" => "religious",
            _ => "public",
        };
        let shape = sketch::in_degrees(sketch.plane, &zone.shape);
        surfaces.push(Surface { kind, name: Some(zone.name.clone()), shape });
    }
    for water in &sketch.waters {
        left = left.difference(&water.shape);
    }
    surfaces.extend(left.0.iter().map(|shape| Surface { kind: "residential", name: None, shape: sketch::in_degrees(sketch.plane, shape) }));
    surfaces
}
