//! Which words a row has, which houses an address means, and where a page ends: decided from values alone.
//! It deliberately knows neither caller nor database.

use std::fmt;

use shared::{
    address::Address,
    edit::{PlaceSuggestion, Unplaced},
    layer::Layer,
    text::fold,
};

use super::db::HouseRow;
use crate::platform::error::{ApiError, ApiResult};

/// Few enough to choose from at a glance.
const SUGGESTIONS: usize = 3;

/// After which row a page begins: `household:12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub kind: Layer,
    pub id: i64,
}

impl Cursor {
    pub fn parse(text: &str) -> ApiResult<Self> {
        let parts = text.split_once(':').and_then(|(kind, id)| Some(Self { kind: kind.parse().ok()?, id: id.parse().ok()? }));
        parts.ok_or_else(|| ApiError::bad_request("cursor is not one that a page gave"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.kind, self.id)
    }
}

/// What was typed, word by word, without case and accents.
pub fn words(typed: &str) -> Vec<String> {
    fold(typed).split_whitespace().map(str::to_owned).collect()
}

/// Whether every word stands in the row's name, address or code.
pub fn has_words(row: &Unplaced, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let text = fold(&format!("{} {} {}", row.title, row.address.as_deref().unwrap_or_default(), row.code));
    words.iter().all(|word| text.contains(word.as_str()))
}

/// The alley or street that an address lies in, as addresses of houses in it end, in lower case.
pub fn lane(address: &Address) -> String {
    Address { number: None, ..address.clone() }.to_string().to_lowercase()
}

/// The address seen from one alley further out: "Số 5 ngách 34/6" lies behind house 34/6's ngõ 34. None at the street.
pub fn outwards(mut address: Address) -> Option<Address> {
    let number = address.alleys.pop()?;
    // The inner alley leaves the outer one at the house of that number.
    address.number = Some(number);
    (address.street.is_some() || !address.alleys.is_empty()).then_some(address)
}

/// The houses of the same lane, the very address first, then by how far their numbers are from the wanted one.
pub fn nearest(wanted: &Address, houses: Vec<HouseRow>) -> Vec<PlaceSuggestion> {
    let lane_of_wanted = lane(wanted);
    let mut near: Vec<(u32, PlaceSuggestion)> = houses
        .into_iter()
        .filter_map(|house| {
            let address: Address = house.address.parse().ok()?;
            // Addresses that merely end alike ("phố Nhổn", "ngõ 3 phố Nhổn") are other lanes.
            if lane(&address) != lane_of_wanted {
                return None;
            }
            let exact = same(&address.number, &wanted.number);
            let apart = if exact { 0 } else { 1 + digits(&address.number)?.abs_diff(digits(&wanted.number)?) };
            Some((apart, PlaceSuggestion { building_id: house.id, address: house.address, exact, lon: house.lon, lat: house.lat }))
        })
        .collect();
    near.sort_by(|(one, a), (other, b)| one.cmp(other).then(a.building_id.cmp(&b.building_id)));
    near.into_iter().map(|(_, suggestion)| suggestion).take(SUGGESTIONS).collect()
}

fn same(one: &Option<String>, other: &Option<String>) -> bool {
    one.as_ref().map(|number| number.to_uppercase()) == other.as_ref().map(|number| number.to_uppercase())
}

/// The leading digits of a house number: 12 of "12A".
fn digits(number: &Option<String>) -> Option<u32> {
    let number = number.as_ref()?;
    number[..number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(id: i64, address: &str) -> HouseRow {
        HouseRow { id, address: address.into(), lon: 105.7, lat: 21.0 }
    }

    fn near(address: &str, houses: &[&str]) -> Vec<(String, bool)> {
        let houses = houses.iter().enumerate().map(|(id, address)| house(id as i64, address)).collect();
        let found = nearest(&address.parse().unwrap(), houses);
        found.into_iter().map(|found| (found.address, found.exact)).collect()
    }

    #[test]
    fn the_very_address_comes_first_and_then_its_neighbours() {
        let houses = ["Số 3 ngõ 34 phố Nhổn", "Số 12 ngõ 34 phố Nhổn", "Số 9 ngõ 34 phố Nhổn", "Số 8A ngõ 34 phố Nhổn"];
        let found = near("số nhà 12, ngõ 34, Phố Nhổn", &houses);
        assert_eq!(found[0], ("Số 12 ngõ 34 phố Nhổn".into(), true));
        assert_eq!(found[1..], [("Số 9 ngõ 34 phố Nhổn".into(), false), ("Số 8A ngõ 34 phố Nhổn".into(), false)]);
    }

    #[test]
    fn a_house_in_another_lane_is_no_neighbour() {
        assert_eq!(near("Số 12 phố Nhổn", &["Số 12 ngõ 34 phố Nhổn", "Số 12 phố Phương Canh", "chợ Nhổn"]), []);
    }

    #[test]
    fn outwards_goes_from_alley_to_alley_to_the_street() {
        let steps: Vec<String> =
            std::iter::successors("Số 5 hẻm 12/34/6 phố Nhổn".parse().ok(), |address: &Address| outwards(address.clone()))
                .map(|address| address.to_string())
                .collect();
        assert_eq!(steps, ["Số 5 hẻm 12/34/6 phố Nhổn", "Số 6 ngách 12/34 phố Nhổn", "Số 34 ngõ 12 phố Nhổn", "Số 12 phố Nhổn"]);
        assert_eq!(outwards("Số 5 ngõ 12".parse().unwrap()), None, "nothing is left but a number");
    }

    #[test]
    fn words_are_found_without_case_and_accents() {
        let row = Unplaced {
            kind: Layer::Business,
            id: 1,
            code: "KD00012".into(),
            title: "Tạp hóa Hạnh".into(),
            address: Some("Số 5 ngõ 34 phố Nhổn".into()),
            area_id: 1,
            area_name: "TDP 1".into(),
            version: 1,
        };
        for (typed, is_there) in [("tap hoa nhon", true), ("kd00012", true), ("  ", true), ("hanh ngo 35", false)] {
            assert_eq!(has_words(&row, &words(typed)), is_there, "{typed}");
        }
    }

    #[test]
    fn a_cursor_reads_as_it_is_written() {
        let cursor = Cursor { kind: Layer::BoardingHouse, id: 7 };
        assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
        for wrong in ["", "7", "resident:7", "household:x"] {
            assert!(Cursor::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
