//! Vietnamese names by sex and generation, and the other word lists people are made from (`data/demo/names.toml`).
//! It deliberately does not know who is related to whom: it is told the surname.

use serde::Deserialize;
use shared::household::Sex;

use super::dice::Dice;

/// The word lists of `data/demo/names.toml`.
#[derive(Deserialize)]
pub struct Words {
    surnames: Vec<(String, u32)>,
    male: Generations,
    female: Generations,
    province: Vec<Province>,
    pub occupations: Occupations,
}

#[derive(Deserialize)]
struct Generations {
    elder: Fashion,
    middle: Fashion,
    young: Fashion,
}

#[derive(Deserialize)]
struct Fashion {
    middle: Vec<(String, u32)>,
    given: Vec<String>,
}

#[derive(Deserialize)]
pub struct Province {
    pub name: String,
    /// Codes of the provinces of birth, as they begin a national ID.
    pub codes: Vec<String>,
    weight: u32,
}

#[derive(Deserialize)]
pub struct Occupations {
    pub basic: Vec<(String, u32)>,
    pub secondary: Vec<(String, u32)>,
    pub vocational: Vec<(String, u32)>,
    pub higher: Vec<(String, u32)>,
    pub advanced: Vec<(String, u32)>,
}

impl Words {
    /// Reads the lists that are compiled in.
    pub fn load() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("../../../../data/demo/names.toml"))?)
    }

    pub fn surname(&self, dice: &mut Dice) -> &str {
        &dice.weighted(&self.surnames, |(_, weight)| f64::from(*weight)).0
    }

    /// Surname, middle name and given name of somebody born in `birth_year`.
    pub fn full_name(&self, dice: &mut Dice, surname: &str, sex: Sex, birth_year: i32) -> String {
        let fashion = self.fashion(sex, birth_year);
        // "Hoàng Hoàng Khoa" and "Nguyễn Minh Minh" are nobody's names.
        let (middle, _) = dice.weighted(&fashion.middle, |(middle, weight)| if middle == surname { 0.0 } else { f64::from(*weight) });
        let given = loop {
            let given = dice.one_of(&fashion.given);
            if !middle.ends_with(given.as_str()) {
                break given;
            }
        };
        format!("{surname} {middle} {given}")
    }

    /// A given name alone, as it stands on a shop's sign.
    pub fn given(&self, dice: &mut Dice, sex: Sex) -> &str {
        dice.one_of::<String>(&self.fashion(sex, 1980).given)
    }

    pub fn province(&self, dice: &mut Dice) -> &Province {
        dice.weighted(&self.province, |province| f64::from(province.weight))
    }

    fn fashion(&self, sex: Sex, birth_year: i32) -> &Fashion {
        let generations = match sex {
            Sex::Male => &self.male,
            Sex::Female => &self.female,
        };
        match birth_year {
            ..1975 => &generations.elder,
            1975..2000 => &generations.middle,
            _ => &generations.young,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_four_in_ten_are_called_nguyen() {
        let (words, mut dice) = (Words::load().unwrap(), Dice::new(1, "surnames"));
        let nguyen = (0..10_000).filter(|_| words.surname(&mut dice) == "Nguyễn").count();
        assert!((3_400..3_900).contains(&nguyen), "{nguyen} of 10,000");
    }

    #[test]
    fn names_have_three_parts_or_more_in_nfc() {
        let (words, mut dice) = (Words::load().unwrap(), Dice::new(1, "names"));
        for birth_year in [1940, 1985, 2015] {
            let name = words.full_name(&mut dice, "Trần", Sex::Female, birth_year);
            assert!(name.split(' ').count() >= 3, "{name}");
            assert!(unicode_normalization::is_nfc(&name), "{name}");
        }
    }
}
