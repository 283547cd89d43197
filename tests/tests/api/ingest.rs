//! Devices at their doors: each report once however often it comes, bad neighbours, the quarantine and back, tokens, limits.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::ingest::{
    commands::{DeviceCommand, keep_demo_device},
    frigate,
    keeping::forget_old,
};
use shared::{
    alert_figures::AlertFigures,
    camera::{Camera, CameraStatus},
    camera_alert::{CameraAlertCard, CameraAlertList, CameraAlertPlate, Severity},
    ingest::{IngestAnswer, QuarantineList},
};
use sqlx::{Executor, PgPool};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert, run},
    shared_data,
};

const REASON: &str = "Xác minh xe theo đơn số 12";

fn said(answer: &IngestAnswer) -> (usize, usize, Vec<(usize, &str)>) {
    let rejected = answer.rejected.iter().map(|note| (note.index, note.code.as_str())).collect();
    (answer.accepted, answer.duplicate, rejected)
}

async fn replay(client: &TestClient, id: i64) -> reqwest::Response {
    client.send(client.request(Method::POST, &format!("/api/ingest/quarantine/{id}/replay"))).await
}

#[tokio::test]
async fn a_report_that_comes_again_is_known_and_one_that_changed_updates() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let (mut first, second) = (an_alert("C-A1", "e1", "theft"), an_alert("c-a2", "e1", "crowd"));
    assert_eq!(said(&device.report(&json!([first, second])).await), (2, 0, vec![]));
    assert_eq!(said(&device.report(&json!([first, second])).await), (0, 2, vec![]), "identical");
    assert_eq!(said(&device.report(&first).await), (0, 1, vec![]), "one object by itself");

    first["ended_at"] = json!(Utc::now());
    first["box"] = json!([0.1, 0.2, 0.5, 0.75]);
    assert_eq!(said(&device.report(&json!([first, second])).await), (1, 1, vec![]));
    // What a later report leaves out stays known.
    first.as_object_mut().unwrap().remove("ended_at");
    assert_eq!(said(&device.report(&first).await), (0, 1, vec![]));

    // A beginning that is corrected past a known end: the end goes, and nothing fails.
    let mut later = second.clone();
    later["ended_at"] = json!(Utc::now() - TimeDelta::minutes(5));
    assert_eq!(said(&device.report(&later).await), (1, 0, vec![]));
    later.as_object_mut().unwrap().remove("ended_at");
    later["started_at"] = json!(Utc::now() - TimeDelta::minutes(2));
    assert_eq!(said(&device.report(&json!([later, an_alert("C-A1", "e2", "collision")])).await), (2, 0, vec![]));

    let list: CameraAlertList = operator.read("/api/camera-alerts?status=new&kind=theft,crowd").await;
    assert_eq!(list.alerts.len(), 2, "each once, by camera and external id");
    let theft = list.alerts.iter().find(|alert| alert.camera_code == "C-A1").unwrap();
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", theft.id)).await;
    assert_eq!((card.external_id.as_str(), card.in_picture), ("e1", Some([0.1, 0.2, 0.5, 0.75])));
    assert!(card.alert.ended_at.is_some() && card.entries.is_empty());
    assert_eq!((card.alert.severity, card.alert.area_id), (Severity::High, app.ward().a1.area));
    app.stop().await;
}

#[tokio::test]
async fn the_same_alert_several_times_in_one_batch_is_one_alert() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alert = an_alert("C-A1", "e1", "theft");
    let mut ended = alert.clone();
    ended["ended_at"] = json!(Utc::now());
    assert_eq!(said(&device.report(&json!([alert, alert, ended, ended])).await), (2, 2, vec![]));
    assert_eq!(said(&device.report(&json!([ended])).await), (0, 1, vec![]));
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?kind=theft").await;
    assert_eq!(list.alerts.len(), 1);
    assert!(list.alerts[0].ended_at.is_some());
    app.stop().await;
}

