//! CSV as spreadsheets write it: with or without a byte-order mark, separated by commas, semicolons or tabs.
//! It deliberately reads UTF-8 only, and says how to get it: a guess at an older code page would spoil names in silence.

use std::io::{BufRead, Read};
use std::path::Path;

use anyhow::{Context, bail};
use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::{Cell, LINES_ABOVE_HEADER, Opening, Row, Source, buffered, find_header};

const SEPARATORS: [u8; 4] = *b",;\t|";
/// How much of the file decides on separator, header and encoding.
const HEAD: usize = 256 * 1024;
/// A quoted cell that runs over more lines than this was not meant to.
const LONGEST_CELL_LINES: u64 = 30;
const AS_UTF_8: &str = "save it as \"CSV UTF-8\" (Excel: File, Save As) and import again";

pub fn open(path: &Path, opening: &Opening<'_>) -> anyhow::Result<Source> {
    let mut head = Vec::with_capacity(HEAD);
    buffered(path)?.take(HEAD as u64).read_to_end(&mut head)?;
    let is_whole = head.len() < HEAD;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        bail!("the file is UTF-16 (\"Unicode text\"); {AS_UTF_8}");
    }
    refuse_other_encodings(&head, is_whole)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        bail!("the file is empty");
    }
    let (separator, header_at, header) = find_layout(&head, opening.understood)?;
    let ending = line_ending(&head);
    let (path, progress, width) = (path.to_owned(), opening.progress.clone(), header.len());
    progress.set_length(std::fs::metadata(&path)?.len());
    let rows = Box::new(move |take: &mut super::Take<'_>| {
        let mut reader = reader(separator, ending).from_reader(without_mark(buffered(&path)?)?);
        let mut record = ByteRecord::new();
        let mut at = 0;
        while reader.read_byte_record(&mut record).context("the file cannot be read")? {
            let line = record.position().map_or(0, csv::Position::line);
            progress.set_position(reader.position().byte());
            at += 1;
            if at > header_at + 1 && record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                take(row(line, reader.position().line(), &record, width))?;
            }
        }
        Ok(())
    });
    Ok(Source { header, crs: None, part: None, rows })
}

fn row(line: u64, end: u64, record: &ByteRecord, width: usize) -> Row {
    let cells = record.iter().map(|cell| std::str::from_utf8(cell).map_or(Cell::NotText, Cell::of_text)).collect();
    let beyond = record.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty());
    let flaw = if end.saturating_sub(line) > LONGEST_CELL_LINES {
        Some(format!("a quotation mark opened here is not closed before line {end}: the lines between are lost with this one"))
    } else if beyond {
        Some(format!("the line has {} cells, the header {width}: a separator too many", record.len()))
    } else {
        None
    };
    Row { line, cells, shape: None, flaw }
}

fn reader(separator: u8, ending: Terminator) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(separator).terminator(ending).has_headers(false).flexible(true);
    builder
}

/// Of Windows' two characters the reader would count the second with the next line, and every line number would be one too small;
/// ended by the second alone, the first is white space at the end of a cell. An old Macintosh writes the first alone.
fn line_ending(head: &[u8]) -> Terminator {
    if head.contains(&b'\n') { Terminator::Any(b'\n') } else { Terminator::CRLF }
}

fn without_mark<R: BufRead>(mut input: R) -> std::io::Result<R> {
    if input.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
        input.consume(3);
    }
    Ok(input)
}

/// Windows-1258, TCVN3 and their like show themselves by bytes that UTF-8 does not have.
fn refuse_other_encodings(head: &[u8], is_whole: bool) -> anyhow::Result<()> {
    let Err(error) = std::str::from_utf8(head) else { return Ok(()) };
    if error.error_len().is_none() && !is_whole {
        return Ok(()); // a letter cut in two by the end of the head
    }
    let before = &head[..error.valid_up_to()];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let header_is_plain = line > 1;
    if header_is_plain && before.windows(2).any(|pair| pair[0] >= 0xc3 && pair[1] >= 0x80) {
        return Ok(()); // UTF-8 so far: the row with the bad bytes is rejected by itself
    }
    bail!("line {line} is not UTF-8 (an older encoding such as Windows-1258 or TCVN3); {AS_UTF_8}")
}

