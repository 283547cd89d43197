//! Links to recorders: who names them, who opens them, what may stand in them, and that each look is written down.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera::{Camera, RecorderLink, RecorderLinks},
    camera_alert::CameraAlertCard,
};
use tests::app::{TestApp, TestClient, summary};

const ROLES: [&str; 8] = ["public", "tdp_head", "leader", "operator", "police", "one_stop", "landlord", "admin"];
const CLIP: &str = "http://recorder.ward:5000/api/{camera}/start/{start}/end/{end}/clip.mp4";

async fn app() -> TestApp {
    TestApp::start_configured(|config, _| config.recorder_hosts = vec!["recorder.ward".into()]).await
}

async fn client(app: &TestApp, role: &str) -> TestClient {
    match role {
        "public" => app.public(),
        "tdp_head" | "landlord" => app.sign_in(&format!("{role}-a1")).await,
        role => app.sign_in(&format!("{role}-a")).await,
    }
}

async fn link(client: &TestClient, camera: i64, links: &Value) -> Response {
    client.send(client.request(Method::PUT, &format!("/api/cameras/{camera}/recorder")).json(links)).await
}

#[tokio::test]
async fn every_role_opens_or_names_what_the_matrix_lets_it() {
    let app = app().await;
    let ward = app.ward();
    let links = json!({"live_view": "https://recorder.ward/#{camera}", "clip": CLIP});
    for (admin, camera) in [("admin-a", ward.a1.camera), ("admin-b", ward.b1.camera)] {
        assert_eq!(link(&app.sign_in(admin).await, camera, &links).await.status(), StatusCode::OK);
    }
    let mut wrong = Vec::new();
    for role in ROLES {
        let client = client(&app, role).await;
        let refused = if role == "public" { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
        for (rows, is_own) in [(&ward.a1, true), (&ward.b1, false)] {
            let allowed = if is_own { StatusCode::OK } else { StatusCode::NOT_FOUND };
            let (opens, names) =
                if role == "police" { (allowed, refused) } else { (refused, if role == "admin" { allowed } else { refused }) };
            for (what, status, expected) in [
                ("live view", client.get(&format!("/api/cameras/{}/live-view", rows.camera)).await.status(), opens),
                ("clip", client.get(&format!("/api/camera-alerts/{}/clip", rows.camera_alert)).await.status(), opens),
                ("names it", link(&client, rows.camera, &links).await.status(), names),
                ("reads what is named", client.get(&format!("/api/cameras/{}/recorder", rows.camera)).await.status(), names),
            ] {
                if status != expected {
                    wrong.push(format!("{role}, own {is_own}: {what}: {status}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What they are told beforehand is what they may do: no button that would be refused.
    for (login, may) in [("police-a", true), ("operator-a", false), ("admin-a", false)] {
        let camera: Camera = app.sign_in(login).await.read(&format!("/api/cameras/{}", ward.a1.camera)).await;
        assert_eq!(camera.has_live_view, may, "{login}");
    }
    for (login, may) in [("police-a", true), ("operator-a", false)] {
        let card: CameraAlertCard = app.sign_in(login).await.read(&format!("/api/camera-alerts/{}", ward.a1.camera_alert)).await;
        assert_eq!(card.has_clip, may, "{login}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_link_is_filled_in_and_each_look_is_written_down() {
    let app = app().await;
    let (admin, police) = (app.sign_in("admin-a").await, app.sign_in("police-a").await);
    let (camera, alert) = (app.ward().a1.camera, app.ward().a1.camera_alert);
    let (live_view, clip) = (format!("/api/cameras/{camera}/live-view"), format!("/api/camera-alerts/{alert}/clip"));
    assert_eq!(summary(police.get(&live_view).await).await, "404 cameras.no_live_view");
    assert_eq!(summary(police.get(&clip).await).await, "404 cameras.no_clip");

    let named: RecorderLinks = link(&admin, camera, &json!({"clip": CLIP})).await.json().await.unwrap();
    assert_eq!(named, RecorderLinks { live_view: None, clip: Some(CLIP.into()) });
    assert_eq!(admin.read::<RecorderLinks>(&format!("/api/cameras/{camera}/recorder")).await, named);
    assert_eq!(summary(police.get(&live_view).await).await, "404 cameras.no_live_view");
    let card: CameraAlertCard = police.read(&format!("/api/camera-alerts/{alert}")).await;
    let opened: RecorderLink = police.read(&clip).await;
    let start = card.alert.started_at.timestamp();
    assert_eq!(opened.address, format!("http://recorder.ward:5000/api/C-A1/start/{}/end/{}/clip.mp4", start - 5, start + 35));
    assert_eq!(summary(app.sign_in("operator-a").await.get(&clip).await).await, "403 forbidden");

    let trail: AuditTrail = police.read("/api/audit").await;
    let looks: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "open_clip").collect();
    assert_eq!(looks.len(), 1, "what was not there was not looked at");
    assert_eq!((looks[0].subject_id, looks[0].outcome), (Some(alert), AuditOutcome::Allowed));
    let trail: AuditTrail = app.sign_in("leader-a").await.read("/api/audit").await;
    assert!(trail.entries.iter().any(|entry| entry.action == "link_recorder" && entry.login.as_deref() == Some("admin-a")));

    // Taken away again.
    assert_eq!(link(&admin, camera, &json!({})).await.status(), StatusCode::OK);
    assert_eq!(summary(police.get(&clip).await).await, "404 cameras.no_clip");
    app.stop().await;
}

#[tokio::test]
async fn a_secret_or_a_strange_host_is_not_kept() {
    let app = app().await;
    let admin = app.sign_in("admin-a").await;
    let camera = app.ward().a1.camera;
    for (address, expected) in [
        ("https://admin:1234@recorder.ward/{camera}", "422 cameras.recorder_secret"),
        ("https://elsewhere.example/{camera}", "422 cameras.recorder_host"),
        ("rtsp://recorder.ward/{camera}", "422 edit.invalid"),
        ("https://recorder.ward/{camera}/{start}", "422 edit.invalid"),
    ] {
        assert_eq!(summary(link(&admin, camera, &json!({"live_view": address})).await).await, expected, "{address}");
    }
    assert_eq!(admin.read::<RecorderLinks>(&format!("/api/cameras/{camera}/recorder")).await, RecorderLinks::default());
    app.stop().await;
}
