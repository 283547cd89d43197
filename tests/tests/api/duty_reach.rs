//! Who may do what with rosters, answer times and handovers; who hears of them; and what the database gives to nobody.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;
use shared::{
    duty::{ANSWER_TIMES_TOPIC, AnswerTimes, DUTY_TOPIC, Duty, DutyRoster, HANDOVER_TOPIC, Handover},
    live::ServerFrame,
};
use tests::{
    app::body_of,
    duty_room::Room,
    roles::{HANDLERS, ROLES, client},
    screen::Screen,
};
use tokio::time::timeout;

#[tokio::test]
async fn every_role_has_at_every_door_what_the_matrix_gives_it() {
    let room = Room::open().await;
    let (ward_a, ward_b) = (room.ward(), room.app.ward().ward_b);
    let operator_b = room.app.sign_in("operator-b").await;
    let operator_b_id = room.app.account("operator-b").await;
    let (now, sees, edits) = (room.now(), HANDLERS, ["leader", "operator"]);
    let mut wrong = Vec::new();
    for (turn, role) in ROLES.into_iter().enumerate() {
        let client = client(&room.app, role).await;
        for (ward, keeper, person, is_own) in
            [(ward_a, &room.operator, room.app.account("police-a").await, true), (ward_b, &operator_b, operator_b_id, false)]
        {
            // A day of its own for each role, so that nobody stands in another's way.
            let from = now + TimeDelta::days(20 + turn as i64);
            let shift = |hours: i64, step: &str| {
                let from = from + TimeDelta::hours(hours);
                json!({"area_id": ward, "account_id": person, "from": from, "until": from + TimeDelta::hours(1), "step": step})
            };
            let duty: Duty = body_of(keeper.post("/api/duty", &shift(0, "first"), None).await).await;
            let note = json!({"area_id": ward, "shift_from": now - TimeDelta::hours(8), "shift_until": now, "note": "xong ca"});
            let author = if is_own && role == "operator" { room.app.sign_in("leader-a").await } else { keeper.clone() };
            let left: Handover = body_of(author.post("/api/duty/handovers", &note, None).await).await;
            let mut edit = shift(2, "first");
            edit.as_object_mut().unwrap().remove("area_id");
            let one = format!("/api/duty/{}", duty.id);
            let week = json!({"area_id": ward, "week": "2030-01-07"});
            let known: DutyRoster = keeper.read(&format!("/api/duty?area_id={ward}")).await;
            let times = json!({"area_id": ward, "critical_s": 100, "high_s": 500, "medium_s": 3000});
            let doors: [(&str, Response, &[&str]); 9] = [
                ("read", client.get(&format!("/api/duty?area_id={ward}")).await, &sees),
                ("add", client.post("/api/duty", &shift(4, "leader"), None).await, &edits),
                ("edit", client.write(Method::PUT, &one, Some(1), &edit).await, &edits),
                ("end", client.write(Method::DELETE, &one, Some(2), &json!(null)).await, &edits),
                ("repeat", client.post("/api/duty/repeat-week", &week, None).await, &edits),
                ("times", client.write(Method::PUT, "/api/answer-times", Some(known.answer_times.version), &times).await, &edits),
                ("handovers", client.get(&format!("/api/duty/handovers?area_id={ward}")).await, &sees),
                ("hand over", client.post("/api/duty/handovers", &note, None).await, &sees),
                ("take over", client.post(&format!("/api/duty/handovers/{}/take-over", left.id), &json!(null), None).await, &sees),
            ];
            for (name, answer, may) in doors {
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                let expected = match role {
                    _ if may.contains(&role) && is_own && name == "end" => StatusCode::NO_CONTENT,
                    _ if may.contains(&role) && is_own => StatusCode::OK,
                    // What lies out of reach does not exist.
                    _ if may.contains(&role) => StatusCode::NOT_FOUND,
                    "public" => StatusCode::UNAUTHORIZED,
                    _ => StatusCode::FORBIDDEN,
                };
                if status != expected {
                    wrong.push(format!("{name} as {role}, own {is_own}: {status}: {text}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    room.app.stop().await;
}

#[tokio::test]
async fn screens_of_who_sees_rosters_hear_every_edit_by_its_id_and_others_hear_nothing() {
    let room = Room::open().await;
    let ward = room.ward();
    let mut screens = Vec::new();
    for login in ["police-a", "leader-b", "tdp_head-a1", "admin-a"] {
        let topics = [DUTY_TOPIC, ANSWER_TIMES_TOPIC, HANDOVER_TOPIC];
        let mut screen = Screen::new(login, room.app.sign_in(login).await, &topics, [104.999, 20.999, 105.043, 21.011]);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    let duty = room.put_on(ward, "operator-a", "first", None).await;
    hears_until(&mut screens[0], |screen| screen.tables[DUTY_TOPIC].contains_key(&duty.id)).await;
    let heard = screens[0].heard.len();
    let changed = room.a_duty(ward, "operator-a", "first", Some(&["theft"])).await;
    let one = format!("/api/duty/{}", duty.id);
    body_of::<Duty>(room.operator.write(Method::PUT, &one, Some(duty.version), &changed).await).await;
    hears_until(&mut screens[0], |screen| screen.heard.len() > heard).await;
    let ended = room.operator.write(Method::DELETE, &one, Some(duty.version + 1), &json!(null)).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    hears_until(&mut screens[0], |screen| !screen.tables[DUTY_TOPIC].contains_key(&duty.id)).await;

    let roster: DutyRoster = room.operator.read(&format!("/api/duty?area_id={ward}")).await;
    let times = json!({"area_id": ward, "critical_s": 60, "high_s": 500, "medium_s": 3000});
    body_of::<AnswerTimes>(room.operator.write(Method::PUT, "/api/answer-times", Some(roster.answer_times.version), &times).await).await;
    hears_until(&mut screens[0], |screen| !screen.tables[ANSWER_TIMES_TOPIC].is_empty()).await;
    let note = json!({"area_id": ward, "shift_from": duty.from, "shift_until": duty.until, "note": "Camera C-A1 mờ."});
    let left: Handover = body_of(room.operator.post("/api/duty/handovers", &note, None).await).await;
    hears_until(&mut screens[0], |screen| screen.tables[HANDOVER_TOPIC].contains_key(&left.id)).await;

    for frame in &screens[0].heard {
        let ServerFrame::Delta { upsert, .. } = frame else { panic!("{frame:?}") };
        assert!(upsert.iter().all(|row| row.properties.is_empty()), "its id and nothing else: {frame:?}");
    }
    for screen in &mut screens[1..] {
        screen.listen(Duration::from_millis(400)).await;
        assert!(screen.heard.is_empty(), "{}: {:?}", screen.name, screen.heard);
    }
    room.app.stop().await;
}

/// Listens until what a screen keeps is as it should be.
async fn hears_until(screen: &mut Screen, is_so: impl Fn(&Screen) -> bool) {
    let told = async {
        while !is_so(screen) {
            screen.next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("whoever sees rosters hears of what is edited");
}

#[tokio::test]
async fn a_handler_that_forgot_every_check_would_get_no_roster() {
    let room = Room::open().await;
    let duty = room.put_on(room.ward(), "operator-a", "first", None).await;
    let mut nobody = room.app.database.connect("ioc_app").await;
    for table in ["duty", "answer_times", "duty_handover"] {
        let seen: i64 = sqlx::query_scalar(&format!("select count(*) from {table}")).fetch_one(&mut nobody).await.unwrap();
        assert_eq!(seen, 0, "{table}");
    }
    for changed in ["update duty set step = 2", "delete from duty"] {
        assert_eq!(sqlx::query(changed).execute(&mut nobody).await.unwrap().rows_affected(), 0, "{changed}");
    }
    let forged = sqlx::query("insert into duty (area_id, account_id, from_at, until_at, step) values ($1, $2, $3, $4, 2)")
        .bind(duty.area_id)
        .bind(duty.account_id)
        .bind(duty.from)
        .bind(duty.until)
        .execute(&mut nobody)
        .await;
    assert!(forged.is_err(), "nobody puts somebody on duty");
    room.app.stop().await;
}
