//! The rules of alerts: who writes them, and that they say how grave an alert is and whose.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use shared::{
    camera_alert::{AlertRules, AlertRulesList, AlertStatus, AlertStep, CameraAlertList, Severity},
    edit::History,
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    handling::card,
    roles::{ROLES, client},
};

async fn put_rules(client: &TestClient, seen: Option<i32>, area: i32, rules: Value) -> Response {
    client.write(Method::PUT, "/api/alert-rules", seen, &json!({"area_id": area, "rules": rules})).await
}

#[tokio::test]
async fn rules_say_how_grave_an_alert_is_and_whose() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (ward, police_id) = (app.ward().ward_a, app.account("police-a").await);
    let rules = json!([{"kind": "street_market", "severity": "high", "handler_id": police_id}, {"kind": "crowd", "severity": "critical"}]);

    for role in ROLES {
        let client = client(&app, role).await;
        let expected = match role {
            "operator" => continue,
            "public" => "401 sign_in_required",
            _ => "403 forbidden",
        };
        assert_eq!(summary(put_rules(&client, Some(0), ward, rules.clone()).await).await, expected, "{role}");
    }
    assert_eq!(summary(put_rules(&operator, None, ward, rules.clone()).await).await, "428 version_required");
    assert_eq!(summary(put_rules(&operator, Some(0), app.ward().ward_b, rules.clone()).await).await, "404 not_found");
    let stranger = json!([{"handler_id": app.account("police-b").await}]);
    assert_eq!(summary(put_rules(&operator, Some(0), ward, stranger).await).await, "422 camera_alerts.no_such_handler");
    let written: AlertRules = put_rules(&operator, Some(0), ward, rules.clone()).await.json().await.unwrap();
    assert_eq!((written.version, written.rules.len()), (1, 2));
    assert_eq!(summary(put_rules(&operator, Some(0), ward, rules).await).await, "412 edit.conflict");

    device.report(&json!([an_alert("C-A1", "e1", "street_market"), an_alert("C-A2", "e1", "crowd")])).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=street_market,crowd").await;
    let of = |kind: &str| list.alerts.iter().find(|alert| alert.kind.name() == kind).unwrap().clone();
    let (market, crowd) = (of("street_market"), of("crowd"));
    assert_eq!((market.severity, market.status, market.handler_id), (Severity::High, AlertStatus::Assigned, Some(police_id)));
    assert_eq!(market.handler_name.as_deref(), Some("Cán bộ police-a"));
    assert_eq!((crowd.severity, crowd.status), (Severity::Critical, AlertStatus::New));
    let entries = card(&operator, market.id).await.entries;
    assert_eq!((entries[0].step, entries[0].by.as_deref(), entries[0].to.as_deref()), (AlertStep::Assigned, None, Some("Cán bộ police-a")));

    let calmer: AlertRules =
        put_rules(&operator, Some(1), ward, json!([{"kind": "crowd", "severity": "medium"}])).await.json().await.unwrap();
    assert_eq!(calmer.version, 2);
    let listed: AlertRulesList = app.sign_in("leader-a").await.read("/api/alert-rules").await;
    let of_ward = listed.areas.iter().find(|rules| rules.area_id == ward).unwrap();
    assert!(!of_ward.editable && of_ward.rules[0].severity == Some(Severity::Medium));
    let past: History = app.sign_in("leader-a").await.read(&format!("/api/alert-rules/{ward}/history")).await;
    let by: Vec<_> = past.entries.iter().map(|entry| entry.by.as_deref()).collect();
    assert_eq!(by, [Some("Cán bộ operator-a"), Some("Cán bộ operator-a")]);
    assert_eq!(past.entries[0].changes[0].before[0]["kind"], "street_market");
    for (login, expected) in [("leader-b", "404 not_found"), ("tdp_head-a1", "403 forbidden"), ("admin-a", "403 forbidden")] {
        let refused = app.sign_in(login).await.get(&format!("/api/alert-rules/{ward}/history")).await;
        assert_eq!(summary(refused).await, expected, "{login}");
    }
    app.stop().await;
}
