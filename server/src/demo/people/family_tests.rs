//! The rules of families, held against a whole ward of them.
//! It deliberately counts in shares: a single household may be as odd as life.

use super::*;

fn ward() -> Vec<Vec<Member>> {
    let mut dice = Dice::new(2026, "families");
    let sizes = sizes(&mut dice, 7_528, 19_975);
    sizes.into_iter().map(|size| compose(&mut dice, size)).collect()
}

#[test]
fn sizes_add_up_to_every_resident() {
    let ward = ward();
    assert_eq!(ward.len(), 7_528);
    assert_eq!(ward.iter().map(Vec::len).sum::<usize>(), 19_975);
    assert!(ward.iter().all(|members| (1..=LARGEST).contains(&members.len())));
}

#[test]
fn sizes_that_no_household_could_have_are_brought_into_bounds() {
    let mut dice = Dice::new(1, "bounds");
    assert_eq!(sizes(&mut dice, 3, 1), [1, 1, 1]);
    assert!(sizes(&mut dice, 0, 0).is_empty());
}

#[test]
fn every_household_has_one_adult_head_and_at_most_one_spouse() {
    for members in ward() {
        assert_eq!(members[0].relation, Head);
        assert!(members[0].age >= 18, "{members:?}");
        assert_eq!(members.iter().filter(|member| member.relation == Head).count(), 1);
        let spouses: Vec<_> = members.iter().filter(|member| member.relation == Spouse).collect();
        assert!(spouses.len() <= 1);
        assert!(spouses.iter().all(|spouse| spouse.age >= 18 && spouse.sex != members[0].sex), "{members:?}");
        assert!(members.iter().all(|member| (0..=105).contains(&member.age)), "{members:?}");
    }
}

#[test]
fn parents_are_old_enough_for_their_children() {
    for members in ward() {
        let of = |relation| members.iter().filter(move |member| member.relation == relation).map(|member| member.age);
        let head = members[0].age;
        for child in of(Child) {
            assert!(head >= child + 18, "{members:?}");
            assert!(of(Spouse).all(|spouse| spouse >= child + 18), "{members:?}");
        }
        assert!(of(Parent).all(|parent| parent >= head + 18), "{members:?}");
        for grandchild in of(Grandchild) {
            assert!(of(Child).chain(of(ChildInLaw)).all(|parent| parent >= grandchild + 18), "{members:?}");
        }
    }
}

#[test]
fn the_age_pyramid_is_that_of_a_young_urban_ward() {
    let ages: Vec<i32> = ward().into_iter().flatten().map(|member| member.age).collect();
    let share = |low: i32, high: i32| ages.iter().filter(|age| (low..=high).contains(age)).count() as f64 / ages.len() as f64 * 100.0;
    let bands =
        [(0, 14, 21.0, 27.0), (15, 24, 9.0, 15.0), (25, 39, 22.0, 30.0), (40, 59, 20.0, 27.0), (60, 79, 9.0, 15.0), (80, 120, 0.5, 3.0)];
    let pyramid: Vec<String> = bands.iter().map(|(low, high, ..)| format!("{low}-{high}: {:.1} %", share(*low, *high))).collect();
    for (low, high, at_least, at_most) in bands {
        assert!((at_least..at_most).contains(&share(low, high)), "{pyramid:?}");
    }
    let men = ward().into_iter().flatten().filter(|member| member.sex == Sex::Male).count() as f64 / ages.len() as f64;
    assert!((0.46..0.52).contains(&men), "{men}");
}
