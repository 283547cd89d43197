//! Streets, alleys, houses and open places of one generated ward, as the same [`Terrain`] that the demo ward is grown to.
//! It deliberately is plainer than `terrain`, which takes seconds for a ward: here a ward takes a few hundredths of one.
//!
//! A ward is four by four TDPs. Through each row of them runs a street; alleys leave it to both sides, half of them with a
//! ngách at their far end; houses stand in lots along all of these. Lots are laid out in the TDP's own square and bent
//! onto its ground by a map that folds nowhere: what is apart in the square is apart on the ground.

use std::f64::consts::TAU;

use geo_types::{Coord, LineString, MultiPolygon, Polygon};
use shared::address::Address;

use super::names::Names;
use super::plan::{PlannedWard, TDP_SIDE_M, TDPS_PER_SIDE, corner};
use crate::demo::people::dice::Dice;
use crate::demo::terrain::plane::{Metres, Plane};
use crate::demo::terrain::{Building, Place, Road, Surface, Terrain};

/// Where the lattice's middle touches the ground: that of the demo ward's own plane.
pub const ORIGIN: Coord<f64> = Coord { x: 105.742, y: 21.043 };
/// Nothing is built closer to the edge of a TDP.
const RIM_M: f64 = 16.0;
const STREET_HALF_M: f64 = 5.0;
const ALLEY_HALF_M: f64 = 1.6;
/// Depth of the half of a TDP on one side of its street.
const HALF_M: f64 = TDP_SIDE_M / 2.0;
const MOST_STREET_DEPTH_M: f64 = 18.0;
/// How far alleys wind, and how long a bend is: gentle enough that lots only lean.
const WINDING_M: f64 = 5.0;
const BEND_M: f64 = 170.0;
/// What a house holds on average by `homes::ordinary_homes`.
const HOMES_PER_HOUSE: f64 = 1.28;

/// What one side of a TDP's street is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Homes,
    Towers,
    Civic,
    Industry,
    Campus,
    Park,
}

/// Grows the ground of `ward`.
pub fn grow(seed: u64, names: &Names, ward: &PlannedWard) -> Terrain {
    let mut ground = Ground::begin(seed, names, ward);
    let purposes = ground.purposes(ward);
    let towers = purposes.iter().flatten().filter(|purpose| **purpose == Purpose::Towers).count();
    let in_towers = if towers == 0 { 0.0 } else { ward.households as f64 * if ward.distance() < 3.0 { 0.26 } else { 0.09 } };
    let houses = (ward.households as f64 - in_towers) / HOMES_PER_HOUSE;
    let weights: Vec<[f64; 2]> = purposes
        .iter()
        .map(|sides| sides.map(|purpose| if purpose == Purpose::Homes { 0.6 + ground.dice.fraction() } else { 0.0 }))
        .collect();
    let sum: f64 = weights.iter().flatten().sum();
    for tdp in 0..TDPS_PER_SIDE * TDPS_PER_SIDE {
        for north in [false, true] {
            let (purpose, weight) = (purposes[tdp as usize][usize::from(north)], weights[tdp as usize][usize::from(north)]);
            let side = ground.side(tdp, north);
            match purpose {
                Purpose::Homes => ground.build_homes(&side, houses * weight / sum),
                Purpose::Towers => ground.build_towers(&side, in_towers / towers as f64),
                Purpose::Civic => ground.build_civic(&side),
                Purpose::Industry => ground.build_rows(&side, "factory", "Nhà xưởng", [46.0, 28.0]),
                Purpose::Campus => ground.build_rows(&side, "campus", "Giảng đường", [52.0, 16.0]),
                Purpose::Park => ground.dig_pond(&side),
            }
            ground.mark_land(&side, purpose);
        }
        ground.open_culture_house(tdp);
    }
    ground.terrain
}

