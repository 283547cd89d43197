//! What every edit on the map has in common: what a conflict says, the past of a row, rows that have no place yet.
//! Which fields an edit has stands with its kind (`camera`, `place`, …); who may edit is the server's access matrix.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::layer::Layer;

/// Part of the problem `edit.conflict` (412): somebody was faster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    /// The version in force: an edit that is to go over it names it in `If-Match`.
    pub version: i32,
    /// The row in force, as its own door gives it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub current: Value,
    /// Who changed what an edit can change since; none where that happened in the database itself, or not at all (a
    /// count or a state of the row moved on by itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    pub changed_at: DateTime<Utc>,
}

/// `GET /api/{kind}/{id}/history`, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    pub entries: Vec<HistoryEntry>,
    /// Hand back as `cursor` for the entries before these; none: this was the beginning.
    pub next_cursor: Option<String>,
}

/// One change of what an edit can change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub step: HistoryStep,
    /// Who did it, as that person was called then; none: it was written in the database itself.
    pub by: Option<String>,
    pub changes: Vec<FieldChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HistoryStep {
    Insert,
    Update,
    Delete,
}

/// A field as an edit names it, so that an edit with every `before` writes the earlier state again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    pub field: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub before: Value,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub after: Value,
}

/// `GET /api/unplaced`: rows that the caller may place on the map and that have no place yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnplacedList {
    /// How many of each kind that the caller may place, whatever was asked for.
    pub counts: Vec<UnplacedCount>,
    pub rows: Vec<Unplaced>,
    /// Hand back as `cursor` for the rows after these; none: these were the last.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnplacedCount {
    pub kind: Layer,
    pub count: i64,
}

/// A row without a place: what it is called and where it says it is; no names of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unplaced {
    pub kind: Layer,
    pub id: i64,
    pub code: String,
    pub title: String,
    pub address: Option<String>,
    pub area_id: i32,
    pub area_name: String,
    pub version: i32,
}

/// `GET /api/unplaced/{kind}/{id}`: the row, and the houses whose address comes nearest to its own, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnplacedRow {
    pub row: Unplaced,
    pub suggestions: Vec<PlaceSuggestion>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceSuggestion {
    pub building_id: i64,
    pub address: String,
    /// The very address; otherwise a neighbour in the same alley or street.
    pub exact: bool,
    pub lon: f64,
    pub lat: f64,
}

/// Reads a field that is there, be it null: one that is absent leaves the value as it is, null takes it away.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::camera::EditCamera;

    #[test]
    fn an_absent_field_and_a_null_are_not_the_same() {
        let edit: EditCamera = serde_json::from_str(r#"{"heading_deg": null}"#).unwrap();
        assert_eq!((edit.heading_deg, edit.range_m), (Some(None), None));
        assert_eq!(serde_json::to_string(&edit).unwrap(), r#"{"heading_deg":null}"#);
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert!(serde_json::from_str::<EditCamera>(r#"{"heading": 90}"#).is_err());
    }
}
