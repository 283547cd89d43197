//! The roster as it is kept: written, changed, repeated, its past; one person at a step and a time; the ward's own answer times.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared::duty::{AnswerTimes, Duty, DutyRoster, DutyStep, RepeatedWeek};
use tests::{
    app::{body_of, summary},
    duty_room::{LEADER, OPERATOR, POLICE, Room},
};

#[tokio::test]
async fn a_roster_is_written_changed_repeated_and_keeps_its_past() {
    let room = Room::open().await;
    let ward = room.ward();
    let uid = uuid::Uuid::now_v7();
    let mut wanted = room.a_duty(ward, "operator-a", "first", None).await;
    wanted["uid"] = json!(uid);
    wanted["note"] = json!(" thay  ca ");
    let post = |body: Value| {
        let operator = room.operator.clone();
        async move { operator.post("/api/duty", &body, None).await }
    };
    let duty: Duty = body_of(post(wanted.clone()).await).await;
    assert_eq!((duty.uid, duty.step, duty.kinds.as_ref(), duty.note.as_deref()), (uid, DutyStep::First, None, Some("thay ca")));
    assert_eq!((duty.account_name.as_str(), duty.is_mine), (OPERATOR, true));
    assert_eq!(body_of::<Duty>(post(wanted.clone()).await).await.id, duty.id, "the same uid is the same duty");

    // One person at a step, a time and a kind; who is named for a kind may stand beside who answers for all.
    assert_eq!(summary(post(room.a_duty(ward, "police-a", "first", None).await).await).await, "409 duty.answered_by_another");
    room.put_on(ward, "police-a", "first", Some(&["theft", "crowd"])).await;
    let twice = room.a_duty(ward, "leader-a", "first", Some(&["crowd", "collision"])).await;
    assert_eq!(summary(post(twice).await).await, "409 duty.answered_by_another");
    room.put_on(ward, "leader-a", "leader", None).await;
    room.put_on(room.app.ward().a1.area, "police-a", "first", None).await;
    for stranger in ["operator-b", "tdp_head-a1", "admin-a"] {
        let body = room.a_duty(ward, stranger, "shift_lead", None).await;
        assert_eq!(summary(post(body).await).await, "422 duty.does_not_answer", "{stranger}");
    }
    let mut backwards = wanted.clone();
    backwards["uid"] = json!(uuid::Uuid::now_v7());
    backwards["until"] = backwards["from"].clone();
    assert_eq!(summary(post(backwards).await).await, "422 edit.invalid");

    let look = format!("/api/duty?area_id={ward}");
    let roster: DutyRoster = room.operator.read(&look).await;
    let names: Vec<_> = roster.on_now.iter().map(|duty| (duty.account_name.as_str(), duty.step)).collect();
    assert_eq!(
        names,
        [(OPERATOR, DutyStep::First), (POLICE, DutyStep::First), (POLICE, DutyStep::First), (LEADER, DutyStep::Leader)],
        "the ward's and its TDP's"
    );
    assert_eq!((roster.duties.len(), roster.editable, roster.people.len()), (4, true, 3));

    // Changing names the version that was seen.
    let path = format!("/api/duty/{}", duty.id);
    let mut edit = wanted.clone();
    for other in ["uid", "area_id"] {
        edit.as_object_mut().unwrap().remove(other);
    }
    edit["step"] = json!("shift_lead");
    assert_eq!(summary(room.operator.write(Method::PUT, &path, None, &edit).await).await, "428 version_required");
    let edited: Duty = body_of(room.operator.write(Method::PUT, &path, Some(1), &edit).await).await;
    assert_eq!((edited.step, edited.version), (DutyStep::ShiftLead, 2));
    assert_eq!(summary(room.operator.write(Method::PUT, &path, Some(1), &edit).await).await, "412 edit.conflict");

    // The week once more, and not twice.
    let next_week = (room.now() + TimeDelta::hours(7)).date_naive() + TimeDelta::days(1);
    let body = json!({"area_id": ward, "week": next_week});
    let repeated: RepeatedWeek = body_of(room.operator.post("/api/duty/repeat-week", &body, None).await).await;
    assert_eq!((repeated.added, repeated.left_out), (4, 0));
    let again: RepeatedWeek = body_of(room.operator.post("/api/duty/repeat-week", &body, None).await).await;
    assert_eq!((again.added, again.left_out), (0, 4));
    let later = wire(duty.from + TimeDelta::days(7));
    let until = wire(duty.until + TimeDelta::days(7));
    let roster: DutyRoster = room.operator.read(&format!("{look}&from={later}&until={until}")).await;
    assert_eq!(roster.duties.len(), 4);
    assert_eq!(roster.duties[0].from, duty.from + TimeDelta::days(7));

    assert_eq!(summary(room.operator.write(Method::DELETE, &path, Some(1), &json!(null)).await).await, "412 edit.conflict");
    assert_eq!(room.operator.write(Method::DELETE, &path, Some(2), &json!(null)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(summary(room.operator.write(Method::DELETE, &path, Some(2), &json!(null)).await).await, "404 not_found");
    let past: Vec<String> =
        sqlx::query_scalar("select op from history where topic = 'duty' and row_id = $1 and actor is not null order by id")
            .bind(duty.id)
            .fetch_all(&mut room.app.database.connect("ioc_owner").await)
            .await
            .unwrap();
    assert_eq!(past, ["insert", "update", "delete"]);
    room.app.stop().await;
}

fn wire(at: DateTime<Utc>) -> String {
    at.to_rfc3339().replace("+00:00", "Z")
}

#[tokio::test]
async fn two_who_put_somebody_on_at_once_do_not_both_succeed() {
    let room = Room::open().await;
    let ward = room.ward();
    let leader = room.app.sign_in("leader-a").await;
    let (one, other) = (room.a_duty(ward, "operator-a", "first", None).await, room.a_duty(ward, "police-a", "first", None).await);
    let (one, other) = tokio::join!(room.operator.post("/api/duty", &one, None), leader.post("/api/duty", &other, None));
    let mut answers = [one.status().as_u16(), other.status().as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
    room.app.stop().await;
}

#[tokio::test]
async fn a_ward_sets_its_own_answer_times() {
    let room = Room::open().await;
    let ward = room.ward();
    let roster: DutyRoster = room.operator.read(&format!("/api/duty?area_id={}", room.app.ward().a1.area)).await;
    let AnswerTimes { area_id, critical_s, high_s, medium_s, version, editable } = roster.answer_times;
    assert_eq!((area_id, critical_s, high_s, medium_s, version, editable), (ward, 120, 600, 3600, 0, true), "the ward's, as is usual");

    let times = |critical_s: i32| json!({"area_id": ward, "critical_s": critical_s, "high_s": 300, "medium_s": 900});
    let put = |seen, body: Value| {
        let operator = room.operator.clone();
        async move { operator.write(Method::PUT, "/api/answer-times", seen, &body).await }
    };
    assert_eq!(summary(put(None, times(60)).await).await, "428 version_required");
    assert_eq!(summary(put(Some(0), times(301)).await).await, "422 edit.invalid");
    let of_a_tdp = json!({"area_id": room.app.ward().a1.area, "critical_s": 60, "high_s": 300, "medium_s": 900});
    assert_eq!(summary(put(Some(0), of_a_tdp).await).await, "422 edit.invalid");
    let set: AnswerTimes = body_of(put(Some(0), times(60)).await).await;
    assert_eq!((set.critical_s, set.version), (60, 1));
    assert_eq!(summary(put(Some(0), times(90)).await).await, "412 edit.conflict");
    assert_eq!(body_of::<AnswerTimes>(put(Some(1), times(90)).await).await.version, 2);

    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    assert_eq!(alert.alert.answer_due_at, Some(alert.alert.received_at + TimeDelta::seconds(90)));
    let pasts: i64 = sqlx::query_scalar("select count(*) from history where topic = 'answer_times' and actor is not null")
        .fetch_one(&mut room.app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(pasts, 2);
    room.app.stop().await;
}