/// The ward's boundary and its TDPs, for whoever needs them before the ground is grown.
pub fn areas(seed: u64, ward: &PlannedWard) -> (MultiPolygon<f64>, Vec<MultiPolygon<f64>>) {
    let plane = Plane::at(ORIGIN);
    let corners = corners(seed, ward);
    let groups = (0..TDPS_PER_SIDE * TDPS_PER_SIDE).map(|tdp| MultiPolygon(vec![polygon(plane, tdp_corners(&corners, tdp).into_iter())]));
    (MultiPolygon(vec![boundary(plane, &corners)]), groups.collect())
}

struct Ground {
    dice: Dice,
    plane: Plane,
    /// Corners of the ward's TDPs, row by row, five by five.
    corners: Vec<Metres>,
    terrain: Terrain,
    /// Numbers given so far on each street, left and right.
    numbers: Vec<[u32; 2]>,
    /// The share of lots that is built on, where homes are.
    built_on: f64,
}

/// One side of the street through one TDP, with its own straight coordinates: `x` along the street, `d` away from it.
struct Side {
    north: bool,
    /// South-west, south-east, north-east, north-west.
    corners: [Metres; 4],
    phase: f64,
    street: usize,
}

impl Side {
    /// Bilinear, and a little winding.
    fn at(&self, x: f64, d: f64) -> Metres {
        let away = if self.north { d } else { -d };
        // Houses along the street stand straight: side by side they are as deep as they like.
        let eased = ((d - STREET_HALF_M - MOST_STREET_DEPTH_M - 2.0) / 40.0).clamp(0.0, 1.0);
        let x = x + WINDING_M * eased * (TAU * d / BEND_M + self.phase).sin();
        let (s, t) = (x / TDP_SIDE_M, (HALF_M + away) / TDP_SIDE_M);
        let [south_west, south_east, north_east, north_west] = self.corners;
        south_west * ((1.0 - s) * (1.0 - t)) + south_east * (s * (1.0 - t)) + north_east * (s * t) + north_west * ((1.0 - s) * t)
    }

    /// Going east, what lies north is on the left: odd numbers.
    fn parity(&self) -> usize {
        usize::from(!self.north)
    }
}

/// How the lots of one alley lie, and of the street on both sides of its mouth.
struct AlleyPlan {
    /// Metres to each side that belong to this alley.
    reach: f64,
    /// Width of a lot along the alley.
    front: f64,
    street_front: f64,
    street_depth: f64,
    /// On each side of the mouth.
    street_lots: usize,
    rows: usize,
}

impl AlleyPlan {
    fn of(reach: f64, front: f64) -> Self {
        let street_front = front.clamp(4.5, 9.0);
        let street_depth = (reach - ALLEY_HALF_M).min(MOST_STREET_DEPTH_M);
        let street_lots = ((reach - ALLEY_HALF_M) / street_front).floor() as usize;
        let mut plan = Self { reach, front, street_front, street_depth, street_lots, rows: 0 };
        plan.rows = ((HALF_M - RIM_M - plan.begin()) / front).floor().max(0.0) as usize;
        plan
    }

    /// Where the alley's own lots begin, behind those of the street.
    fn begin(&self) -> f64 {
        STREET_HALF_M + 1.5 + self.street_depth + 0.5
    }

    fn lots(&self) -> usize {
        2 * (self.street_lots + self.rows)
    }
}

