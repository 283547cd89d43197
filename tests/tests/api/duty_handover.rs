//! What one shift hands to the next: its note, its open alerts counted, its own alerts given along, and who takes it over.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;
use shared::{
    camera_alert::{AlertStatus, AlertStep, Severity},
    duty::{Handover, HandoverList},
    problem::Problem,
};
use tests::{
    app::{body_of, summary},
    duty_room::{LEADER, OPERATOR, POLICE, Room},
    handling::{handler, last, take},
};

#[tokio::test]
async fn a_shift_is_handed_over_with_its_alerts_and_taken_over_once() {
    let room = Room::open().await;
    let ward = room.ward();
    let (police, leader) = (room.app.sign_in("police-a").await, room.app.sign_in("leader-a").await);
    let mine = [room.alert("C-A1", "e1", "theft").await.alert.id, room.alert("C-A2", "e2", "fire_or_smoke").await.alert.id];
    for id in mine {
        take(&room.operator, id).await;
    }
    let theirs = room.alert("C-A1", "e3", "theft").await.alert.id;
    take(&leader, theirs).await;
    let list: HandoverList = room.operator.read(&format!("/api/duty/handovers?area_id={ward}")).await;
    assert_eq!((list.handovers.len(), list.my_open_alerts), (0, 2));

    let police_id = room.app.account("police-a").await;
    let now = room.now();
    let body = json!({
        "uid": uuid::Uuid::now_v7(), "area_id": ward, "shift_from": now - TimeDelta::hours(8), "shift_until": now,
        "note": "Xe tải đỗ ở cổng chợ.\n\nCamera  C-A2 mờ.", "to_id": police_id, "give_alerts": true,
    });
    for (wrong, code) in [
        (json!({"note": " "}), "422 edit.invalid"),
        (json!({"to_id": null}), "422 edit.invalid"),
        (json!({"to_id": room.app.account("operator-a").await}), "422 edit.invalid"),
        (json!({"to_id": room.app.account("police-b").await}), "422 duty.does_not_answer"),
        (json!({"shift_until": now - TimeDelta::hours(9)}), "422 edit.invalid"),
    ] {
        let mut refused = body.clone();
        refused.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(summary(room.operator.post("/api/duty/handovers", &refused, None).await).await, code, "{wrong}");
    }
    let left: Handover = body_of(room.operator.post("/api/duty/handovers", &body, None).await).await;
    assert_eq!((left.by.as_str(), left.to.as_deref(), left.alerts_given), (OPERATOR, Some(POLICE), 2));
    assert_eq!(left.note, "Xe tải đỗ ở cổng chợ.\nCamera C-A2 mờ.");
    // As it was when the shift ended: three taken, and the two that every ward A begins with.
    let open = |status, severity| {
        left.open_alerts.iter().find(|group| (group.status, group.severity) == (status, severity)).map_or(0, |group| group.count)
    };
    assert_eq!((open(AlertStatus::Taken, Severity::High), open(AlertStatus::Taken, Severity::Critical)), (2, 1));
    assert_eq!(left.open_alerts.iter().filter(|group| group.status == AlertStatus::New).map(|group| group.count).sum::<i64>(), 2);
    for id in mine {
        let card = room.card(id).await;
        assert_eq!((card.alert.status, handler(&card)), (AlertStatus::Assigned, Some(POLICE)));
        assert_eq!(last(&card), (AlertStep::Assigned, Some(OPERATOR), Some(OPERATOR), Some(POLICE)));
        assert!(card.alert.answer_due_at.is_some(), "the next shift has its time to take it");
    }
    assert_eq!(handler(&room.card(theirs).await), Some(LEADER), "what is another's stays");

    let again: Handover = body_of(room.operator.post("/api/duty/handovers", &body, None).await).await;
    assert_eq!((again.id, again.alerts_given), (left.id, 2), "the same uid is the same note");

    let take_over = format!("/api/duty/handovers/{}/take-over", left.id);
    assert_eq!(summary(room.operator.post(&take_over, &json!(null), None).await).await, "409 duty.own_handover");
    let taken: Handover = body_of(police.post(&take_over, &json!(null), None).await).await;
    assert_eq!((taken.taken_over_by.as_deref(), taken.can_take_over), (Some(POLICE), false));
    let once_more: Handover = body_of(police.post(&take_over, &json!(null), None).await).await;
    assert_eq!(once_more.taken_over_at, taken.taken_over_at);
    let late = leader.post(&take_over, &json!(null), None).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let refusal: Problem = late.json().await.unwrap();
    let conflict = refusal.conflict.unwrap();
    assert_eq!((refusal.code.as_str(), conflict.changed_by.as_deref()), ("duty.already_taken_over", Some(POLICE)));
    room.app.stop().await;
}
