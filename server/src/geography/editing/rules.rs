//! What an edit may say, and what of a change is told, decided from values alone.
//! It deliberately knows neither caller nor database.

use axum::http::StatusCode;
use serde_json::Value;
use shared::edit::{FieldChange, HistoryEntry, HistoryStep};
use unicode_normalization::UnicodeNormalization;

use super::db::ChangeRow;
use crate::platform::{
    database::from_text,
    error::{ApiError, ApiResult},
};

/// Code: `edit.invalid`.
pub fn invalid(field: &str, why: &str) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "edit.invalid", format!("{field}: {why}"))
}

/// A text as it is kept: composed (NFC), without blanks around it or control characters; refused when empty or longer than
/// `most` characters.
pub fn clean_text(field: &str, text: &str, most: usize) -> ApiResult<String> {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().filter(|letter| !letter.is_control()).collect();
    match text.chars().count() {
        0 => Err(invalid(field, "must not be empty")),
        length if length > most => Err(invalid(field, &format!("is {length} characters long, at most {most} are kept"))),
        _ => Ok(text),
    }
}

/// Longitude and latitude in degrees (WGS 84).
pub fn check_point([lon, lat]: [f64; 2]) -> ApiResult<()> {
    if lon.abs() <= 180.0 && lat.abs() <= 90.0 { Ok(()) } else { Err(invalid("point", "must be [longitude, latitude] in degrees")) }
}

/// What a change tells: the fields of an edit that it changed, and nothing else of the row.
pub fn entry(columns: &[&str], row: ChangeRow) -> ApiResult<HistoryEntry> {
    let step: HistoryStep = from_text(&row.op)?;
    let changes = match (&row.before, &row.after) {
        (Some(before), Some(after)) => columns.iter().filter_map(|column| change(column, before, after)).collect(),
        _ => Vec::new(),
    };
    Ok(HistoryEntry { id: row.id, at: row.at, step, by: row.by, changes })
}

fn change(column: &str, before: &Value, after: &Value) -> Option<FieldChange> {
    let (before, after) = (&before[column], &after[column]);
    if before == after {
        return None;
    }
    // Geometry stands in the images as GeoJSON.
    let (field, before, after) = match column {
        "geom" => ("point", &before["coordinates"], &after["coordinates"]),
        column => (column, before, after),
    };
    Some(FieldChange { field: field.to_owned(), before: before.clone(), after: after.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_composed_trimmed_and_never_empty() {
        assert_eq!(clean_text("name", "  Nga\u{303}  tư\n34 ", 20).unwrap(), "Ngã tư 34");
        for wrong in ["", " \u{0} \n", "một tên quá dài cho cái bảng"] {
            assert_eq!(clean_text("name", wrong, 20).unwrap_err().code(), "edit.invalid", "{wrong:?}");
        }
    }

    #[test]
    fn a_place_beyond_the_globe_is_refused() {
        assert!(check_point([105.7, 21.0]).is_ok());
        for wrong in [[205.7, 21.0], [105.7, 91.0], [f64::NAN, 21.0], [105.7, f64::INFINITY]] {
            assert!(check_point(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn only_the_fields_of_an_edit_are_told() {
        let image =
            |lon: f64, status: &str| json!({"name": "Ngã tư", "status": status, "geom": {"type": "Point", "coordinates": [lon, 21.0]}});
        let row = ChangeRow {
            id: 1,
            at: "2026-11-21T07:00:00Z".parse().unwrap(),
            op: "update".into(),
            by: Some("Bà Hoa".into()),
            before: Some(image(105.0, "online")),
            after: Some(image(105.1, "offline")),
        };
        let told = entry(&["name", "geom"], row).unwrap();
        let moved = FieldChange { field: "point".into(), before: json!([105.0, 21.0]), after: json!([105.1, 21.0]) };
        assert_eq!((told.step, told.changes), (HistoryStep::Update, vec![moved]));
    }

    #[test]
    fn a_row_that_had_no_place_had_none() {
        let row = ChangeRow {
            id: 1,
            at: "2026-11-21T07:00:00Z".parse().unwrap(),
            op: "update".into(),
            by: None,
            before: Some(json!({"geom": null})),
            after: Some(json!({"geom": {"type": "Point", "coordinates": [105.0, 21.0]}})),
        };
        assert_eq!(entry(&["geom"], row).unwrap().changes[0].before, Value::Null);
    }
}