impl Ground {
    fn begin(seed: u64, names: &Names, ward: &PlannedWard) -> Self {
        let mut dice = Dice::new(seed, &format!("ground of ward {}", ward.number));
        let plane = Plane::at(ORIGIN);
        let n = TDPS_PER_SIDE;
        let corners = corners(seed, ward);
        let at = |a: i32, b: i32| corners[(b * (n + 1) + a) as usize];
        let mut roads = Vec::new();
        let street_names = names.streets(&mut dice, n as usize + 1);
        for row in 0..n {
            let middle = |a: i32| (at(a, row) + at(a, row + 1)) / 2.0;
            roads.push(road(
                plane,
                Address::street(&format!("phố {}", street_names[row as usize])),
                "street",
                None,
                9.0,
                (0..=n).map(middle),
            ));
        }
        let avenue = Address::street(&format!("đường {}", street_names[n as usize]));
        roads.push(road(plane, avenue, "main_road", None, 20.0, (0..=n).map(|b| at(n / 2, b))));
        let ward = boundary(plane, &corners);
        let groups = (0..n * n).map(|tdp| polygon(plane, tdp_corners(&corners, tdp).into_iter())).collect();
        let terrain = Terrain { ward, groups, roads, buildings: vec![], waters: vec![], land_uses: vec![], places: vec![] };
        Self { dice, plane, corners, terrain, numbers: vec![[0; 2]; n as usize], built_on: 1.0 }
    }

    /// Which TDP sides are not for homes: a civic centre, towers, a park, and workshops or a college.
    fn purposes(&mut self, ward: &PlannedWard) -> Vec<[Purpose; 2]> {
        let mut purposes = vec![[Purpose::Homes; 2]; (TDPS_PER_SIDE * TDPS_PER_SIDE) as usize];
        purposes[5][1] = Purpose::Civic;
        purposes[10][0] = Purpose::Towers;
        if ward.distance() < 3.0 {
            purposes[9][1] = Purpose::Towers;
        }
        purposes[[3, 12, 15][self.dice.below(3)]][1] = Purpose::Park;
        purposes[[0, 2, 8][self.dice.below(3)]][0] = if ward.number.is_multiple_of(2) { Purpose::Industry } else { Purpose::Campus };
        purposes
    }

    fn side(&mut self, tdp: i32, north: bool) -> Side {
        let phase = self.dice.fraction() * TAU;
        Side { north, corners: tdp_corners(&self.corners, tdp), phase, street: (tdp / TDPS_PER_SIDE) as usize }
    }

    /// Alleys as many, and lots as wide, as so many houses need.
    fn build_homes(&mut self, side: &Side, houses: f64) {
        let (width, depth) = (TDP_SIDE_M - 2.0 * RIM_M, HALF_M - RIM_M - STREET_HALF_M - 1.0);
        let lot_m2 = width * depth * 0.86 / houses.max(1.0);
        let front = (lot_m2 / 2.6).sqrt().clamp(4.2, 15.0);
        let lot_depth = (lot_m2 / front).clamp(11.0, 45.0);
        let alleys = (width / (2.0 * (lot_depth + ALLEY_HALF_M))).floor().max(1.0);
        let pitch = width / alleys;
        let plan = AlleyPlan::of(pitch / 2.0, front);
        self.built_on = (houses / (alleys * plan.lots() as f64)).min(0.96);
        for alley in 0..alleys as usize {
            let x = RIM_M + pitch * (alley as f64 + 0.5);
            self.build_alley(side, x, &plan, alley % 2 == 1);
        }
    }

