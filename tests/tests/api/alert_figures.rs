//! Camera alerts in numbers, searched and on their way to somebody: figures, the day in quarters, filters, the nearest address.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{
    alert_figures::{AlertFigures, AlertTimeline},
    alert_shelf::AlertShelf,
    camera_alert::{CameraAlertCard, CameraAlertList},
    session::Visitor,
};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    handling,
};

async fn figures(client: &TestClient) -> AlertFigures {
    client.read("/api/camera-alerts/figures").await
}

async fn found(client: &TestClient, query: &str) -> Vec<String> {
    let list: CameraAlertList = client.read(&format!("/api/camera-alerts?limit=200&{query}")).await;
    list.alerts.into_iter().map(|alert| alert.code).collect()
}

async fn step(client: &TestClient, id: i64, name: &str, version: i32, body: Value) -> CameraAlertCard {
    handling::done(handling::step(client, id, name, Some(version), body).await).await
}

/// As if it had reached us so many minutes ago, and nobody further up were there to ask.
async fn waits_since(app: &TestApp, id: i64, minutes: i32) {
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query(
        "update camera_alert set received_at = now() - make_interval(mins => $2), started_at = now() - make_interval(mins => $2),
            answer_due_at = now() - interval '1 minute', overdue = true where id = $1",
    )
    .bind(id)
    .bind(minutes)
    .execute(&mut owner)
    .await
    .expect("the owner may");
}

#[tokio::test]
async fn what_is_open_late_and_taken_is_counted_for_those_who_reach_it() {
    let app = TestApp::start().await;
    let (operator, elsewhere) = (app.sign_in("operator-a").await, app.sign_in("operator-b").await);
    let device = TestDevice::add(&app, "hop-1", "A").await;
    // The small ward has one of medium severity in each TDP.
    let before = figures(&operator).await;
    assert_eq!((before.critical, before.high, before.medium, before.unclaimed), (0, 0, 2, 2));
    assert_eq!((before.taken_today, before.median_take_s), (0, None));

    device.report(&json!([an_alert("C-A1", "fire", "fire_or_smoke"), an_alert("C-A1", "collision", "collision")])).await;
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=fire_or_smoke,collision").await;
    let of = |kind: &str| list.alerts.iter().find(|alert| alert.kind.name() == kind).expect("it was reported").clone();
    let (fire, collision) = (of("fire_or_smoke"), of("collision"));
    let now = figures(&operator).await;
    assert_eq!(now.critical + now.high + now.medium, 4);
    assert_eq!(now.unclaimed, 4);
    assert_eq!(now.overdue, before.overdue);
    assert!(now.next_due_at.is_some_and(|at| at > now.at), "{now:?}");

    // An hour and a half is too long for any; taking ends it.
    waits_since(&app, fire.id, 90).await;
    assert_eq!(figures(&operator).await.overdue, before.overdue + 1);
    assert!(found(&operator, "overdue=true").await.contains(&fire.code));
    assert!(!found(&operator, "overdue=true").await.contains(&collision.code));
    step(&operator, fire.id, "take", 0, json!({})).await;
    step(&operator, collision.id, "take", 0, json!({})).await;
    let taken = figures(&operator).await;
    assert_eq!((taken.unclaimed, taken.overdue, taken.taken_today), (2, before.overdue, 2));
    // Between the one that waited 5,400 seconds and the one taken at once.
    let median = taken.median_take_s.expect("two were taken");
    assert!((2700..2760).contains(&median), "{median} s");

    let others = figures(&elsewhere).await;
    assert_eq!((others.critical + others.high + others.medium, others.taken_today), (1, 0), "ward B has its own");
    for login in ["tdp_head-a1", "one_stop-a", "admin-a"] {
        let client = app.sign_in(login).await;
        assert_eq!(summary(client.get("/api/camera-alerts/figures").await).await, "403 forbidden", "{login}");
        assert_eq!(summary(client.get("/api/camera-alerts/timeline").await).await, "403 forbidden", "{login}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_shelved_is_open_and_waits_for_nobody_until_its_shelf_ends() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let (late, other) = (app.ward().a1.camera_alert, app.ward().a2.camera_alert);
    waits_since(&app, late, 90).await;
    waits_since(&app, other, 90).await;
    let before = figures(&operator).await;
    assert_eq!((before.medium, before.unclaimed, before.overdue, before.next_due_at), (2, 2, 2, None));

    let request = json!({"camera_id": app.ward().a1.camera, "minutes": 60, "reason": "Đám cưới, đã có người điều tiết"});
    let shelf: AlertShelf = operator.post("/api/alert-shelves", &request, None).await.json().await.unwrap();
    let shelved = figures(&operator).await;
    assert_eq!((shelved.medium, shelved.unclaimed, shelved.overdue), (2, 1, 1), "open it is");
    assert_eq!(shelved.next_due_at, Some(shelf.until), "then it counts again");
    // The lists to which the numbers lead.
    assert_eq!(found(&operator, "status=new,assigned&shelved=without").await.len(), 1);
    assert_eq!(found(&operator, "status=new,assigned&overdue=true&shelved=without").await.len(), 1);

    operator.post(&format!("/api/alert-shelves/{}/end", shelf.id), &None::<()>, None).await;
    let ended = figures(&operator).await;
    assert_eq!((ended.unclaimed, ended.overdue, ended.next_due_at), (2, 2, None));
    app.stop().await;
}

#[tokio::test]
async fn the_last_day_is_counted_by_quarters_of_an_hour() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let now = Utc::now();
    let begun = |id: &str, kind: &str, hours: i64| {
        let mut alert = an_alert("C-A1", id, kind);
        alert["started_at"] = json!(now - TimeDelta::hours(hours));
        alert
    };
    device.report(&json!([begun("e1", "crowd", 3), begun("e2", "crowd", 3), begun("e3", "crowd", 23), begun("old", "crowd", 30)])).await;
    let day: AlertTimeline = operator.read("/api/camera-alerts/timeline").await;
    assert_eq!(day.quarters.len(), 96);
    assert_eq!(day.until - day.from, TimeDelta::days(1));
    assert!(day.until > now && day.until - now <= TimeDelta::minutes(16), "{} at {now}", day.until);
    assert_eq!(day.from.timestamp() % 900, 0);
    // Three of these, and the two of the small ward an hour ago; what is older than a day is not among them.
    assert_eq!(day.quarters.iter().map(|quarter| quarter.all()).sum::<i64>(), 5);
    let quarter_of = |hours: i64| ((now - TimeDelta::hours(hours) - day.from).num_seconds() / 900) as usize;
    assert_eq!(day.quarters[quarter_of(3)].all(), 2);
    assert_eq!(day.quarters[quarter_of(23)].all(), 1);
    let elsewhere: AlertTimeline = app.sign_in("operator-b").await.read("/api/camera-alerts/timeline").await;
    assert_eq!(elsewhere.quarters.iter().map(|quarter| quarter.all()).sum::<i64>(), 1);
    app.stop().await;
}

#[tokio::test]
async fn alerts_are_found_by_words_place_and_outcome() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let (a1, a2) = (app.ward().a1.clone(), app.ward().a2.clone());
    let in_a1: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", a1.camera_alert)).await;
    let in_a2: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", a2.camera_alert)).await;
    let (one, other) = (in_a1.alert.code.clone(), in_a2.alert.code.clone());

    // Words as somebody types them: no marks, any case; the camera is "Ngã tư A1", its code C-A1.
    assert_eq!(found(&operator, "words=nga%20tu%20a1").await, [one.as_str()]);
    assert_eq!(found(&operator, "words=c-a2").await, [other.as_str()]);
    assert_eq!(found(&operator, &format!("words={}", one.to_lowercase())).await, [one.as_str()]);
    assert_eq!(found(&operator, "words=nga%20tu").await.len(), 2);
    assert!(found(&operator, "words=khong%20co%20gi").await.is_empty());
    assert!(found(&operator, "words=ngã%20tư%20b1").await.is_empty(), "the camera of ward B is out of reach");

    assert_eq!(found(&operator, &format!("area={}", a1.area)).await, [one.as_str()]);
    assert_eq!(found(&operator, &format!("area={}", a1.ward)).await.len(), 2, "what lies below an area is in it");
    assert!(found(&operator, &format!("area={}", app.ward().ward_b)).await.is_empty());

    step(&operator, a1.camera_alert, "close", 0, json!({"outcome": "false_alarm"})).await;
    assert_eq!(found(&operator, "outcome=false_alarm").await, [one.as_str()]);
    assert!(found(&operator, "outcome=handled,duplicate").await.is_empty());
    for wrong in ["outcome=open", "area=x", "overdue=perhaps"] {
        let answer = operator.get(&format!("/api/camera-alerts?{wrong}")).await;
        assert_eq!(answer.status().as_u16(), 400, "{wrong}");
    }
    app.stop().await;
}

