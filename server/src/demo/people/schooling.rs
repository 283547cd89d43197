//! What people have learnt and what they do, by age, generation and sex.
//! It deliberately invents no statistics of its own ward: shares follow what is commonly known of Hà Nội.

use Education::{College, LowerSecondary, Postgraduate, Preschool, Primary, University, UpperSecondary, Vocational};
use shared::household::{Education, Sex};

use super::dice::Dice;
use super::names::Words;

/// Per thousand of a generation; later generations went to school longer.
const BORN_SINCE_1980: [(Education, u32); 7] =
    [(Primary, 15), (LowerSecondary, 95), (UpperSecondary, 265), (Vocational, 115), (College, 140), (University, 330), (Postgraduate, 40)];
const BORN_1960_TO_1979: [(Education, u32); 7] =
    [(Primary, 45), (LowerSecondary, 205), (UpperSecondary, 340), (Vocational, 135), (College, 75), (University, 180), (Postgraduate, 20)];
const BORN_BEFORE_1960: [(Education, u32); 8] = [
    (Education::None, 30),
    (Primary, 190),
    (LowerSecondary, 330),
    (UpperSecondary, 205),
    (Vocational, 115),
    (College, 30),
    (University, 90),
    (Postgraduate, 10),
];

pub fn education(dice: &mut Dice, age: i32, birth_year: i32) -> Education {
    match age {
        ..3 => Education::None,
        3..6 => Preschool,
        6..11 => Primary,
        11..15 => LowerSecondary,
        15..18 => dice.by_weight(&[(UpperSecondary, 88), (Vocational, 12)]),
        // Too early for a second degree.
        18..24 => dice.by_weight(&[(University, 46), (College, 20), (Vocational, 12), (UpperSecondary, 19), (LowerSecondary, 3)]),
        _ if birth_year >= 1980 => dice.by_weight(&BORN_SINCE_1980),
        _ if birth_year >= 1960 => dice.by_weight(&BORN_1960_TO_1979),
        _ => dice.by_weight(&BORN_BEFORE_1960),
    }
}

/// What they do, as the register would say it; `None` for children not yet at school.
pub fn occupation(dice: &mut Dice, words: &Words, age: i32, sex: Sex, education: Education) -> Option<String> {
    let retires_at = if sex == Sex::Male { 62 } else { 58 };
    let learnt = &words.occupations;
    let list = match (age, education) {
        (..6, _) => return None,
        (6..18, Vocational) => return Some("học nghề".into()),
        (6..18, _) => return Some("học sinh".into()),
        (18..23, University | College) => return Some("sinh viên".into()),
        (80.., _) => return Some("người cao tuổi".into()),
        (_, education) if age >= retires_at => {
            // A pension comes with a career that was insured.
            let trained = matches!(education, Vocational | College | University | Postgraduate);
            let pensioned = dice.chance(if trained { 0.9 } else { 0.35 });
            let otherwise = if sex == Sex::Female { "nội trợ" } else { "buôn bán nhỏ" };
            return Some(if pensioned { "hưu trí" } else { otherwise }.into());
        }
        (_, Education::None | Preschool | Primary | LowerSecondary) => &learnt.basic,
        (_, UpperSecondary) => &learnt.secondary,
        (_, Vocational) => &learnt.vocational,
        (_, College | University) => &learnt.higher,
        (_, Postgraduate) => &learnt.advanced,
    };
    loop {
        let (occupation, _) = dice.weighted(list, |(_, weight)| f64::from(*weight));
        // Few men keep house, few women lay bricks.
        let unusual = match sex {
            Sex::Male => occupation == "nội trợ" || occupation == "giúp việc gia đình",
            Sex::Female => ["thợ ", "xe ôm", "lái xe", "công nhân xây dựng"].iter().any(|start| occupation.starts_with(start)),
        };
        if !unusual || dice.chance(0.08) {
            return Some(occupation.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Education's variants stand in the order of the years they take.
    fn years(level: Education) -> usize {
        level as usize
    }

    #[test]
    fn nobody_has_learnt_more_than_the_years_allow() {
        let mut dice = Dice::new(3, "school");
        for age in 0..100 {
            for _ in 0..50 {
                let level = education(&mut dice, age, 2026 - age);
                let most = match age {
                    ..3 => Education::None,
                    3..6 => Preschool,
                    6..11 => Primary,
                    11..15 => LowerSecondary,
                    15..18 => Vocational,
                    18..24 => University,
                    _ => Postgraduate,
                };
                assert!(years(level) <= years(most), "{level:?} at {age}");
            }
        }
    }

    #[test]
    fn children_learn_and_the_old_have_retired() {
        let (words, mut dice) = (Words::load().unwrap(), Dice::new(3, "work"));
        assert_eq!(occupation(&mut dice, &words, 4, Sex::Male, Preschool), None);
        assert_eq!(occupation(&mut dice, &words, 12, Sex::Female, LowerSecondary).as_deref(), Some("học sinh"));
        assert_eq!(occupation(&mut dice, &words, 20, Sex::Female, University).as_deref(), Some("sinh viên"));
        assert_eq!(occupation(&mut dice, &words, 85, Sex::Male, Primary).as_deref(), Some("người cao tuổi"));
        let pensioners = (0..200).filter(|_| occupation(&mut dice, &words, 66, Sex::Male, College).as_deref() == Some("hưu trí")).count();
        assert!(pensioners > 160, "{pensioners} of 200");
    }
}
