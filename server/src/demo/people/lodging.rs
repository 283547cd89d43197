//! Boarding houses: which houses let rooms, how many, and how much of it has been declared.
//! It deliberately does not know the tenants: `tenants` fills the rooms.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use shared::household::Sex;

use super::dice::{Dice, share_out};
use super::figures::Figures;
use super::households::AS_OF;
use super::identity::Registry;
use super::names::Words;
use super::site::{Building, Draw, Site, Use, points_inside};
use super::tenants;
use crate::boarding::load::{NewBoardingHouse, NewRoom};
use crate::geography::wards::Ward;

const FEWEST_ROOMS: usize = 4;
const MOST_ROOMS: usize = 24;
/// However many rooms a figure asks for, most houses of a ward are homes.
const MOST_HOUSES_SHARE: f64 = 0.3;

/// A house that lets rooms.
pub struct Lodging<'a> {
    pub building: &'a Building,
    pub rooms: usize,
}

/// Chooses houses until `rooms` rooms are found, exactly; near campuses and workshops first.
pub fn choose<'a>(dice: &mut Dice, site: &'a Site, rooms: usize) -> Vec<Lodging<'a>> {
    let houses: Vec<&Building> = site
        .buildings
        .iter()
        .filter(|building| matches!(building.usage, Use::House | Use::Unknown) && holds(building) >= FEWEST_ROOMS)
        .collect();
    let pull: Vec<f64> = houses.iter().map(|building| pull(site, building)).collect();
    let most = ((houses.len() as f64 * MOST_HOUSES_SHARE) as usize).max(1);
    let (mut chosen, mut left) = (Vec::new(), rooms);
    for index in dice.weighted_order(&pull).into_iter().take(most) {
        if left == 0 {
            break;
        }
        let mut here = holds(houses[index]).min(left);
        // The last house takes what would otherwise be a house of one or two rooms.
        if left - here < FEWEST_ROOMS {
            here = left;
        }
        chosen.push(Lodging { building: houses[index], rooms: here });
        left -= here;
    }
    if left > 0 && !chosen.is_empty() {
        // A ward of few houses: each of them is let more closely.
        let more = share_out(left, &vec![1.0; chosen.len()]);
        for (lodging, more) in chosen.iter_mut().zip(more) {
            lodging.rooms += more;
        }
    }
    // By building, so that codes follow the streets and not the dice.
    chosen.sort_by_key(|lodging| lodging.building.id);
    chosen
}

/// Rooms of some 16 m² on seven tenths of each floor.
fn holds(building: &Building) -> usize {
    let rooms = (building.ground_m2 * f64::from(building.storeys) * 0.7 / 16.0) as usize;
    rooms.min(MOST_ROOMS)
}

fn pull(site: &Site, building: &Building) -> f64 {
    let near = site.nearest_magnet(building.centre, |draw| draw != Draw::Market);
    0.03 + near.map_or(1.0, |(_, distance_m)| (-distance_m / 250.0).exp())
}

/// The boarding houses with rooms and tenants.
pub fn furnish(
    seed: u64,
    words: &Words,
    registry: &mut Registry,
    site: &Site,
    lodgings: &[Lodging],
    figures: &Figures,
) -> Vec<NewBoardingHouse> {
    let mut dice = Dice::new(seed, "boarding houses");
    let mut houses: Vec<NewBoardingHouse> =
        lodgings.iter().enumerate().map(|(index, lodging)| house(&mut dice, words, registry, &site.ward, index, lodging)).collect();
    let counts: Vec<usize> = lodgings.iter().map(|lodging| lodging.rooms).collect();
    let declared = declared_rooms(&mut dice, &counts, figures.declared_rooms);
    for (house, declared) in houses.iter_mut().zip(declared) {
        let since = AS_OF - Days::new(dice.between(20, 900) as u64);
        for room in house.rooms.iter_mut().take(declared) {
            let day = since + Days::new(dice.between(0, 10) as u64);
            room.declared_at = Some(some_time(&mut dice, day));
        }
    }
    let students: Vec<f64> = lodgings.iter().map(|lodging| student_share(site, lodging.building)).collect();
    tenants::move_in(seed, words, registry, &mut houses, &students, figures);
    houses
}

fn house(dice: &mut Dice, words: &Words, registry: &mut Registry, ward: &Ward, index: usize, lodging: &Lodging) -> NewBoardingHouse {
    let sex = if dice.chance(0.45) { Sex::Male } else { Sex::Female };
    let (surname, birth_year) = (words.surname(dice).to_owned(), dice.between(1955, 1990));
    let landlord = words.full_name(dice, &surname, sex, birth_year);
    let given = landlord.rsplit(' ').next().unwrap_or_default().to_owned();
    let name = match (dice.between(0, 9), sex) {
        (0..=1, _) if lodging.rooms > 12 => format!("Chung cư mini {given}"),
        (2..=5, Sex::Male) => format!("Nhà trọ chú {given}"),
        (2..=5, Sex::Female) => format!("Nhà trọ cô {given}"),
        _ => format!("Nhà trọ {given}"),
    };
    let point = points_inside(dice, lodging.building, 1)[0];
    NewBoardingHouse {
        code: format!("NT{:04}", index + 1),
        area_id: ward.area_at(point),
        ward_id: ward.id,
        building_id: Some(lodging.building.id),
        name,
        address: lodging.building.address.clone(),
        landlord_name: landlord,
        landlord_phone: Some(registry.phone()),
        point: Some((point.x(), point.y())),
        rooms: rooms(dice, lodging),
    }
}

