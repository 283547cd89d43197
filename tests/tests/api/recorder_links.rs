//! Links to recorders: who names them, who opens them, what may stand in them, that each look is written down; of two who name
//! them one is asked, and what was one for many cameras stays so.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera::{Camera, RECORDER_TOPIC, RecorderLink, RecorderLinks},
    camera_alert::CameraAlertCard,
    edit::{History, HistoryStep},
    live::ServerFrame,
    problem::Problem,
};
use sqlx::Executor;
use tests::{
    app::{TestApp, TestClient, summary},
    roles::{ROLES, client},
    screen::Screen,
};
use tokio::time::timeout;

const CLIP: &str = "http://recorder.ward:5000/api/{camera}/start/{start}/end/{end}/clip.mp4";

async fn app() -> TestApp {
    TestApp::start_configured(|config, _| config.recorder_hosts = vec!["recorder.ward".into()]).await
}

fn door(camera: i64) -> String {
    format!("/api/cameras/{camera}/recorder")
}

/// From the version in force, as far as the client may read it.
async fn link(client: &TestClient, camera: i64, links: &Value) -> Response {
    let known = client.get(&door(camera)).await;
    let version = if known.status().is_success() { known.json::<RecorderLinks>().await.unwrap().version } else { 0 };
    link_from(client, camera, version, links).await
}