#[tokio::test]
async fn bad_items_cost_themselves_only_and_wait_in_the_quarantine() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let mut plated = an_alert("C-nowhere", "e2", "theft");
    plated["plate"] = json!("29A-999.99");
    let mut wrong_plate = an_alert("C-A1", "e3", "theft");
    wrong_plate["plate"] = json!(2_999_999);
    let mut tomorrow = an_alert("C-A1", "e4", "theft");
    tomorrow["started_at"] = json!(Utc::now() + TimeDelta::days(1));
    let batch = json!([
        an_alert("C-A1", "e1", "theft"),
        plated,
        an_alert("C-A1", "e5", "jaywalking"),
        null,
        wrong_plate,
        tomorrow,
        {"camera": "C-A1\u{0}", "external_id": "\u{0}", "kind": "theft", "started_at": "2026-11-22T01:00:00Z"},
        an_alert("C-A2", "e1", "crowd"),
    ]);
    let rejected = vec![
        (1, "ingest.unknown_camera"),
        (2, "ingest.unknown_kind"),
        (3, "ingest.unreadable_item"),
        (4, "ingest.unreadable_item"),
        (5, "ingest.bad_time"),
        (6, "ingest.unreadable_item"),
    ];
    assert_eq!(said(&device.report(&batch).await), (2, 0, rejected.clone()));
    assert_eq!(said(&device.report(&batch).await), (0, 2, rejected), "a device that tries again");

    let answer = operator.get("/api/ingest/quarantine").await;
    let text = answer.text().await.unwrap();
    assert!(!text.contains("29A") && !text.contains("2999999"), "the operator may not see plates: {text}");
    let waiting: QuarantineList = serde_json::from_str(&text).unwrap();
    let of_device: Vec<_> = waiting.items.iter().filter(|item| item.payload["camera"] != "C-none").collect();
    assert_eq!(of_device.len(), 6, "each once");
    assert!(of_device.iter().all(|item| item.times == 2), "{of_device:?}");
    for (login, sees) in [("operator-b", 1), ("operator-a", 8)] {
        let list: QuarantineList = app.sign_in(login).await.read("/api/ingest/quarantine").await;
        assert_eq!(list.items.len(), sees, "{login}: its own ward's, those of the small wards among them");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_id_of_any_size_costs_itself_only() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let mut odd = an_alert("C-A1", "e1", "theft");
    // More than an index row holds, however it is packed.
    odd["external_id"] = Value::from_iter((0..220).map(|_| uuid::Uuid::new_v4().simple().to_string()));
    let batch = json!([odd, an_alert("C-A2", "e2", "crowd")]);
    let rejected = vec![(0, "ingest.unreadable_item")];
    assert_eq!(said(&device.report(&batch).await), (1, 0, rejected.clone()));
    assert_eq!(said(&device.report(&batch).await), (0, 1, rejected), "and again when it comes again");
    let waiting: QuarantineList = operator.read("/api/ingest/quarantine?limit=1").await;
    assert_eq!((waiting.items[0].reason.as_str(), waiting.items[0].times), ("ingest.unreadable_item", 2));
    assert!(waiting.items[0].payload.to_string().len() < 1000, "what is shown is short");
    assert_eq!(summary(replay(&operator, waiting.items[0].id).await).await, "422 ingest.unreadable_item", "a list is no id");
    app.stop().await;
}

