//! The roles of the access matrix and the public, and somebody of each in the small ward A.
//! It deliberately knows nothing of what they may: each test says that of its doors.

use crate::app::{TestApp, TestClient};

pub const ROLES: [&str; 8] = ["public", "tdp_head", "leader", "operator", "police", "one_stop", "landlord", "admin"];

/// Those who answer for camera alerts.
pub const HANDLERS: [&str; 3] = ["leader", "operator", "police"];

/// Somebody of a role: in TDP A1 where the role is of a TDP or a house, else in ward A.
pub async fn client(app: &TestApp, role: &str) -> TestClient {
    match role {
        "public" => app.public(),
        "tdp_head" | "landlord" => app.sign_in(&format!("{role}-a1")).await,
        role => app.sign_in(&format!("{role}-a")).await,
    }
}
