//! Finds a building by the address in a list, however it is spelled: "số 5, ngách 34/6, Phố Nhổn" is "Số 5 ngách 34/6 phố Nhổn".
//! It deliberately guesses nothing: an address that two buildings share, or that names no street, finds none.

use std::collections::HashMap;

use shared::address::Address;
use shared::text::fold;
use sqlx::PgConnection;

use super::placing::{self, AddressedBuilding};

/// What an address found.
#[derive(Clone, Debug)]
pub enum Match {
    One(AddressedBuilding),
    /// This many buildings have it.
    Several(usize),
    None,
}

/// The addresses of one ward's buildings.
pub struct AddressIndex(HashMap<String, Vec<AddressedBuilding>>);

impl AddressIndex {
    pub async fn of_ward(db: &mut PgConnection, ward_id: i32) -> sqlx::Result<Self> {
        Ok(Self::of(placing::addressed_buildings(db, ward_id).await?))
    }

    fn of(buildings: Vec<AddressedBuilding>) -> Self {
        let mut by_key: HashMap<String, Vec<AddressedBuilding>> = HashMap::new();
        for building in buildings {
            if let Some(key) = key(&building.address) {
                by_key.entry(key).or_default().push(building);
            }
        }
        Self(by_key)
    }

    pub fn find(&self, address: &str) -> Match {
        match key(address).and_then(|key| self.0.get(&key)).map(Vec::as_slice) {
            None | Some([]) => Match::None,
            Some([one]) => Match::One(one.clone()),
            Some(several) => Match::Several(several.len()),
        }
    }
}

/// What two spellings of one address have in common; `None` for what names no house on a street.
fn key(address: &str) -> Option<String> {
    let address: Address = address.parse().ok()?;
    let (number, street) = (address.number?, street_key(&address.street?));
    Some(format!("{}|{}|{street}", number.to_lowercase(), address.alleys.join("/").to_lowercase()))
}

/// "Phố Nhổn", "đường Nhổn" and "Nhổn" are one street; a named alley ("ngõ An Trạch") is another than its street.
fn street_key(street: &str) -> String {
    let folded = fold(street);
    let bare = ["quoc lo ", "tinh lo ", "dai lo ", "duong ", "pho "].iter().find_map(|kind| folded.strip_prefix(kind));
    bare.unwrap_or(&folded).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(addresses: &[&str]) -> AddressIndex {
        let building = |(id, address): (usize, &&str)| AddressedBuilding {
            id: id as i64,
            address: (*address).to_owned(),
            lon: 105.0,
            lat: 21.0,
            area_id: 1,
        };
        AddressIndex::of(addresses.iter().enumerate().map(building).collect())
    }

    fn found(index: &AddressIndex, address: &str) -> String {
        match index.find(address) {
            Match::One(building) => building.id.to_string(),
            Match::Several(count) => format!("{count} of them"),
            Match::None => "none".to_owned(),
        }
    }

    #[test]
    fn spellings_of_one_address_find_one_building() {
        let index = index(&["Số 5 ngách 34/6 phố Nhổn", "Số 5 ngõ 34 phố Nhổn", "Số 12A đường 32", "Số 3 ngõ An Trạch 1"]);
        for spelling in ["Số 5 ngách 34/6 phố Nhổn", "5 ngach 34/6 Nhon", "số nhà 5, ngách 6, ngõ 34, Phố Nhổn, phường Phương Canh, Hà Nội"]
        {
            let spelling = spelling.replace("ngach", "ngách");
            assert_eq!(found(&index, &spelling), "0", "{spelling}");
        }
        assert_eq!(found(&index, "5 ngõ 34, đường Nhổn"), "1");
        assert_eq!(found(&index, "12a quốc lộ 32"), "2");
        assert_eq!(found(&index, "Số 3 An Trạch 1"), "none", "the street is not the alley named after it");
    }

    #[test]
    fn what_is_not_sure_finds_nothing() {
        let index = index(&["Số 5 phố Nhổn", "5 Nhổn", "Số 7 phố Nhổn"]);
        assert_eq!(found(&index, "Số 5 phố Nhổn"), "2 of them");
        assert_eq!(found(&index, "phố Nhổn"), "none");
        assert_eq!(found(&index, "Số 7"), "none");
        assert_eq!(found(&index, "gần chợ"), "none");
    }
}
