//! The report of an import: one line for each row that was left out or changed on the way, with column and reason.
//! It deliberately keeps to its file: what stands in it can be personal, so nobody else may read it and no log repeats it.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

pub struct Report {
    writer: csv::Writer<BufWriter<File>>,
    path: PathBuf,
}

impl Report {
    /// `imports/<what>-<file>.rejected.csv` under the data directory.
    pub fn default_path(data_dir: &Path, what: &str, file: &Path) -> PathBuf {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        data_dir.join("imports").join(format!("{what}-{}.rejected.csv", name.split('.').next().unwrap_or("file")))
    }

    /// Begins a report that its owner alone may read (mode 0600), over an earlier one of the same import.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        let failed = || format!("cannot write the report {}; name another with --rejects", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(failed)?;
        }
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).with_context(failed)?;
        file.set_permissions(Permissions::from_mode(0o600)).with_context(failed)?;
        // Excel takes a CSV without this mark for an older encoding
        file.write_all("\u{feff}".as_bytes()).with_context(failed)?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer.write_record(["line", "code", "column", "value", "fate", "reason"])?;
        Ok(Self { writer, path: path.to_owned() })
    }

    /// The row is not in the database.
    pub fn left_out(&mut self, line: u64, code: &str, column: &str, value: &str, reason: &str) -> anyhow::Result<()> {
        self.write(line, code, column, value, "left_out", reason)
    }

    /// The row is in the database, changed or incomplete as the reason says.
    pub fn note(&mut self, line: u64, code: &str, column: &str, value: &str, reason: &str) -> anyhow::Result<()> {
        self.write(line, code, column, value, "imported", reason)
    }

    fn write(&mut self, line: u64, code: &str, column: &str, value: &str, fate: &str, reason: &str) -> anyhow::Result<()> {
        let line = if line == 0 { String::new() } else { line.to_string() };
        let cells = [&line, code, column, value, fate, reason].map(guarded);
        self.writer.write_record(cells).with_context(|| format!("cannot write the report {}", self.path.display()))
    }

    /// All of it is on the disk: rows must not stand without their report.
    pub fn finish(mut self) -> anyhow::Result<()> {
        self.writer.flush().with_context(|| format!("cannot write the report {}", self.path.display()))
    }
}

/// A spreadsheet would run a cell that begins like this as a formula, and lists come from strangers.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_closed_to_others_and_guards_formulas() {
        let folder = std::env::temp_dir().join(format!("ioc-report-{}", hex::encode(rand::random::<[u8; 8]>())));
        let path = Report::default_path(&folder, "household", Path::new("/tmp/ho dan.2026.csv"));
        assert!(path.ends_with("imports/household-ho dan.rejected.csv"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "an earlier one").unwrap();
        let mut report = Report::create(&path).unwrap();
        report.left_out(7, "H1", "name", "=1+1", "a \"formula\", quoted").unwrap();
        report.finish().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("7,H1,name,'=1+1,left_out,\"a \"\"formula\"\", quoted\"\n"), "{text}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
