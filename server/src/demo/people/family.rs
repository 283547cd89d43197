//! Who lives together: sizes of households, relations to the head, ages that fit each other.
//! It deliberately knows neither names nor houses; ages are whole years on the day the demo ward is told of.

use shared::household::{Relation, Sex};

use super::dice::Dice;
use Relation::{Child, ChildInLaw, Grandchild, Head, Other, Parent, Sibling, Spouse};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    pub relation: Relation,
    pub sex: Sex,
    pub age: i32,
}

/// Members per household and how many in a thousand households have that many; their mean is near Phương Canh's 2.65.
const SIZES: [(usize, u32); 7] = [(1, 244), (2, 258), (3, 232), (4, 184), (5, 56), (6, 19), (7, 7)];
const LARGEST: usize = 8;

/// `households` sizes whose sum is exactly `residents` (which must lie between one and eight a household).
pub fn sizes(dice: &mut Dice, households: usize, residents: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = (0..households).map(|_| dice.by_weight(&SIZES)).collect();
    let residents = residents.clamp(households, households * LARGEST);
    let mut sum: usize = sizes.iter().sum();
    while sum != residents {
        let size = &mut sizes[dice.below(households)];
        if sum < residents && *size < LARGEST {
            *size += 1;
            sum += 1;
        } else if sum > residents && *size > 1 {
            *size -= 1;
            sum -= 1;
        }
    }
    sizes
}

/// What kind of people share a household.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Single,
    Couple,
    Siblings,
    Sharing,
    OneParent,
    /// A couple, their children, and this many of the head's parents.
    Parents(usize),
    /// An old head with this many heads (one or two), one child with spouse, and grandchildren.
    ThreeGenerations(usize),
}

fn shape(dice: &mut Dice, size: usize) -> Shape {
    match size {
        1 => Shape::Single,
        2 => dice.by_weight(&[(Shape::Couple, 62), (Shape::OneParent, 24), (Shape::Siblings, 8), (Shape::Sharing, 6)]),
        3 => dice.by_weight(&[
            (Shape::Parents(0), 76),
            (Shape::OneParent, 10),
            (Shape::Parents(1), 7),
            (Shape::Siblings, 4),
            (Shape::Sharing, 3),
        ]),
        4 => dice.by_weight(&[(Shape::Parents(0), 77), (Shape::Parents(1), 11), (Shape::ThreeGenerations(1), 8), (Shape::Parents(2), 4)]),
        5 => dice.by_weight(&[(Shape::Parents(1), 36), (Shape::Parents(0), 24), (Shape::Parents(2), 10), (Shape::ThreeGenerations(2), 30)]),
        _ => dice.by_weight(&[(Shape::ThreeGenerations(2), 55), (Shape::Parents(2), 35), (Shape::Parents(1), 10)]),
    }
}

/// The people of one household of this size, its head first.
pub fn compose(dice: &mut Dice, size: usize) -> Vec<Member> {
    match shape(dice, size) {
        Shape::Single => vec![single(dice)],
        Shape::Couple => couple_alone(dice),
        Shape::Siblings => siblings(dice, size),
        Shape::Sharing => sharing(dice, size),
        Shape::OneParent => one_parent(dice, size - 1),
        Shape::Parents(parents) => couple_with_children(dice, size - 2 - parents, parents),
        Shape::ThreeGenerations(heads) => three_generations(dice, heads, size - heads - 2),
    }
}

fn single(dice: &mut Dice) -> Member {
    let age = match dice.by_weight(&[(0, 36), (1, 33), (2, 31)]) {
        0 => dice.around(20, 35),
        1 => dice.around(36, 59),
        _ => dice.around(60, 88),
    };
    // Women live longer, and old people who live alone are mostly widows.
    let male = dice.chance(if age >= 60 { 0.28 } else { 0.52 });
    Member { relation: Head, sex: if male { Sex::Male } else { Sex::Female }, age }
}

fn couple_alone(dice: &mut Dice) -> Vec<Member> {
    let wife = if dice.chance(0.26) { dice.around(22, 36) } else { dice.around(44, 82) };
    let husband = husband_of(dice, wife);
    heads(dice, husband, wife).to_vec()
}

fn siblings(dice: &mut Dice, size: usize) -> Vec<Member> {
    let eldest = dice.around(19, 29);
    let mut members = vec![Member { relation: Head, sex: any_sex(dice), age: eldest }];
    for _ in 1..size {
        let age = (eldest - dice.between(1, 6)).max(15);
        members.push(Member { relation: Sibling, sex: any_sex(dice), age });
    }
    members
}

fn sharing(dice: &mut Dice, size: usize) -> Vec<Member> {
    let (sex, mut members) = (any_sex(dice), Vec::new());
    for place in 0..size {
        members.push(Member { relation: if place == 0 { Head } else { Other }, sex, age: dice.around(18, 28) });
    }
    members
}

