//! What many alerts are on one screen: in order of need, and those of one camera and kind that follow each other as one row.
//! Nothing is folded out of the record: every alert of a row opens from its card.

use chrono::{DateTime, TimeDelta, Utc};
use shared::camera_alert::{AlertKind, AlertStatus, CameraAlert, Severity};

/// Of one camera and kind, so soon after the last one: one happening.
const SAME_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// More rows than this within [`FLOOD_WITHIN`] are a flood, which nobody reads one by one (ISA-18.2: ten in ten minutes).
const FLOOD_ABOVE: usize = 10;
/// Once begun, it ends when they are fewer than this (ISA-18.2: five in ten minutes). Were it the same number, a rate that hovers
/// around it would put rows together and take them apart again with every alert that comes or is taken.
const FLOOD_UNTIL_BELOW: usize = 5;
const FLOOD_WITHIN: TimeDelta = TimeDelta::minutes(10);

/// One row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The latest; in a flood the latest of the gravest.
    pub alert: CameraAlert,
    /// How many it stands for, itself included.
    pub times: usize,
    /// When the first of them began.
    pub since: DateTime<Utc>,
    /// All of them, newest first.
    pub all: Vec<CameraAlert>,
    /// A flood has put cameras of one area together: the row is about the area.
    pub is_of_area: bool,
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub rows: Vec<Row>,
    /// How many alerts of the last ten minutes a flood has put together; none: there is no flood.
    pub flood: Option<usize>,
}

/// Rows of open alerts: what nobody has first, then by severity, then the longest waiting. Critical ones stay single, and so
/// does whatever somebody has taken: that person answers for this one.
pub fn rows(mut alerts: Vec<CameraAlert>) -> Vec<Row> {
    alerts.sort_by_key(|alert| (alert.started_at, alert.id));
    let mut rows: Vec<Row> = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let known = rows.iter_mut().rev().find(|row| belongs(row, &alert));
        match known {
            Some(row) => row.take_in(alert),
            None => rows.push(Row::of(alert)),
        }
    }
    in_order(rows)
}

/// The same rows, but of more than ten that came within ten minutes one for each kind and area, and whose they are. Critical ones stay single, what
/// somebody has stays too, and what came before the flood is not touched. `was_flood`: the list was one until now, and stays one
/// until the rate has clearly fallen.
pub fn with_floods(rows: Vec<Row>, now: DateTime<Utc>, was_flood: bool) -> Listed {
    let is_new = |row: &Row| may_fold(&row.alert) && row.all.iter().any(|alert| now - alert.received_at <= FLOOD_WITHIN);
    let (new, mut rest): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(is_new);
    if !is_flood(new.len(), was_flood) {
        rest.extend(new);
        return Listed { rows: in_order(rest), flood: None };
    }
    let flood = new.iter().map(|row| row.times).sum();
    let mut groups: Vec<Row> = Vec::new();
    for row in new {
        let of = |alert: &CameraAlert| (alert.kind, alert.area_id, whose(alert));
        let same = |group: &&mut Row| of(&group.alert) == of(&row.alert);
        match groups.iter_mut().find(same) {
            Some(group) => group.join(row),
            None => groups.push(row),
        }
    }
    rest.extend(groups);
    Listed { rows: in_order(rest), flood: Some(flood) }
}

fn is_flood(rows: usize, was_flood: bool) -> bool {
    if was_flood { rows >= FLOOD_UNTIL_BELOW } else { rows > FLOOD_ABOVE }
}

impl Row {
    pub fn of(alert: CameraAlert) -> Row {
        Row { since: alert.started_at, times: 1, all: vec![alert.clone()], alert, is_of_area: false }
    }

    /// A later one of the same camera and kind.
    fn take_in(&mut self, alert: CameraAlert) {
        self.times += 1;
        self.all.insert(0, alert.clone());
        self.alert = alert;
    }

    fn join(&mut self, other: Row) {
        self.is_of_area |= other.is_of_area || other.alert.camera_id != self.alert.camera_id;
        self.times += other.times;
        self.since = self.since.min(other.since);
        self.all.extend(other.all);
        self.all.sort_by_key(|alert| std::cmp::Reverse((alert.started_at, alert.id)));
        let gravest = self.all.iter().min_by_key(|alert| alert.severity);
        self.alert = gravest.expect("a row stands for an alert").clone();
    }

    /// Names the row while more come to it: the first of them stays.
    pub fn first_id(&self) -> i64 {
        self.all.last().map_or(self.alert.id, |alert| alert.id)
    }
}

