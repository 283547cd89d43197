//! Who answers: whose a new alert is by the roster, one step up when nobody takes it in time, what one shift hands to the next.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::platform::clock::{Clock, TestClock};
use shared::{
    camera_alert::{AlertStatus, AlertStep, CameraAlertCard, Severity},
    duty::{ANSWER_TIMES_TOPIC, AnswerTimes, DUTY_TOPIC, Duty, DutyRoster, DutyStep, HANDOVER_TOPIC, Handover, HandoverList, RepeatedWeek},
    live::ServerFrame,
    problem::Problem,
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    screen::Screen,
};
use tokio::time::{sleep, timeout};

const OPERATOR: &str = "Cán bộ operator-a";
const POLICE: &str = "Cán bộ police-a";
const LEADER: &str = "Cán bộ leader-a";
/// Longer than the job takes to look again.
const A_LOOK: Duration = Duration::from_millis(2500);

/// The small wards on a clock that the test moves, with the operator of ward A and a recorder there.
struct Room {
    app: TestApp,
    clock: Arc<TestClock>,
    operator: TestClient,
    device: TestDevice,
}

impl Room {
    async fn open() -> Self {
        // The present: sessions and received alerts are stamped by the database.
        // To the microsecond, as PostgreSQL keeps it.
        let clock = TestClock::at(DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a moment"));
        let app = TestApp::start_at(clock.clone()).await;
        let operator = app.sign_in("operator-a").await;
        let device = TestDevice::add(&app, "hop-1", "A").await;
        Self { app, clock, operator, device }
    }

    async fn account(&self, login: &str) -> i64 {
        let mut owner = self.app.database.connect("ioc_owner").await;
        sqlx::query_scalar("select id from account where login = $1").bind(login).fetch_one(&mut owner).await.unwrap()
    }

    /// A shift of eight hours that ends in half an hour.
    async fn a_duty(&self, area: i32, login: &str, step: &str, kinds: Option<&[&str]>) -> Value {
        let from = self.clock.now() - TimeDelta::minutes(450);
        json!({"area_id": area, "account_id": self.account(login).await, "from": from, "until": from + TimeDelta::hours(8), "step": step, "kinds": kinds})
    }

    async fn put_on(&self, area: i32, login: &str, step: &str, kinds: Option<&[&str]>) -> Duty {
        done(self.operator.post("/api/duty", &self.a_duty(area, login, step, kinds).await, None).await).await
    }

    /// Reports an alert and opens its card.
    async fn alert(&self, camera: &str, external_id: &str, kind: &str) -> CameraAlertCard {
        let answer = self.device.report(&an_alert(camera, external_id, kind)).await;
        assert_eq!(answer.accepted, 1, "{:?}", answer.rejected);
        let mut owner = self.app.database.connect("ioc_owner").await;
        let id: i64 = sqlx::query_scalar("select id from camera_alert where external_id = $1 and camera_code = $2")
            .bind(external_id)
            .bind(camera)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        self.card(id).await
    }

    async fn card(&self, id: i64) -> CameraAlertCard {
        self.operator.read(&format!("/api/camera-alerts/{id}")).await
    }

    /// Moves the clock to so long after a moment.
    fn go_to(&self, moment: Option<DateTime<Utc>>, after: TimeDelta) {
        let moment = moment.expect("somebody must answer until then");
        self.clock.advance(moment + after - self.clock.now());
    }

    /// The card, once it is as it should be.
    async fn card_once(&self, id: i64, is_so: impl Fn(&CameraAlertCard) -> bool) -> CameraAlertCard {
        let waited = timeout(Duration::from_secs(10), async {
            loop {
                let card = self.card(id).await;
                if is_so(&card) {
                    return card;
                }
                sleep(Duration::from_millis(100)).await;
            }
        });
        match waited.await {
            Ok(card) => card,
            Err(_) => panic!("it never came to that: {:?}", self.card(id).await),
        }
    }
}

async fn done<T: DeserializeOwned>(answer: Response) -> T {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn write(client: &TestClient, method: Method, path: &str, seen: Option<i32>, body: &Value) -> Response {
    let request = client.request(method, path).json(body);
    client
        .send(match seen {
            Some(seen) => request.header(header::IF_MATCH, format!("\"{seen}\"")),
            None => request,
        })
        .await
}

async fn step(client: &TestClient, id: i64, name: &str, seen: Option<i32>, body: Value) -> Response {
    write(client, Method::POST, &format!("/api/camera-alerts/{id}/{name}"), seen, &body).await
}

fn handler(card: &CameraAlertCard) -> Option<&str> {
    card.alert.handler_name.as_deref()
}

/// Step, by whom, from whom, to whom.
fn last(card: &CameraAlertCard) -> (AlertStep, Option<&str>, Option<&str>, Option<&str>) {
    let entry = card.entries.last().expect("something has happened");
    (entry.step, entry.by.as_deref(), entry.from.as_deref(), entry.to.as_deref())
}

#[tokio::test]
async fn a_new_alert_is_whose_duty_it_is() {
    let room = Room::open().await;
    let (ward, a2) = (room.app.ward().ward_a, room.app.ward().a2.area);
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
    let rules = json!({"area_id": ward, "rules": [{"kind": "crowd", "handler_id": room.account("police-a").await}]});
    done::<Value>(write(&room.operator, Method::PUT, "/api/alert-rules", Some(0), &rules).await).await;
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
    let ward = room.app.ward().ward_a;
    room.put_on(ward, "operator-a", "first", Some(&["theft"])).await;
    room.put_on(ward, "police-a", "first", None).await;
    let mut owner = room.app.database.connect("ioc_owner").await;
    // The operator keeps the session and loses the appointment.
    sqlx::query("update appointment set until_at = clock_timestamp() + interval '1 second' where account_id = $1")
        .bind(room.account("operator-a").await)
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
async fn what_nobody_takes_goes_up_to_the_last_step_and_stays_overdue() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    room.put_on(ward, "operator-a", "first", None).await;
    room.put_on(ward, "police-a", "shift_lead", None).await;

    let first = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = first.alert.id;
    assert_eq!((first.alert.severity, handler(&first)), (Severity::Critical, Some(OPERATOR)));
    assert_eq!(first.alert.answer_due_at, Some(first.alert.received_at + TimeDelta::minutes(2)));

    // A moment before its time nothing moves.
    room.go_to(first.alert.answer_due_at, TimeDelta::seconds(-5));
    sleep(A_LOOK).await;
    assert_eq!(handler(&room.card(id).await), Some(OPERATOR));

    room.go_to(first.alert.answer_due_at, TimeDelta::seconds(1));
    let second = room.card_once(id, |card| card.alert.escalation == 2).await;
    assert_eq!((second.alert.status, handler(&second), second.alert.version), (AlertStatus::Assigned, Some(POLICE), 1));
    assert_eq!(last(&second), (AlertStep::Escalated, None, Some(OPERATOR), Some(POLICE)));
    assert_eq!(second.alert.answer_due_at, Some(room.clock.now() + TimeDelta::minutes(2)), "the next one has as long again");

    // The roster names no leader: the one by appointment stands in.
    room.go_to(second.alert.answer_due_at, TimeDelta::seconds(1));
    let third = room.card_once(id, |card| card.alert.escalation == 3).await;
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
    let taken: CameraAlertCard = done(step(&room.operator, id, "take", None, json!({})).await).await;
    assert_eq!((taken.alert.status, taken.alert.answer_due_at, taken.alert.overdue), (AlertStatus::Taken, None, false));
    assert_eq!(last(&taken), (AlertStep::Taken, Some(OPERATOR), Some(LEADER), None));
    let seen = Some(taken.alert.version);
    done::<CameraAlertCard>(step(&room.operator, id, "close", seen, json!({"outcome": "handled"})).await).await;
    let open: CameraAlertCard = done(step(&room.operator, id, "reopen", None, json!({"reason": "khói trở lại"})).await).await;
    assert_eq!((open.alert.status, handler(&open), open.alert.escalation), (AlertStatus::New, None, 0));
    room.go_to(open.alert.answer_due_at, TimeDelta::seconds(1));
    let anew = room.card_once(id, |card| card.alert.escalation == 1).await;
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
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    room.put_on(ward, "operator-a", "first", None).await;
    room.put_on(ward, "police-a", "shift_lead", None).await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = alert.alert.id;
    let taken: CameraAlertCard = done(step(&room.operator, id, "take", None, json!({})).await).await;
    assert_eq!((taken.alert.answer_due_at, last(&taken).2), (None, None), "it was the taker's own");
    room.go_to(alert.alert.answer_due_at, TimeDelta::minutes(5));
    sleep(A_LOOK).await;
    assert_eq!((handler(&room.card(id).await), room.card(id).await.alert.escalation), (Some(OPERATOR), 0));

    let to = json!({"account_id": room.account("leader-a").await});
    let given: CameraAlertCard = done(step(&room.operator, id, "assign", Some(1), to).await).await;
    assert_eq!(last(&given), (AlertStep::Assigned, Some(OPERATOR), Some(OPERATOR), Some(LEADER)));
    assert_eq!(given.alert.answer_due_at, Some(room.clock.now() + TimeDelta::minutes(2)));
    room.go_to(given.alert.answer_due_at, TimeDelta::seconds(1));
    let up = room.card_once(id, |card| card.alert.escalation == 2).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, Some(LEADER), Some(POLICE)));

