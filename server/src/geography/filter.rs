//! Attribute filters of tile addresses: `?status=online`, `?storeys=3..5`, `?kind=market,cashless_market`.
//! It deliberately knows neither rows nor SQL; the map index and the base tiles each apply it in their own way.

use chrono::{DateTime, Utc};
use shared::layer::PropertyKind;
use thiserror::Error;

use super::catalogue::Layer;

const MAX_CONDITIONS: usize = 8;
const MAX_ALTERNATIVES: usize = 64;

/// Conditions that all hold. The canonical text tells equal filters apart from different ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    conditions: Vec<Condition>,
    canonical: String,
}

/// One property, and what it may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Position among the layer's properties; what is counted of sharing rows comes after them.
    pub property: usize,
    pub accepts: Accepts,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Accepts {
    /// Any of these codes.
    Codes(Vec<String>),
    Boolean(bool),
    /// Any of these ranges; both ends belong to a range. A single value is a range of one.
    Integers(Vec<(i64, i64)>),
    /// Likewise.
    Reals(Vec<(f64, f64)>),
    /// Likewise, microseconds since 1970.
    Times(Vec<(i64, i64)>),
}

/// Why a filter is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterError {
    #[error("{layer} cannot be filtered by {property}; it can by {known}")]
    UnknownProperty { layer: String, property: String, known: String },
    #[error("{property} is given twice; write its values in one list: {property}=a,b")]
    GivenTwice { property: String },
    #[error("{property}={value} is not {expected}")]
    BadValue { property: String, value: String, expected: &'static str },
    #[error("too many conditions: at most {MAX_CONDITIONS} properties and {MAX_ALTERNATIVES} values each")]
    TooMany,
}

