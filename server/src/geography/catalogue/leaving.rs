//! When a row leaves the map index: what is over, and began long ago. One rule, asked by the clock and, as SQL, by whoever fills it.
//! It deliberately takes nothing out; the map index does.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use shared::layer::PropertyKind;

use super::{Layer, Source};

/// Rows whose `column` is `value` leave `days` days after the moment in `since`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    pub column: String,
    pub value: String,
    pub since: String,
    days: u16,
}

impl Leaving {
    /// Whether a row has left by `now`. What lacks either is not known to be over, and stays.
    pub fn has_left(&self, value: Option<&str>, since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
        value == Some(self.value.as_str()) && since.is_some_and(|since| since <= now - TimeDelta::days(i64::from(self.days)))
    }

    /// The rows `t` that have not left, as SQL. Names come from the catalogue, which is part of this program.
    pub fn stays(&self) -> String {
        let Self { column, value, since, days } = self;
        format!("(t.\"{column}\" is distinct from '{value}' or t.\"{since}\" is null or t.\"{since}\" > now() - interval '{days} days')")
    }

    pub(super) fn check(&self, layer: &Layer) -> Result<(), String> {
        let is = |name: &str, kind: PropertyKind| layer.property(name).is_some_and(|property| property.kind == kind);
        if layer.source != Source::MapIndex || !is(&self.column, PropertyKind::Code) || !is(&self.since, PropertyKind::Time) {
            return Err("rows leave the map index by a code property and a time property of theirs".into());
        }
        if self.value.is_empty() || !self.value.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_') {
            return Err(format!("{:?} is no code", self.value));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::catalogue::Catalogue;

    fn alerts() -> &'static Leaving {
        Catalogue::embedded().layer("camera_alert").unwrap().leaves.as_ref().unwrap()
    }

    #[test]
    fn what_is_closed_leaves_after_a_month_and_what_is_open_never_does() {
        let now: DateTime<Utc> = "2026-11-22T07:00:00Z".parse().unwrap();
        let days_ago = |days: i64| Some(now - TimeDelta::days(days));
        assert!(!alerts().has_left(Some("closed"), days_ago(30), now));
        assert!(!alerts().has_left(Some("closed"), days_ago(31).map(|at| at + TimeDelta::seconds(1)), now));
        assert!(alerts().has_left(Some("closed"), days_ago(31), now));
        for open in ["new", "taken", "assigned"] {
            assert!(!alerts().has_left(Some(open), days_ago(400), now), "{open}");
        }
        assert!(!alerts().has_left(None, days_ago(400), now));
        assert!(!alerts().has_left(Some("closed"), None, now));
    }

    #[test]
    fn memory_begins_with_what_has_not_left() {
        assert_eq!(
            alerts().stays(),
            r#"(t."status" is distinct from 'closed' or t."started_at" is null or t."started_at" > now() - interval '31 days')"#
        );
    }

    #[test]
    fn a_rule_about_what_the_index_does_not_know_is_refused() {
        let layer = Catalogue::embedded().layer("camera_alert").unwrap();
        let rule = |column: &str, value: &str, since: &str| {
            Leaving { column: column.into(), value: value.into(), since: since.into(), days: 31 }.check(layer)
        };
        assert_eq!(rule("status", "closed", "started_at"), Ok(()));
        assert!(rule("outcome", "handled", "started_at").is_err(), "no property");
        assert!(rule("status", "closed", "code").is_err(), "no time");
        assert!(rule("status", "closed' or true --", "started_at").is_err());
    }
}
