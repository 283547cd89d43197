//! What an import of areas says at its end.
//! It deliberately repeats no area that went in as it was; what was repaired, left out or moved stands in the report.

use std::fmt;
use std::path::PathBuf;

use super::command::Kind;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub kind: Option<Kind>,
    pub in_file: usize,
    pub new: usize,
    pub replaced: usize,
    pub completed: usize,
    pub unchanged: usize,
    pub left_out: usize,
    pub repaired: usize,
    pub closed: usize,
    pub hectares: f64,
    /// Rows of each layer that lie in another area now.
    pub moved: Vec<(String, i64)>,
    /// What the person should know or do.
    pub remarks: Vec<String>,
    pub report: PathBuf,
    pub is_dry_run: bool,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("area", Kind::word);
        if self.is_dry_run {
            writeln!(f, "dry run: nothing was kept; this is what would have happened")?;
        }
        writeln!(
            f,
            "{} {kind}{} in the file, {:.2} km2: {} new, {} with a new version (the earlier one closed), {} completed, {} unchanged, {} left out, {} repaired",
            self.in_file,
            if self.in_file == 1 { "" } else { "s" },
            self.hectares / 100.0,
            self.new,
            self.replaced,
            self.completed,
            self.unchanged,
            self.left_out,
            self.repaired
        )?;
        if self.closed > 0 {
            writeln!(f, "{} areas that the file lacks were closed", self.closed)?;
        }
        if !self.moved.is_empty() {
            let moved: Vec<String> = self.moved.iter().map(|(layer, rows)| format!("{rows} of {layer}")).collect();
            writeln!(f, "rows that lie in another area now: {}", moved.join(", "))?;
        }
        for remark in &self.remarks {
            writeln!(f, "{remark}")?;
        }
        write!(f, "report: {}", self.report.display())
    }
}