#[tokio::test]
async fn what_nobody_takes_in_for_three_months_is_deleted() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (mut owner, pool) = (app.database.connect("ioc_owner").await, PgPool::connect(&app.database.url("ioc_job")).await.unwrap());
    let waiting =
        "select payload ->> 'camera' from ingest_quarantine q join device d on d.id = q.device_id where d.name = 'hop-1' order by 1";
    device.report(&json!([an_alert("C-old", "e1", "theft"), an_alert("C-older", "e2", "theft"), an_alert("C-young", "e3", "theft")])).await;
    for (camera, days) in [("C-old", 89), ("C-older", 91)] {
        let age = "update ingest_quarantine set received_at = received_at - make_interval(days => $2) where payload ->> 'camera' = $1";
        sqlx::query(age).bind(camera).bind(days).execute(&mut owner).await.unwrap();
    }
    assert_eq!(forget_old(&pool, Utc::now()).await.unwrap(), 1);
    let left: Vec<String> = sqlx::query_scalar(waiting).fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, ["C-old", "C-young"]);
    // Whatever moment is given, the database itself keeps what is younger than a month.
    assert_eq!(forget_old(&pool, Utc::now() + TimeDelta::days(3650)).await.unwrap(), 1);
    let left: Vec<String> = sqlx::query_scalar(waiting).fetch_all(&mut owner).await.unwrap();
    assert_eq!(left, ["C-young"]);
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn of_one_device_so_many_wait_and_what_comes_beyond_is_counted() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let waits = an_alert("C-none", "e0", "theft");
    device.report(&waits).await;
    let mut owner = app.database.connect("ioc_owner").await;
    owner
        .execute(
            "insert into ingest_quarantine (area_id, device_id, source, reason, detail, payload, fingerprint)
             select d.area_id, d.id, 'camera_alerts', 'ingest.unknown_camera', '', '{}', sha256(convert_to(n::text, 'UTF8'))
             from device d, generate_series(1, 49999) n where d.name = 'hop-1'",
        )
        .await
        .unwrap();
    let batch = json!([an_alert("C-none", "e1", "theft"), an_alert("C-none", "e2", "theft"), an_alert("C-A1", "e3", "theft")]);
    let rejected = vec![(0, "ingest.unknown_camera"), (1, "ingest.unknown_camera")];
    assert_eq!(said(&device.report(&batch).await), (1, 0, rejected.clone()), "the others are taken in");
    assert_eq!(said(&device.report(&batch).await), (0, 1, rejected));
    device.report(&waits).await;
    let told: Vec<(String, i32)> = sqlx::query_as(
        "select q.reason, q.times from ingest_quarantine q join device d on d.id = q.device_id
         where d.name = 'hop-1' and (q.raw is not null or q.reason = 'ingest.too_many_waiting') order by q.id",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(told, [("ingest.unknown_camera".to_owned(), 2), ("ingest.too_many_waiting".to_owned(), 4)]);
    let other = TestDevice::add(&app, "hop-2", "A").await;
    other.report(&waits).await;
    let list: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine?limit=1").await;
    assert_eq!(list.items[0].reason, "ingest.unknown_camera", "another device's tray is its own");
    app.stop().await;
}

#[tokio::test]
async fn what_waited_for_its_camera_is_taken_in_once_the_camera_is_there() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (operator, police) = (app.sign_in("operator-a").await, app.sign_in("police-a").await);
    let mut alert = an_alert("C-new", "e1", "wanted_vehicle");
    alert["plate"] = json!("29A-999.99");
    assert_eq!(said(&device.report(&alert).await), (0, 0, vec![(0, "ingest.unknown_camera")]));
    let waiting: QuarantineList = operator.read("/api/ingest/quarantine?limit=1").await;
    let id = waiting.items[0].id;
    assert_eq!((waiting.items[0].reason.as_str(), waiting.next_cursor.is_some()), ("ingest.unknown_camera", true));

    assert_eq!(summary(replay(&operator, id).await).await, "422 ingest.unknown_camera");
    app.database
        .connect("ioc_owner")
        .await
        .execute("insert into camera (code, name, geom) select 'C-new', 'Cổng chợ', geom from camera where code = 'C-A2'")
        .await
        .unwrap();
    assert_eq!(replay(&operator, id).await.status(), StatusCode::OK);
    let raw: Option<Value> = sqlx::query_scalar("select raw from ingest_quarantine where id = $1")
        .bind(id)
        .fetch_one(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap();
    assert_eq!(raw, None, "the plate stands with the alert now, and nowhere else");
    assert_eq!(summary(replay(&operator, id).await).await, "409 ingest.already_replayed");
    assert_eq!(said(&device.report(&alert).await), (0, 1, vec![]), "the device's own retry doubles nothing");

    let list: CameraAlertList = police.read("/api/camera-alerts?kind=wanted_vehicle").await;
    assert_eq!((list.alerts.len(), list.alerts[0].camera_code.as_str()), (1, "C-new"));
    let door = format!("/api/camera-alerts/{}/plate", list.alerts[0].id);
    let plate: CameraAlertPlate = police.get_because(&door, REASON).await.json().await.unwrap();
    assert_eq!(plate.plate.as_deref(), Some("29A-999.99"), "the plate was not lost on the way");
    let rest: QuarantineList = operator.read("/api/ingest/quarantine").await;
    assert!(rest.items.iter().all(|item| item.id != id));
    let all: QuarantineList = operator.read("/api/ingest/quarantine?all=true").await;
    assert!(all.items.iter().any(|item| item.id == id && item.replayed_at.is_some()));
    app.stop().await;
}