    // A step decided on before it went up is decided on again.
    let late = step(&room.operator, id, "close", Some(given.alert.version), json!({"outcome": "handled"})).await;
    assert_eq!(summary(late).await, "412 edit.conflict");
    room.app.stop().await;
}

#[tokio::test]
async fn what_is_given_back_has_its_whole_time_again_and_goes_up_from_where_it_was() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    room.put_on(ward, "operator-a", "first", None).await;
    room.put_on(ward, "police-a", "shift_lead", None).await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let id = alert.alert.id;
    done::<CameraAlertCard>(step(&room.operator, id, "take", None, json!({})).await).await;
    room.go_to(alert.alert.answer_due_at, TimeDelta::minutes(5));
    let back: CameraAlertCard = done(step(&room.operator, id, "assign", Some(1), json!({"account_id": null})).await).await;
    assert_eq!((back.alert.status, handler(&back), back.alert.overdue), (AlertStatus::New, None, false));
    assert_eq!(last(&back), (AlertStep::GivenBack, Some(OPERATOR), None, None));
    assert_eq!(back.alert.answer_due_at, Some(room.clock.now() + TimeDelta::minutes(2)), "whoever comes next has as long");

    // Who had it is not asked once more: the next step is.
    room.go_to(back.alert.answer_due_at, TimeDelta::seconds(1));
    let up = room.card_once(id, |card| card.alert.escalation == 2).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, None, Some(POLICE)));

    // Given back from the second step it does not begin at the first.
    let police = room.app.sign_in("police-a").await;
    let back: CameraAlertCard = done(step(&police, id, "assign", Some(up.alert.version), json!({"account_id": null})).await).await;
    assert_eq!((back.alert.status, back.alert.escalation), (AlertStatus::New, 2));
    room.go_to(back.alert.answer_due_at, TimeDelta::seconds(1));
    let up = room.card_once(id, |card| card.alert.escalation == 3).await;
    assert_eq!(last(&up), (AlertStep::Escalated, None, None, Some(LEADER)));
    room.app.stop().await;
}

