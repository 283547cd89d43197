//! Which buildings people live in, and how many households each of them holds.
//! It deliberately knows nobody: a home is a count in a building.

use super::dice::{Dice, share_out};
use super::site::{Building, Use};

/// How many households a building ordinarily holds; 0 where nobody lives.
pub fn ordinary_homes(building: &Building) -> f64 {
    match building.usage {
        // Married children stay on the upper floors and have a register entry of their own.
        Use::House => 1.0 + 0.12 * f64::from(building.storeys.saturating_sub(1)),
        Use::Villa => 1.0,
        // A flat takes 95 m² with its share of stairs; the ground floor is shops and parking.
        Use::Apartments => (building.ground_m2 * f64::from(building.storeys.saturating_sub(1).max(1)) / 95.0).max(1.0),
        Use::Unknown if (25.0..600.0).contains(&building.ground_m2) => 1.0,
        _ => 0.0,
    }
}

/// Shares `households` out among `dwellings`, exactly; the answer has one count for each dwelling.
///
/// Blocks of flats fill first; then every house has one household before any has two, and if there are more houses than
/// households, some stand empty.
pub fn share_homes(dice: &mut Dice, dwellings: &[&Building], households: usize) -> Vec<usize> {
    let ordinary: Vec<f64> = dwellings.iter().map(|building| ordinary_homes(building)).collect();
    let is_block: Vec<bool> = dwellings.iter().map(|building| building.usage == Use::Apartments).collect();
    let sum: f64 = ordinary.iter().sum();
    let in_blocks: f64 = ordinary.iter().zip(&is_block).filter(|(_, block)| **block).map(|(homes, _)| homes).sum();
    let houses: Vec<usize> = (0..dwellings.len()).filter(|&index| !is_block[index]).collect();

    let block_share = if houses.is_empty() { households } else { (in_blocks / sum.max(1.0) * households as f64).round() as usize };
    let block_weights: Vec<f64> = ordinary.iter().zip(&is_block).map(|(homes, block)| if *block { *homes } else { 0.0 }).collect();
    let mut counts = share_out(block_share, &block_weights);
    let left = households - counts.iter().sum::<usize>();

    if left <= houses.len() {
        let weights: Vec<f64> = houses.iter().map(|&house| ordinary[house]).collect();
        for index in dice.weighted_order(&weights).into_iter().take(left) {
            counts[houses[index]] = 1;
        }
        return counts;
    }
    // Storeys say how many more fit; chance says in which of two equal houses they are.
    let extra: Vec<f64> =
        houses.iter().map(|&house| (ordinary[house] - 0.9) * f64::from(dwellings[house].storeys) * (0.1 + dice.fraction())).collect();
    for (&house, more) in houses.iter().zip(share_out(left - houses.len(), &extra)) {
        counts[house] = 1 + more;
    }
    counts
}

/// What the register calls the part of the building that each of its `homes` households has.
pub fn units(building: &Building, homes: usize) -> Vec<Option<String>> {
    if homes == 1 && building.usage != Use::Apartments {
        return vec![None];
    }
    if building.usage == Use::Apartments {
        let floors = building.storeys.saturating_sub(1).max(1) as usize;
        let per_floor = homes.div_ceil(floors);
        return (0..homes).map(|home| Some(format!("Căn {}{:02}", home / per_floor + 2, home % per_floor + 1))).collect();
    }
    let per_floor = homes.div_ceil(building.storeys.max(1) as usize);
    (0..homes)
        .map(|home| {
            let floor = home / per_floor + 1;
            Some(if per_floor == 1 { format!("Tầng {floor}") } else { format!("Tầng {floor}, phòng {}", home % per_floor + 1) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::house;
    use super::*;

    fn row(houses: usize) -> Vec<Building> {
        (0..houses).map(|index| house(index as i64, index as f64 * 6.0, 0.0, index as u32 % 7 + 1)).collect()
    }

    #[test]
    fn every_household_finds_a_home_and_no_house_stays_empty_while_another_has_two() {
        let buildings = row(500);
        let dwellings: Vec<&Building> = buildings.iter().collect();
        let counts = share_homes(&mut Dice::new(1, "homes"), &dwellings, 730);
        assert_eq!(counts.iter().sum::<usize>(), 730);
        assert!(counts.iter().all(|count| *count >= 1));
        assert!(counts.iter().all(|count| *count <= 6), "{:?}", counts.iter().max());
    }

    #[test]
    fn with_more_houses_than_households_some_stand_empty() {
        let buildings = row(500);
        let dwellings: Vec<&Building> = buildings.iter().collect();
        let counts = share_homes(&mut Dice::new(1, "homes"), &dwellings, 300);
        assert_eq!(counts.iter().sum::<usize>(), 300);
        assert!(counts.iter().all(|count| *count <= 1));
    }

    #[test]
    fn a_block_of_flats_holds_many() {
        let mut buildings = row(20);
        buildings[0].usage = Use::Apartments;
        buildings[0].ground_m2 = 900.0;
        buildings[0].storeys = 12;
        let dwellings: Vec<&Building> = buildings.iter().collect();
        let counts = share_homes(&mut Dice::new(1, "homes"), &dwellings, 130);
        assert_eq!(counts.iter().sum::<usize>(), 130);
        assert!(counts[0] > 80, "{}", counts[0]);
        let units = units(&buildings[0], counts[0]);
        assert_eq!(units.iter().flatten().collect::<std::collections::HashSet<_>>().len(), counts[0]);
    }

    #[test]
    fn nobody_lives_in_a_factory() {
        let mut factory = house(1, 0.0, 0.0, 1);
        factory.usage = Use::Factory;
        assert_eq!(ordinary_homes(&factory), 0.0);
    }
}
