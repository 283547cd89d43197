//! A row as it is edited: its fields by their names on the wire, what was changed of them, and the door they are written to.
//! How a field is shown is `fields`' business; what the server makes of an edit, the server's.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shared::layer::Layer;

use super::fields;
use crate::map::{Draft, Looks};

/// Fields by their names in an edit.
pub type Values = BTreeMap<&'static str, Value>;

/// A row as its door gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct EditableRow {
    pub layer: Layer,
    pub id: i64,
    pub version: i32,
    pub editable: bool,
    pub values: Values,
}

impl EditableRow {
    /// None where the answer is no row of something that can be edited.
    pub fn read(layer: Layer, row: &Value) -> Option<EditableRow> {
        let mut values = Values::new();
        for field in fields::of(layer) {
            values.insert(field.name, row.get(field.name)?.clone());
        }
        values.insert("point", point(row));
        Some(EditableRow {
            layer,
            id: row["id"].as_i64()?,
            version: i32::try_from(row["version"].as_i64()?).ok()?,
            editable: row["editable"].as_bool()?,
            values,
        })
    }

    /// The row as the map edits it.
    pub fn draft(&self) -> Draft {
        let measure = |name: &str| self.values.get(name).and_then(Value::as_f64);
        let looks = (self.layer == Layer::Camera).then(|| Looks {
            heading_deg: measure("heading_deg"),
            field_of_view_deg: measure("field_of_view_deg"),
            range_m: measure("range_m"),
        });
        let at = place(&self.values["point"]);
        Draft { layer: self.layer, from: at, at, looks }
    }
}

fn point(row: &Value) -> Value {
    match (row["lon"].as_f64(), row["lat"].as_f64()) {
        (Some(lon), Some(lat)) => json!([lon, lat]),
        _ => Value::Null,
    }
}

/// Longitude and latitude of the field `point`.
pub fn place(point: &Value) -> Option<[f64; 2]> {
    Some([point.get(0)?.as_f64()?, point.get(1)?.as_f64()?])
}

/// What was typed, with what was drawn.
pub fn with_draft(typed: &Values, draft: &Draft) -> Values {
    let mut values = typed.clone();
    values.insert("point", draft.at.map_or(Value::Null, |at| json!(at)));
    if let Some(looks) = draft.looks {
        values.insert("heading_deg", json!(looks.heading_deg));
        values.insert("field_of_view_deg", json!(looks.field_of_view_deg));
        values.insert("range_m", json!(looks.range_m));
    }
    values
}

/// The fields that differ, as `now` has them: the body of an edit.
pub fn changed(before: &Values, now: &Values) -> Map<String, Value> {
    let differing = now.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    differing.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Where a row is edited; none for kinds that are not.
pub fn door(layer: Layer, id: i64) -> Option<String> {
    let kind = match layer {
        Layer::Camera => "cameras",
        Layer::Place => "places",
        Layer::Business => "businesses",
        Layer::Household => "households",
        Layer::BoardingHouse => "boarding-houses",
        _ => return None,
    };
    Some(format!("/api/{kind}/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        boarding::EditBoardingHouse,
        business::EditBusiness,
        camera::{Camera, CameraStatus, EditCamera},
        household::EditHousehold,
        place::EditPlace,
    };

    fn camera() -> Value {
        serde_json::to_value(Camera {
            id: 7,
            code: "C07".into(),
            name: "Ngã tư".into(),
            area_id: 1,
            area_name: "TDP 1".into(),
            heading_deg: Some(90.0),
            field_of_view_deg: None,
            range_m: Some(40.0),
            status: CameraStatus::Online,
            status_at: None,
            lon: Some(105.742),
            lat: Some(21.043),
            version: 3,
            editable: true,
            has_live_view: false,
            updated_at: "2026-11-21T07:00:00Z".parse().unwrap(),
        })
        .unwrap()
    }

    #[test]
    fn what_was_not_touched_is_not_sent() {
        let row = EditableRow::read(Layer::Camera, &camera()).unwrap();
        let draft = row.draft();
        assert_eq!(changed(&row.values, &with_draft(&row.values, &draft)), Map::new());
        let mut typed = row.values.clone();
        typed.insert("name", json!("Ngã tư chợ"));
        let turned = Draft { looks: draft.looks.map(|looks| Looks { heading_deg: Some(135.0), ..looks }), ..draft };
        let edit = changed(&row.values, &with_draft(&typed, &turned));
        assert_eq!(Value::from(edit), json!({"heading_deg": 135.0, "name": "Ngã tư chợ"}));
    }

    #[test]
    fn every_field_of_a_form_is_one_that_the_server_knows() {
        let edit = |layer: Layer| {
            let fields = fields::of(layer).iter().map(|field| (field.name.to_owned(), fields::example(field)));
            Value::from(fields.chain([("point".to_owned(), json!([105.0, 21.0]))]).collect::<Map<_, _>>())
        };
        serde_json::from_value::<EditCamera>(edit(Layer::Camera)).unwrap();
        serde_json::from_value::<EditPlace>(edit(Layer::Place)).unwrap();
        serde_json::from_value::<EditBusiness>(edit(Layer::Business)).unwrap();
        serde_json::from_value::<EditHousehold>(edit(Layer::Household)).unwrap();
        serde_json::from_value::<EditBoardingHouse>(edit(Layer::BoardingHouse)).unwrap();
    }

    #[test]
    fn an_unplaced_row_begins_nowhere() {
        let mut row = camera();
        row["lon"] = Value::Null;
        let draft = EditableRow::read(Layer::Camera, &row).unwrap().draft();
        assert_eq!((draft.from, draft.at), (None, None));
        assert!(EditableRow::read(Layer::Camera, &json!({"id": 1})).is_none());
    }
}