#[tokio::test]
async fn the_quarantine_is_the_operators_of_the_ward() {
    let app = TestApp::start().await;
    let waiting: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine").await;
    let id = waiting.items[0].id;
    for (login, expected) in [
        ("leader-a", "403 forbidden"),
        ("police-a", "403 forbidden"),
        ("tdp_head-a1", "403 forbidden"),
        ("admin-a", "403 forbidden"),
        ("operator-b", "404 not_found"),
    ] {
        assert_eq!(summary(replay(&app.sign_in(login).await, id).await).await, expected, "{login}");
    }
    assert_eq!(summary(replay(&app.public(), id).await).await, "401 sign_in_required");
    app.stop().await;
}

#[tokio::test]
async fn a_device_speaks_for_the_cameras_of_its_area_alone() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-a1", "A1").await;
    let batch = json!([an_alert("C-A1", "e1", "theft"), an_alert("C-A2", "e1", "theft"), an_alert("C-B1", "e1", "theft")]);
    let rejected = vec![(1, "ingest.unknown_camera"), (2, "ingest.unknown_camera")];
    assert_eq!(said(&device.report(&batch).await), (1, 0, rejected));
    // Two of one name: which is meant cannot be known.
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("insert into camera (code, name, geom) select 'C-twin', name, geom from camera where code = 'C-A1'").await.unwrap();
    let by_name = json!([an_alert("Ngã tư A1", "e2", "theft"), an_alert("C-TWIN", "e2", "theft")]);
    assert_eq!(said(&device.report(&by_name).await), (1, 0, vec![(0, "ingest.ambiguous_camera")]));
    app.stop().await;
}

#[tokio::test]
async fn only_a_token_in_force_opens_the_door() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alert = an_alert("C-A1", "e1", "theft");
    let stranger = app.public();
    for door in ["/ingest/camera-alerts", "/ingest/camera-status"] {
        let post = || stranger.request(Method::POST, door).body(alert.to_string());
        for request in
            [post(), post().bearer_auth("guess"), post().bearer_auth("A".repeat(43)), post().basic_auth("x", Some(&device.token))]
        {
            assert_eq!(summary(stranger.send(request).await).await, "401 ingest.token_refused", "{door}");
        }
    }
    // Whoever is signed in is no device.
    let operator = app.sign_in("operator-a").await;
    let answer = operator.send(operator.request(Method::POST, "/ingest/camera-alerts").body(alert.to_string())).await;
    assert_eq!(summary(answer).await, "401 ingest.token_refused");

    device.report(&alert).await;
    let listed = run(&app, DeviceCommand::List).await;
    assert!(listed.contains("hop-1\tA Phường A") && listed.contains("last heard of") && !listed.contains(&device.token), "{listed}");
    run(&app, DeviceCommand::Revoke { name: "hop-1".into() }).await;
    assert_eq!(summary(device.send("/ingest/camera-alerts", alert.to_string()).await).await, "401 ingest.token_refused");
    let again = TestDevice::add(&app, "hop-1", "A").await;
    assert_eq!(said(&again.report(&alert).await), (0, 1, vec![]), "the same device with a new token");
    app.stop().await;
}

