//! Gives houses and alleys their numbers by the Vietnamese rule.
//! It deliberately moves nothing: order along the road is all it reads.
//!
//! From a road's start, odd numbers stand on the left and even ones on the right, rising. An alley takes the number of the
//! house at whose place it leaves: ngõ 34 lies between 32 and 36, its ngách at house 6 is 34/6, that one's hẻm at 1 is 34/6/1.

use super::alleys::GrownRoad;
use super::compounds::letters;
use super::houses::GrownBuilding;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use shared::address::Address;

/// Open ground keeps a number back for every so many metres: somebody will build there.
const FRONT_KEPT_M: f64 = 14.0;

/// Roads' addresses and buildings' numbers, in the order of what they were asked for.
pub struct Numbers {
    pub roads: Vec<Address>,
    pub buildings: Vec<String>,
}

#[derive(Clone, Copy)]
enum Holder {
    House(usize),
    Alley(usize),
    Lot(usize),
}

pub fn number(roads: &[GrownRoad], buildings: &[GrownBuilding], rng: &mut ChaCha8Rng) -> Numbers {
    let mut numbers = Numbers {
        roads: roads.iter().map(|road| Address::street(road.name.as_deref().unwrap_or_default())).collect(),
        buildings: vec![String::new(); buildings.len()],
    };
    let mut fronts: Vec<[Vec<(f64, Holder)>; 2]> = roads.iter().map(|_| [vec![], vec![]]).collect();
    for (i, road) in roads.iter().enumerate() {
        if let Some(leaves) = road.leaves {
            fronts[leaves.road][usize::from(leaves.side < 0.0)].push((leaves.along_m, Holder::Alley(i)));
        }
    }
    let mut lots = std::collections::BTreeSet::new();
    for (i, building) in buildings.iter().enumerate() {
        let holder = match building.zone {
            Some(zone) if !lots.insert(zone) => continue,
            Some(zone) => Holder::Lot(zone),
            None => Holder::House(i),
        };
        fronts[building.road][usize::from(building.side < 0.0)].push((building.along_m, holder));
    }
    let mut outwards_in: Vec<usize> = (0..roads.len()).collect();
    outwards_in.sort_by_key(|&road| roads[road].level);
    for road in outwards_in {
        let own = numbers.roads[road].clone();
        for (side, mut front) in std::mem::take(&mut fronts[road]).into_iter().enumerate() {
            front.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (mut next, mut reached, mut last_house) = (1 + side, 0.0, None);
            for (along, holder) in front {
                next += 2 * ((along - reached) / FRONT_KEPT_M) as usize;
                reached = along;
                let house = last_house.take();
                match holder {
                    // A lot that was divided: its second half carries the letter.
                    Holder::House(i) if house.is_some() && rng.random_bool(0.03) => {
                        numbers.buildings[i] = format!("{}A", house.unwrap_or(next));
                        continue;
                    }
                    Holder::House(i) => {
                        numbers.buildings[i] = next.to_string();
                        last_house = Some(next);
                    }
                    Holder::Alley(alley) => numbers.roads[alley] = own.alley(&next.to_string()),
                    Holder::Lot(zone) => {
                        let members = buildings.iter().enumerate().filter(|(_, building)| building.zone == Some(zone));
                        for (nth, (i, _)) in members.enumerate() {
                            let letter = if nth == 0 { String::new() } else { letters(nth) };
                            numbers.buildings[i] = format!("{next}{letter}");
                        }
                    }
                }
                next += 2;
            }
        }
    }
    numbers
}
