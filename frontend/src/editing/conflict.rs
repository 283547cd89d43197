//! Two people edited one row: which of its fields they differ in, and the choice between them.
//! Nothing is written here; the choice is handed back. How it looks is `ui::ConflictChoice`'s.

use leptos::prelude::*;
use shared::edit::Conflict;
use shared::layer::Layer;

use super::fields::{label, said};
use super::row::{EditableRow, Values};
use crate::ui::{ConflictChoice, Difference};

#[component]
pub fn ConflictView(
    layer: Layer,
    before: Option<EditableRow>,
    mine: Values,
    conflict: Conflict,
    on_theirs: Callback<()>,
    /// Told the version that is to be written over.
    on_mine: Callback<i32>,
) -> impl IntoView {
    let theirs = EditableRow::read(layer, &conflict.current).map(|row| row.values).unwrap_or_default();
    let before = before.map(|row| row.values).unwrap_or_default();
    let differences: Vec<_> = differing(&before, &mine, &theirs)
        .into_iter()
        .filter_map(|name| {
            let (theirs, mine) = (said(layer, name, theirs.get(name)?), said(layer, name, mine.get(name)?));
            Some(Difference { label: label(layer, name)?, theirs, mine })
        })
        .collect();
    view! { <ConflictChoice name="edit-conflict" conflict differences on_theirs=Some(on_theirs) on_mine/> }
}

/// The fields that either of the two changed, and in which they now differ or did.
fn differing(before: &Values, mine: &Values, theirs: &Values) -> Vec<&'static str> {
    mine.keys().copied().filter(|name| mine.get(name) != before.get(name) || theirs.get(name) != before.get(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_neither_touched_is_not_shown() {
        let values = |name: &str, heading: f64, range: f64| {
            Values::from([("name", json!(name)), ("heading_deg", json!(heading)), ("range_m", json!(range))])
        };
        let shown = differing(&values("A", 90.0, 40.0), &values("A", 135.0, 40.0), &values("B", 90.0, 40.0));
        assert_eq!(shown, ["heading_deg", "name"]);
    }
}