#[tokio::test]
async fn who_guesses_tokens_is_told_to_wait() {
    let app = TestApp::start().await;
    let stranger = app.public();
    let mut answers = Vec::new();
    for _ in 0..70 {
        let answer = stranger.send(stranger.request(Method::POST, "/ingest/camera-alerts").bearer_auth("B".repeat(43))).await;
        answers.push(answer.status().as_u16());
    }
    assert_eq!(answers[0], 401);
    assert_eq!(answers.last(), Some(&429), "{answers:?}");
    let device = TestDevice::add(&app, "hop-1", "A").await;
    assert_eq!(said(&device.report(&an_alert("C-A1", "e1", "theft")).await), (1, 0, vec![]), "a device beside the guesser goes on");
    app.stop().await;
}

#[tokio::test]
async fn a_device_that_reports_too_fast_is_told_until_when_to_wait() {
    let app = TestApp::start_configured(|config, _| config.device_reports_per_minute = NonZeroU32::new(10).unwrap()).await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alerts = |from: usize, to: usize| Value::from_iter((from..to).map(|n| an_alert("C-A1", &format!("e{n}"), "theft")));
    assert_eq!(said(&device.report(&alerts(0, 8)).await), (8, 0, vec![]));
    let answer = device.send("/ingest/camera-alerts", alerts(8, 14).to_string()).await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(summary(answer).await, "429 ingest.too_fast");
    let answer = device.send("/ingest/camera-alerts", alerts(0, 11).to_string()).await;
    assert_eq!(summary(answer).await, "413 ingest.too_many_at_once");
    let other = TestDevice::add(&app, "hop-2", "A").await;
    assert_eq!(said(&other.report(&alerts(8, 14)).await), (6, 0, vec![]));
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?kind=theft&limit=200").await;
    assert_eq!(list.alerts.len(), 14, "what was refused was not taken in");
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_kept() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    for body in ["", "{", "camera=C-A1&plate=29A", "7", "\u{0}"] {
        assert_eq!(summary(device.send("/ingest/camera-alerts", body).await).await, "400 ingest.unreadable", "{body:?}");
    }
    assert_eq!(said(&device.report(&json!([])).await), (0, 0, vec![]));
    let answer = app.sign_in("operator-a").await.get("/api/ingest/quarantine").await.text().await.unwrap();
    assert!(!answer.contains("29A"), "{answer}");
    let waiting: QuarantineList = serde_json::from_str(&answer).unwrap();
    assert_eq!(waiting.items.iter().filter(|item| item.reason == "ingest.unreadable").count(), 5);
    let mut owner = app.database.connect("ioc_owner").await;
    let kept: i64 =
        sqlx::query_scalar("select count(*) from ingest_quarantine where raw::text like '%29A%'").fetch_one(&mut owner).await.unwrap();
    assert_eq!(kept, 1, "the owner can still find out what it was");
    app.stop().await;
}

