//! What an import says at its end: a small table, and where the report lies.
//! It deliberately repeats no row; those are in the report.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::geography::wards::Ward;

use super::buildings::HouseNumbers;
use super::mapped::Mapped;
use super::problems::{Fate, Layer};
use super::report::Count;

#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub ward_id: i32,
    pub ward_code: String,
    pub ward_name: String,
    pub ward_is_new: bool,
    pub tdps: usize,
    pub counts: BTreeMap<Layer, Count>,
    pub house_numbers: HouseNumbers,
    /// Places and businesses without a name of their own.
    pub named_by_kind: usize,
    /// Elements that no layer shows.
    pub of_no_layer: usize,
    /// Lines of the report, by what became of the element.
    pub reported: BTreeMap<Fate, usize>,
    pub rejects: PathBuf,
}

impl Summary {
    pub(super) fn new(ward: &Ward, ward_is_new: bool, mapped: &Mapped, rejects: PathBuf) -> Self {
        let mut reported = BTreeMap::new();
        for problem in mapped.problems() {
            *reported.entry(problem.fate).or_default() += 1;
        }
        let places = mapped.places.iter().filter(|place| place.named_by_kind).count();
        let businesses = mapped.businesses.iter().filter(|business| business.named_by_kind).count();
        Self {
            ward_id: ward.id,
            ward_code: ward.code.clone(),
            ward_name: ward.name.clone(),
            ward_is_new,
            tdps: ward.tdps.len(),
            counts: mapped.report.counts.clone(),
            house_numbers: mapped.house_numbers,
            named_by_kind: places + businesses,
            of_no_layer: mapped.of_no_layer.values().sum(),
            reported,
            rejects,
        }
    }

    pub fn count(&self, layer: Layer) -> Count {
        self.counts.get(&layer).copied().unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = if self.ward_is_new { "new ward" } else { "ward" };
        writeln!(f, "{made} {} ({}), {} TDPs", self.ward_code, self.ward_name, self.tdps)?;
        if self.ward_is_new {
            writeln!(f, "its boundary is the file's box and its TDPs are equal strips: placeholders, to be redrawn")?;
        }
        writeln!(f)?;
        writeln!(f, "{:<10} {:>9} {:>9} {:>9} {:>9} {:>14}", "", "in file", "imported", "left out", "repaired", "over the edge")?;
        for layer in Layer::OF_THE_MAP {
            let count = self.count(layer);
            let Count { in_file, imported, left_out, repaired, over_the_edge } = count;
            writeln!(f, "{:<10} {in_file:>9} {imported:>9} {left_out:>9} {repaired:>9} {over_the_edge:>14}", layer.word())?;
        }
        writeln!(f)?;
        let HouseNumbers { on_buildings, given_to_buildings, repeated, with_places_and_businesses, left_out } = self.house_numbers;
        writeln!(
            f,
            "house numbers: {}: {on_buildings} on buildings, {given_to_buildings} given to buildings, {repeated} there already, \
             {with_places_and_businesses} with places and businesses, {left_out} left out",
            self.house_numbers.total()
        )?;
        if self.named_by_kind > 0 {
            writeln!(f, "{} places and businesses have no name in the file and got that of their kind", self.named_by_kind)?;
        }
        if self.of_no_layer > 0 {
            writeln!(f, "{} elements are of no layer (trees, crossings, bus lines, ...)", self.of_no_layer)?;
        }
        let lines = |fate| self.reported.get(&fate).copied().unwrap_or(0);
        write!(
            f,
            "report: {} ({} repaired, {} imported without a part, {} left out)",
            self.rejects.display(),
            lines(Fate::Repaired),
            lines(Fate::ImportedWithout),
            lines(Fate::LeftOut)
        )
    }
}
