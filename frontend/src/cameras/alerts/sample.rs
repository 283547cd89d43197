//! Alerts for the unit tests of this folder.

use serde_json::json;
use shared::camera_alert::{AlertStatus, CameraAlert, Severity};

/// Illegal parking, so many minutes after eight.
pub fn alert(id: i64, minute: u32, camera_id: i64, severity: Severity, status: AlertStatus) -> CameraAlert {
    let at = format!("2026-11-22T08:{minute:02}:00Z");
    let alert = json!({
        "id": id, "code": format!("CB{id}"), "kind": "illegal_parking", "severity": severity, "status": status,
        "camera_id": camera_id, "camera_code": format!("C{camera_id:02}"), "camera_name": "", "area_id": 1, "area_name": "",
        "started_at": at, "received_at": at, "note_count": 0, "escalation": 0, "overdue": false, "version": 0, "updated_at": at,
    });
    serde_json::from_value(alert).expect("an alert as the server writes it")
}
