//! Files for spreadsheets: what makes them read Vietnamese letters, and keeps them from running what somebody typed.
//! What stands in a file is its domain's business.

use axum::http::{HeaderName, HeaderValue, header};

/// At the beginning of a CSV in UTF-8: without it, spreadsheets take Vietnamese letters for another alphabet's.
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file as an answer, which no shared cache may keep.
pub type FileAnswer = ([(HeaderName, HeaderValue); 3], Vec<u8>);

/// `name`: of the file, without its ending; letters, digits and dashes.
pub fn csv(name: &str, file: Vec<u8>) -> FileAnswer {
    answer("text/csv; charset=utf-8", &format!("{name}.csv"), file)
}

pub fn xlsx(name: &str, file: Vec<u8>) -> FileAnswer {
    answer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &format!("{name}.xlsx"), file)
}

fn answer(kind: &'static str, name: &str, file: Vec<u8>) -> FileAnswer {
    let attachment = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).expect("the name of a file is plain ASCII");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, attachment),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, file)
}

/// A text for a CSV. A spreadsheet takes what begins like a formula for one and would run it (CWE-1236): an apostrophe
/// before it makes it text. White space before the sign does not help against every program.
pub fn harmless(text: &str) -> String {
    match text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) || text.starts_with(['\t', '\r', '\n'])
    {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing_of_ours() {
        for dangerous in ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1"] {
            assert!(harmless(dangerous).starts_with('\''), "{dangerous:?}");
        }
        for ordinary in ["Số 12 ngõ 34", "12/34", "", "Quán 3-4"] {
            assert_eq!(harmless(ordinary), ordinary);
        }
    }

    #[test]
    fn a_file_says_what_it_is_and_is_kept_by_nobody() {
        let (headers, file) = xlsx("so-vi-pham-2026-10", vec![1]);
        let said: Vec<&str> = headers.iter().map(|(_, value)| value.to_str().unwrap()).collect();
        assert_eq!(said[1..], ["attachment; filename=\"so-vi-pham-2026-10.xlsx\"", "private, no-store"]);
        assert_eq!(file, [1]);
    }
}