fn rooms(dice: &mut Dice, lodging: &Lodging) -> Vec<NewRoom> {
    let floors = (lodging.building.storeys.max(1) as usize).min(lodging.rooms);
    let per_floor = lodging.rooms.div_ceil(floors);
    (0..lodging.rooms)
        .map(|room| {
            let floor_area_m2 = dice.around(11, 28);
            NewRoom {
                name: format!("P{}{:02}", room / per_floor + 1, room % per_floor + 1),
                floor_area_m2: floor_area_m2 as f32,
                capacity: if floor_area_m2 >= 16 { 4 } else { 3 },
                rent_vnd: i64::from((900 + floor_area_m2 * 85 + dice.between(-300, 500)) / 50 * 50) * 1_000,
                declared_at: None,
                tenants: Vec::new(),
            }
        })
        .collect()
}

/// How many rooms of each house are declared, `total` in all: some landlords declare all, some none, some part.
fn declared_rooms(dice: &mut Dice, rooms: &[usize], total: usize) -> Vec<usize> {
    let willing: Vec<f64> = rooms.iter().map(|_| dice.by_weight(&[(0, 26), (35, 18), (65, 24), (100, 32)]) as f64 / 100.0).collect();
    let mut declared: Vec<usize> = rooms.iter().zip(&willing).map(|(rooms, share)| (*rooms as f64 * share).round() as usize).collect();
    let total = total.min(rooms.iter().sum());
    let mut sum: usize = declared.iter().sum();
    while sum != total {
        let house = dice.below(rooms.len());
        if sum < total && declared[house] < rooms[house] {
            declared[house] += 1;
            sum += 1;
        } else if sum > total && declared[house] > 0 {
            declared[house] -= 1;
            sum -= 1;
        }
    }
    declared
}

/// Near the college its pupils, near the workshops their workers; elsewhere both.
fn student_share(site: &Site, building: &Building) -> f64 {
    match site.nearest_magnet(building.centre, |draw| draw != Draw::Market) {
        Some((Draw::Campus, distance_m)) if distance_m < 900.0 => 0.78,
        Some((Draw::Industry, distance_m)) if distance_m < 900.0 => 0.12,
        _ => 0.35,
    }
}

/// A moment of `day` between seven in the morning and ten at night in Việt Nam.
pub fn some_time(dice: &mut Dice, day: NaiveDate) -> DateTime<Utc> {
    let vietnam = TimeDelta::hours(7);
    day.and_time(NaiveTime::MIN).and_utc() - vietnam + TimeDelta::minutes(i64::from(dice.between(7 * 60, 22 * 60)))
}

#[cfg(test)]
mod tests {
    use super::super::site::{metres, tests::quarter};
    use super::*;

    #[test]
    fn rooms_are_found_exactly_and_mostly_near_what_draws_tenants() {
        let site = quarter(1_800);
        let lodgings = choose(&mut Dice::new(1, "lodging"), &site, 700);
        assert_eq!(lodgings.iter().map(|lodging| lodging.rooms).sum::<usize>(), 700);
        assert!(lodgings.iter().all(|lodging| lodging.rooms >= FEWEST_ROOMS));
        let near = |building: &Building| site.magnets.iter().any(|magnet| metres(magnet.at, building.centre) < 250.0);
        let share = |count: usize, of: usize| count as f64 / of as f64;
        let chosen_near = share(lodgings.iter().filter(|lodging| near(lodging.building)).count(), lodgings.len());
        let all_near = share(site.buildings.iter().filter(|building| near(building)).count(), site.buildings.len());
        assert!(chosen_near > all_near * 1.2, "{chosen_near:.2} of the chosen, {all_near:.2} of all");
    }

    #[test]
    fn a_small_quarter_lets_its_few_houses_more_closely() {
        let site = quarter(20);
        let lodgings = choose(&mut Dice::new(1, "lodging"), &site, 150);
        assert_eq!(lodgings.iter().map(|lodging| lodging.rooms).sum::<usize>(), 150);
    }

    #[test]
    fn declared_rooms_and_tenants_add_up() {
        let (site, words) = (quarter(1_800), Words::load().unwrap());
        let figures = Figures { rooms: 700, declared_rooms: 322, tenants: 1_264, declared_tenants: 629, ..Figures::of_ward("x", 1.0) };
        let lodgings = choose(&mut Dice::new(1, "lodging"), &site, figures.rooms);
        let houses = furnish(1, &words, &mut Registry::default(), &site, &lodgings, &figures);
        let rooms: Vec<&NewRoom> = houses.iter().flat_map(|house| &house.rooms).collect();
        assert_eq!(rooms.len(), 700);
        assert_eq!(rooms.iter().filter(|room| room.declared_at.is_some()).count(), 322);
        let tenants: Vec<_> = rooms.iter().flat_map(|room| &room.tenants).collect();
        assert_eq!(tenants.len(), 1_264);
        assert_eq!(tenants.iter().filter(|tenant| tenant.declared_at.is_some()).count(), 629);
        assert!(rooms.iter().all(|room| room.tenants.len() <= room.capacity as usize));
        // Whoever has declared lives in a declared room, and declared after moving in.
        for room in &rooms {
            for tenant in &room.tenants {
                assert_eq!(tenant.declared_at.is_some(), room.declared_at.is_some());
                assert!(tenant.declared_at.is_none_or(|at| at.date_naive() >= tenant.from_on));
                assert_eq!(tenant.national_id.is_some(), tenant.declared_at.is_some());
            }
        }
        let vacant = rooms.iter().filter(|room| room.tenants.is_empty()).count() as f64 / 700.0;
        assert!((0.03..0.14).contains(&vacant), "{vacant}");
    }
}
