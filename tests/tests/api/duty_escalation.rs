//! One step up when nobody takes an alert in time: to the last step, from where it was given back, within the ward, and at once on
//! the screen of who is asked next.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use shared::camera_alert::{AlertStatus, AlertStep, Severity};
use tests::{
    app::summary,
    device::{TestDevice, an_alert},
    duty_room::{A_LOOK, LEADER, OPERATOR, POLICE, Room},
    handling::{done, give_back, handler, last, step, take},
    screen::Screen,
};
use tokio::time::{sleep, timeout};

#[tokio::test]
async fn what_nobody_takes_goes_up_to_the_last_step_and_stays_overdue() {
    let room = Room::with_two_steps().await;

    let first = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = first.alert.id;
    assert_eq!((first.alert.severity, handler(&first)), (Severity::Critical, Some(OPERATOR)));
    assert_eq!(first.alert.answer_due_at, Some(first.alert.received_at + TimeDelta::minutes(2)));

    // A moment before its time nothing moves.
    room.go_to(first.alert.answer_due_at, TimeDelta::seconds(-5));
    sleep(A_LOOK).await;
    assert_eq!(handler(&room.card(id).await), Some(OPERATOR));

    let second = room.goes_up(&first, 2).await;
    assert_eq!((second.alert.status, handler(&second), second.alert.version), (AlertStatus::Assigned, Some(POLICE), 1));
    assert_eq!(last(&second), (AlertStep::Escalated, None, Some(OPERATOR), Some(POLICE)));
    assert_eq!(second.alert.answer_due_at, Some(room.now() + TimeDelta::minutes(2)), "the next one has as long again");

    // The roster names no leader: the one by appointment stands in.
    let third = room.goes_up(&second, 3).await;
    assert_eq!(last(&third), (AlertStep::Escalated, None, Some(POLICE), Some(LEADER)));
    assert!(!third.alert.overdue);

    room.go_to(third.alert.answer_due_at, TimeDelta::seconds(1));
    let end = room.card_once(id, |card| card.alert.overdue).await;
    assert_eq!((handler(&end), end.alert.answer_due_at), (Some(LEADER), third.alert.answer_due_at), "late since then");
    assert_eq!(last(&end), (AlertStep::Overdue, None, Some(LEADER), None));

    room.clock.advance(TimeDelta::minutes(10));
    sleep(A_LOOK).await;
    let still = room.card(id).await;
    assert_eq!((still.entries.len(), still.alert.overdue, still.alert.version), (end.entries.len(), true, end.alert.version));

    // Whoever takes it after all has it; opened again it begins anew.
    let taken = take(&room.operator, id).await;
    assert_eq!((taken.alert.status, taken.alert.answer_due_at, taken.alert.overdue), (AlertStatus::Taken, None, false));
    assert_eq!(last(&taken), (AlertStep::Taken, Some(OPERATOR), Some(LEADER), None));
    let seen = Some(taken.alert.version);
    done(step(&room.operator, id, "close", seen, json!({"outcome": "handled"})).await).await;
    let open = done(step(&room.operator, id, "reopen", None, json!({"reason": "khói trở lại"})).await).await;
    assert_eq!((open.alert.status, handler(&open), open.alert.escalation), (AlertStatus::New, None, 0));
    let anew = room.goes_up(&open, 1).await;
    assert_eq!(last(&anew), (AlertStep::Escalated, None, None, Some(OPERATOR)));
    room.app.stop().await;
}

#[tokio::test]
async fn with_nobody_on_duty_a_leader_is_asked_and_other_wards_are_left_alone() {
    let room = Room::open().await;
    let elsewhere = TestDevice::add(&room.app, "hop-b", "B").await;
    elsewhere.report(&an_alert("C-B1", "e1", "fire_or_smoke")).await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    room.clock.advance(TimeDelta::minutes(3));
    let up = room.card_once(alert.alert.id, |card| card.alert.escalation == 3).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, None, Some(LEADER)));
    let mut owner = room.app.database.connect("ioc_owner").await;
    let theirs: Option<String> =
        sqlx::query_scalar("select handler_name from camera_alert where external_id = 'e1' and camera_code = 'C-B1'")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    assert_eq!(theirs.as_deref(), Some("Cán bộ leader-b"), "each ward's own leader");
    room.app.stop().await;
}