/// Separator, how many records stand above the header, and the header.
fn find_layout(head: &[u8], understood: &dyn Fn(&[String]) -> usize) -> anyhow::Result<(u8, usize, Vec<String>)> {
    let mut best: Option<(usize, usize, u8, usize, Vec<String>)> = None;
    let mut seen = Vec::new();
    for separator in SEPARATORS {
        let rows = first_rows(head, separator);
        if rows.first().map_or(0, Vec::len) > seen.len() {
            seen.clone_from(&rows[0]);
        }
        let Some((at, score)) = find_header(rows.iter(), understood) else { continue };
        let header = rows[at].clone();
        // of two separators that understand as much, the one that cuts the header into more columns
        if best.as_ref().is_none_or(|(most, columns, ..)| (score, header.len()) > (*most, *columns)) {
            best = Some((score, header.len(), separator, at, header));
        }
    }
    match best {
        Some((_, _, separator, at, header)) => Ok((separator, at, header)),
        None => Ok((b',', 0, seen)),
    }
}

fn first_rows(head: &[u8], separator: u8) -> Vec<Vec<String>> {
    let head = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
    reader(separator, line_ending(head))
        .from_reader(head)
        .into_byte_records()
        .map_while(Result::ok)
        .take(LINES_ABOVE_HEADER)
        .map(|record| record.iter().map(text).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(text: &str) -> (char, usize, usize) {
        let understood = |row: &[String]| row.iter().filter(|cell| matches!(cell.as_str(), "code" | "name" | "lat")).count();
        let (separator, at, header) = find_layout(text.as_bytes(), &understood).unwrap();
        (separator as char, at, header.len())
    }

    #[test]
    fn the_separator_and_the_header_show_themselves() {
        assert_eq!(layout("code,name,lat\n1,a,2"), (',', 0, 3));
        assert_eq!(layout("code;name;lat\n1;\"a,b,c,d\";21,03"), (';', 0, 3));
        assert_eq!(layout("\u{feff}code\tname\n1\ta"), ('\t', 0, 2));
        assert_eq!(layout("sep=;\nDANH SÁCH, 2026;;\n\ncode;name;lat\n1;a;2"), (';', 2, 3));
    }

    #[test]
    fn lines_are_numbered_as_an_editor_numbers_them_whatever_ends_them() {
        for ending in ["\n", "\r\n", "\r"] {
            let text = ["code,name", "1,a", "2,\"b\"", "3,c"].join(ending);
            let mut reader = reader(b',', line_ending(text.as_bytes())).from_reader(text.as_bytes());
            let lines: Vec<u64> = reader.byte_records().map(|record| record.unwrap().position().unwrap().line()).collect();
            let expected: &[u64] = if ending == "\r" { &[1, 1, 1, 1] } else { &[1, 2, 3, 4] };
            assert_eq!(lines, expected, "{ending:?}");
        }
    }

    #[test]
    fn an_older_encoding_is_refused_with_the_remedy() {
        // "Nguyễn" in Windows-1258
        let refusal = refuse_other_encodings(b"code,name\n1,Nguy\xea\xden\n", true).unwrap_err().to_string();
        assert!(refusal.starts_with("line 2 is not UTF-8") && refusal.contains("CSV UTF-8"), "{refusal}");
        let mixed = ["mã,tên\n1,Hạnh\n2,".as_bytes(), b"H\xe0\n"].concat();
        assert!(refuse_other_encodings(&mixed, true).is_ok(), "one bad row does not condemn the file");
    }
}
