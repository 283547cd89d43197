//! Shelves: what lists of alerts leave out for a while, who may say so, who is told, and that nothing leaves the record.

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::{
    alert_shelf::{AlertShelf, AlertShelfList, TOPIC},
    camera_alert::{AlertKind, CameraAlertCard, CameraAlertList},
    live::ServerFrame,
    problem::Problem,
};
use sqlx::Executor;
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    roles::{HANDLERS, ROLES, client},
    screen::Screen,
};
use tokio::time::timeout;

const REASON: &str = "Đám cưới, đã có người điều tiết";
const NO_BODY: Option<&()> = None;

async fn shelve(client: &TestClient, request: Value) -> Response {
    client.post("/api/alert-shelves", &request, None).await
}

async fn shelved(client: &TestClient, request: Value) -> AlertShelf {
    let answer = shelve(client, request).await;
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{text}");
    serde_json::from_str(&text).unwrap()
}

async fn end(client: &TestClient, id: i64) -> Response {
    client.post(&format!("/api/alert-shelves/{id}/end"), &NO_BODY, None).await
}

async fn shelves(client: &TestClient) -> AlertShelfList {
    client.read("/api/alert-shelves").await
}

async fn count(client: &TestClient, query: &str) -> usize {
    client.read::<CameraAlertList>(&format!("/api/camera-alerts?limit=200&{query}")).await.alerts.len()
}

