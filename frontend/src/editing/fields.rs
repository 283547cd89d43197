//! The fields of each kind that can be edited: what they are called, how they are typed, how a value of theirs is said.
//! Which of them the server takes is the wire contract's; a test holds this list against it.

use leptos::prelude::*;
use serde_json::Value;
use shared::layer::Layer;

use super::row::place;
use crate::map::ground;
use crate::number;
use crate::t;
use crate::text::{format, kinds};

pub struct Field {
    pub name: &'static str,
    pub label: fn() -> String,
    pub control: Control,
}

pub enum Control {
    Text {
        /// May be left empty.
        optional: bool,
    },
    /// Drawn on the map as well; empty: unknown.
    Measure { unit: &'static str, most: f64 },
    /// One of these, each with a word of the family.
    Choice { family: &'static str, codes: &'static [&'static str] },
}

const NAME: Field = Field { name: "name", label: || t!("edit-name"), control: Control::Text { optional: false } };
const ADDRESS: Field = Field { name: "address", label: || t!("address"), control: Control::Text { optional: true } };

const CAMERA: [Field; 4] = [
    NAME,
    Field { name: "heading_deg", label: || t!("camera-looks"), control: Control::Measure { unit: "°", most: 359.0 } },
    Field { name: "field_of_view_deg", label: || t!("camera-angle"), control: Control::Measure { unit: "°", most: 360.0 } },
    Field { name: "range_m", label: || t!("camera-range"), control: Control::Measure { unit: "m", most: 4999.0 } },
];

const PLACE: [Field; 3] = [
    NAME,
    Field { name: "kind", label: || t!("edit-kind"), control: Control::Choice { family: "place", codes: &kinds::PLACE_KINDS } },
    ADDRESS,
];

const BUSINESS: [Field; 6] = [
    NAME,
    ADDRESS,
    Field {
        name: "status",
        label: || t!("status"),
        control: Control::Choice { family: "business-status", codes: &["operating", "suspended", "closed"] },
    },
    Field {
        name: "kind",
        label: || t!("edit-kind"),
        control: Control::Choice { family: "business", codes: &["company", "household_business"] },
    },
    Field {
        name: "sector",
        label: || t!("sector"),
        control: Control::Choice {
            family: "sector",
            codes: &["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U"],
        },
    },
    Field { name: "vsic", label: || t!("vsic"), control: Control::Text { optional: true } },
];

/// The fields of a kind besides its place, in the order of its form.
pub fn of(layer: Layer) -> &'static [Field] {
    match layer {
        Layer::Camera => &CAMERA,
        Layer::Place => &PLACE,
        Layer::Business => &BUSINESS,
        _ => &[],
    }
}

/// What a field is called; none for one that is not shown (a house by its number).
pub fn label(layer: Layer, name: &str) -> Option<String> {
    match name {
        "point" => Some(t!("position")),
        name => of(layer).iter().find(|field| field.name == name).map(|field| (field.label)()),
    }
}

/// A value in words: "135°", "đã đóng cửa", "—".
pub fn said(layer: Layer, name: &str, value: &Value) -> String {
    if value.is_null() {
        return if name == "point" { t!("unplaced") } else { "—".to_owned() };
    }
    if let Some([lon, lat]) = place(value) {
        return format!("{lat:.5}, {lon:.5}");
    }
    let control = of(layer).iter().find(|field| field.name == name).map(|field| &field.control);
    match (control, value) {
        (Some(Control::Choice { family, .. }), Value::String(code)) => kinds::word(family, code),
        (Some(Control::Measure { unit: "°", .. }), value) => value.as_f64().map_or_else(String::new, |degrees| format!("{degrees:.0}°")),
        (Some(Control::Measure { .. }), value) => value.as_f64().map_or_else(String::new, format::distance),
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// A change in words: a place by how far it moved, all else from what to what.
pub fn change(layer: Layer, name: &str, before: &Value, after: &Value) -> Option<String> {
    let label = label(layer, name)?;
    if name == "point" {
        return Some(match (place(before), place(after)) {
            (Some(from), Some(to)) => t!("history-moved", distance = moved(ground::distance_m(from, to))),
            (None, _) => t!("history-placed"),
            (_, None) => t!("history-taken-off"),
        });
    }
    Some(t!("history-changed", label = label, before = said(layer, name, before), after = said(layer, name, after)))
}

/// A step by hand is told to the metre.
fn moved(metres: f64) -> String {
    if metres < 100.0 { format!("{metres:.0}\u{a0}m") } else { format::distance(metres) }
}

/// A value that a field may have.
#[cfg(test)]
pub fn example(field: &Field) -> Value {
    match field.control {
        Control::Text { .. } => "4711".into(),
        Control::Measure { .. } => 45.0.into(),
        Control::Choice { codes, .. } => codes[0].into(),
    }
}

/// The inputs of a form; `typed` holds their values.
#[component]
pub fn Inputs(layer: Layer, #[prop(into)] values: Signal<super::row::Values>, set: Callback<(&'static str, Value)>) -> impl IntoView {
    of(layer).iter().map(|field| view! { <Input field values set/> }).collect_view()
}

#[component]
fn Input(field: &'static Field, values: Signal<super::row::Values>, set: Callback<(&'static str, Value)>) -> impl IntoView {
    let name = field.name;
    let id = format!("edit-{name}");
    let value = move || values.with(|values| values.get(name).cloned().unwrap_or(Value::Null));
    let text = move || value().as_str().unwrap_or_default().to_owned();
    let control = match &field.control {
        Control::Text { optional } => {
            let optional = *optional;
            let typed = move |text: String| {
                let value = if optional && text.trim().is_empty() { Value::Null } else { text.into() };
                set.run((name, value));
            };
            view! {
                <input id=id.clone() type="text" maxlength="200" autocomplete="off" required=!optional prop:value=text on:input:target=move |event| typed(event.target().value())/>
            }
            .into_any()
        }
        Control::Measure { unit, most } => {
            let shown = move || value().as_f64().map(|number| format!("{number:.0}")).unwrap_or_default();
            let typed = move |text: String| {
                let number = number::read(text.trim());
                set.run((name, number.map_or(Value::Null, Value::from)));
            };
            view! {
                <span class="measure-field">
                    <input
                        id=id.clone()
                        type="number"
                        class="num"
                        inputmode="numeric"
                        min="0"
                        max=most.to_string()
                        step="1"
                        placeholder=move || t!("unknown")
                        prop:value=shown
                        on:change:target=move |event| typed(event.target().value())
                    />
                    <span>{*unit}</span>
                </span>
            }
            .into_any()
        }
        Control::Choice { family, codes } => {
            let options = codes.iter().map(|code| {
                view! { <option value=*code selected=move || value() == **code>{move || kinds::word(family, code)}</option> }
            });
            view! {
                <select id=id.clone() on:change:target=move |event| set.run((name, event.target().value().into()))>{options.collect_view()}</select>
            }
            .into_any()
        }
    };
    view! {
        <div class="field">
            <label for=id>{field.label}</label>
            {control}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_house_by_its_number_is_not_shown_and_everything_else_is() {
        assert_eq!(change(Layer::Household, "building_id", &json!(1), &json!(2)), None);
        for layer in [Layer::Camera, Layer::Place, Layer::Business] {
            for field in of(layer) {
                assert!(change(layer, field.name, &Value::Null, &example(field)).is_some(), "{}", field.name);
            }
        }
    }

    #[test]
    fn a_choice_is_said_by_its_word() {
        assert_ne!(said(Layer::Business, "status", &json!("closed")), "closed");
        assert_eq!(said(Layer::Camera, "heading_deg", &json!(135.0)), "135°");
        assert_eq!(said(Layer::Place, "address", &Value::Null), "—");
    }
}
