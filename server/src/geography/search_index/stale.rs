//! What a change makes stale: which rows the search index has to read again.
//! It deliberately reads nothing itself.

use serde_json::Value as Json;
use shared::search::SearchKind;

use crate::feed::{Change, Op};

/// What has to be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stale {
    Row(SearchKind, i64),
    /// A resident's change names nobody else: the household is looked up, before and after.
    Resident(i64),
    /// Everything of a kind; in one area, if it is named.
    Area(SearchKind, Option<i32>),
}

/// What a change makes stale; none where nothing that is searched for changed.
pub fn stale_after(change: &Change) -> Option<Stale> {
    if &*change.topic == "resident" {
        return match change.row_id {
            Some(id) => Some(Stale::Resident(id)),
            None => Some(Stale::Area(SearchKind::Household, change.area_id)),
        };
    }
    let kind = SearchKind::ALL.into_iter().find(|kind| kind.name() == &*change.topic)?;
    let Some(id) = change.row_id.filter(|_| change.op != Op::Reload) else { return Some(Stale::Area(kind, change.area_id)) };
    let found_as_before = change.op == Op::Update
        && change.area_id == change.old_area_id
        && text_columns(kind).is_some_and(|columns| {
            columns.iter().chain(&PLACE).all(|column| value_of(&change.before, column) == value_of(&change.after, column))
        });
    (!found_as_before).then_some(Stale::Row(kind, id))
}

/// Columns that a kind is found by, as far as all of them are in its change images.
fn text_columns(kind: SearchKind) -> Option<&'static [&'static str]> {
    match kind {
        // Whether an area is of the present is not in the image.
        SearchKind::Area => None,
        SearchKind::Road => Some(&["name", "number", "class"]),
        SearchKind::Place | SearchKind::Business | SearchKind::Building | SearchKind::BoardingHouse => Some(&["name", "address"]),
        SearchKind::Household => Some(&["address", "unit"]),
        SearchKind::Camera => Some(&["name", "code"]),
    }
}

/// Where a row lies: of equal rows the nearest comes first.
const PLACE: [&str; 3] = ["lon", "lat", "bbox"];

fn value_of<'a>(image: &'a Option<Json>, column: &str) -> Option<&'a Json> {
    image.as_ref()?.get(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(topic: &str, op: Op, before: Json, after: Json) -> Change {
        Change {
            seq: 1,
            xid: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            topic: topic.into(),
            op,
            old_area_id: Some(13),
            area_id: Some(13),
            row_id: Some(7),
            before: Some(before),
            after: Some(after),
            actor: None,
            request_id: None,
        }
    }

    #[test]
    fn a_camera_that_went_offline_is_still_found_by_the_same_words() {
        let (before, after) = (
            json!({"name": "Cổng chợ", "code": "C01", "status": "online"}),
            json!({"name": "Cổng chợ", "code": "C01", "status": "offline"}),
        );
        assert_eq!(stale_after(&change("camera", Op::Update, before.clone(), after)), None);
        let renamed = json!({"name": "Cổng chợ Nhổn", "code": "C01", "status": "online"});
        assert_eq!(stale_after(&change("camera", Op::Update, before, renamed)), Some(Stale::Row(SearchKind::Camera, 7)));
    }

    #[test]
    fn a_household_that_moved_is_read_again() {
        let image = json!({"address": "Số 1", "unit": null});
        let mut moved = change("household", Op::Update, image.clone(), image);
        assert_eq!(stale_after(&moved), None);
        moved.after = Some(json!({"address": "Số 1", "unit": null, "lon": 105.7, "lat": 21.0}));
        assert_eq!(stale_after(&moved), Some(Stale::Row(SearchKind::Household, 7)));
        moved.after = moved.before.clone();
        moved.area_id = Some(14);
        assert_eq!(stale_after(&moved), Some(Stale::Row(SearchKind::Household, 7)));
    }

    #[test]
    fn residents_lead_to_households_and_sessions_nowhere() {
        assert_eq!(stale_after(&change("resident", Op::Update, json!({}), json!({}))), Some(Stale::Resident(7)));
        assert_eq!(stale_after(&change("session", Op::Update, json!({}), json!({}))), None);
        let mut bulk = change("resident", Op::Reload, json!({}), json!({}));
        bulk.row_id = None;
        assert_eq!(stale_after(&bulk), Some(Stale::Area(SearchKind::Household, Some(13))));
    }
}