#[tokio::test]
async fn of_two_who_take_what_is_a_thirds_one_wins_and_the_other_is_told_who() {
    let room = Room::open().await;
    room.put_on(room.app.ward().ward_a, "operator-a", "first", None).await;
    let (police, leader) = (room.app.sign_in("police-a").await, room.app.sign_in("leader-a").await);
    for turn in 0..4 {
        let id = room.alert("C-A1", &format!("e{turn}"), "theft").await.alert.id;
        let (one, other) = tokio::join!(step(&police, id, "take", None, json!({})), step(&leader, id, "take", None, json!({})));
        let (winner, loser, name) = if one.status() == StatusCode::OK { (one, other, POLICE) } else { (other, one, LEADER) };
        assert_eq!(loser.status(), StatusCode::CONFLICT, "turn {turn}");
        let refusal: Problem = loser.json().await.unwrap();
        assert_eq!((refusal.code.as_str(), refusal.detail.contains(name)), ("camera_alerts.already_taken", true), "{}", refusal.detail);
        let conflict = refusal.conflict.expect("who and when");
        let taken: CameraAlertCard = done(winner).await;
        assert_eq!((conflict.changed_by.as_deref(), Some(conflict.changed_at)), (Some(name), taken.alert.taken_at));
        assert_eq!(last(&taken), (AlertStep::Taken, Some(name), Some(OPERATOR), None));
        assert_eq!(taken.entries.iter().filter(|entry| entry.step == AlertStep::Taken).count(), 1, "turn {turn}");
        assert_eq!(summary(step(&room.operator, id, "take", None, json!({})).await).await, "409 camera_alerts.already_taken");
    }
    room.app.stop().await;
}

