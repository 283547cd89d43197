//! Reads areas out of a file: code, name, outline.
//! It deliberately keeps codes as text: "00622" is no number, and where a file has made one of it, its zeros are given back.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, bail};
use geo_types::Geometry;
use indicatif::ProgressBar;

use super::command::Kind;
use crate::import::header::position;
use crate::import::source::{self, Cell, Crs, Opening, Row};

const CODE: [&str; 14] = [
    "code",
    "ma",
    "ma xa",
    "ma phuong",
    "ma phuong xa",
    "maxa",
    "ma to",
    "ma tdp",
    "ma tinh",
    "matinh",
    "ward code",
    "tdp code",
    "ma dvhc",
    "id",
];
const NAME: [&str; 14] = [
    "fullname",
    "full name",
    "ten day du",
    "ten phuong",
    "ten xa",
    "ten phuong xa",
    "tenxa",
    "ten to",
    "ten tdp",
    "to dan pho",
    "ten tinh",
    "name",
    "ten",
    "ward",
];

/// An area of the file, its outline not yet looked at.
pub struct FileArea {
    pub line: u64,
    pub code: String,
    pub name: String,
    pub shape: Geometry<f64>,
    /// What was changed on the way.
    pub notes: Vec<String>,
}

pub struct FileAreas {
    pub areas: Vec<FileArea>,
    /// Line, code where known, reason.
    pub left_out: Vec<(u64, String, String)>,
    pub crs: Option<Crs>,
}

pub fn read(
    path: &Path,
    kind: Kind,
    part: Option<&str>,
    code: Option<&str>,
    name: Option<&str>,
    progress: ProgressBar,
) -> anyhow::Result<FileAreas> {
    let understood = |header: &[String]| {
        usize::from(position(header, &CODE, |_| true).is_some()) + usize::from(position(header, &NAME, |_| true).is_some())
    };
    let source = source::open(path, &Opening { part, understood: &understood, progress })?;
    let find = |wanted: Option<&str>, words: &[&str], what: &str, option: &str| {
        match wanted {
            Some(column) => source.header.iter().position(|name| name == column),
            None => position(&source.header, words, |_| true),
        }
        .with_context(|| format!("no column for the {what} of an area; it has {}: name one with {option}", source.header.join(", ")))
    };
    let (code_at, name_at) = (find(code, &CODE, "code", "--code-column")?, find(name, &NAME, "name", "--name-column")?);
    let (mut areas, mut left_out, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    let crs = source.crs.clone();
    source.read(&mut |row| {
        let line = row.line;
        match area(row, kind, code_at, name_at) {
            Ok(area) if !seen.insert(area.code.clone()) => {
                left_out.push((line, area.code, "the file has this code twice; the first counts".to_owned()))
            }
            Ok(area) => areas.push(area),
            Err((code, why)) => left_out.push((line, code, why)),
        }
        Ok(())
    })?;
    if areas.is_empty() && left_out.is_empty() {
        bail!("{} holds no areas", path.display());
    }
    Ok(FileAreas { areas, left_out, crs })
}

fn area(row: Row, kind: Kind, code_at: usize, name_at: usize) -> Result<FileArea, (String, String)> {
    let mut notes = Vec::new();
    let code = match row.cells.get(code_at) {
        Some(Cell::Text(text)) => text.clone(),
        Some(Cell::Number(number)) if number.fract() == 0.0 && *number >= 0.0 => {
            let bare = format!("{number:.0}");
            let code = kind.digits().map_or_else(|| bare.clone(), |digits| format!("{bare:0>digits$}"));
            if code != bare {
                notes
                    .push(format!("the file has the number {bare} for a code; official codes have {} digits, so it is {code}", code.len()));
            }
            code
        }
        _ => return Err((String::new(), "it has no code".to_owned())),
    };
    let Some(Cell::Text(name)) = row.cells.get(name_at) else { return Err((code, "it has no name".to_owned())) };
    if let Some(flaw) = row.flaw {
        return Err((code, flaw));
    }
    let Some(shape) = row.shape else { return Err((code, "it has no boundary".to_owned())) };
    Ok(FileArea { line: row.line, code, name: name.clone(), shape, notes })
}