#[tokio::test]
async fn a_large_batch_is_taken_in_whole_and_other_doors_stay_small() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let path: Vec<[f64; 2]> = (0..40).map(|n| [f64::from(n) / 7.0, f64::from(n) / 3.0]).collect();
    let alerts: Vec<Value> = (0..3000)
        .map(|n| {
            let mut alert = an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), "crowd");
            alert["path"] = json!(path);
            alert
        })
        .collect();
    let body = Value::from(alerts).to_string();
    assert!(body.len() > 2 * 1024 * 1024, "{}", body.len());
    let begun = std::time::Instant::now();
    let answer = device.send("/ingest/camera-alerts", body.clone()).await;
    let took = begun.elapsed();
    let answer: IngestAnswer = answer.json().await.unwrap();
    assert_eq!(said(&answer), (3000, 0, vec![]));
    println!("3000 alerts of {} MB in {took:?}", body.len() / 1_000_000);
    assert_eq!(device.send("/ingest/camera-alerts", "x".repeat(17 * 1024 * 1024)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let public = app.public();
    let large = json!({"q": "x".repeat(2 * 1024 * 1024), "limit": 5});
    assert_eq!(public.post("/api/search", &large, None).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    app.stop().await;
}

#[tokio::test]
async fn several_senders_of_the_same_alerts_in_another_order_make_each_once() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alerts: Vec<Value> = (0..200).map(|n| an_alert(["C-A1", "C-A2"][n % 2], &format!("e{n}"), "crowd")).collect();
    let batches = (0..8).map(|turn| {
        let mut batch = alerts.clone();
        batch.rotate_left(turn * 25);
        if turn % 2 == 1 {
            batch.reverse();
        }
        Value::from(batch)
    });
    let batches: Vec<Value> = batches.collect();
    let answers = futures_util::future::join_all(batches.iter().map(|batch| device.report(batch))).await;
    assert_eq!(answers.iter().map(|answer| answer.accepted).sum::<usize>(), 200, "each was new to one of them");
    assert!(answers.iter().all(|answer| answer.accepted + answer.duplicate == 200));
    app.stop().await;
}

#[tokio::test]
async fn a_camera_is_offline_since_it_was_first_said_to_be() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let camera = format!("/api/cameras/{}", app.ward().a1.camera);
    let at = |second: i64| Utc::now() + TimeDelta::seconds(second);
    let since = at(2);
    let state = |status: &str, at: DateTime<Utc>| json!({"camera": "C-A1", "status": status, "at": at});
    assert_eq!(said(&device.report_status(&state("offline", since)).await), (1, 0, vec![]));
    assert_eq!(said(&device.report_status(&state("offline", at(5))).await), (0, 1, vec![]), "it still is");
    let seen: Camera = operator.read(&camera).await;
    assert_eq!((seen.status, seen.status_at.unwrap().timestamp()), (CameraStatus::Offline, since.timestamp()));
    assert_eq!(said(&device.report_status(&state("online", at(-3600))).await), (0, 1, vec![]), "older than what is known");
    let batch = json!([state("online", at(60)), {"camera": "C-none", "status": "online", "at": at(0)}, {"camera": "C-A1", "status": "broken", "at": at(0)}]);
    let rejected = vec![(1, "ingest.unknown_camera"), (2, "ingest.unreadable_item")];
    assert_eq!(said(&device.report_status(&batch).await), (1, 0, rejected));
    let seen: Camera = operator.read(&camera).await;
    assert_eq!(seen.status, CameraStatus::Online);
    app.stop().await;
}

#[tokio::test]
async fn the_demos_device_keeps_its_token_and_gets_another_once_that_was_lost() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start().await;
    let owner = sqlx::PgPool::connect(&app.database.url("postgres")).await.unwrap();
    let path = app.dir.path().join("here/demo-device-token");
    let kept = || std::fs::read_to_string(&path).unwrap();
    keep_demo_device(&owner, &path).await.unwrap();
    let first = kept();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    keep_demo_device(&owner, &path).await.unwrap();
    assert_eq!(kept(), first);
    std::fs::write(&path, "lost").unwrap();
    keep_demo_device(&owner, &path).await.unwrap();
    let public = app.public();
    for (token, expected) in [(first, StatusCode::UNAUTHORIZED), (kept(), StatusCode::OK)] {
        let request = public.request(Method::POST, "/ingest/camera-alerts").bearer_auth(token.trim());
        assert_eq!(public.send(request.body(an_alert("C-A1", "e1", "theft").to_string())).await.status(), expected);
    }
    owner.close().await;
    app.stop().await;
}

