//! The register as CSV and as XLSX: dates are dates, numbers are numbers, and nothing that somebody typed is run.
//! What stands in the cells is decided elsewhere (`tables`).

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

use super::{
    period::local,
    tables::{Cell, FIGURE_HEADINGS, Heading, Register, figure_rows},
};
use crate::platform::spreadsheet::{BYTE_ORDER_MARK, harmless};

/// The violations; figures are a table of another shape and stand in the XLSX.
pub fn csv(register: &Register) -> anyhow::Result<Vec<u8>> {
    let mut out = csv::Writer::from_writer(BYTE_ORDER_MARK.to_vec());
    out.write_record(register.headings().iter().map(|(name, _)| *name))?;
    for row in register.rows() {
        out.write_record(row.iter().map(plain))?;
    }
    Ok(out.into_inner()?)
}

/// Times in the ward's zone, in the order that every spreadsheet knows for a date.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => harmless(text),
        Cell::Moment(at) => local(*at).format("%Y-%m-%d %H:%M:%S").to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Month(month) => month.format("%Y-%m").to_string(),
        Cell::Whole(number) => number.to_string(),
        Cell::Minutes(minutes) => format!("{minutes:.1}"),
        Cell::Empty => String::new(),
    }
}

pub fn xlsx(register: &Register) -> anyhow::Result<Vec<u8>> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let violations = workbook.add_worksheet().set_name("Sổ vi phạm")?;
    let headings = register.headings();
    write(violations, &formats, &headings, register.rows())?;
    violations.autofilter(0, 0, register.violations.len() as u32, headings.len() as u16 - 1)?;
    let figures = workbook.add_worksheet().set_name("Số liệu")?;
    write(figures, &formats, &FIGURE_HEADINGS, figure_rows(&register.figures).into_iter())?;
    Ok(workbook.save_to_buffer()?)
}

fn write(sheet: &mut Worksheet, formats: &Formats, headings: &[Heading], rows: impl Iterator<Item = Vec<Cell>>) -> anyhow::Result<()> {
    for (column, (name, width)) in (0..).zip(headings) {
        sheet.write_string_with_format(0, column, *name, &formats.heading)?;
        sheet.set_column_width(column, *width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            formats.write(sheet, line, column, &cell)?;
        }
    }
    Ok(())
}

struct Formats {
    heading: Format,
    text: Format,
    moment: Format,
    day: Format,
    month: Format,
    whole: Format,
    minutes: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            heading: Format::new().set_bold().set_text_wrap(),
            // A text stays one when somebody edits the cell, however it begins.
            text: Format::new().set_quote_prefix(),
            moment: Format::new().set_num_format("hh:mm dd/mm/yyyy"),
            day: Format::new().set_num_format("dd/mm/yyyy"),
            month: Format::new().set_num_format("mm/yyyy"),
            whole: Format::new().set_num_format("#,##0"),
            minutes: Format::new().set_num_format("0.0"),
        }
    }

    fn write(&self, sheet: &mut Worksheet, line: u32, column: u16, cell: &Cell) -> anyhow::Result<()> {
        match cell {
            // A string cell, never a formula: the writer takes texts as they are.
            Cell::Text(text) => sheet.write_string_with_format(line, column, text, &self.text)?,
            Cell::Moment(at) => {
                let at = ExcelDateTime::from_timestamp(local(*at).naive_local().and_utc().timestamp())?;
                sheet.write_datetime_with_format(line, column, &at, &self.moment)?
            }
            Cell::Day(day) => sheet.write_datetime_with_format(line, column, &date(*day)?, &self.day)?,
            Cell::Month(month) => sheet.write_datetime_with_format(line, column, &date(*month)?, &self.month)?,
            Cell::Whole(number) => sheet.write_number_with_format(line, column, *number as f64, &self.whole)?,
            Cell::Minutes(minutes) => sheet.write_number_with_format(line, column, *minutes, &self.minutes)?,
            Cell::Empty => sheet,
        };
        Ok(())
    }
}

fn date(day: NaiveDate) -> anyhow::Result<ExcelDateTime> {
    Ok(ExcelDateTime::from_ymd(day.year().try_into()?, day.month().try_into()?, day.day().try_into()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cameras::register::tables::tests::{register, violation};

    #[test]
    fn a_csv_is_read_by_a_spreadsheet_and_runs_nothing() {
        let file = csv(&register(vec![violation(1, "=HYPERLINK(\"http://x\")"), violation(2, "hai\ndòng, \"ngoặc\"")], None)).unwrap();
        assert!(file.starts_with(BYTE_ORDER_MARK));
        let mut read = csv::Reader::from_reader(&file[BYTE_ORDER_MARK.len()..]);
        assert_eq!(read.headers().unwrap().get(1), Some("Loại vi phạm"));
        let rows: Vec<csv::StringRecord> = read.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows[0].iter().next_back(), Some("'=HYPERLINK(\"http://x\")"));
        assert_eq!(rows[1].iter().next_back(), Some("hai\ndòng, \"ngoặc\""));
        assert_eq!(rows[0].get(2), Some("2026-10-31 23:30:00"), "in the ward's zone");
        assert_eq!((rows[0].get(1), rows[0].get(9)), (Some("Đỗ xe sai quy định"), Some("900000")));
    }

    #[test]
    fn an_xlsx_has_both_sheets() {
        use calamine::Reader;
        let file = xlsx(&register(vec![violation(1, "=1+1")], None)).unwrap();
        let book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(file)).unwrap();
        assert_eq!(book.sheet_names(), ["Sổ vi phạm", "Số liệu"]);
    }
}
