//! What wards and streets of a generated province are called (`data/demo/province.toml`).
//! It deliberately names no person and no shop.

use serde::Deserialize;

use crate::demo::people::dice::Dice;

#[derive(Deserialize)]
pub struct Names {
    ward_first: Vec<String>,
    ward_second: Vec<String>,
    streets: Vec<String>,
}

impl Names {
    /// Reads the lists that are compiled in.
    pub fn load() -> anyhow::Result<Self> {
        Ok(toml::from_str(include_str!("../../../../data/demo/province.toml"))?)
    }

    /// `count` different names of wards.
    pub fn wards(&self, seed: u64, count: usize) -> Vec<String> {
        let mut all: Vec<String> = self
            .ward_first
            .iter()
            .flat_map(|first| self.ward_second.iter().map(move |second| format!("Phường {first} {second}")))
            .collect();
        Dice::new(seed, "names of wards").shuffle(&mut all);
        all.truncate(count);
        all
    }

    /// `count` different names of streets for one ward.
    pub fn streets(&self, dice: &mut Dice, count: usize) -> Vec<&str> {
        let mut all: Vec<&str> = self.streets.iter().map(String::as_str).collect();
        dice.shuffle(&mut all);
        all.truncate(count);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_names_for_every_ward_and_none_twice() {
        let names = Names::load().unwrap();
        let wards = names.wards(1, 199);
        assert_eq!(wards.iter().collect::<std::collections::HashSet<_>>().len(), 199);
        let streets = names.streets(&mut Dice::new(1, "streets"), 5);
        assert_eq!(streets.iter().collect::<std::collections::HashSet<_>>().len(), 5);
    }
}
