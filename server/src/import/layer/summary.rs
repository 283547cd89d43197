//! What an import of a layer says at its end.
//! It deliberately repeats no row and no value; those stand in the report.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::Layer;

#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub layer: Layer,
    pub file: String,
    /// "ward 00622 (Phường Xuân Phương)".
    pub scope: String,
    /// The sheet or layer that was read.
    pub part: Option<String>,
    /// Which column was taken for what.
    pub columns: String,
    pub unused_columns: Vec<String>,
    pub rows: usize,
    /// Rows; households where rows are of them, and the same for the places below.
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub left_out: usize,
    pub by_coordinates: usize,
    pub by_address: usize,
    pub unplaced: usize,
    /// People of households: new, changed, same.
    pub people: (usize, usize, usize),
    /// Why rows were left out, by kind.
    pub reasons: BTreeMap<&'static str, usize>,
    /// What was changed on the way or not taken of rows that are in, by kind.
    pub notes: BTreeMap<&'static str, usize>,
    pub report: PathBuf,
    pub is_dry_run: bool,
    pub elapsed_s: f64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_dry_run {
            writeln!(f, "dry run: nothing was kept; this is what would have happened")?;
        }
        let part = self.part.as_ref().map_or(String::new(), |part| format!(" ({part})"));
        writeln!(f, "{} from {}{part} into {}, {:.1} s", self.layer.word(), self.file, self.scope, self.elapsed_s)?;
        writeln!(f, "columns: {}", self.columns)?;
        if !self.unused_columns.is_empty() {
            writeln!(f, "columns not taken: {}", self.unused_columns.join(", "))?;
        }
        let became = format!("{} new, {} changed, {} unchanged", self.new, self.changed, self.same);
        if self.layer == Layer::Household {
            writeln!(f, "rows: {}: {} left out", self.rows, self.left_out)?;
            writeln!(f, "households: {became}")?;
        } else {
            writeln!(f, "rows: {}: {became}, {} left out", self.rows, self.left_out)?;
        }
        if self.layer != Layer::Road {
            writeln!(
                f,
                "places: {} by coordinates, {} by the address of a building, {} unplaced (no coordinates, and no building of that address)",
                self.by_coordinates, self.by_address, self.unplaced
            )?;
        }
        if self.layer == Layer::Household {
            let (new, changed, same) = self.people;
            writeln!(f, "people: {new} new, {changed} changed, {same} unchanged")?;
        }
        for (title, kinds) in [("left out", &self.reasons), ("notes", &self.notes)] {
            if !kinds.is_empty() {
                let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
                writeln!(f, "{title}: {}", kinds.join(", "))?;
            }
        }
        write!(
            f,
            "report: {} (readable by you alone: it repeats values of the file, which can be personal; delete it when it is dealt with)",
            self.report.display()
        )
    }
}
