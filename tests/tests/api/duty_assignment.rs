//! Whose a new alert is by the roster, who is given none, and that of two who take what is a third's one wins.
//! What nobody takes in time stands in `duty_escalation`.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::{
    camera_alert::{AlertStatus, AlertStep},
    problem::Problem,
};
use tests::{
    app::{body_of, summary},
    device::an_alert,
    duty_room::{LEADER, OPERATOR, POLICE, Room},
    handling::{done, handler, last, step},
};
use tokio::time::sleep;

#[tokio::test]
async fn a_new_alert_is_whose_duty_it_is() {
    let room = Room::open().await;
    let (ward, a2) = (room.ward(), room.app.ward().a2.area);
    let before = room.alert("C-A1", "before", "crowd").await;
    assert_eq!((before.alert.status, handler(&before)), (AlertStatus::New, None), "nobody is on: it is for whoever takes it");

    room.put_on(ward, "operator-a", "first", None).await;
    room.put_on(ward, "police-a", "first", Some(&["theft", "collision"])).await;
    room.put_on(a2, "leader-a", "first", None).await;
    for (camera, kind, whose) in [
        ("C-A1", "illegal_parking", OPERATOR),
        ("C-A1", "theft", POLICE),
        ("C-A2", "illegal_parking", LEADER),
        // The smaller area goes before the named kind.
        ("C-A2", "theft", LEADER),
    ] {
        let card = room.alert(camera, &format!("{camera}-{kind}"), kind).await;
        assert_eq!((card.alert.status, handler(&card)), (AlertStatus::Assigned, Some(whose)), "{kind} at {camera}");
        assert_eq!(last(&card), (AlertStep::Assigned, None, None, Some(whose)), "{kind} at {camera}");
        assert_eq!((card.alert.escalation, card.alert.overdue, card.alert.version), (0, false, 0));
    }

    // A rule that names somebody goes before the roster.
    let rules = json!({"area_id": ward, "rules": [{"kind": "crowd", "handler_id": room.app.account("police-a").await}]});
    body_of::<Value>(room.operator.write(Method::PUT, "/api/alert-rules", Some(0), &rules).await).await;
    assert_eq!(handler(&room.alert("C-A1", "by-rule", "crowd").await), Some(POLICE));

    // What is reported again stays whose it is.
    let mut again = an_alert("C-A1", "C-A1-theft", "illegal_parking");
    again["confidence"] = json!(0.5);
    room.device.report(&again).await;
    assert_eq!(handler(&room.alert("C-A1", "C-A1-theft", "collision").await), Some(POLICE));

    // Less than an hour, in which an ordinary alert need not be answered: the database stamps it by its own clock.
    room.clock.advance(TimeDelta::minutes(35));
    let after = room.alert("C-A1", "after", "illegal_parking").await;
    assert_eq!((after.alert.status, handler(&after)), (AlertStatus::New, None), "their shift is over");
    room.app.stop().await;
}

#[tokio::test]
async fn who_no_longer_answers_for_alerts_is_given_none() {
    let room = Room::open().await;
    let ward = room.ward();
    room.put_on(ward, "operator-a", "first", Some(&["theft"])).await;
    room.put_on(ward, "police-a", "first", None).await;
    let mut owner = room.app.database.connect("ioc_owner").await;
    // The operator keeps the session and loses the appointment.
    sqlx::query("update appointment set until_at = clock_timestamp() + interval '1 second' where account_id = $1")
        .bind(room.app.account("operator-a").await)
        .execute(&mut owner)
        .await
        .unwrap();
    sleep(Duration::from_millis(1100)).await;
    room.device.report(&an_alert("C-A1", "e1", "theft")).await;
    let whose: Option<String> =
        sqlx::query_scalar("select handler_name from camera_alert where external_id = 'e1'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(whose.as_deref(), Some(POLICE));
    room.app.stop().await;
}

#[tokio::test]
async fn of_two_who_take_what_is_a_thirds_one_wins_and_the_other_is_told_who() {
    let room = Room::open().await;
    room.put_on(room.ward(), "operator-a", "first", None).await;
    let (police, leader) = (room.app.sign_in("police-a").await, room.app.sign_in("leader-a").await);
    for turn in 0..4 {
        let id = room.alert("C-A1", &format!("e{turn}"), "theft").await.alert.id;
        let (one, other) = tokio::join!(step(&police, id, "take", None, json!({})), step(&leader, id, "take", None, json!({})));
        let (winner, loser, name) = if one.status() == StatusCode::OK { (one, other, POLICE) } else { (other, one, LEADER) };
        assert_eq!(loser.status(), StatusCode::CONFLICT, "turn {turn}");
        let refusal: Problem = loser.json().await.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.detail.contains(name)), ("camera_alerts.already_taken", true), "{}", refusal.detail);
        let conflict = refusal.conflict.expect("who and when");
        let taken = done(winner).await;
        assert_eq!((conflict.changed_by.as_deref(), Some(conflict.changed_at)), (Some(name), taken.alert.taken_at));
        assert_eq!(last(&taken), (AlertStep::Taken, Some(name), Some(OPERATOR), None));
        assert_eq!(taken.entries.iter().filter(|entry| entry.step == AlertStep::Taken).count(), 1, "turn {turn}");
        assert_eq!(summary(step(&room.operator, id, "take", None, json!({})).await).await, "409 camera_alerts.already_taken");
    }
    room.app.stop().await;
}