fn in_order(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| (row.alert.status == AlertStatus::Taken, row.alert.severity, row.since, row.alert.id));
    rows
}

fn may_fold(alert: &CameraAlert) -> bool {
    matches!(alert.status, AlertStatus::New | AlertStatus::Assigned) && alert.severity != Severity::Critical
}

/// Whose it is: what a row says of it holds for all that it stands for.
fn whose(alert: &CameraAlert) -> (AlertStatus, Option<i64>) {
    (alert.status, alert.handler_id)
}

fn belongs(row: &Row, alert: &CameraAlert) -> bool {
    let of = |alert: &CameraAlert| -> (i64, AlertKind, _) { (alert.camera_id, alert.kind, whose(alert)) };
    may_fold(&row.alert) && may_fold(alert) && of(&row.alert) == of(alert) && alert.started_at - row.alert.started_at <= SAME_WITHIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn alert(id: i64, minute: u32, camera_id: i64, severity: Severity, status: AlertStatus) -> CameraAlert {
        let at = Utc.with_ymd_and_hms(2026, 11, 22, 8, minute, 0).unwrap();
        CameraAlert {
            id,
            code: format!("CB{id}"),
            kind: AlertKind::IllegalParking,
            severity,
            status,
            outcome: None,
            camera_id,
            camera_code: format!("C{camera_id:02}"),
            camera_name: String::new(),
            area_id: 1,
            area_name: String::new(),
            confidence: None,
            started_at: at,
            ended_at: None,
            received_at: at,
            handler_id: None,
            handler_name: None,
            assigned_at: None,
            taken_at: None,
            closed_at: None,
            answer_due_at: None,
            escalation: 0,
            overdue: false,
            legal_basis: None,
            fine_vnd: None,
            note_count: 0,
            has_snapshot: false,
            shelved_until: None,
            lon: None,
            lat: None,
            version: 0,
            updated_at: at,
        }
    }

    fn told(alerts: Vec<CameraAlert>) -> Vec<(i64, usize)> {
        rows(alerts).iter().map(|row| (row.alert.id, row.times)).collect()
    }

    #[test]
    fn what_follows_within_minutes_is_one_row() {
        use {AlertStatus::New, Severity::Medium};
        let parked = [0, 4, 9, 15].into_iter().enumerate().map(|(at, minute)| alert(at as i64 + 1, minute, 7, Medium, New));
        assert_eq!(told(parked.collect()), [(3, 3), (4, 1)], "each within five minutes of the one before; six minutes later a new row");
        assert_eq!(told(vec![alert(1, 0, 7, Medium, New), alert(2, 1, 8, Medium, New)]), [(1, 1), (2, 1)], "another camera");
    }

    #[test]
    fn what_was_given_to_one_person_folds_and_to_two_does_not() {
        let given = |id: i64, minute: u32, to: i64| CameraAlert {
            handler_id: Some(to),
            ..alert(id, minute, 7, Severity::Medium, AlertStatus::Assigned)
        };
        assert_eq!(told(vec![given(1, 0, 5), given(2, 2, 5), given(3, 3, 6)]), [(2, 2), (3, 1)]);
    }

    #[test]
    fn what_is_critical_or_taken_stays_single() {
        use {AlertStatus::New, AlertStatus::Taken, Severity::Critical, Severity::Medium};
        assert_eq!(told(vec![alert(1, 0, 7, Critical, New), alert(2, 1, 7, Critical, New)]), [(1, 1), (2, 1)]);
        assert_eq!(told(vec![alert(1, 0, 7, Medium, Taken), alert(2, 1, 7, Medium, New)]), [(2, 1), (1, 1)]);
    }

    #[test]
    fn what_needs_somebody_most_stands_first() {
        use {AlertStatus::New, AlertStatus::Taken, Severity::Critical, Severity::High, Severity::Medium};
        let alerts =
            vec![alert(1, 0, 1, Medium, New), alert(2, 5, 2, Critical, Taken), alert(3, 6, 3, High, New), alert(4, 7, 4, Critical, New)];
        assert_eq!(told(alerts).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [4, 3, 1, 2]);
    }

    fn at(minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 8, minute, 0).unwrap()
    }

    /// Medium ones of as many cameras, in two areas.
    fn parked(cameras: i64, minute: u32) -> Vec<CameraAlert> {
        let parked = (1..=cameras).map(|camera| alert(camera, minute, camera, Severity::Medium, AlertStatus::New));
        parked.map(|parked| CameraAlert { area_id: 1 + (parked.camera_id % 2) as i32, ..parked }).collect()
    }

    #[test]
    fn a_folded_row_lists_all_that_it_stands_for() {
        let folded = rows([0, 4, 8].map(|minute| alert(minute.into(), minute, 7, Severity::Medium, AlertStatus::New)).into());
        assert_eq!(folded[0].all.iter().map(|alert| alert.id).collect::<Vec<_>>(), [8, 4, 0]);
        assert_eq!((folded[0].first_id(), folded[0].is_of_area), (0, false));
    }

    #[test]
    fn up_to_ten_rows_are_no_flood() {
        let listed = with_floods(rows(parked(10, 20)), at(21), false);
        assert_eq!((listed.rows.len(), listed.flood), (10, None));
        let late = with_floods(rows(parked(11, 20)), at(31), false);
        assert_eq!((late.rows.len(), late.flood), (11, None), "they came longer ago");
    }

    #[test]
    fn a_flood_is_put_together_by_kind_and_area_and_nothing_is_lost() {
        let mut alerts = parked(22, 20);
        alerts.push(CameraAlert { kind: AlertKind::Theft, severity: Severity::High, ..alert(23, 20, 1, Severity::High, AlertStatus::New) });
        let listed = with_floods(rows(alerts), at(25), false);
        assert_eq!(listed.flood, Some(23));
        let told: Vec<_> = listed.rows.iter().map(|row| (row.alert.kind, row.alert.area_id, row.times, row.is_of_area)).collect();
        use AlertKind::{IllegalParking, Theft};
        assert_eq!(told, [(Theft, 1, 1, false), (IllegalParking, 2, 11, true), (IllegalParking, 1, 11, true)]);
        assert_eq!(listed.rows.iter().map(|row| row.all.len()).sum::<usize>(), 23);
        assert!(listed.rows.iter().all(|row| row.times == row.all.len()));
    }

    #[test]
    fn in_a_flood_critical_and_taken_ones_and_older_ones_stay_single() {
        let mut alerts = parked(11, 20);
        alerts.push(alert(50, 20, 50, Severity::Critical, AlertStatus::New));
        alerts.push(alert(51, 20, 51, Severity::Medium, AlertStatus::Taken));
        alerts.push(alert(52, 1, 52, Severity::Medium, AlertStatus::New));
        let listed = with_floods(rows(alerts), at(25), false);
        assert_eq!(listed.flood, Some(11));
        let single: Vec<_> = listed.rows.iter().filter(|row| row.times == 1).map(|row| row.alert.id).collect();
        assert_eq!(single, [50, 52, 51]);
    }

    #[test]
    fn a_group_shows_its_gravest() {
        let mut alerts = parked(11, 20);
        alerts[4].severity = Severity::High;
        let id = alerts[4].id;
        let listed = with_floods(rows(alerts), at(25), false);
        assert_eq!((listed.rows[0].alert.id, listed.rows[0].alert.severity), (id, Severity::High));
    }

    /// Whether the list is a flood after each of these numbers of rows, one after the other.
    fn floods(series: &[i64]) -> Vec<bool> {
        let mut is_flood = false;
        let after = |cameras: &i64| {
            is_flood = with_floods(rows(parked(*cameras, 20)), at(21), is_flood).flood.is_some();
            is_flood
        };
        series.iter().map(after).collect()
    }

    #[test]
    fn a_rate_that_hovers_around_the_limit_begins_one_flood_and_ends_one() {
        let series = [9, 10, 11, 10, 11, 9, 10, 7, 11, 5, 6, 4, 5, 9, 10, 8, 11];
        let expected = [false, false, true, true, true, true, true, true, true, true, true, false, false, false, false, false, true];
        assert_eq!(floods(&series), expected, "it begins above ten and ends below five, and between them stays what it is");
        let turns = floods(&series).windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(turns, 3, "begun, ended, begun");
    }

    #[test]
    fn a_flood_that_has_not_ended_goes_on_putting_together_what_still_comes() {
        let listed = with_floods(rows(parked(6, 20)), at(21), true);
        assert_eq!((listed.rows.len(), listed.flood), (2, Some(6)), "one row for each of two areas");
        let later = with_floods(rows(parked(6, 20)), at(31), true);
        assert_eq!((later.rows.len(), later.flood), (6, None), "ten minutes later nothing of it is new, and it has ended");
    }
}
