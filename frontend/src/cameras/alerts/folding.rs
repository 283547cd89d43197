//! What many alerts are on one screen: in order of need, and those of one camera and kind that follow each other as one row.
//! Nothing is folded out of the record: every alert of a row opens from its card.

use chrono::{DateTime, TimeDelta, Utc};
use shared::camera_alert::{AlertKind, AlertStatus, CameraAlert, Severity};

/// Of one camera and kind, so soon after the last one: one happening.
const SAME_WITHIN: TimeDelta = TimeDelta::minutes(5);

/// One row of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The latest.
    pub alert: CameraAlert,
    /// How many it stands for, itself included.
    pub times: usize,
    /// When the first of them began.
    pub since: DateTime<Utc>,
}

/// Rows of open alerts: what nobody has first, then by severity, then the longest waiting. Critical ones stay single, and so
/// does whatever somebody has taken: that person answers for this one.
pub fn rows(mut alerts: Vec<CameraAlert>) -> Vec<Row> {
    alerts.sort_by_key(|alert| (alert.started_at, alert.id));
    let mut rows: Vec<Row> = Vec::with_capacity(alerts.len());
    for alert in alerts {
        let known = rows.iter_mut().rev().find(|row| belongs(row, &alert));
        match known {
            Some(row) => {
                row.times += 1;
                row.alert = alert;
            }
            None => rows.push(Row { since: alert.started_at, alert, times: 1 }),
        }
    }
    rows.sort_by_key(|row| (row.alert.status == AlertStatus::Taken, row.alert.severity, row.since, row.alert.id));
    rows
}

fn belongs(row: &Row, alert: &CameraAlert) -> bool {
    let may_fold = |alert: &CameraAlert| alert.status == AlertStatus::New && alert.severity != Severity::Critical;
    let of = |alert: &CameraAlert| -> (i64, AlertKind) { (alert.camera_id, alert.kind) };
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
}
