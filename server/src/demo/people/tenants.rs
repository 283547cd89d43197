//! Who rents the rooms: pupils of the colleges and workers of the cluster, from the provinces around.
//! It deliberately decides neither which rooms there are nor which are declared.

use chrono::{Datelike, Days};
use shared::household::{Education, Sex};

use super::dice::Dice;
use super::figures::Figures;
use super::households::{AS_OF, birth_date};
use super::identity::Registry;
use super::lodging::some_time;
use super::names::Words;
use super::schooling;
use crate::boarding::load::{NewBoardingHouse, NewRoom, NewTenant};

/// Fills the rooms: `figures.declared_tenants` live in declared rooms, the others in rooms the platform does not know yet.
/// `student_share` says for each house how many of its tenants study.
pub fn move_in(
    seed: u64,
    words: &Words,
    registry: &mut Registry,
    houses: &mut [NewBoardingHouse],
    student_share: &[f64],
    figures: &Figures,
) {
    let mut dice = Dice::new(seed, "tenants");
    let others = figures.tenants - figures.declared_tenants;
    let declared = heads_per_room(&mut dice, houses, true, figures.declared_tenants);
    let undeclared = heads_per_room(&mut dice, houses, false, others);
    let (mut declared, mut undeclared) = (declared.into_iter(), undeclared.into_iter());
    for (house, student_share) in houses.iter_mut().zip(student_share) {
        for room in &mut house.rooms {
            let counts = if room.declared_at.is_some() { &mut declared } else { &mut undeclared };
            let heads = counts.next().unwrap_or(0);
            room.tenants = share_a_room(&mut dice, words, registry, room, heads, *student_share);
        }
    }
}

/// How many live in each room that is (or is not) declared, `total` in all; about one room in twelve stands empty.
fn heads_per_room(dice: &mut Dice, houses: &[NewBoardingHouse], declared: bool, total: usize) -> Vec<usize> {
    let capacities: Vec<usize> = houses
        .iter()
        .flat_map(|house| &house.rooms)
        .filter(|room| room.declared_at.is_some() == declared)
        .map(|room| room.capacity as usize)
        .collect();
    let vacant: Vec<bool> = capacities.iter().map(|_| dice.chance(0.08)).collect();
    let mut heads: Vec<usize> =
        vacant.iter().map(|vacant| if *vacant { 0 } else { dice.by_weight(&[(1, 28), (2, 46), (3, 22), (4, 4)]) }).collect();
    for (heads, capacity) in heads.iter_mut().zip(&capacities) {
        *heads = (*heads).min(*capacity);
    }
    let open = |vacant: &[bool]| capacities.iter().zip(vacant).filter(|(_, vacant)| !**vacant).map(|(capacity, _)| capacity).sum::<usize>();
    // Too few beds outside the vacant rooms: then none of them stays vacant, and the total ends at the beds there are.
    let vacant = if open(&vacant) >= total { vacant } else { vec![false; capacities.len()] };
    let total = total.min(open(&vacant));
    // Nobody's room is emptied to make the sum, unless there are fewer people than rooms to fill.
    let least = usize::from(total >= heads.iter().filter(|heads| **heads > 0).count());
    let mut sum: usize = heads.iter().sum();
    while sum != total {
        let room = dice.below(capacities.len());
        if sum < total && !vacant[room] && heads[room] < capacities[room] {
            heads[room] += 1;
            sum += 1;
        } else if sum > total && heads[room] > least {
            heads[room] -= 1;
            sum -= 1;
        }
    }
    heads
}

/// People who would share a room: of one sex, or a young couple; all pupils or all workers.
fn share_a_room(
    dice: &mut Dice,
    words: &Words,
    registry: &mut Registry,
    room: &NewRoom,
    heads: usize,
    student_share: f64,
) -> Vec<NewTenant> {
    let study = dice.chance(student_share);
    let couple = heads == 2 && !study && dice.chance(0.45);
    let sex = if dice.chance(0.5) { Sex::Male } else { Sex::Female };
    // Roommates come from the same village more often than not.
    let home = words.province(dice);
    (0..heads)
        .map(|place| {
            let sex = match (couple, place) {
                (true, 0) => Sex::Male,
                (true, _) => Sex::Female,
                (false, _) => sex,
            };
            let province = if dice.chance(0.6) { home } else { words.province(dice) };
            let age = if study { dice.around(18, 22) } else { dice.around(19, 42) };
            let birth_date = birth_date(dice, age);
            let surname = words.surname(dice).to_owned();
            // Nobody rents alone before 18.
            let longest = if study { 300 * (age - 17) } else { 330 * (age - 18) };
            let from_on = AS_OF - Days::new(dice.between(5, longest.min(1_400)) as u64);
            let declared_at = room.declared_at.map(|room| {
                let day = from_on + Days::new(dice.below(3) as u64);
                let soon_after = some_time(dice, day);
                // Who lived there before the landlord joined was declared together with the room.
                soon_after.max(room)
            });
            let declared = declared_at.is_some();
            NewTenant {
                name: words.full_name(dice, &surname, sex, birth_date.year()),
                birth_date: Some(birth_date),
                sex: Some(sex),
                occupation: Some(if study { "sinh viên".to_owned() } else { work(dice, words, sex, age) }),
                home_province: Some(province.name.clone()),
                // The landlord's notebook has a name; numbers come with the declaration.
                national_id: declared.then(|| registry.national_id(dice.one_of::<String>(&province.codes), sex, birth_date.year())),
                phone: declared.then(|| registry.phone()),
                from_on,
                declared_at,
            }
        })
        .collect()
}

fn work(dice: &mut Dice, words: &Words, sex: Sex, age: i32) -> String {
    if dice.chance(0.5) {
        return "công nhân".to_owned();
    }
    // Nobody has finished college before 23.
    let college = if age < 23 { 0 } else { 20 };
    let learnt = dice.by_weight(&[(Education::UpperSecondary, 44), (Education::Vocational, 36), (Education::College, college)]);
    schooling::occupation(dice, words, age.max(23), sex, learnt).unwrap_or_else(|| "công nhân".to_owned())
}