/// A recorder that was cut off sends a backlog: what is a few days old asks for an answer, what is older is kept and asks nobody.
#[tokio::test]
async fn what_began_more_than_a_week_ago_is_kept_and_asks_for_nobody() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let operator = app.sign_in("operator-a").await;
    let figures = async || operator.read::<AlertFigures>("/api/camera-alerts/figures").await;
    let before = figures().await;
    let begun = |external_id: &str, days: i64| {
        let mut alert = an_alert("C-A1", external_id, "theft");
        alert["started_at"] = json!(Utc::now() - TimeDelta::days(days));
        alert
    };
    assert_eq!(said(&device.report(&json!([begun("six-days", 6), begun("eight-days", 8), begun("years", 4000)])).await), (3, 0, vec![]));

    let after = figures().await;
    assert_eq!(after.unclaimed, before.unclaimed + 1, "of the three, one waits for somebody");
    let list: CameraAlertList = operator.read("/api/camera-alerts?kind=theft&status=new&limit=200").await;
    let days_ago = |days: i64| {
        let near = |at: DateTime<Utc>| (Utc::now() - TimeDelta::days(days) - at).abs() < TimeDelta::hours(1);
        list.alerts.iter().find(|alert| near(alert.started_at)).unwrap_or_else(|| panic!("none began {days} days ago"))
    };
    assert!(days_ago(6).answer_due_at.is_some());
    for days in [8, 4000] {
        let late = days_ago(days);
        assert_eq!((late.answer_due_at, late.handler_id, late.overdue), (None, None, false), "{days} days");
    }

    // Graver after all: still nobody's time.
    let mut graver = begun("eight-days", 8);
    graver["severity"] = json!("critical");
    assert_eq!(said(&device.report(&graver).await), (1, 0, vec![]));
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", days_ago(8).id)).await;
    assert_eq!((card.alert.severity, card.alert.answer_due_at), (Severity::Critical, None));
    app.stop().await;
}

/// Frigate's own examples through the mapping, shifted over a day, into the door: each object and review once at its end.
#[tokio::test]
async fn a_day_of_what_frigate_sends_ends_with_each_alert_once() {
    let Some(path) = shared_data::file("events/frigate_mqtt_samples.ndjson") else { return };
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "frigate", "A").await;
    let samples = std::fs::read_to_string(path).unwrap();
    let samples: Vec<Value> = samples.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut read, mut reports) = (0, Vec::new());
    for sample in &samples {
        for hour in 0..24_u32 {
            for step in ["new", "update", "end"] {
                let mut payload = sample["payload"].clone();
                let mapped = match sample["topic"].as_str().unwrap() {
                    "frigate/events" => frigate::event(shifted(&mut payload, hour, step)),
                    "frigate/reviews" => frigate::review(shifted(&mut payload, hour, step)),
                    // What else Frigate tells is no alert of ours.
                    _ => continue,
                };
                read += 1;
                if let frigate::Message::Alert(alert) = mapped.unwrap_or_else(|cause| panic!("{cause}: {payload}")) {
                    reports.push(serde_json::to_value(*alert).unwrap());
                }
            }
        }
    }
    assert!(read >= 2 * 24 * 3 && reports.len() == read, "{read} messages, {} alerts", reports.len());
    let answer = device.report(&Value::from(reports.clone())).await;
    // New, and its end; the update between says nothing new.
    assert_eq!(said(&answer), (reports.len() * 2 / 3, reports.len() / 3, vec![]));
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?kind=intrusion&limit=200").await;
    assert_eq!(list.alerts.len(), reports.len() / 3);
    assert!(list.alerts.iter().all(|alert| alert.ended_at.is_some() && alert.camera_code == "C-A1"));
    let text = serde_json::to_string(&list).unwrap();
    assert!(!text.contains("John") && !text.contains("Bob") && !text.contains("ABC12345"), "whom a face was taken for, a plate");
    app.stop().await;
}

/// The sample as another object of the same camera, an hour later.
fn shifted<'a>(payload: &'a mut Value, hour: u32, step: &str) -> &'a Value {
    payload["type"] = json!(step);
    let after = &mut payload["after"];
    after["camera"] = json!("C-A1");
    after["id"] = json!(format!("{}-{hour}", after["id"].as_str().unwrap()));
    let start = after["start_time"].as_f64().unwrap() + f64::from(hour) * 3600.0;
    after["start_time"] = json!(start);
    after["end_time"] = if step == "end" { json!(start + 30.0) } else { Value::Null };
    payload
}
