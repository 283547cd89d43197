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
    given: HashMap<String, u32>,
    phones: u32,
    firms: u32,
}

impl Registry {
    /// Twelve digits as Circular 07/2016/TT-BCA lays them out: province of birth, sex and century, year, six more.
    /// Those six count up from 990001, so that a demo number is known at a glance.
    pub fn national_id(&mut self, province: &str, sex: Sex, birth_year: i32) -> String {
        let century = (birth_year.clamp(1900, 2399) - 1900) / 100 * 2 + i32::from(sex == Sex::Female);
        let prefix = format!("{province}{century}{:02}", birth_year.rem_euclid(100));
        let serial = self.given.entry(prefix.clone()).or_insert(990_000);
        *serial += 1;
        format!("{prefix}{serial:06}")
    }

    /// A mobile number under 095, a prefix whose network closed in 2012: no demo screen can make somebody's phone ring.
    pub fn phone(&mut self) -> String {
        self.phones += 1;
        // A walk through all seven-digit numbers that meets each once: the factor shares no divisor with 10,000,000.
        format!("095{:07}", u64::from(self.phones) * 7_368_787 % 10_000_000)
    }

    /// Ten digits with the tax office's check digit, in a block (01 99…) far above the firms of Hà Nội.
    pub fn tax_code(&mut self) -> String {
        loop {
            self.firms += 1;
            let body = format!("0199{:05}", self.firms);
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
    fn no_phone_is_given_twice() {
        let mut registry = Registry::default();
        let phones: std::collections::HashSet<_> = (0..30_000).map(|_| registry.phone()).collect();
        assert_eq!(phones.len(), 30_000);
        assert!(phones.iter().all(|phone| phone.len() == 10 && phone.starts_with("095")));
    }
}