impl Filter {
    /// Reads the decoded query of a tile's address.
    pub fn parse(layer: &Layer, query: &[(String, String)]) -> Result<Self, FilterError> {
        if query.len() > MAX_CONDITIONS {
            return Err(FilterError::TooMany);
        }
        let mut conditions: Vec<Condition> = Vec::new();
        for (name, text) in query {
            let property = layer.properties.iter().position(|property| property.filter && property.name == *name);
            let shared = || Some(layer.properties.len() + layer.sharing.iter().position(|sharing| sharing.name == *name)?);
            let property = property.or_else(shared).ok_or_else(|| unknown(layer, name))?;
            let kind = layer.properties.get(property).map_or(PropertyKind::Integer, |property| property.kind);
            if conditions.iter().any(|condition| condition.property == property) {
                return Err(FilterError::GivenTwice { property: name.clone() });
            }
            conditions.push(Condition { property, accepts: Accepts::parse(kind, name, text)? });
        }
        conditions.sort_by_key(|condition| condition.property);
        let canonical = conditions.iter().map(|c| format!("{}={:?};", name_of(layer, c.property), c.accepts)).collect();
        Ok(Self { conditions, canonical })
    }

    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Equal for equal filters, whatever order or spelling they were given in.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl Accepts {
    fn parse(kind: PropertyKind, name: &str, text: &str) -> Result<Self, FilterError> {
        let alternatives: Vec<&str> = text.split(',').map(str::trim).collect();
        if alternatives.len() > MAX_ALTERNATIVES {
            return Err(FilterError::TooMany);
        }
        let refuse = |value: &str, expected| FilterError::BadValue { property: name.into(), value: value.into(), expected };
        match kind {
            PropertyKind::Code => {
                let mut codes: Vec<String> = alternatives.iter().map(|code| (*code).to_owned()).collect();
                codes.sort();
                codes.dedup();
                match codes.iter().any(String::is_empty) {
                    true => Err(refuse(text, "a code or a list of codes: a,b")),
                    false => Ok(Self::Codes(codes)),
                }
            }
            PropertyKind::Boolean => match text {
                "true" => Ok(Self::Boolean(true)),
                "false" => Ok(Self::Boolean(false)),
                _ => Err(refuse(text, "true or false")),
            },
            PropertyKind::Integer => ranges(&alternatives, i64::MIN, i64::MAX, |end| end.parse().ok())
                .map(Self::Integers)
                .map_err(|value| refuse(value, "a whole number, a range 3..5 (either end may be missing) or a list of these")),
            PropertyKind::Real => {
                ranges(&alternatives, f64::NEG_INFINITY, f64::INFINITY, |end| end.parse().ok().filter(|value: &f64| value.is_finite()))
                    .map(Self::Reals)
                    .map_err(|value| refuse(value, "a number, a range 2.5..4 (either end may be missing) or a list of these"))
            }
            PropertyKind::Time => {
                let moment = |end: &str| end.parse::<DateTime<Utc>>().ok().map(|at| at.timestamp_micros());
                ranges(&alternatives, i64::MIN, i64::MAX, moment)
                    .map(Self::Times)
                    .map_err(|value| refuse(value, "a moment such as 2026-11-21T08:00:00Z, or a range of two"))
            }
            PropertyKind::Text => unreachable!("the catalogue lets nobody filter by free text"),
        }
    }
}

/// Reads `v`, `a..b`, `a..`, `..b`; the text of the first that is none of these otherwise.
fn ranges<'a, T: PartialOrd + Copy>(
    alternatives: &[&'a str],
    least: T,
    most: T,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<(T, T)>, &'a str> {
    let mut read = Vec::with_capacity(alternatives.len());
    for text in alternatives {
        let range = match text.split_once("..") {
            None => parse(text).map(|value| (value, value)),
            Some(("", "")) => None,
            Some((from, to)) => {
                let from = if from.is_empty() { Some(least) } else { parse(from) };
                let to = if to.is_empty() { Some(most) } else { parse(to) };
                from.zip(to).filter(|(from, to)| from <= to)
            }
        };
        read.push(range.ok_or(*text)?);
    }
    read.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    Ok(read)
}

fn name_of(layer: &Layer, property: usize) -> &str {
    match layer.properties.get(property) {
        Some(property) => &property.name,
        None => &layer.sharing[property - layer.properties.len()].name,
    }
}

fn unknown(layer: &Layer, property: &str) -> FilterError {
    let own = layer.properties.iter().filter(|p| p.filter).map(|p| p.name.as_str());
    let known: Vec<&str> = own.chain(layer.sharing.iter().map(|sharing| sharing.name.as_str())).collect();
    FilterError::UnknownProperty { layer: layer.name.clone(), property: property.into(), known: known.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::catalogue::Catalogue;
    use proptest::prelude::*;

    fn parse(layer: &str, query: &[(&str, &str)]) -> Result<Filter, FilterError> {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Filter::parse(Catalogue::embedded().layer(layer).unwrap(), &query)
    }

    #[test]
    fn equality_ranges_and_lists_are_understood() {
        let accepts = |value: &str| parse("building", &[("storeys", value)]).unwrap().conditions[0].accepts.clone();
        assert_eq!(accepts("3"), Accepts::Integers(vec![(3, 3)]));
        assert_eq!(accepts("3..5"), Accepts::Integers(vec![(3, 5)]));
        assert_eq!(accepts("7..,1"), Accepts::Integers(vec![(1, 1), (7, i64::MAX)]));
        assert_eq!(accepts("..2"), Accepts::Integers(vec![(i64::MIN, 2)]));
    }

    #[test]
    fn a_refusal_names_the_remedy() {
        let message = |query: &[(&str, &str)]| parse("camera", query).unwrap_err().to_string();
        assert_eq!(message(&[("stream", "x")]), "camera cannot be filtered by stream; it can by status, area_id");
        assert_eq!(
            message(&[("area_id", "5..3")]),
            "area_id=5..3 is not a whole number, a range 3..5 (either end may be missing) or a list of these"
        );
        assert_eq!(message(&[("status", "a"), ("status", "b")]), "status is given twice; write its values in one list: status=a,b");
        assert!(parse("camera", &[("code", "C01")]).is_err(), "free text is not filterable");
    }

    #[test]
    fn equal_filters_share_a_cache_entry() {
        let one = parse("camera", &[("status", "online,offline"), ("area_id", "3")]).unwrap();
        let other = parse("camera", &[("area_id", "3"), ("status", "offline, online")]).unwrap();
        assert_eq!(one.canonical(), other.canonical());
        assert_ne!(one.canonical(), parse("camera", &[("area_id", "4"), ("status", "offline,online")]).unwrap().canonical());
    }

    proptest! {
        #[test]
        fn no_query_panics(name in "(storeys|width_m|status|use|[a-z]{0,6})", value in "[-0-9a-z.,é]{0,24}") {
            for layer in ["building", "road", "camera"] {
                let _ = parse(layer, &[(&name, &value)]);
            }
        }
    }
}
