//! Puts people into homes: names that run in a family, birth dates, schooling, papers, and the point in the building.
//! It deliberately decides neither who lives together (`family`) nor where (`homes`).

use chrono::{Datelike, Days, NaiveDate};
use shared::household::{Relation, ResidenceKind, Sex};

use super::dice::Dice;
use super::family::{self, Member};
use super::homes;
use super::identity::{HA_NOI, Registry, has_phone};
use super::names::Words;
use super::schooling;
use super::site::{Building, points_inside};
use crate::geography::wards::Ward;
use crate::residents::load::{NewHousehold, NewResident};

/// The day the demo ward is told of: ages are counted to it, nothing happens after it. Fixed, or the same seed would give
/// other rows tomorrow.
pub const AS_OF: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day of the calendar");

/// Fills `homes[i]` households into `dwellings[i]`, with `residents` people in all.
pub fn settle(
    seed: u64,
    words: &Words,
    registry: &mut Registry,
    ward: &Ward,
    dwellings: &[&Building],
    homes: &[usize],
    residents: usize,
) -> Vec<NewHousehold> {
    let mut dice = Dice::new(seed, "households");
    let count = homes.iter().sum();
    let mut sizes = family::sizes(&mut dice, count, residents).into_iter();
    let mut households = Vec::with_capacity(count);
    for (building, &homes) in dwellings.iter().zip(homes).filter(|(_, homes)| **homes > 0) {
        let points = points_inside(&mut dice, building, homes);
        for (unit, point) in homes::units(building, homes).into_iter().zip(points) {
            let members = family::compose(&mut dice, sizes.next().unwrap_or(1));
            households.push(NewHousehold {
                code: format!("H{:05}", households.len() + 1),
                // By the household's own point: a house may stand across the line between two TDPs.
                area_id: ward.area_at(point),
                ward_id: ward.id,
                building_id: Some(building.id),
                unit,
                address: building.address.clone(),
                point: Some((point.x(), point.y())),
                members: register(&mut dice, words, registry, &members),
            });
        }
    }
    households
}

/// The register entries of one household.
fn register(dice: &mut Dice, words: &Words, registry: &mut Registry, members: &[Member]) -> Vec<NewResident> {
    let surnames = surnames(dice, words, members);
    let temporary = dice.chance(temporary_share(members));
    let mut entries: Vec<NewResident> = Vec::with_capacity(members.len());
    for (member, surname) in members.iter().zip(surnames) {
        let birth_date = birth_date(dice, member.age);
        let education = schooling::education(dice, member.age, birth_date.year());
        let name = new_name(dice, words, &entries, &surname, member.sex, birth_date.year());
        entries.push(NewResident {
            name,
            birth_date,
            sex: member.sex,
            relation: member.relation,
            education: Some(education),
            occupation: schooling::occupation(dice, words, member.age, member.sex, education),
            residence_kind: residence(dice, temporary, member.relation),
            national_id: Some(registry.national_id(HA_NOI, member.sex, birth_date.year())),
            phone: has_phone(dice, member.age, member.relation == Relation::Head).then(|| registry.phone()),
        });
    }
    entries
}

/// Children bear their father's surname; married women keep their own.
fn surnames(dice: &mut Dice, words: &Words, members: &[Member]) -> Vec<String> {
    let head = words.surname(dice).to_owned();
    let sex_of = |relation| members.iter().find(|member| member.relation == relation).map(|member| member.sex);
    let married_in = |dice: &mut Dice| words.surname(dice).to_owned();
    let spouse = married_in(dice);
    let in_law = married_in(dice);
    // Of a lone mother's children half bear a father's name that the register does not show.
    let childs = match (members[0].sex, sex_of(Relation::Spouse)) {
        (Sex::Male, _) => head.clone(),
        (Sex::Female, Some(_)) => spouse.clone(),
        (Sex::Female, None) if dice.chance(0.5) => head.clone(),
        (Sex::Female, None) => married_in(dice),
    };
    let grandchilds = if sex_of(Relation::Child) == Some(Sex::Female) { in_law.clone() } else { childs.clone() };
    members
        .iter()
        .map(|member| match member.relation {
            Relation::Head | Relation::Sibling => head.clone(),
            Relation::Spouse => spouse.clone(),
            Relation::Child => childs.clone(),
            Relation::ChildInLaw => in_law.clone(),
            Relation::Grandchild => grandchilds.clone(),
            Relation::Parent if member.sex == Sex::Male => head.clone(),
            Relation::Parent | Relation::Other => married_in(dice),
        })
        .collect()
}

