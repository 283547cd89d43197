//! Rows that came without coordinates, as some do in every ward's lists: they wait in the tray to be put on the map.
//! It deliberately changes no count: a household without a place is a household, with its address and its people.

use super::{NewBoardingHouse, NewBusiness, NewHousehold};

const HOUSEHOLDS: usize = 6;
const BOARDING_HOUSES: usize = 1;
const BUSINESSES: usize = 4;

/// Takes a few of each off the map. Their areas stay, by which they belong to somebody's tray.
pub fn take_off(households: &mut [NewHousehold], boarding_houses: &mut [NewBoardingHouse], businesses: &mut [NewBusiness]) {
    for household in spread(households, HOUSEHOLDS) {
        (household.point, household.building_id) = (None, None);
    }
    for house in spread(boarding_houses, BOARDING_HOUSES) {
        (house.point, house.building_id) = (None, None);
    }
    for business in spread(businesses, BUSINESSES).filter(|business| business.area.is_some()) {
        (business.point, business.building_id) = (None, None);
    }
}

/// So many of the rows, evenly spread; none where that would be more than one in twenty.
fn spread<T>(rows: &mut [T], wanted: usize) -> impl Iterator<Item = &mut T> {
    let step = rows.len() / wanted;
    let enough = if step >= 20 { wanted } else { 0 };
    rows.iter_mut().skip(step / 2).step_by(step.max(1)).take(enough)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_are_taken_from_all_over_and_none_from_a_hamlet() {
        let mut rows: Vec<usize> = (0..7_528).collect();
        let taken: Vec<usize> = spread(&mut rows, HOUSEHOLDS).map(|row| *row).collect();
        assert_eq!(taken, [627, 1881, 3135, 4389, 5643, 6897]);
        assert_eq!(spread(&mut rows[..119], HOUSEHOLDS).count(), 0);
        assert_eq!(spread(&mut rows[..0], BUSINESSES).count(), 0);
    }
}