#[tokio::test]
async fn whoever_is_given_an_alert_hears_of_it_at_once() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    room.put_on(ward, "operator-a", "first", None).await;
    room.put_on(ward, "police-a", "shift_lead", None).await;
    let mut screen = Screen::new("police-a", room.app.sign_in("police-a").await, &["camera_alert"], [104.9, 20.9, 105.1, 21.1]);
    screen.connect().await;
    screen.listen(Duration::from_millis(400)).await;
    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    let (id, police) = (alert.alert.id, room.account("police-a").await);
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

#[tokio::test]
async fn screens_of_who_sees_rosters_hear_every_edit_by_its_id_and_others_hear_nothing() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
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
    done::<Duty>(write(&room.operator, Method::PUT, &one, Some(duty.version), &changed).await).await;
    hears_until(&mut screens[0], |screen| screen.heard.len() > heard).await;
    let ended = write(&room.operator, Method::DELETE, &one, Some(duty.version + 1), &json!(null)).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    hears_until(&mut screens[0], |screen| !screen.tables[DUTY_TOPIC].contains_key(&duty.id)).await;

    let roster: DutyRoster = room.operator.read(&format!("/api/duty?area_id={ward}")).await;
    let times = json!({"area_id": ward, "critical_s": 60, "high_s": 500, "medium_s": 3000});
    done::<AnswerTimes>(write(&room.operator, Method::PUT, "/api/answer-times", Some(roster.answer_times.version), &times).await).await;
    hears_until(&mut screens[0], |screen| !screen.tables[ANSWER_TIMES_TOPIC].is_empty()).await;
    let note = json!({"area_id": ward, "shift_from": duty.from, "shift_until": duty.until, "note": "Camera C-A1 mờ."});
    let left: Handover = done(room.operator.post("/api/duty/handovers", &note, None).await).await;
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
    timeout(Duration::from_secs(3), told).await.expect("whoever sees rosters hears of what is edited");
}

#[tokio::test]
async fn a_ward_sets_its_own_answer_times() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    let roster: DutyRoster = room.operator.read(&format!("/api/duty?area_id={}", room.app.ward().a1.area)).await;
    let AnswerTimes { area_id, critical_s, high_s, medium_s, version, editable } = roster.answer_times;
    assert_eq!((area_id, critical_s, high_s, medium_s, version, editable), (ward, 120, 600, 3600, 0, true), "the ward's, as is usual");

    let times = |critical_s: i32| json!({"area_id": ward, "critical_s": critical_s, "high_s": 300, "medium_s": 900});
    let put = |seen, body: Value| {
        let operator = room.operator.clone();
        async move { write(&operator, Method::PUT, "/api/answer-times", seen, &body).await }
    };
    assert_eq!(summary(put(None, times(60)).await).await, "428 version_required");
    assert_eq!(summary(put(Some(0), times(301)).await).await, "422 edit.invalid");
    let of_a_tdp = json!({"area_id": room.app.ward().a1.area, "critical_s": 60, "high_s": 300, "medium_s": 900});
    assert_eq!(summary(put(Some(0), of_a_tdp).await).await, "422 edit.invalid");
    let set: AnswerTimes = done(put(Some(0), times(60)).await).await;
    assert_eq!((set.critical_s, set.version), (60, 1));
    assert_eq!(summary(put(Some(0), times(90)).await).await, "412 edit.conflict");
    assert_eq!(done::<AnswerTimes>(put(Some(1), times(90)).await).await.version, 2);

    let alert = room.alert("C-A1", "e1", "fire_or_smoke").await;
    assert_eq!(alert.alert.answer_due_at, Some(alert.alert.received_at + TimeDelta::seconds(90)));
    let pasts: i64 = sqlx::query_scalar("select count(*) from history where topic = 'answer_times' and actor is not null")
        .fetch_one(&mut room.app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(pasts, 2);
    room.app.stop().await;
}

