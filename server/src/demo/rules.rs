//! The rules of alerts that a demo ward begins with (`data/demo/alert_rules.toml`), so that the page that edits them has some to show.
//! It deliberately leaves a ward alone whose rules were written before, be it that all were taken away.

use anyhow::Context;
use chrono::NaiveTime;
use serde::Deserialize;
use shared::camera_alert::{AlertKind, AlertRule, Severity};
use sqlx::PgConnection;

use crate::cameras::alerts::add_rules;

const RULES: &str = include_str!("../../../data/demo/alert_rules.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "reason")]
    _reason: String,
    kind: AlertKind,
    from: NaiveTime,
    until: NaiveTime,
    severity: Severity,
}

fn read() -> anyhow::Result<Vec<AlertRule>> {
    let file: File = toml::from_str(RULES).context("data/demo/alert_rules.toml cannot be read")?;
    let rule = |Entry { kind, from, until, severity, .. }: Entry| AlertRule {
        kind: Some(kind),
        from: Some(from),
        until: Some(until),
        severity: Some(severity),
        handler_id: None,
    };
    Ok(file.rule.into_iter().map(rule).collect())
}

/// Writes them for a ward, as owner; false where it has rules.
pub async fn bring(db: &mut PgConnection, ward_id: i32) -> anyhow::Result<bool> {
    add_rules(db, ward_id, &read()?).await.context("the rules of alerts cannot be written")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

    use super::*;
    use crate::cameras::alerts::usual_severity;
    use crate::demo::day::Table;

    const STEP_MINUTES: i64 = 15;

    fn graded(rules: &[AlertRule], kind: AlertKind, at: NaiveDateTime) -> Severity {
        let is_on = |rule: &&AlertRule| {
            let (from, until, hour) = (rule.from.unwrap(), rule.until.unwrap(), at.time());
            rule.kind == Some(kind) && if from < until { from <= hour && hour < until } else { hour >= from || hour < until }
        };
        rules.iter().find(is_on).and_then(|rule| rule.severity).unwrap_or_else(|| usual_severity(kind))
    }

    #[test]
    fn each_rule_grades_something_that_happens_and_the_grave_stay_few() {
        let (table, rules) = (Table::read().unwrap(), read().unwrap());
        let monday = NaiveDate::from_ymd_opt(2026, 11, 16).unwrap().and_time(NaiveTime::MIN);
        let (mut shares, mut regraded): (BTreeMap<Severity, f64>, BTreeMap<AlertKind, f64>) = Default::default();
        for step in 0..7 * 24 * 60 / STEP_MINUTES {
            let at = monday + TimeDelta::minutes(step * STEP_MINUTES);
            for (kind, window) in table.at(at) {
                let severity = graded(&rules, kind.kind, at);
                *shares.entry(severity).or_insert(0.0) += window.per_hour;
                if severity != usual_severity(kind.kind) {
                    *regraded.entry(kind.kind).or_insert(0.0) += window.per_hour;
                }
            }
        }
        assert_eq!(rules.len(), 3);
        assert!(
            rules.iter().all(|rule| rule.from != rule.until && rule.kind.is_some_and(|kind| regraded.contains_key(&kind))),
            "{regraded:?}"
        );
        let all: f64 = shares.values().sum();
        assert!(shares[&Severity::Critical] / all <= 0.05 && shares[&Severity::High] / all <= 0.15, "{shares:?}");
    }
}