/// A name that nobody else in the household has.
fn new_name(dice: &mut Dice, words: &Words, so_far: &[NewResident], surname: &str, sex: Sex, birth_year: i32) -> String {
    loop {
        let name = words.full_name(dice, surname, sex, birth_year);
        let given = name.rsplit(' ').next();
        if so_far.iter().all(|other| other.name.rsplit(' ').next() != given) {
            return name;
        }
    }
}

/// Young people and those who share a home are more often registered elsewhere.
fn temporary_share(members: &[Member]) -> f64 {
    let shared = members.iter().any(|member| matches!(member.relation, Relation::Other | Relation::Sibling));
    match members[0].age {
        _ if shared => 0.75,
        ..32 => 0.38,
        32..45 => 0.14,
        _ => 0.03,
    }
}

fn residence(dice: &mut Dice, temporary: bool, relation: Relation) -> ResidenceKind {
    match relation {
        Relation::Other if dice.chance(0.15) => ResidenceKind::ShortStay,
        // Parents come from the countryside to mind the children.
        Relation::Parent if dice.chance(0.3) => ResidenceKind::Temporary,
        _ if temporary => ResidenceKind::Temporary,
        _ => ResidenceKind::Permanent,
    }
}

/// A birthday of somebody who is `age` on the day of the telling.
pub fn birth_date(dice: &mut Dice, age: i32) -> NaiveDate {
    let had_birthday = AS_OF.with_year(AS_OF.year() - age).unwrap_or(AS_OF);
    had_birthday - Days::new(dice.below(365) as u64)
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::quarter;
    use super::*;

    fn settled(seed: u64) -> Vec<NewHousehold> {
        let (words, site) = (Words::load().unwrap(), quarter(600));
        let dwellings: Vec<&Building> = site.buildings.iter().collect();
        let homes = homes::share_homes(&mut Dice::new(seed, "homes"), &dwellings, 900);
        settle(seed, &words, &mut Registry::default(), &site.ward, &dwellings, &homes, 2_388)
    }

    #[test]
    fn everybody_has_a_home_and_papers() {
        let households = settled(1);
        assert_eq!(households.len(), 900);
        let residents: Vec<_> = households.iter().flat_map(|household| &household.members).collect();
        assert_eq!(residents.len(), 2_388);
        let ids: std::collections::HashSet<_> = residents.iter().filter_map(|resident| resident.national_id.as_ref()).collect();
        assert_eq!(ids.len(), 2_388);
        assert!(ids.iter().all(|id| id.len() == 12 && id.starts_with("001")));
        let permanent = residents.iter().filter(|resident| resident.residence_kind == ResidenceKind::Permanent).count() as f64 / 2_388.0;
        assert!((0.75..0.92).contains(&permanent), "{permanent}");
        assert!(residents.iter().all(|resident| resident.birth_date <= AS_OF));
    }

    #[test]
    fn birth_dates_agree_with_ages() {
        let mut dice = Dice::new(1, "births");
        for age in 0..100 {
            let born = birth_date(&mut dice, age);
            assert_eq!(AS_OF.years_since(born), Some(age as u32), "{born}");
        }
    }

    #[test]
    fn children_bear_their_fathers_surname() {
        let surname = |resident: &NewResident| resident.name.split(' ').next().unwrap().to_owned();
        let households = settled(1);
        let families = households.iter().filter(|household| household.members[0].sex == Sex::Male && household.members.len() > 2);
        for household in families {
            for child in household.members.iter().filter(|member| member.relation == Relation::Child) {
                assert_eq!(surname(child), surname(&household.members[0]));
            }
        }
    }

    #[test]
    fn the_same_seed_settles_the_same_people() {
        let told = |seed| settled(seed).iter().flat_map(|h| h.members.iter().map(|m| (m.name.clone(), m.birth_date))).collect::<Vec<_>>();
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
    }
}
