//! Attribute values as the map index keeps them: compact, comparable, and the same whether they came from a table or a change.
//! It deliberately knows nothing of tiles; `tiles::encode` writes these into them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value as Json;
use shared::layer::PropertyKind;

use crate::platform::copy::CopyRow;

/// One attribute of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Boolean(bool),
    /// Microseconds since 1970, UTC.
    Time(i64),
    /// Index into the layer's [`Codes`].
    Code(u32),
    Text(Box<str>),
}

impl Value {
    /// Takes a value as PostgreSQL writes it into JSON; what does not fit the declared kind is null.
    pub fn from_json(kind: PropertyKind, json: &Json, codes: &mut Codes) -> Self {
        match (kind, json) {
            (PropertyKind::Integer, Json::Number(number)) => number.as_i64().map_or(Self::Null, Self::Integer),
            (PropertyKind::Real, Json::Number(number)) => number.as_f64().map_or(Self::Null, Self::Real),
            (PropertyKind::Boolean, Json::Bool(value)) => Self::Boolean(*value),
            (PropertyKind::Time, Json::String(text)) => {
                DateTime::parse_from_rfc3339(text).map_or(Self::Null, |at| Self::Time(at.timestamp_micros()))
            }
            (PropertyKind::Code, Json::String(text)) => Self::Code(codes.intern(text)),
            (PropertyKind::Text, Json::String(text)) => Self::Text(text.as_str().into()),
            _ => Self::Null,
        }
    }

    /// Takes a value as COPY brings it.
    pub(super) fn read(kind: PropertyKind, row: &mut CopyRow<'_>, codes: &mut Codes) -> anyhow::Result<Self> {
        let value = match kind {
            PropertyKind::Integer => row.integer()?.map(Self::Integer),
            PropertyKind::Real => row.real()?.map(Self::Real),
            PropertyKind::Boolean => row.boolean()?.map(Self::Boolean),
            PropertyKind::Time => row.micros()?.map(Self::Time),
            PropertyKind::Code => row.text()?.map(|text| Self::Code(codes.intern(text))),
            PropertyKind::Text => row.text()?.map(|text| Self::Text(text.into())),
        };
        Ok(value.unwrap_or(Self::Null))
    }

    /// What the value takes beside itself.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            // The allocator rounds up to sixteen.
            Self::Text(text) => text.len().next_multiple_of(16),
            _ => 0,
        }
    }

    pub fn to_json(&self, codes: &Codes) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Integer(value) => Json::from(*value),
            Self::Real(value) => Json::from(*value),
            Self::Boolean(value) => Json::from(*value),
            Self::Time(micros) => Json::from(rfc3339(*micros)),
            Self::Code(code) => Json::from(codes.text(*code)),
            Self::Text(text) => Json::from(&**text),
        }
    }
}

/// A moment as tiles and frames write it: RFC 3339, UTC.
pub fn rfc3339(micros: i64) -> String {
    DateTime::<Utc>::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The few distinct texts of a layer's `code` properties, each kept once.
#[derive(Debug, Default)]
pub struct Codes {
    texts: Vec<Arc<str>>,
    indices: HashMap<Arc<str>, u32>,
}

impl Codes {
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if let Some(index) = self.indices.get(text) {
            return *index;
        }
        let index = u32::try_from(self.texts.len()).expect("codes are few");
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        self.indices.insert(text, index);
        index
    }

    pub fn text(&self, code: u32) -> &str {
        &self.texts[code as usize]
    }

    /// How many there are: every code is below this.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_survive_the_way_in_and_out() {
        let mut codes = Codes::default();
        let cases = [
            (PropertyKind::Integer, json!(4)),
            (PropertyKind::Real, json!(12.5)),
            (PropertyKind::Boolean, json!(true)),
            (PropertyKind::Code, json!("online")),
            (PropertyKind::Text, json!("Số 12 ngõ 34")),
            (PropertyKind::Text, Json::Null),
        ];
        for (kind, json) in cases {
            assert_eq!(Value::from_json(kind, &json, &mut codes).to_json(&codes), json);
        }
        assert_eq!(Value::from_json(PropertyKind::Integer, &json!("4"), &mut codes), Value::Null);
    }

    #[test]
    fn a_time_of_postgresql_becomes_utc() {
        let mut codes = Codes::default();
        let value = Value::from_json(PropertyKind::Time, &json!("2026-11-21T08:30:00.25+07:00"), &mut codes);
        assert_eq!(value.to_json(&codes), json!("2026-11-21T01:30:00.250Z"));
    }

    #[test]
    fn equal_codes_are_kept_once() {
        let mut codes = Codes::default();
        assert_eq!(codes.intern("market"), codes.intern("market"));
        assert_ne!(codes.intern("market"), codes.intern("school"));
        assert_eq!(codes.len(), 2);
    }
}