    /// One alley at `x` with its lots on both sides, the street's own front included.
    fn build_alley(&mut self, side: &Side, x: f64, plan: &AlleyPlan, has_side_alley: bool) {
        let &AlleyPlan { reach, front, street_front, street_depth, street_lots, rows } = plan;
        let first = STREET_HALF_M + 1.5;
        for lot in 0..street_lots {
            self.build_street_house(side, x - reach + lot as f64 * street_front, street_front, first, street_depth);
        }
        let number = self.next_number(side);
        let name = self.terrain.roads[side.street].address.alley(&number.to_string());
        for lot in 0..street_lots {
            self.build_street_house(side, x + ALLEY_HALF_M + lot as f64 * street_front, street_front, first, street_depth);
        }
        let begin = plan.begin();
        let own_rows = if has_side_alley && rows >= 12 { rows / 2 } else { rows };
        let end = begin + own_rows as f64 * front;
        let alley = self.lay_alley(side, name, "alley", side.street, 3.0, x, [STREET_HALF_M, end]);
        self.build_lots(side, alley, x, plan, begin, own_rows);
        if own_rows < rows {
            let number = 2 * own_rows + 1;
            let name = self.terrain.roads[alley].address.alley(&number.to_string());
            let deepest = begin + rows as f64 * front;
            let side_alley = self.lay_alley(side, name, "side_alley", alley, 2.4, x, [end, deepest]);
            self.build_lots(side, side_alley, x, plan, end, rows - own_rows);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one alley is told by all of these, once")]
    fn lay_alley(
        &mut self,
        side: &Side,
        name: Address,
        class: &'static str,
        parent: usize,
        width_m: f64,
        x: f64,
        [from, to]: [f64; 2],
    ) -> usize {
        let steps = ((to - from) / 24.0).ceil().max(1.0) as usize;
        let points = (0..=steps).map(|step| side.at(x, from + (to - from) * step as f64 / steps as f64));
        self.terrain.roads.push(road(self.plane, name, class, Some(parent), width_m, points));
        self.terrain.roads.len() - 1
    }

    /// Houses on both sides, numbered from the mouth: left odd, right even.
    fn build_lots(&mut self, side: &Side, alley: usize, x: f64, plan: &AlleyPlan, begin: f64, rows: usize) {
        let front = plan.front;
        let lot_depth = plan.reach - ALLEY_HALF_M - 0.1;
        for row in 0..rows {
            for is_right in [false, true] {
                if !self.is_built_on() {
                    continue;
                }
                let wide = if front < 7.5 { front - 0.3 } else { 5.0 + 3.0 * self.dice.fraction() };
                let deep = (lot_depth - 1.0).min(9.0 + 9.0 * self.dice.fraction());
                let near = ALLEY_HALF_M + 0.3 + (lot_depth - deep - 0.5).max(0.0) * 0.25 * self.dice.fraction();
                // Going away from the street the left hand is west on the north side, and east on the south side.
                let sign = if is_right == side.north { 1.0 } else { -1.0 };
                let (d, a, b) = (begin + row as f64 * front + 0.15, x + sign * near, x + sign * (near + deep));
                let use_ = if front > 9.0 && self.dice.chance(0.15) { "villa" } else { "house" };
                let number = (2 * row + 1 + usize::from(is_right)).to_string();
                let storeys = self.house_storeys();
                self.put(side, [a.min(b), d], [a.max(b), d + wide], use_, None, storeys, alley, number);
            }
        }
    }

    fn build_street_house(&mut self, side: &Side, x: f64, front: f64, d: f64, depth: f64) {
        let number = self.next_number(side);
        if !self.is_built_on() {
            return;
        }
        let deep = (depth - 0.5).min(10.0 + 8.0 * self.dice.fraction());
        let use_ = if self.dice.chance(0.3) { "shop" } else { "house" };
        let storeys = self.house_storeys() + i16::from(self.dice.chance(0.4));
        self.put(side, [x + 0.1, d], [x + front - 0.1, d + deep], use_, None, storeys, side.street, number.to_string());
    }

    fn is_built_on(&mut self) -> bool {
        self.dice.chance(self.built_on)
    }

    fn house_storeys(&mut self) -> i16 {
        self.dice.by_weight(&[(1, 9), (2, 18), (3, 30), (4, 25), (5, 13), (6, 4), (7, 1)])
    }

    /// Blocks of flats for about `homes` households.
    fn build_towers(&mut self, side: &Side, homes: f64) {
        let [wide, deep] = [34.0, 26.0];
        let mut left = homes;
        let lots = (0..4).flat_map(|row| (0..12).map(move |column| (row, column)));
        for (index, (row, column)) in lots.enumerate() {
            if left < 20.0 {
                return;
            }
            let flats_per_storey = wide * deep / 95.0;
            let storeys = (f64::from(self.dice.between(14, 28))).min(2.0 + left / flats_per_storey).ceil();
            left -= flats_per_storey * (storeys - 1.0);
            let (x, d) = (RIM_M + 6.0 + f64::from(column) * 56.0, 22.0 + f64::from(row) * 72.0);
            let (name, number) = (Some(format!("Tòa {}", letters(index))), self.next_number(side).to_string());
            self.put(side, [x, d], [x + wide, d + deep], "apartments", name, storeys as i16, side.street, number);
        }
    }

    fn build_civic(&mut self, side: &Side) {
        let buildings: [(&str, &str, &'static str, f64, i16); 6] = [
            ("office", "Ủy ban nhân dân phường", "ward_office", 44.0, 4),
            ("office", "Công an phường", "police", 28.0, 3),
            ("public", "Trạm y tế phường", "health", 24.0, 3),
            ("market", "Chợ dân sinh", "cashless_market", 60.0, 1),
            ("school", "Trường tiểu học", "school", 70.0, 4),
            ("school", "Trường trung học cơ sở", "school", 70.0, 4),
        ];
        let mut x = RIM_M + 10.0;
        for (use_, name, kind, wide, storeys) in buildings {
            let number = self.next_number(side).to_string();
            self.put(side, [x, 24.0], [x + wide, 48.0], use_, Some(name.to_owned()), storeys, side.street, number);
            self.open_place(kind, name.to_owned(), side.at(x + wide / 2.0, 20.0), side.street);
            x += wide + 40.0;
        }
    }

    /// Large buildings in rows: halls of a workshop quarter, or of a college.
    fn build_rows(&mut self, side: &Side, use_: &'static str, name: &str, [wide, deep]: [f64; 2]) {
        for row in 0..3 {
            for column in 0..8 {
                let (x, d) = (RIM_M + 8.0 + f64::from(column) * 84.0, 24.0 + f64::from(row) * 90.0);
                let name = format!("{name} {}{}", letters(row as usize), column + 1);
                let storeys = if use_ == "campus" { self.dice.between(3, 7) } else { self.dice.between(1, 2) };
                let number = self.next_number(side).to_string();
                self.put(side, [x, d], [x + wide, d + deep], use_, Some(name), storeys as i16, side.street, number);
            }
        }
    }

    fn dig_pond(&mut self, side: &Side) {
        let middle = [TDP_SIDE_M / 2.0, HALF_M / 2.0];
        let rim = (0..18).map(|step| {
            let angle = TAU * f64::from(step) / 18.0;
            side.at(middle[0] + 190.0 * angle.cos(), middle[1] + 90.0 * angle.sin())
        });
        let shape = MultiPolygon(vec![oriented(polygon(self.plane, rim))]);
        self.terrain.waters.push(Surface { kind: "lake", name: Some("Hồ công viên".to_owned()), shape });
        self.open_place("park", "Công viên phường".to_owned(), side.at(middle[0], 30.0), side.street);
    }

    fn mark_land(&mut self, side: &Side, purpose: Purpose) {
        let kind = match purpose {
            Purpose::Homes | Purpose::Towers => "residential",
            Purpose::Civic => "public",
            Purpose::Industry => "industrial",
            Purpose::Campus => "education",
            Purpose::Park => "park",
        };
        let [south_west, south_east, north_east, north_west] = side.corners;
        let (west, east) = ((south_west + north_west) / 2.0, (south_east + north_east) / 2.0);
        let ring = if side.north { [west, east, north_east, north_west] } else { [south_west, south_east, east, west] };
        let shape = MultiPolygon(vec![polygon(self.plane, ring.into_iter())]);
        self.terrain.land_uses.push(Surface { kind, name: None, shape });
    }

    fn open_culture_house(&mut self, tdp: i32) {
        let side = self.side(tdp, true);
        let (x, street) = (TDP_SIDE_M / 2.0, side.street);
        let number = tdp + 1;
        self.open_place("culture_house", format!("Nhà văn hóa TDP {number}"), side.at(x, 2.0), street);
        self.open_place("qr_board", format!("Bảng QR TDP {number}"), side.at(x + 12.0, 2.0), street);
        self.open_place("loudspeaker", format!("Loa TDP {number}"), side.at(x - 60.0, 3.0), street);
    }

    fn open_place(&mut self, kind: &'static str, name: String, at: Metres, street: usize) {
        let address = Some(self.terrain.roads[street].address.to_string());
        self.terrain.places.push(Place { kind, name, address, at: self.plane.to_degrees(at) });
    }

    fn next_number(&mut self, side: &Side) -> u32 {
        let given = &mut self.numbers[side.street][side.parity()];
        *given += 1;
        2 * *given - u32::from(side.north)
    }

    #[allow(clippy::too_many_arguments, reason = "a building is told by all of these, once")]
    fn put(
        &mut self,
        side: &Side,
        [west, near]: [f64; 2],
        [east, far]: [f64; 2],
        use_: &'static str,
        name: Option<String>,
        storeys: i16,
        road: usize,
        number: String,
    ) {
        let ring = [side.at(west, near), side.at(east, near), side.at(east, far), side.at(west, far)];
        let footprint = oriented(polygon(self.plane, ring.into_iter()));
        let address = self.terrain.roads[road].address.house(&number);
        self.terrain.buildings.push(Building { address, use_, name, storeys, road, footprint });
    }
}

/// Corners of a ward's TDPs, row by row from the south-west.
fn corners(seed: u64, ward: &PlannedWard) -> Vec<Metres> {
    let n = TDPS_PER_SIDE;
    (0..=n).flat_map(|b| (0..=n).map(move |a| corner(seed, ward.column * n + a, ward.row * n + b))).collect()
}

/// Every corner on the rim is a vertex: the ward is exactly its TDPs, and shares its sides with its neighbours.
fn boundary(plane: Plane, corners: &[Metres]) -> Polygon<f64> {
    let n = TDPS_PER_SIDE;
    let at = |a: i32, b: i32| corners[(b * (n + 1) + a) as usize];
    let (south, east) = ((0..n).map(|a| at(a, 0)), (0..n).map(|b| at(n, b)));
    let (north, west) = ((0..n).map(|a| at(n - a, n)), (0..n).map(|b| at(0, n - b)));
    polygon(plane, south.chain(east).chain(north).chain(west))
}

/// South-west, south-east, north-east, north-west.
fn tdp_corners(corners: &[Metres], tdp: i32) -> [Metres; 4] {
    let (a, b) = (tdp % TDPS_PER_SIDE, tdp / TDPS_PER_SIDE);
    let at = |a: i32, b: i32| corners[(b * (TDPS_PER_SIDE + 1) + a) as usize];
    [at(a, b), at(a + 1, b), at(a + 1, b + 1), at(a, b + 1)]
}

fn polygon(plane: Plane, ring: impl Iterator<Item = Metres>) -> Polygon<f64> {
    Polygon::new(ring.map(|corner| plane.to_degrees(corner)).collect(), vec![])
}

/// Counter-clockwise, as GeoJSON wants it; on the south side of a street the square is mirrored.
fn oriented(polygon: Polygon<f64>) -> Polygon<f64> {
    use geo::orient::{Direction, Orient};
    polygon.orient(Direction::Default)
}

fn road(
    plane: Plane,
    address: Address,
    class: &'static str,
    parent: Option<usize>,
    width_m: f64,
    points: impl Iterator<Item = Metres>,
) -> Road {
    let line: LineString<f64> = points.map(|point| plane.to_degrees(point)).collect();
    Road { address, class, parent, width_m, line }
}

/// A, B, …, Z, AA, …
fn letters(index: usize) -> String {
    let last = char::from(b'A' + (index % 26) as u8).to_string();
    if index < 26 { last } else { format!("{}{last}", letters(index / 26 - 1)) }
}

#[cfg(test)]
#[path = "ground_tests.rs"]
mod tests;