fn one_parent(dice: &mut Dice, children: usize) -> Vec<Member> {
    let ages = ages_of_children(dice, children, 38);
    let parent = ages[0] + dice.around(20, 36);
    let sex = if dice.chance(0.22) { Sex::Male } else { Sex::Female };
    let mut members = vec![Member { relation: Head, sex, age: parent }];
    members.extend(ages.iter().map(|&age| Member { relation: Child, sex: newborn_sex(dice), age }));
    members
}

fn couple_with_children(dice: &mut Dice, children: usize, parents: usize) -> Vec<Member> {
    let ages = if children == 0 { vec![] } else { ages_of_children(dice, children, 30) };
    let wife = match ages.first() {
        Some(eldest) => eldest + dice.around(21, 37),
        None => dice.around(24, 40),
    };
    let husband = husband_of(dice, wife).max(ages.first().map_or(0, |eldest| eldest + 20));
    let mut members = heads(dice, husband, wife).to_vec();
    members.extend(ages.iter().map(|&age| Member { relation: Child, sex: newborn_sex(dice), age }));
    let head = members[0].age;
    if parents == 2 {
        let mother = head + dice.around(20, 32);
        members.push(Member { relation: Parent, sex: Sex::Male, age: (mother + dice.between(0, 5)).min(oldest(head)) });
        members.push(Member { relation: Parent, sex: Sex::Female, age: mother.min(oldest(head)) });
    } else if parents == 1 {
        let sex = if dice.chance(0.25) { Sex::Male } else { Sex::Female };
        members.push(Member { relation: Parent, sex, age: (head + dice.around(20, 33)).min(oldest(head)) });
    }
    members
}

fn three_generations(dice: &mut Dice, heads_alive: usize, grandchildren: usize) -> Vec<Member> {
    let ages = ages_of_children(dice, grandchildren, 16);
    let mother = ages[0] + dice.around(21, 31);
    let father = husband_of(dice, mother).max(ages[0] + 20);
    // The son brings his wife to his parents' house; now and then it is the daughter's husband who moves in.
    let son_stays = dice.chance(0.85);
    let (child, in_law) = if son_stays { (father, mother) } else { (mother, father) };
    let child_sex = if son_stays { Sex::Male } else { Sex::Female };
    let grandmother = child + dice.around(20, 30);
    let mut members = if heads_alive == 2 {
        let grandfather = (grandmother + dice.between(0, 5)).min(oldest(child));
        heads(dice, grandfather, grandmother.min(oldest(child))).to_vec()
    } else {
        let sex = if dice.chance(0.3) { Sex::Male } else { Sex::Female };
        vec![Member { relation: Head, sex, age: grandmother.min(oldest(child)) }]
    };
    members.push(Member { relation: Child, sex: child_sex, age: child });
    members.push(Member { relation: ChildInLaw, sex: other(child_sex), age: in_law });
    members.extend(ages.iter().map(|&age| Member { relation: Grandchild, sex: newborn_sex(dice), age }));
    members
}

/// Ages of brothers and sisters who still live at home, eldest first; the youngest is at most `oldest_youngest`.
fn ages_of_children(dice: &mut Dice, children: usize, oldest_youngest: i32) -> Vec<i32> {
    let youngest = match dice.by_weight(&[(0, 38), (1, 44), (2, 14), (3, 4)]) {
        0 => dice.between(0, 5),
        1 => dice.between(5, 14),
        2 => dice.between(14, 22),
        _ => dice.between(22, 30),
    };
    let mut ages = vec![youngest.min(oldest_youngest)];
    for _ in 1..children {
        ages.push(ages[ages.len() - 1] + dice.between(2, 6));
    }
    ages.reverse();
    ages
}

/// A husband's age: mostly a little above his wife's, never under the lawful 20.
fn husband_of(dice: &mut Dice, wife: i32) -> i32 {
    (wife + dice.around(-2, 6)).max(21)
}

/// Two who are married, the head first.
fn heads(dice: &mut Dice, husband: i32, wife: i32) -> [Member; 2] {
    let (head, spouse) = ((Sex::Male, husband), (Sex::Female, wife));
    let (head, spouse) = if dice.chance(0.72) { (head, spouse) } else { (spouse, head) };
    [Member { relation: Head, sex: head.0, age: head.1 }, Member { relation: Spouse, sex: spouse.0, age: spouse.1 }]
}

/// Few see more than 96 years; a parent is still 18 years older than the child.
fn oldest(child: i32) -> i32 {
    96.max(child + 18)
}

fn other(sex: Sex) -> Sex {
    match sex {
        Sex::Male => Sex::Female,
        Sex::Female => Sex::Male,
    }
}

fn any_sex(dice: &mut Dice) -> Sex {
    if dice.chance(0.5) { Sex::Male } else { Sex::Female }
}

/// Hà Nội counts 111 to 112 boys born for 100 girls.
fn newborn_sex(dice: &mut Dice) -> Sex {
    if dice.chance(0.527) { Sex::Male } else { Sex::Female }
}

#[cfg(test)]
#[path = "family_tests.rs"]
mod tests;
