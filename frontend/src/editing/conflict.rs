//! Two people edited one row: what is there, what was to be written, and the choice between them.
//! Nothing is written here; the choice is handed back.

use leptos::prelude::*;
use shared::edit::Conflict;
use shared::layer::Layer;

use super::fields::{label, said};
use super::row::{EditableRow, Values};
use crate::t;
use crate::text::format;
use crate::ui::{Icon, now};

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
    let now = now();
    let Conflict { version, current, changed_by, changed_at } = conflict;
    let theirs = EditableRow::read(layer, &current).map(|row| row.values).unwrap_or_default();
    let before = before.map(|row| row.values).unwrap_or_default();
    let rows: Vec<_> = differing(&before, &mine, &theirs)
        .into_iter()
        .filter_map(|name| {
            let (theirs, mine) = (said(layer, name, theirs.get(name)?), said(layer, name, mine.get(name)?));
            Some((label(layer, name)?, theirs, mine))
        })
        .collect();
    let who = move || match &changed_by {
        Some(name) => t!("conflict-by", name = name.as_str(), time = format::since(changed_at, now.get_untracked())),
        None => t!("conflict", time = format::since(changed_at, now.get_untracked())),
    };
    let row = |(label, theirs, mine): (String, String, String)| {
        view! { <tr><th scope="row">{label}</th><td>{theirs}</td><td>{mine}</td></tr> }
    };
    view! {
        <div class="conflict" role="alert" data-testid="edit-conflict">
            <p class="conflict-who"><Icon name="warning"/><span data-testid="conflict-who">{who}</span></p>
            <table>
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">{move || t!("conflict-theirs")}</th>
                        <th scope="col">{move || t!("conflict-mine")}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
            <div class="card-actions">
                <button type="button" class="button primary" data-testid="conflict-keep-theirs" on:click=move |_| on_theirs.run(())>{move || t!("conflict-keep-theirs")}</button>
                <button type="button" class="button" data-testid="conflict-write-mine" on:click=move |_| on_mine.run(version)>{move || t!("conflict-write-mine")}</button>
            </div>
        </div>
    }
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
