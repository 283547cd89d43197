//! What is shown of a resident, decided from values alone.
//! It deliberately knows neither caller nor database.

use chrono::{Datelike, NaiveDate};
use shared::household::Sex;

/// Men register for military service in the year they turn 17 (Law on Military Service 2015, article 12).
const MILITARY_REGISTRATION_AGE: i32 = 17;

/// Whether this person reaches the age of military registration in the year of `today`.
pub fn reaches_military_age(sex: Sex, birth_date: NaiveDate, today: NaiveDate) -> bool {
    sex == Sex::Male && today.year() - birth_date.year() == MILITARY_REGISTRATION_AGE
}

/// All but the last three digits hidden, the length kept: enough to check a card held in the hand.
pub fn mask(number: &str) -> String {
    let digits = number.chars().count();
    number.chars().enumerate().map(|(i, c)| if i + 3 < digits { '•' } else { c }).collect()
}

/// `lon,lat` in degrees, somewhere on Earth.
pub fn parse_place(text: &str) -> Option<[f64; 2]> {
    let (lon, lat) = text.split_once(',')?;
    let (lon, lat) = (lon.trim().parse::<f64>().ok()?, lat.trim().parse::<f64>().ok()?);
    (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some([lon, lat])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_boy_registers_in_the_year_he_turns_seventeen() {
        assert!(reaches_military_age(Sex::Male, on(2009, 12, 31), on(2026, 1, 1)));
        assert!(!reaches_military_age(Sex::Male, on(2010, 1, 1), on(2026, 12, 31)));
        assert!(!reaches_military_age(Sex::Female, on(2009, 6, 1), on(2026, 6, 1)));
    }

    #[test]
    fn a_place_is_on_earth() {
        assert_eq!(parse_place("105.74, 21.04"), Some([105.74, 21.04]));
        for wrong in ["", "105.74", "21.04,105.74", "NaN,21", "105.74,21.04,3"] {
            assert_eq!(parse_place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn three_digits_stay_readable() {
        assert_eq!(mask("001203004567"), "•••••••••567");
        assert_eq!(mask("12"), "12");
    }
}