#[tokio::test]
async fn a_roster_is_written_changed_repeated_and_keeps_its_past() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    let uid = uuid::Uuid::now_v7();
    let mut wanted = room.a_duty(ward, "operator-a", "first", None).await;
    wanted["uid"] = json!(uid);
    wanted["note"] = json!(" thay  ca ");
    let post = |body: Value| {
        let operator = room.operator.clone();
        async move { operator.post("/api/duty", &body, None).await }
    };
    let duty: Duty = done(post(wanted.clone()).await).await;
    assert_eq!((duty.uid, duty.step, duty.kinds.as_ref(), duty.note.as_deref()), (uid, DutyStep::First, None, Some("thay ca")));
    assert_eq!((duty.account_name.as_str(), duty.is_mine), (OPERATOR, true));
    assert_eq!(done::<Duty>(post(wanted.clone()).await).await.id, duty.id, "the same uid is the same duty");

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
    assert_eq!(summary(write(&room.operator, Method::PUT, &path, None, &edit).await).await, "428 version_required");
    let edited: Duty = done(write(&room.operator, Method::PUT, &path, Some(1), &edit).await).await;
    assert_eq!((edited.step, edited.version), (DutyStep::ShiftLead, 2));
    assert_eq!(summary(write(&room.operator, Method::PUT, &path, Some(1), &edit).await).await, "412 edit.conflict");

    // The week once more, and not twice.
    let next_week = (room.clock.now() + TimeDelta::hours(7)).date_naive() + TimeDelta::days(1);
    let body = json!({"area_id": ward, "week": next_week});
    let repeated: RepeatedWeek = done(room.operator.post("/api/duty/repeat-week", &body, None).await).await;
    assert_eq!((repeated.added, repeated.left_out), (4, 0));
    let again: RepeatedWeek = done(room.operator.post("/api/duty/repeat-week", &body, None).await).await;
    assert_eq!((again.added, again.left_out), (0, 4));
    let later = wire(duty.from + TimeDelta::days(7));
    let until = wire(duty.until + TimeDelta::days(7));
    let roster: DutyRoster = room.operator.read(&format!("{look}&from={later}&until={until}")).await;
    assert_eq!(roster.duties.len(), 4);
    assert_eq!(roster.duties[0].from, duty.from + TimeDelta::days(7));

    assert_eq!(summary(write(&room.operator, Method::DELETE, &path, Some(1), &json!(null)).await).await, "412 edit.conflict");
    assert_eq!(write(&room.operator, Method::DELETE, &path, Some(2), &json!(null)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(summary(write(&room.operator, Method::DELETE, &path, Some(2), &json!(null)).await).await, "404 not_found");
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
    let ward = room.app.ward().ward_a;
    let leader = room.app.sign_in("leader-a").await;
    let (one, other) = (room.a_duty(ward, "operator-a", "first", None).await, room.a_duty(ward, "police-a", "first", None).await);
    let (one, other) = tokio::join!(room.operator.post("/api/duty", &one, None), leader.post("/api/duty", &other, None));
    let mut answers = [one.status().as_u16(), other.status().as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
    room.app.stop().await;
}

#[tokio::test]
async fn a_shift_is_handed_over_with_its_alerts_and_taken_over_once() {
    let room = Room::open().await;
    let ward = room.app.ward().ward_a;
    let (police, leader) = (room.app.sign_in("police-a").await, room.app.sign_in("leader-a").await);
    let mine = [room.alert("C-A1", "e1", "theft").await.alert.id, room.alert("C-A2", "e2", "fire_or_smoke").await.alert.id];
    for id in mine {
        done::<CameraAlertCard>(step(&room.operator, id, "take", None, json!({})).await).await;
    }
    let theirs = room.alert("C-A1", "e3", "theft").await.alert.id;
    done::<CameraAlertCard>(step(&leader, theirs, "take", None, json!({})).await).await;
    let list: HandoverList = room.operator.read(&format!("/api/duty/handovers?area_id={ward}")).await;
    assert_eq!((list.handovers.len(), list.my_open_alerts), (0, 2));

    let police_id = room.account("police-a").await;
    let now = room.clock.now();
    let body = json!({
        "uid": uuid::Uuid::now_v7(), "area_id": ward, "shift_from": now - TimeDelta::hours(8), "shift_until": now,
        "note": "Xe tải đỗ ở cổng chợ.\n\nCamera  C-A2 mờ.", "to_id": police_id, "give_alerts": true,
    });
    for (wrong, code) in [
        (json!({"note": " "}), "422 edit.invalid"),
        (json!({"to_id": null}), "422 edit.invalid"),
        (json!({"to_id": room.account("operator-a").await}), "422 edit.invalid"),
        (json!({"to_id": room.account("police-b").await}), "422 duty.does_not_answer"),
        (json!({"shift_until": now - TimeDelta::hours(9)}), "422 edit.invalid"),
    ] {
        let mut refused = body.clone();
        refused.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(summary(room.operator.post("/api/duty/handovers", &refused, None).await).await, code, "{wrong}");
    }
    let left: Handover = done(room.operator.post("/api/duty/handovers", &body, None).await).await;
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

    let again: Handover = done(room.operator.post("/api/duty/handovers", &body, None).await).await;
    assert_eq!((again.id, again.alerts_given), (left.id, 2), "the same uid is the same note");

    let take_over = format!("/api/duty/handovers/{}/take-over", left.id);
    assert_eq!(summary(room.operator.post(&take_over, &json!(null), None).await).await, "409 duty.own_handover");
    let taken: Handover = done(police.post(&take_over, &json!(null), None).await).await;
    assert_eq!((taken.taken_over_by.as_deref(), taken.can_take_over), (Some(POLICE), false));
    let once_more: Handover = done(police.post(&take_over, &json!(null), None).await).await;
    assert_eq!(once_more.taken_over_at, taken.taken_over_at);
    let late = leader.post(&take_over, &json!(null), None).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let refusal: Problem = late.json().await.unwrap();
    let conflict = refusal.conflict.unwrap();
    assert_eq!((refusal.code.as_str(), conflict.changed_by.as_deref()), ("duty.already_taken_over", Some(POLICE)));
    room.app.stop().await;
}

#[tokio::test]
async fn every_role_has_at_every_door_what_the_matrix_gives_it() {
    let room = Room::open().await;
    let (ward_a, ward_b) = (room.app.ward().ward_a, room.app.ward().ward_b);
    let operator_b = room.app.sign_in("operator-b").await;
    let operator_b_id = room.account("operator-b").await;
    let (now, sees, edits) = (room.clock.now(), ["leader", "operator", "police"], ["leader", "operator"]);
    let mut wrong = Vec::new();
    for (turn, role) in ["public", "tdp_head", "leader", "operator", "police", "one_stop", "landlord", "admin"].into_iter().enumerate() {
        let client = match role {
            "public" => room.app.public(),
            "tdp_head" | "landlord" => room.app.sign_in(&format!("{role}-a1")).await,
            role => room.app.sign_in(&format!("{role}-a")).await,
        };
        for (ward, keeper, person, is_own) in
            [(ward_a, &room.operator, room.account("police-a").await, true), (ward_b, &operator_b, operator_b_id, false)]
        {
            // A day of its own for each role, so that nobody stands in another's way.
            let from = now + TimeDelta::days(20 + turn as i64);
            let shift = |hours: i64, step: &str| {
                let from = from + TimeDelta::hours(hours);
                json!({"area_id": ward, "account_id": person, "from": from, "until": from + TimeDelta::hours(1), "step": step})
            };
            let duty: Duty = done(keeper.post("/api/duty", &shift(0, "first"), None).await).await;
            let note = json!({"area_id": ward, "shift_from": now - TimeDelta::hours(8), "shift_until": now, "note": "xong ca"});
            let author = if is_own && role == "operator" { room.app.sign_in("leader-a").await } else { keeper.clone() };
            let left: Handover = done(author.post("/api/duty/handovers", &note, None).await).await;
            let mut edit = shift(2, "first");
            edit.as_object_mut().unwrap().remove("area_id");
            let one = format!("/api/duty/{}", duty.id);
            let week = json!({"area_id": ward, "week": "2030-01-07"});
            let known: DutyRoster = keeper.read(&format!("/api/duty?area_id={ward}")).await;
            let times = json!({"area_id": ward, "critical_s": 100, "high_s": 500, "medium_s": 3000});
            let doors: [(&str, Response, &[&str]); 9] = [
                ("read", client.get(&format!("/api/duty?area_id={ward}")).await, &sees),
                ("add", client.post("/api/duty", &shift(4, "leader"), None).await, &edits),
                ("edit", write(&client, Method::PUT, &one, Some(1), &edit).await, &edits),
                ("end", write(&client, Method::DELETE, &one, Some(2), &json!(null)).await, &edits),
                ("repeat", client.post("/api/duty/repeat-week", &week, None).await, &edits),
                ("times", write(&client, Method::PUT, "/api/answer-times", Some(known.answer_times.version), &times).await, &edits),
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
async fn a_handler_that_forgot_every_check_would_get_no_roster() {
    let room = Room::open().await;
    let duty = room.put_on(room.app.ward().ward_a, "operator-a", "first", None).await;
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
