//! Rules in words, what is wrong with one before it is sent, and what a change of rules comes to: values in, values out.
//! The server judges again; here it only spares a refused save.

use std::collections::BTreeMap;

use chrono::{NaiveTime, Timelike};
use shared::camera_alert::AlertRule;

use crate::t;
use crate::text::kinds;

/// Who is called what, by account.
pub type Names = BTreeMap<i64, String>;

/// Why a rule could not mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// One of its hours is missing, or both are the same.
    Hours,
    /// Neither a severity nor a handler.
    DecidesNothing,
}

impl Trouble {
    pub fn of(rule: &AlertRule) -> Option<Trouble> {
        if rule.from.is_some() != rule.until.is_some() || rule.from.is_some() && rule.from == rule.until {
            Some(Trouble::Hours)
        } else if rule.severity.is_none() && rule.handler_id.is_none() {
            Some(Trouble::DecidesNothing)
        } else {
            None
        }
    }

    pub fn said(self) -> String {
        match self {
            Trouble::Hours => t!("rule-needs-hours"),
            Trouble::DecidesNothing => t!("rule-decides-nothing"),
        }
    }
}

/// `22:00`, as an input of hours writes it; also with seconds.
pub fn read_hour(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(|part| part.parse().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    NaiveTime::from_hms_opt(hour, minute, 0)
}

pub fn hour(at: NaiveTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// "Họp chợ lòng đường, 06:00 đến 09:00: Cao, giao cho bà Hoa".
pub fn sentence(rule: &AlertRule, names: &Names) -> String {
    let kind = rule.kind.map_or_else(|| t!("rule-every-kind"), |kind| kinds::named("alert-kind", kind));
    let hours = match (rule.from, rule.until) {
        (Some(from), Some(until)) => t!("alert-from-until", from = hour(from), until = hour(until)),
        _ => t!("rule-all-hours"),
    };
    let severity = rule.severity.map(|severity| kinds::named("severity", severity));
    let handler = rule.handler_id.map(|id| t!("alert-assigned-to", name = name(id, names)));
    let decides = severity.into_iter().chain(handler).collect::<Vec<_>>().join(", ");
    t!("rule-sentence", kind = kind, hours = hours, decides = decides)
}

pub fn name(id: i64, names: &Names) -> String {
    names.get(&id).cloned().unwrap_or_else(|| t!("rule-handler-gone"))
}

/// What became of the rules of an area.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub added: Vec<AlertRule>,
    pub removed: Vec<AlertRule>,
    /// Those that stayed stand in another order.
    pub is_reordered: bool,
}

/// A rule that was changed is one removed and one added.
pub fn change(before: &[AlertRule], after: &[AlertRule]) -> Change {
    let mut removed = before.to_vec();
    let mut added = Vec::new();
    let mut stayed = Vec::new();
    for rule in after {
        match removed.iter().position(|known| known == rule) {
            Some(at) => stayed.push(removed.remove(at)),
            None => added.push(rule.clone()),
        }
    }
    let mut gone = removed.clone();
    let as_before: Vec<AlertRule> = before
        .iter()
        .filter(|rule| match gone.iter().position(|known| known == *rule) {
            Some(at) => {
                gone.remove(at);
                false
            }
            None => true,
        })
        .cloned()
        .collect();
    Change { added, removed, is_reordered: as_before != stayed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::camera_alert::{AlertKind, Severity};

    fn rule(kind: AlertKind, severity: Severity) -> AlertRule {
        AlertRule { kind: Some(kind), severity: Some(severity), ..AlertRule::default() }
    }

    #[test]
    fn a_rule_that_means_nothing_is_found_before_it_is_sent() {
        assert_eq!(Trouble::of(&AlertRule::default()), Some(Trouble::DecidesNothing));
        let night = AlertRule { from: read_hour("22:00"), ..rule(AlertKind::Crowd, Severity::High) };
        assert_eq!(Trouble::of(&night), Some(Trouble::Hours));
        let night = AlertRule { until: read_hour("05:00:00"), ..night };
        assert_eq!(Trouble::of(&night), None);
        assert_eq!(Trouble::of(&AlertRule { until: night.from, ..night }), Some(Trouble::Hours));
        assert_eq!((read_hour(""), read_hour("24:00"), read_hour("7")), (None, None, None));
        assert_eq!(hour(read_hour("06:05").unwrap()), "06:05");
    }

    #[test]
    fn a_change_is_what_came_what_went_and_another_order() {
        let (crowd, theft, fire) = (
            rule(AlertKind::Crowd, Severity::High),
            rule(AlertKind::Theft, Severity::High),
            rule(AlertKind::FireOrSmoke, Severity::Critical),
        );
        let before = [crowd.clone(), theft.clone()];
        assert_eq!(change(&before, &before), Change::default());
        assert_eq!(change(&before, &[theft.clone(), crowd.clone()]), Change { is_reordered: true, ..Change::default() });
        let added = change(&before, &[fire.clone(), crowd.clone(), theft.clone()]);
        assert_eq!(added, Change { added: vec![fire.clone()], ..Change::default() }, "what stayed kept its order");
        let milder = rule(AlertKind::Theft, Severity::Medium);
        let changed = change(&before, &[crowd.clone(), milder.clone()]);
        assert_eq!(changed, Change { added: vec![milder], removed: vec![theft.clone()], is_reordered: false });
        // The same rule twice is two rules.
        let once = change(&[crowd.clone(), theft.clone(), crowd.clone()], &[theft, crowd.clone()]);
        assert_eq!(once.removed, [crowd]);
    }
}