#[tokio::test]
async fn taking_stops_the_clock_and_handing_over_starts_it_again() {
    let room = Room::with_two_steps().await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = alert.alert.id;
    let taken = take(&room.operator, id).await;
    assert_eq!((taken.alert.answer_due_at, last(&taken).2), (None, None), "it was the taker's own");
    room.go_to(alert.alert.answer_due_at, TimeDelta::minutes(5));
    sleep(A_LOOK).await;
    assert_eq!((handler(&room.card(id).await), room.card(id).await.alert.escalation), (Some(OPERATOR), 0));

    let to = json!({"account_id": room.app.account("leader-a").await});
    let given = done(step(&room.operator, id, "assign", Some(1), to).await).await;
    assert_eq!(last(&given), (AlertStep::Assigned, Some(OPERATOR), Some(OPERATOR), Some(LEADER)));
    assert_eq!(given.alert.answer_due_at, Some(room.now() + TimeDelta::minutes(2)));
    let up = room.goes_up(&given, 2).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, Some(LEADER), Some(POLICE)));

    // A step decided on before it went up is decided on again.
    let late = step(&room.operator, id, "close", Some(given.alert.version), json!({"outcome": "handled"})).await;
    assert_eq!(summary(late).await, "412 edit.conflict");
    room.app.stop().await;
}

#[tokio::test]
async fn what_is_given_back_has_its_whole_time_again_and_goes_up_from_where_it_was() {
    let room = Room::with_two_steps().await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = alert.alert.id;
    take(&room.operator, id).await;
    room.go_to(alert.alert.answer_due_at, TimeDelta::minutes(5));
    let back = done(give_back(&room.operator, id, Some(1)).await).await;
    assert_eq!((back.alert.status, handler(&back), back.alert.overdue), (AlertStatus::New, None, false));
    assert_eq!(last(&back), (AlertStep::GivenBack, Some(OPERATOR), None, None));
    assert_eq!(back.alert.answer_due_at, Some(room.now() + TimeDelta::minutes(2)), "whoever comes next has as long");

    // Who had it is not asked once more: the next step is.
    let up = room.goes_up(&back, 2).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, None, Some(POLICE)));

    // Given back from the second step it does not begin at the first.
    let police = room.app.sign_in("police-a").await;
    let back = done(give_back(&police, id, Some(up.alert.version)).await).await;
    assert_eq!((back.alert.status, back.alert.escalation), (AlertStatus::New, 2));
    let up = room.goes_up(&back, 3).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, None, Some(LEADER)));
    room.app.stop().await;
}

#[tokio::test]
async fn whoever_is_given_an_alert_hears_of_it_at_once() {
    let room = Room::with_two_steps().await;
    let mut screen = Screen::new("police-a", room.app.sign_in("police-a").await, &["camera_alert"], [104.9, 20.9, 105.1, 21.1]);
    screen.connect().await;
    screen.listen(Duration::from_millis(400)).await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let (id, police) = (alert.alert.id, room.app.account("police-a").await);
    room.go_to(alert.alert.answer_due_at, TimeDelta::seconds(1));
    let told = async {
        loop {
            let shown = screen.tables.get("camera_alert").and_then(|table| table.get(&id));
            if let Some(shown) = shown.filter(|shown| shown.properties.get("handler_id") == Some(&json!(police))) {
                return (shown.properties["escalation"].clone(), shown.properties["overdue"].clone());
            }
            screen.next().await;
        }
    };
    let told = timeout(Duration::from_secs(10), told).await.expect("the frame names the new handler");
    assert_eq!(told, (json!(2), json!(false)));
    room.app.stop().await;
}
