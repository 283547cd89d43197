//! Where the wards of a generated province lie and how many people each gets: a lattice around the demo ward.
//! It deliberately builds nothing: streets and houses of one ward are `ground`'s.

use anyhow::ensure;
use geo_types::Coord;

use crate::demo::people::dice::{Dice, share_out};
use crate::demo::people::identity::Block;
use crate::demo::terrain::plane::Metres;

/// TDPs along a side of a ward.
pub const TDPS_PER_SIDE: i32 = 4;
/// Width of a TDP. Sixteen of them are 8.4 km²: with 17,500 households, what the denser half of Hà Nội has.
pub const TDP_SIDE_M: f64 = 725.0;
/// How far a corner strays from its place: TDPs stay convex, and none looks like the next.
const STRAY_M: f64 = 58.0;
/// Phương Canh, in its place in the middle.
pub const DEMO_WARD_HOUSEHOLDS: usize = 7_528;
pub const ORDINARY_HOUSEHOLDS: usize = 17_460;
/// Residents for each household of the city.
const RESIDENTS_PER_HOUSEHOLD: f64 = 8.0 / 2.2;
const FEWEST_HOUSEHOLDS: usize = 400;
const MOST_HOUSEHOLDS: usize = 60_000;

/// A ward to be made.
#[derive(Debug, Clone)]
pub struct PlannedWard {
    /// The demo ward is 1.
    pub number: usize,
    /// East and north of the demo ward, in wards.
    pub column: i32,
    pub row: i32,
    pub households: usize,
    pub residents: usize,
    pub numbers: Block,
}

impl PlannedWard {
    /// How many wards away from the middle.
    pub fn distance(&self) -> f64 {
        f64::from(self.column).hypot(f64::from(self.row))
    }
}

/// The wards beside the demo ward: `wards` and `households` count that one in.
pub fn plan(seed: u64, wards: usize, households: usize) -> anyhow::Result<Vec<PlannedWard>> {
    ensure!((2..=Block::MOST).contains(&wards), "a province of {wards} wards cannot be made; 2 to {} can", Block::MOST);
    let others = wards - 1;
    let left = households.saturating_sub(DEMO_WARD_HOUSEHOLDS);
    ensure!(
        (others * FEWEST_HOUSEHOLDS..=others * MOST_HOUSEHOLDS).contains(&left),
        "{households} households do not fit {wards} wards: the demo ward has {DEMO_WARD_HOUSEHOLDS}, every other one {FEWEST_HOUSEHOLDS} to {MOST_HOUSEHOLDS}"
    );
    let mut dice = Dice::new(seed, "province");
    let places = places(others);
    // The middle of a city is denser than its rim, and no two wards are alike.
    let weights: Vec<f64> = places
        .iter()
        .map(|(column, row)| {
            let distance = f64::from(*column).hypot(f64::from(*row));
            (0.55 + 1.25 * (-distance / 3.5).exp()) * (0.8 + 0.4 * dice.fraction())
        })
        .collect();
    let mut phones_given = 0;
    let shares = share_out(left, &weights);
    let planned = places.into_iter().zip(shares).enumerate().map(|(index, ((column, row), households))| {
        let residents = (households as f64 * RESIDENTS_PER_HOUSEHOLD).round() as usize;
        let numbers = Block { ward: index + 1, phones_given };
        // Everybody, tenants and landlords included, has one telephone at most.
        phones_given += (residents + households) as u32;
        PlannedWard { number: index + 2, column, row, households, residents, numbers }
    });
    Ok(planned.collect())
}

/// The `count` places nearest to the middle, from there outwards.
fn places(count: usize) -> Vec<(i32, i32)> {
    let reach = (1..).find(|reach: &i32| ((2 * reach + 1).pow(2) - 1) as usize >= count).unwrap_or(1) + 1;
    let mut places: Vec<(i32, i32)> = (-reach..=reach).flat_map(|row| (-reach..=reach).map(move |column| (column, row))).collect();
    places.retain(|place| *place != (0, 0));
    places.sort_by_key(|(column, row)| (column * column + row * row, *row, *column));
    places.truncate(count);
    places
}

/// A corner of the lattice of TDPs, in metres from the middle of the demo ward. What lies between is tiled without a gap,
/// because neighbours have their corners from here. The place of the demo ward itself keeps straight sides.
pub fn corner(seed: u64, a: i32, b: i32) -> Metres {
    let middle = f64::from(TDPS_PER_SIDE) / 2.0;
    let straight = Coord { x: (f64::from(a) - middle) * TDP_SIDE_M, y: (f64::from(b) - middle) * TDP_SIDE_M };
    if (0..=TDPS_PER_SIDE).contains(&a) && (0..=TDPS_PER_SIDE).contains(&b) {
        return straight;
    }
    let mut dice = Dice::new(seed, &format!("corner {a} {b}"));
    let mut stray = || (dice.fraction() * 2.0 - 1.0) * STRAY_M;
    straight + Coord { x: stray(), y: stray() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn households_and_wards_are_exactly_those_asked_for() {
        let wards = plan(151, 126, 2_200_000).unwrap();
        assert_eq!(wards.len(), 125);
        assert_eq!(wards.iter().map(|ward| ward.households).sum::<usize>() + DEMO_WARD_HOUSEHOLDS, 2_200_000);
        let residents = wards.iter().map(|ward| ward.residents).sum::<usize>();
        assert!((7_960_000..8_000_000).contains(&residents), "{residents}");
        let places: std::collections::HashSet<_> = wards.iter().map(|ward| (ward.column, ward.row)).collect();
        assert!(places.len() == 125 && !places.contains(&(0, 0)));
        let last = wards.last().unwrap();
        assert!(u64::from(last.numbers.phones_given) + (last.residents + last.households) as u64 <= 10_200_000);
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        assert!(plan(1, 1, 20_000).is_err());
        assert!(plan(1, 500, 9_000_000).is_err());
        assert!(plan(1, 10, 8_000).is_err());
    }
}
