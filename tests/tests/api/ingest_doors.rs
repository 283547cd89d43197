//! Who may report at the doors of devices: a token in force, for the cameras of its area alone, and no faster than the ward allows.
//! What becomes of a report stands in `ingest`.

use std::num::NonZeroU32;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::ingest::commands::{DeviceCommand, keep_demo_device};
use shared::camera_alert::CameraAlertList;
use sqlx::Executor;
use tests::{
    app::{TestApp, summary},
    device::{TestDevice, an_alert, run, said},
};

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
