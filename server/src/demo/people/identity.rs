//! Numbers that people and firms carry, right in structure and nobody's own.
//! It deliberately never reads a real register: every number is built from a counter in a range that is not given out.

use std::collections::HashMap;

use shared::household::Sex;

use super::dice::Dice;

/// Hà Nội's code in a national ID.
pub const HA_NOI: &str = "001";

/// Hands out national IDs, phone numbers and tax codes, each once.
#[derive(Default)]
pub struct Registry {
    /// Of a ward in a generated province; none: the demo ward, or a quarter with demo people.
    block: Option<Block>,
    given: HashMap<String, u32>,
    phones: u32,
    firms: u32,
}

/// Numbers of one ward among many: wards are generated each by itself, and no two may give the same number.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    /// Below [`Block::MOST`].
    pub ward: usize,
    /// How many phone numbers the wards before it may have given.
    pub phones_given: u32,
}

impl Block {
    pub const MOST: usize = 200;
}

impl Registry {
    pub fn of_block(block: Block) -> Self {
        Self { phones: block.phones_given, block: Some(block), ..Self::default() }
    }

    /// Twelve digits as Circular 07/2016/TT-BCA lays them out: province of birth, sex and century, year, six more.
    /// Those six count up from 990001, so that a demo number is known at a glance. Millions of people do not fit in there:
    /// in a generated province a code from 900 stands for the province, and no province has one above 096.
    pub fn national_id(&mut self, province: &str, sex: Sex, birth_year: i32) -> String {
        let century = (birth_year.clamp(1900, 2399) - 1900) / 100 * 2 + i32::from(sex == Sex::Female);
        let (province, first) = match self.block {
            None => (province.to_owned(), 990_000),
            Some(block) => (format!("{}", 900 + block.ward % 100), if block.ward < 100 { 990_000 } else { 980_000 }),
        };
        let prefix = format!("{province}{century}{:02}", birth_year.rem_euclid(100));
        let serial = self.given.entry(prefix.clone()).or_insert(first);
        *serial += 1;
        format!("{prefix}{serial:06}")
    }

    /// A mobile number under 095, a prefix whose network closed in 2012: no demo screen can make somebody's phone ring.
    pub fn phone(&mut self) -> String {
        self.phones += 1;
        // A walk through all seven-digit numbers that meets each once: the factor shares no divisor with 10,000,000.
        format!("095{:07}", u64::from(self.phones) * 7_368_787 % 10_000_000)
    }

    /// Ten digits with the tax office's check digit, in a block (01 99…) far above the firms of Hà Nội; in a generated
    /// province under 98, which is no tax office's.
    pub fn tax_code(&mut self) -> String {
        loop {
            self.firms += 1;
            let body = match self.block {
                None => format!("0199{:05}", self.firms),
                Some(block) => format!("98{:07}", block.ward as u32 * 50_000 + self.firms),
            };
            if let Some(check) = tax_check_digit(&body) {
                return format!("{body}{check}");
            }
        }
    }
}

/// Weights 31, 29, 23, 19, 17, 13, 7, 5, 3 modulo 11, taken from 10; a remainder that leaves no single digit is not given out.
pub fn tax_check_digit(first_nine: &str) -> Option<u32> {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let sum: u32 = first_nine.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (10u32).checked_sub(sum % 11).filter(|check| *check < 10)
}

/// Whether a person of this age has a phone number that the ward knows.
pub fn has_phone(dice: &mut Dice, age: i32, is_head: bool) -> bool {
    age >= 18 && (is_head || dice.chance(0.72)) || (14..18).contains(&age) && dice.chance(0.3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_id_says_province_sex_century_and_year() {
        let mut registry = Registry::default();
        assert_eq!(registry.national_id(HA_NOI, Sex::Male, 1985), "001085990001");
        assert_eq!(registry.national_id(HA_NOI, Sex::Female, 1985), "001185990001");
        assert_eq!(registry.national_id("036", Sex::Female, 2009), "036309990001");
        assert_eq!(registry.national_id(HA_NOI, Sex::Male, 1985), "001085990002");
    }

    #[test]
    fn tax_codes_carry_their_check_digit() {
        // A published one: the tax code of the state power corporation.
        assert_eq!(tax_check_digit("010010007"), Some(9));
        let mut registry = Registry::default();
        for _ in 0..200 {
            let code = registry.tax_code();
            assert_eq!(code.len(), 10);
            assert_eq!(tax_check_digit(&code[..9]).map(|check| check.to_string()).as_deref(), Some(&code[9..]));
        }
    }

    #[test]
    fn wards_of_a_province_share_no_number() {
        let mut given = std::collections::HashSet::new();
        for (ward, phones_given) in [(1, 0), (99, 500), (100, 1_000), (101, 1_500), (199, 2_000)] {
            let mut registry = Registry::of_block(Block { ward, phones_given });
            for year in [1950, 1985, 2010] {
                for number in 0..2_000 {
                    let id = registry.national_id(HA_NOI, if number % 2 == 0 { Sex::Male } else { Sex::Female }, year);
                    assert!(id.len() == 12 && id.starts_with('9'), "{id}");
                    assert!(given.insert(id));
                }
            }
            for _ in 0..500 {
                let (phone, firm) = (registry.phone(), registry.tax_code());
                assert!(phone.len() == 10 && firm.len() == 10);
                assert!(given.insert(phone) && given.insert(firm));
            }
        }
    }

    #[test]
    fn no_phone_is_given_twice() {
        let mut registry = Registry::default();
        let phones: std::collections::HashSet<_> = (0..30_000).map(|_| registry.phone()).collect();
        assert_eq!(phones.len(), 30_000);
        assert!(phones.iter().all(|phone| phone.len() == 10 && phone.starts_with("095")));
    }
}