#[tokio::test]
async fn whoever_is_sent_there_is_told_the_nearest_address() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let id = app.ward().a1.camera_alert;
    let door = format!("/api/camera-alerts/{id}");
    let near = operator.read::<CameraAlertCard>(&door).await.nearest_address.expect("the house stands 45 m to the north");
    assert_eq!(near.address, "Số 12 phố Thử A1");
    assert!((35.0..55.0).contains(&near.distance_m), "{} m", near.distance_m);

    // Without a numbered house, the road.
    let mut owner = app.database.connect("ioc_owner").await;
    sqlx::query("update building set address = null").execute(&mut owner).await.expect("the owner may");
    let near = operator.read::<CameraAlertCard>(&door).await.nearest_address.expect("the road runs 22 m to the north");
    assert_eq!(near.address, "Phố Thử A1");
    assert!((15.0..30.0).contains(&near.distance_m), "{} m", near.distance_m);

    // Far from everything it says nothing rather than something wrong.
    sqlx::query("update camera_alert set geom = st_setsrid(st_point(105.0005, 21.0095), 4326) where id = $1")
        .bind(id)
        .execute(&mut owner)
        .await
        .expect("the owner may");
    assert_eq!(operator.read::<CameraAlertCard>(&door).await.nearest_address, None);
    app.stop().await;
}

#[tokio::test]
async fn a_session_says_by_which_number_rows_name_the_person() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let id = app.ward().a1.camera_alert;
    let visitor: Visitor = operator.read("/api/who").await;
    let taken = step(&operator, id, "take", 0, json!({})).await;
    assert_eq!(taken.alert.handler_id, visitor.session.map(|session| session.account_id));
    app.stop().await;
}