async fn link_from(client: &TestClient, camera: i64, version: i32, links: &Value) -> Response {
    client.send(client.request(Method::PUT, &door(camera)).header("if-match", format!("\"{version}\"")).json(links)).await
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
                ("reads what is named", client.get(&door(rows.camera)).await.status(), names),
                ("reads what was named", client.get(&format!("{}/history", door(rows.camera))).await.status(), names),
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
    assert_eq!((named.live_view.as_deref(), named.clip.as_deref(), named.version), (None, Some(CLIP), 1));
    assert_eq!(admin.read::<RecorderLinks>(&door(camera)).await, named);
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
async fn screens_of_the_police_hear_that_a_link_changed_and_never_where_it_leads() {
    let app = app().await;
    let mut screens = Vec::new();
    for login in ["police-a", "police-b", "operator-a", "admin-a"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &[RECORDER_TOPIC], [104.999, 20.999, 105.043, 21.011]);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    assert_eq!(link(&app.sign_in("admin-a").await, app.ward().a1.camera, &json!({"clip": CLIP})).await.status(), StatusCode::OK);
    let told = async {
        while screens[0].heard.is_empty() {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("the police hear that somebody named a link");
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        assert_eq!(!screen.heard.is_empty(), screen.name == "police-a", "{}: {:?}", screen.name, screen.heard);
        for frame in &screen.heard {
            let ServerFrame::Delta { upsert, .. } = frame else { panic!("{}: {frame:?}", screen.name) };
            assert!(upsert.iter().all(|row| row.properties.is_empty()), "an id and nothing else: {frame:?}");
        }
    }
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
        for field in ["live_view", "clip"] {
            let address = if field == "clip" { address.replace("{start}", "{begin}") } else { address.to_owned() };
            let refusal = link(&admin, camera, &json!({field: address})).await;
            let status = refusal.status().as_u16();
            let problem: Problem = refusal.json().await.unwrap();
            assert_eq!(format!("{status} {}", problem.code), expected, "{address}");
            // The form shows it at the field that it is about.
            assert_eq!(problem.detail.split([' ', ':']).next(), Some(field), "{}", problem.detail);
        }
    }
    let known: RecorderLinks = admin.read(&door(camera)).await;
    assert_eq!((known.live_view, known.clip, known.version, known.hosts), (None, None, 0, vec!["recorder.ward".to_owned()]));
    app.stop().await;
}

#[tokio::test]
async fn of_two_who_name_them_the_second_is_told_and_the_past_keeps_both() {
    let app = app().await;
    let (admin, camera) = (app.sign_in("admin-a").await, app.ward().a1.camera);
    let (first, second) = ("https://recorder.ward/#{camera}", "https://recorder.ward/live/{camera}");
    let unnamed = admin.send(admin.request(Method::PUT, &door(camera)).json(&json!({"live_view": first}))).await;
    assert_eq!(summary(unnamed).await, "428 version_required");
    let kept: RecorderLinks = link_from(&admin, camera, 0, &json!({"live_view": first})).await.json().await.unwrap();
    assert_eq!(kept.version, 1);
    let again: RecorderLinks = link_from(&admin, camera, 1, &json!({"live_view": first})).await.json().await.unwrap();
    assert_eq!(again.version, 1, "what changes nothing is no version");

    // Somebody else had the form open from before.
    for made_from in [0, 2] {
        let refusal = link_from(&admin, camera, made_from, &json!({"clip": CLIP})).await;
        assert_eq!(refusal.status(), StatusCode::PRECONDITION_FAILED);
        let conflict = refusal.json::<Problem>().await.unwrap().conflict.expect("what is in force");
        assert_eq!((conflict.version, conflict.current["live_view"].as_str()), (1, Some(first)));
    }
    let kept: RecorderLinks = link_from(&admin, camera, 1, &json!({"live_view": second})).await.json().await.unwrap();
    let refusal = link_from(&admin, camera, 1, &json!({})).await.json::<Problem>().await.unwrap();
    let conflict = refusal.conflict.expect("what is in force");
    assert_eq!(
        (refusal.code.as_str(), conflict.version, conflict.changed_by.as_deref()),
        ("edit.conflict", kept.version, Some("Cán bộ admin-a"))
    );

    let past: History = admin.read(&format!("{}/history", door(camera))).await;
    let [changed, added] = past.entries.as_slice() else { panic!("two entries: {past:?}") };
    assert_eq!((added.step, changed.by.as_deref()), (HistoryStep::Insert, Some("Cán bộ admin-a")));
    let told: Vec<_> =
        changed.changes.iter().map(|change| (change.field.as_str(), change.before.as_str(), change.after.as_str())).collect();
    assert_eq!(told, [("live_view", Some(first), Some(second))]);
    assert!(admin.read::<History>(&format!("{}/history", door(app.ward().a2.camera))).await.entries.is_empty());

    // A handler that forgot every check would read neither the links nor their past.
    let mut nobody = app.database.connect("ioc_app").await;
    for forgotten in ["select count(*) from camera_recorder", "select count(*) from history where topic = 'camera_recorder'"] {
        assert_eq!(sqlx::query_scalar::<_, i64>(forgotten).fetch_one(&mut nobody).await.unwrap(), 0, "{forgotten}");
    }
    // The feed hears that a link changed, and not where it leads.
    let mut owner = app.database.connect("ioc_owner").await;
    let heard: Vec<(String, Value)> =
        sqlx::query_as("select op, coalesce(after, '{}') from change where topic = 'camera_recorder' order by seq")
            .fetch_all(&mut owner)
            .await
            .unwrap();
    assert_eq!(heard, [("insert".to_owned(), json!({})), ("update".to_owned(), json!({}))]);
    app.stop().await;
}

#[tokio::test]
async fn cameras_that_were_alike_stay_alike_and_others_stay_as_they_are() {
    let app = app().await;
    let (admin, police) = (app.sign_in("admin-a").await, app.sign_in("police-a").await);
    let ward = app.ward();
    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("insert into camera (code, name, geom) select 'C-own', 'Cổng chợ', geom from camera where code = 'C-A2'").await.unwrap();
    let own: i64 = sqlx::query_scalar("select id from camera where code = 'C-own'").fetch_one(&mut owner).await.unwrap();
    let (mistyped, right) = ("https://recorder.ward/lve/{camera}", "https://recorder.ward/live/{camera}");
    let known: RecorderLinks = admin.read(&door(ward.a1.camera)).await;
    assert_eq!(known.alike, 2, "none of the ward's three has a link");
    link(&admin, own, &json!({"live_view": "https://recorder.ward/own"})).await.error_for_status().unwrap();

    // The same for all that have none; then, as it was mistyped, for all that have it.
    let all = json!({"live_view": mistyped, "also_alike": true});
    let named: RecorderLinks = link(&admin, ward.a1.camera, &all).await.json().await.unwrap();
    assert_eq!((named.alike, named.ward_name.is_empty()), (1, false));
    let all = json!({"live_view": right, "clip": CLIP, "also_alike": true});
    link(&admin, ward.a2.camera, &all).await.error_for_status().unwrap();
    for (camera, expected) in [(ward.a1.camera, Some(right)), (ward.a2.camera, Some(right)), (own, Some("https://recorder.ward/own"))] {
        assert_eq!(admin.read::<RecorderLinks>(&door(camera)).await.live_view.as_deref(), expected, "camera {camera}");
    }
    let elsewhere: RecorderLinks = app.sign_in("admin-b").await.read(&door(ward.b1.camera)).await;
    assert_eq!((elsewhere.live_view, elsewhere.version), (None, 0), "another ward's cameras are not this administrator's");
    let opened: RecorderLink = police.read(&format!("/api/cameras/{}/live-view", ward.a1.camera)).await;
    assert_eq!(opened.address, "https://recorder.ward/live/C-A1");
    let trail: AuditTrail = app.sign_in("leader-a").await.read("/api/audit").await;
    let mut about: Vec<_> =
        trail.entries.iter().filter(|entry| entry.action == "link_recorder").filter_map(|entry| entry.subject_id).collect();
    about.sort_unstable();
    let mut expected = [ward.a1.camera, ward.a1.camera, ward.a2.camera, ward.a2.camera, own];
    expected.sort_unstable();
    assert_eq!(about, expected, "one entry for each camera that was written");

    // One alone is taken away; those that were alike no longer are.
    let gone: RecorderLinks = link(&admin, ward.a1.camera, &json!({})).await.json().await.unwrap();
    assert_eq!((gone.live_view, gone.alike), (None, 0));
    assert_eq!(admin.read::<RecorderLinks>(&door(ward.a2.camera)).await.live_view.as_deref(), Some(right));
    assert_eq!(summary(police.get(&format!("/api/cameras/{}/live-view", ward.a1.camera)).await).await, "404 cameras.no_live_view");
    app.stop().await;
}