#[tokio::test]
async fn every_role_shelves_what_it_answers_for_and_nothing_else() {
    let app = TestApp::start().await;
    let (own, other) = (app.ward().a1.camera, app.ward().b1.camera);
    let operator_b = app.sign_in("operator-b").await;
    let mut wrong = Vec::new();
    for role in ROLES {
        let client = client(&app, role).await;
        let elsewhere = shelved(&operator_b, json!({"camera_id": other, "minutes": 15, "reason": REASON})).await;
        let handles = HANDLERS.contains(&role);
        let refused = if role == "public" { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
        let mut expect = |what: &str, status: StatusCode, expected: StatusCode| {
            if status != expected {
                wrong.push(format!("{role}: {what}: {status}, not {expected}"));
            }
        };
        let read = client.get("/api/alert-shelves").await;
        expect("reads", read.status(), if handles { StatusCode::OK } else { refused });
        if handles {
            let list: AlertShelfList = read.json().await.unwrap();
            assert!(list.shelves.iter().all(|shelf| shelf.id != elsewhere.id), "{role} is told of another ward's shelf");
        }
        for (request, is_own) in [
            (json!({"camera_id": own, "minutes": 15, "reason": REASON}), true),
            (json!({"kind": "crowd", "area_id": app.ward().ward_a, "minutes": 15, "reason": REASON}), true),
            (json!({"camera_id": other, "minutes": 15, "reason": REASON}), false),
            (json!({"kind": "crowd", "area_id": app.ward().ward_b, "minutes": 15, "reason": REASON}), false),
        ] {
            let answer = shelve(&client, request.clone()).await;
            let expected = match (handles, is_own) {
                (true, true) => StatusCode::CREATED,
                // What lies out of reach does not exist.
                (true, false) => StatusCode::NOT_FOUND,
                (false, _) => refused,
            };
            expect(&format!("shelves {request}"), answer.status(), expected);
            if answer.status() == StatusCode::CREATED {
                let shelf: AlertShelf = answer.json().await.unwrap();
                expect("ends its own", end(&client, shelf.id).await.status(), StatusCode::OK);
            }
        }
        expect("ends another's", end(&client, elsewhere.id).await.status(), if handles { StatusCode::NOT_FOUND } else { refused });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.stop().await;
}

#[tokio::test]
async fn what_is_shelved_leaves_the_list_and_never_the_record() {
    let app = TestApp::start().await;
    let (operator, leader) = (app.sign_in("operator-a").await, app.sign_in("leader-a").await);
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut grave = an_alert("C-A1", "e3", "illegal_parking");
    grave["severity"] = json!("critical");
    let alerts = json!([
        an_alert("C-A1", "e1", "illegal_parking"),
        an_alert("C-A1", "e2", "illegal_parking"),
        grave,
        an_alert("C-A1", "e4", "crowd"),
        an_alert("C-A2", "e1", "illegal_parking"),
    ]);
    device.report(&alerts).await;
    // With the two of the small ward, one for each camera, both illegal parking.
    let all = count(&operator, "").await;
    assert_eq!(all, 7);
    let taken = operator.read::<CameraAlertList>(&format!("/api/camera-alerts?kind=illegal_parking&camera={}", app.ward().a1.camera)).await;
    let taken = taken.alerts.iter().find(|alert| alert.severity.name() == "medium").unwrap().id;
    operator.post(&format!("/api/camera-alerts/{taken}/take"), &json!({}), None).await;

    let request = json!({"camera_id": app.ward().a1.camera, "kind": "illegal_parking", "minutes": 60, "reason": REASON});
    let shelf = shelved(&operator, request).await;
    assert_eq!((shelf.kind, shelf.camera_code.as_deref()), (Some(AlertKind::IllegalParking), Some("C-A1")));
    assert_eq!((shelf.by.as_deref(), shelf.hides, shelf.can_end), (Some("Cán bộ operator-a"), 2, true));
    assert_eq!((shelf.until - shelf.from).num_minutes(), 60);
    assert_eq!((count(&operator, "").await, count(&operator, "shelved=any").await), (all, all));
    assert_eq!((count(&operator, "shelved=without").await, count(&operator, "shelved=only").await), (all - 2, 2));
    assert_eq!(summary(operator.get("/api/camera-alerts?shelved=all").await).await, "400 bad_request");

    let list: CameraAlertList = leader.read("/api/camera-alerts?shelved=only&limit=200").await;
    for alert in &list.alerts {
        assert_eq!(alert.shelved_until, Some(shelf.until), "a colleague sees until when");
        assert!(alert.id != taken && alert.severity.name() != "critical");
    }
    let card: CameraAlertCard = leader.read(&format!("/api/camera-alerts/{}", list.alerts[0].id)).await;
    assert_eq!(card.alert.shelved_until, Some(shelf.until), "and opens it like any other");

    // A second shelf over the same ones: each is counted once, and the later end holds.
    let wide = shelved(&leader, json!({"kind": "illegal_parking", "area_id": app.ward().ward_a, "minutes": 240, "reason": REASON})).await;
    assert_eq!(wide.hides, 4, "C-A2's two as well");
    let told = shelves(&operator).await;
    assert_eq!((told.hidden, told.shelves.iter().map(|shelf| shelf.id).collect::<Vec<_>>()), (4, vec![shelf.id, wide.id]));
    let list: CameraAlertList = operator.read("/api/camera-alerts?shelved=only&limit=200").await;
    assert!(list.alerts.iter().all(|alert| alert.shelved_until == Some(wide.until)));

    let ended: AlertShelf = end(&operator, wide.id).await.json().await.unwrap();
    assert_eq!((ended.ended_by.as_deref(), ended.hides, ended.can_end), (Some("Cán bộ operator-a"), 0, false));
    assert_eq!(count(&operator, "shelved=without").await, all - 2);
    let again = end(&leader, wide.id).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    let refusal: Problem = again.json().await.unwrap();
    assert_eq!(refusal.code, "alert_shelves.already_ended");
    assert!(refusal.detail.contains("Cán bộ operator-a"), "{}", refusal.detail);

    // The other runs out by itself.
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute("update alert_shelf set from_at = from_at - interval '2 hours', until_at = until_at - interval '2 hours' where ended_at is null")
        .await
        .unwrap();
    assert_eq!((shelves(&operator).await.shelves.len(), count(&operator, "shelved=without").await), (0, all));
    assert_eq!(summary(end(&operator, shelf.id).await).await, "409 alert_shelves.already_ended");
    let past: AlertShelfList = operator.read("/api/alert-shelves?ended=true").await;
    let told: Vec<_> = past.shelves.iter().map(|shelf| (shelf.id, shelf.by.as_deref(), shelf.ended_by.as_deref())).collect();
    let (by_operator, by_leader) = (Some("Cán bộ operator-a"), Some("Cán bộ leader-a"));
    assert_eq!(told, [(wide.id, by_leader, by_operator), (shelf.id, by_operator, None)]);

    let changed: i64 = sqlx::query_scalar("select count(*) from history where topic = 'camera_alert' and op = 'update'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(changed, 1, "of all alerts only the one that was taken was written to");
    let kept: Vec<(String, bool)> =
        sqlx::query_as("select op, actor is not null from history where topic = 'alert_shelf' and row_id = $1 order by id")
            .bind(wide.id)
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(kept, [("insert".to_owned(), true), ("update".to_owned(), true)]);
    app.stop().await;
}

#[tokio::test]
async fn what_was_only_given_to_somebody_is_left_out_until_that_person_takes_it() {
    let app = TestApp::start().await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let mut owner = app.database.connect("ioc_owner").await;
    let id = app.account("police-a").await;
    sqlx::query("update alert_rule set rules = $2 where area_id = $1")
        .bind(app.ward().a2.area)
        .bind(json!([{"kind": "crowd", "handler_id": id}]))
        .execute(&mut owner)
        .await
        .unwrap();
    device.report(&an_alert("C-A2", "e1", "crowd")).await;
    let shelf = shelved(&operator, json!({"camera_id": app.ward().a2.camera, "kind": "crowd", "minutes": 15, "reason": REASON})).await;
    assert_eq!((shelf.hides, count(&police, "shelved=only").await), (1, 1));
    let given: CameraAlertList = police.read("/api/camera-alerts?kind=crowd").await;
    police.post(&format!("/api/camera-alerts/{}/take", given.alerts[0].id), &json!({}), None).await;
    assert_eq!((shelves(&police).await.hidden, count(&police, "kind=crowd&shelved=without").await), (0, 1));
    app.stop().await;
}

#[tokio::test]
async fn a_shelf_says_what_for_how_long_and_why() {
    let app = TestApp::start().await;
    let operator = app.sign_in("operator-a").await;
    let camera = app.ward().a1.camera;
    let late = chrono::Utc::now() + chrono::TimeDelta::hours(25);
    for wrong in [
        json!({"minutes": 15, "reason": REASON}),
        json!({"kind": "crowd", "minutes": 15, "reason": REASON}),
        json!({"camera_id": camera, "reason": REASON}),
        json!({"camera_id": camera, "minutes": 30, "reason": REASON}),
        json!({"camera_id": camera, "until": late, "reason": REASON}),
        json!({"camera_id": camera, "minutes": 15, "reason": "ồn ào"}),
    ] {
        assert_eq!(summary(shelve(&operator, wrong.clone()).await).await, "422 edit.invalid", "{wrong}");
    }
    let until = chrono::Utc::now() + chrono::TimeDelta::hours(3);
    let shelf = shelved(&operator, json!({"camera_id": camera, "until": until, "reason": format!("  {REASON} ")})).await;
    assert_eq!((shelf.until.timestamp(), shelf.reason.as_str(), shelf.kind), (until.timestamp(), REASON, None));
    app.stop().await;
}

#[tokio::test]
async fn screens_of_who_sees_alerts_hear_that_shelves_changed_and_others_hear_nothing() {
    let app = TestApp::start().await;
    let mut screens = Vec::new();
    for login in ["operator-a", "police-a", "leader-b", "tdp_head-a1", "admin-a"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &[TOPIC], [104.999, 20.999, 105.043, 21.011]);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    let operator = app.sign_in("operator-a").await;
    let shelf = shelved(&operator, json!({"camera_id": app.ward().a1.camera, "minutes": 15, "reason": REASON})).await;
    let told = async {
        while !screens[1].tables.get(TOPIC).is_some_and(|table| table.contains_key(&shelf.id)) {
            screens[1].next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("the police hear that somebody shelved a camera");
    assert_eq!(end(&operator, shelf.id).await.status(), StatusCode::OK);
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        let hears = ["operator-a", "police-a"].contains(&screen.name.as_str());
        assert_eq!(!screen.heard.is_empty(), hears, "{}: {:?}", screen.name, screen.heard);
        for frame in &screen.heard {
            let ServerFrame::Delta { upsert, .. } = frame else { panic!("{}: {frame:?}", screen.name) };
            assert!(upsert.iter().all(|row| row.id == shelf.id && row.properties.is_empty()), "its id and nothing else: {frame:?}");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn the_database_keeps_shelves_to_their_ward_whatever_a_handler_forgets() {
    let app = TestApp::start().await;
    let operator_b = app.sign_in("operator-b").await;
    shelved(&operator_b, json!({"camera_id": app.ward().b1.camera, "minutes": 15, "reason": REASON})).await;
    let operator = app.sign_in("operator-a").await;
    let token = operator.cookie.as_ref().unwrap().strip_prefix("__Host-ioc=").unwrap();
    let mut db = app.database.connect("ioc_app").await;
    let count = "select count(*) from alert_shelf";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut db).await.unwrap(), 0, "without a token there is nothing");
    db.execute("begin").await.unwrap();
    sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token).execute(&mut db).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut db).await.unwrap(), 0, "another ward's");
    assert_eq!(db.execute("update alert_shelf set ended_at = now()").await.unwrap().rows_affected(), 0);
    let strange =
        sqlx::query("insert into alert_shelf (area_id, kind, until_at, reason) values ($1, 'theft', now() + interval '1 hour', $2)")
            .bind(app.ward().ward_b)
            .bind(REASON)
            .execute(&mut db)
            .await;
    assert!(strange.is_err(), "no shelf over another ward");
    app.stop().await;
}
