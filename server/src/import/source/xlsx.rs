//! Workbooks of Excel and LibreOffice (.xlsx), cell by cell: only the shared texts are held in memory.
//! It deliberately keeps numbers and dates as such: what a code or a house number has lost in Excel is the columns' business.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use calamine::{DataRef, Reader, Xlsx, XlsxCellReader};
use chrono::NaiveDate;

use super::{Cell, LINES_ABOVE_HEADER, Opening, Row, Source, buffered, find_header};

type Workbook = Xlsx<BufReader<File>>;

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let mut workbook = workbook(path)?;
    let sheets = workbook.sheet_names();
    let sheets = match opening.part {
        Some(part) if sheets.iter().any(|sheet| sheet == part) => vec![part.to_owned()],
        Some(part) => bail!("there is no sheet {part:?}; the workbook has {}", sheets.join(", ")),
        None => sheets,
    };
    // the sheet whose header is understood best, the earlier of two
    let mut best: Option<(usize, String, Vec<u64>, Vec<String>)> = None;
    let mut fallback = None;
    for sheet in sheets {
        let head = head(&mut workbook, &sheet)?;
        let texts: Vec<Vec<String>> = head.iter().map(|row| row.cells.iter().map(text).collect()).collect();
        if let Some((at, score)) = find_header(texts.iter(), opening.understood)
            && best.as_ref().is_none_or(|(most, ..)| score > *most)
        {
            best = Some((score, sheet, vec![head[at].line], texts[at].clone()));
        } else if fallback.is_none() && !head.is_empty() {
            fallback = Some((0, sheet, vec![head[0].line], texts[0].clone()));
        }
    }
    let Some((_, sheet, header_line, header)) = best.or(fallback) else { bail!("the workbook is empty") };
    let header_line = header_line[0];
    let (path, progress, name) = (path.to_owned(), opening.progress.clone(), sheet.clone());
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        let mut workbook = self::workbook(&path)?;
        let mut cells = reader(&mut workbook, &name)?;
        progress.set_length(u64::from(cells.dimensions().end.0) + 1);
        let mut rows = Rows::default();
        while let Some(row) = rows.next(&mut cells)? {
            progress.set_position(row.line);
            if row.line > header_line && row.cells.iter().any(|cell| *cell != Cell::Empty) {
                take(row)?;
            }
        }
        Ok(())
    });
    Ok(Source { header, crs: None, part: Some(sheet), rows })
}

fn workbook(path: &Path) -> anyhow::Result<Workbook> {
    Xlsx::new(buffered(path)?).map_err(|error| anyhow!("it is no workbook of Excel that can be read ({error})"))
}

fn reader<'a>(workbook: &'a mut Workbook, sheet: &str) -> anyhow::Result<XlsxCellReader<'a, BufReader<File>>> {
    workbook.worksheet_cells_reader(sheet).with_context(|| format!("sheet {sheet} cannot be read"))
}

fn head(workbook: &mut Workbook, sheet: &str) -> anyhow::Result<Vec<Row>> {
    let mut cells = reader(workbook, sheet)?;
    let (mut rows, mut head) = (Rows::default(), Vec::new());
    while head.len() < LINES_ABOVE_HEADER {
        match rows.next(&mut cells)? {
            Some(row) => head.push(row),
            None => break,
        }
    }
    Ok(head)
}

/// Puts cells together to rows; rows without any cell do not exist in the file.
#[derive(Default)]
struct Rows {
    /// The first cell of the row to come.
    waiting: Option<(u32, u32, Cell)>,
    /// Beyond its end the sheet cannot be asked again.
    has_ended: bool,
}

impl Rows {
    fn next(&mut self, cells: &mut XlsxCellReader<'_, BufReader<File>>) -> anyhow::Result<Option<Row>> {
        let mut row: Option<Row> = None;
        loop {
            let next = match self.waiting.take() {
                Some(cell) => Some(cell),
                None if self.has_ended => None,
                None => cells.next_cell().context("the sheet is damaged")?.map(|cell| {
                    let (line, column) = cell.get_position();
                    (line, column, of(cell.get_value()))
                }),
            };
            let Some((line, column, value)) = next else {
                self.has_ended = true;
                return Ok(row);
            };
            let line_number = u64::from(line) + 1;
            match &mut row {
                Some(row) if row.line != line_number => {
                    self.waiting = Some((line, column, value));
                    break;
                }
                Some(row) => put(&mut row.cells, column, value),
                None => {
                    let mut cells = Vec::new();
                    put(&mut cells, column, value);
                    row = Some(Row { line: line_number, cells, shape: None, flaw: None });
                }
            }
        }
        Ok(row)
    }
}

fn put(cells: &mut Vec<Cell>, column: u32, value: Cell) {
    let column = column as usize;
    if cells.len() <= column {
        cells.resize(column + 1, Cell::Empty);
    }
    cells[column] = value;
}

/// An error value such as #N/A is an empty cell: the formula found nothing.
fn of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty | DataRef::Error(_) => Cell::Empty,
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Bool(yes) => Cell::of_text(if *yes { "true" } else { "false" }),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
            date.map_or(Cell::Number(moment.as_f64()), Cell::Date)
        }
        DataRef::DateTime(duration) => Cell::Number(duration.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of_text(text),
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(date) => date.to_string(),
        Cell::Empty | Cell::NotText => String::new(),
    }
}
