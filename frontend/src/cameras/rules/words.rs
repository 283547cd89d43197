//! Rules in words, what is wrong with one before it is sent, what a change of them comes to, and in what two lists of them differ:
//! values in, values out.
//! The server judges again; here it only spares a refused save.

use std::collections::BTreeMap;

use chrono::{NaiveTime, Timelike};
use shared::camera_alert::AlertRule;

use crate::t;
use crate::text::kinds;
use crate::ui::Difference;

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
    let kind = kind(rule);
    let hours = match (rule.from, rule.until) {
        (Some(from), Some(until)) => t!("alert-from-until", from = hour(from), until = hour(until)),
        _ => t!("rule-all-hours"),
    };
    let severity = rule.severity.map(|severity| kinds::named("severity", severity));
    let handler = rule.handler_id.map(|id| t!("alert-assigned-to", name = name(id, names)));
    let decides = severity.into_iter().chain(handler).collect::<Vec<_>>().join(", ");
    t!("rule-sentence", kind = kind, hours = hours, decides = decides)
}

fn kind(rule: &AlertRule) -> String {
    rule.kind.map_or_else(|| t!("rule-every-kind"), |kind| kinds::named("alert-kind", kind))
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

/// In what two lists of the same area differ, for whoever chooses between them: rules of one kind side by side; where both have
/// the same rules, their order.
pub fn differences(theirs: &[AlertRule], mine: &[AlertRule], names: &Names) -> Vec<Difference> {
    let Change { added: mut only_mine, removed: only_theirs, is_reordered } = change(theirs, mine);
    if only_mine.is_empty() && only_theirs.is_empty() {
        let in_order = |rules: &[AlertRule]| rules.iter().map(|rule| sentence(rule, names)).collect::<Vec<_>>().join("; ");
        let order = || Difference { label: t!("rules-reordered"), theirs: in_order(theirs), mine: in_order(mine) };
        return is_reordered.then(order).into_iter().collect();
    }
    let said = |rule: Option<&AlertRule>| rule.map_or_else(|| "—".to_owned(), |rule| sentence(rule, names));
    let mut differences = Vec::new();
    for theirs in &only_theirs {
        let place = only_mine.iter().position(|mine| mine.kind == theirs.kind);
        let mine = place.map(|at| only_mine.remove(at));
        differences.push(Difference { label: kind(theirs), theirs: said(Some(theirs)), mine: said(mine.as_ref()) });
    }
    differences.extend(only_mine.iter().map(|mine| Difference { label: kind(mine), theirs: said(None), mine: said(Some(mine)) }));
    differences
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

    #[test]
    fn whoever_chooses_between_two_lists_sees_rules_of_one_kind_side_by_side() {
        let (crowd, theft, fire) = (
            rule(AlertKind::Crowd, Severity::High),
            rule(AlertKind::Theft, Severity::High),
            rule(AlertKind::FireOrSmoke, Severity::Critical),
        );
        let milder = rule(AlertKind::Theft, Severity::Medium);
        let names = Names::new();
        let said = |rule: &AlertRule| sentence(rule, &names);
        let difference = |of: &AlertRule, theirs: String, mine: String| Difference { label: kind(of), theirs, mine };
        let theirs = [crowd.clone(), theft.clone(), fire.clone()];
        assert!(differences(&theirs, &theirs, &names).is_empty());
        let mine = [crowd.clone(), milder.clone(), crowd.clone()];
        let expected = [
            difference(&theft, said(&theft), said(&milder)),
            difference(&fire, said(&fire), "—".into()),
            difference(&crowd, "—".into(), said(&crowd)),
        ];
        assert_eq!(differences(&theirs, &mine, &names), expected);
        let reordered = differences(&[crowd.clone(), theft.clone()], &[theft.clone(), crowd.clone()], &names);
        assert_eq!(reordered.len(), 1);
        assert_eq!(reordered[0].theirs, format!("{}; {}", said(&crowd), said(&theft)));
        assert_eq!(reordered[0].mine, format!("{}; {}", said(&theft), said(&crowd)));
    }
}
