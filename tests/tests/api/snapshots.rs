//! Pictures of alerts: what is taken and what is refused, who sees one, how long it is kept and by whose word longer.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{TimeDelta, Utc};
use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};
use server::{
    app::doctor::{self, State},
    cameras::alerts::snapshots::forget_old,
    demo::synthetic_snapshot::synthetic_snapshot,
    platform::{
        database::Database,
        media::{Media, sweep::sweep},
        picture::THUMBNAIL_PX,
    },
};
use shared::{
    audit::{AuditOutcome, AuditTrail},
    camera_alert::{AlertKind, CameraAlertCard, CameraAlertList, SNAPSHOT_TOPIC},
    ingest::IngestAnswer,
    live::ServerFrame,
    session::Visitor,
};
use sqlx::{Executor, PgPool};
use tests::{
    app::{TestApp, TestClient, summary},
    device::{TestDevice, an_alert},
    handling::card,
    roles::{ROLES, client},
    screen::Screen,
};
use tokio::time::timeout;

const REASON: &str = "Vụ việc số 12, chờ kết luận";
const EICAR: &[u8] = br"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

fn a_picture(seed: u64) -> Vec<u8> {
    synthetic_snapshot(AlertKind::Theft, "C-A1", chrono::DateTime::UNIX_EPOCH, seed)
}

fn with_picture(mut alert: Value, picture: &[u8]) -> Value {
    alert["snapshot_base64"] = json!(BASE64_STANDARD.encode(picture));
    alert
}

fn left_out(answer: &IngestAnswer) -> Vec<(usize, &str)> {
    answer.left_out.iter().map(|note| (note.index, note.code.as_str())).collect()
}

fn door(id: i64) -> String {
    format!("/api/camera-alerts/{id}/snapshot")
}

async fn step(client: &TestClient, id: i64, name: &str, reason: &str) -> Response {
    client.send(client.request(Method::POST, &format!("{}/{name}", door(id))).json(&json!({"reason": reason}))).await
}

/// Reports an alert with a picture; its id.
async fn an_alert_with_picture(app: &TestApp, device: &TestDevice, camera: &str, external_id: &str, picture: &[u8]) -> i64 {
    let answer = device.report(&with_picture(an_alert(camera, external_id, "theft"), picture)).await;
    assert_eq!((answer.accepted, left_out(&answer)), (1, vec![]));
    id_of(app, camera, external_id).await
}

async fn id_of(app: &TestApp, camera: &str, external_id: &str) -> i64 {
    sqlx::query_scalar("select id from camera_alert where external_id = $1 and camera_code = $2")
        .bind(external_id)
        .bind(camera)
        .fetch_one(&mut app.database.connect("ioc_owner").await)
        .await
        .unwrap()
}

fn data_dir(app: &TestApp) -> PathBuf {
    app.database.config(app.dir.path()).data_dir
}

/// Every file of the store, with its folder's names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn stored(app: &TestApp) -> Vec<PathBuf> {
    files(&data_dir(app).join("media"))
}

async fn as_job(app: &TestApp) -> PgPool {
    PgPool::connect(&app.database.url("ioc_job")).await.unwrap()
}

/// The pictures that are kept become so many days older.
async fn age(app: &TestApp, days: i32) {
    let older = "update camera_alert_snapshot set taken_in_at = taken_in_at - make_interval(days => $1)";
    sqlx::query(older).bind(days).execute(&mut app.database.connect("ioc_owner").await).await.unwrap();
}

#[tokio::test]
async fn a_picture_is_for_the_police_of_its_area_and_to_others_there_is_none() {
    let app = TestApp::start().await;
    let (device_a, device_b) = (TestDevice::add(&app, "hop-a", "A").await, TestDevice::add(&app, "hop-b", "B").await);
    let own = an_alert_with_picture(&app, &device_a, "C-A1", "p1", &a_picture(1)).await;
    let elsewhere = an_alert_with_picture(&app, &device_b, "C-B1", "p1", &a_picture(2)).await;
    let mut wrong = Vec::new();
    for role in ROLES {
        let client = client(&app, role).await;
        for (id, is_own) in [(own, true), (elsewhere, false)] {
            let sees = role == "police" && is_own;
            for address in [door(id), format!("{}?size=thumbnail", door(id))] {
                let answer = client.get(&address).await;
                let (status, is_picture) = (answer.status(), answer.bytes().await.unwrap().starts_with(&[0xFF, 0xD8, 0xFF]));
                let expected = match role {
                    "public" => StatusCode::UNAUTHORIZED,
                    _ if sees => StatusCode::OK,
                    _ => StatusCode::NOT_FOUND,
                };
                if status != expected || is_picture != sees {
                    wrong.push(format!("{address} as {role}: {status}"));
                }
            }
            for name in ["hold", "release"] {
                let status = step(&client, id, name, REASON).await.status();
                let expected = match role {
                    "public" => StatusCode::UNAUTHORIZED,
                    "police" if is_own => StatusCode::OK,
                    "police" => StatusCode::NOT_FOUND,
                    _ => StatusCode::FORBIDDEN,
                };
                if status != expected {
                    wrong.push(format!("{name} {id} as {role}: {status}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Nobody else learns that there is one, not by card, list, past or plain SQL.
    for role in ["leader", "operator"] {
        let client = client(&app, role).await;
        let (card, list) = (card(&client, own).await, client.read::<CameraAlertList>("/api/camera-alerts").await);
        assert_eq!((card.has_snapshot, card.snapshot, card.alert.has_snapshot), (None, None, false), "{role}");
        assert!(list.alerts.iter().all(|alert| !alert.has_snapshot), "{role}");
        let mut connection = app.database.connect("ioc_app").await;
        connection.execute("begin").await.unwrap();
        let token = client.cookie.as_ref().unwrap().strip_prefix("__Host-ioc=").unwrap();
        sqlx::query("select set_config('ioc.session_token', $1, true)").bind(token).execute(&mut connection).await.unwrap();
        let rows: i64 = sqlx::query_scalar("select count(*) from camera_alert_snapshot").fetch_one(&mut connection).await.unwrap();
        let held = connection.execute("update camera_alert_snapshot set held_at = now(), hold_reason = 'x'").await.unwrap();
        assert_eq!((rows, held.rows_affected()), (0, 0), "{role}");
    }
    let police = client(&app, "police").await;
    let seen = card(&police, own).await;
    assert_eq!((seen.has_snapshot, seen.alert.has_snapshot), (Some(true), true));
    assert_eq!(seen.snapshot.map(|snapshot| (snapshot.width_px, snapshot.height_px, snapshot.removed_at)), Some((640, 360, None)));
    assert_eq!(card(&police, app.ward().a1.camera_alert).await.has_snapshot, Some(false));
    assert_eq!(summary(police.get(&door(app.ward().a1.camera_alert)).await).await, "404 not_found");
    app.stop().await;
}

#[tokio::test]
async fn screens_of_the_police_hear_whose_picture_came_or_is_held_and_others_hear_nothing() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let alert = an_alert("C-A1", "p1", "theft");
    device.report(&alert).await;
    let id = id_of(&app, "C-A1", "p1").await;
    let mut screens = Vec::new();
    for login in ["police-a", "police-b", "operator-a", "leader-a"] {
        let mut screen = Screen::new(login, app.sign_in(login).await, &[SNAPSHOT_TOPIC], [104.999, 20.999, 105.043, 21.011]);
        screen.connect().await;
        screen.listen(Duration::from_millis(400)).await;
        screen.heard.clear();
        screens.push(screen);
    }
    // Nothing but the picture is new.
    device.report(&with_picture(alert, &a_picture(1))).await;
    let told = async {
        while screens[0].heard.is_empty() {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("the police hear that a picture came");
    let police = app.sign_in("police-a").await;
    assert_eq!(step(&police, id, "hold", REASON).await.status(), StatusCode::OK);
    let told = async {
        while screens[0].heard.len() < 2 {
            screens[0].next().await;
        }
    };
    timeout(Duration::from_secs(10), told).await.expect("the police hear that it is held");
    for screen in &mut screens {
        screen.listen(Duration::from_millis(400)).await;
        let times = if screen.name == "police-a" { 2 } else { 0 };
        assert_eq!(screen.heard.len(), times, "{}: {:?}", screen.name, screen.heard);
        for frame in &screen.heard {
            let ServerFrame::Delta { upsert, .. } = frame else { panic!("{}: {frame:?}", screen.name) };
            assert!(upsert.iter().all(|row| row.id == id && row.properties.is_empty()), "the alert and nothing else: {frame:?}");
        }
    }
    let past = "select count(*) from history where topic = $1";
    let mut owner = app.database.connect("ioc_owner").await;
    let kept: i64 = sqlx::query_scalar(past).bind(SNAPSHOT_TOPIC).fetch_one(&mut owner).await.unwrap();
    assert_eq!(kept, 0, "what holding writes is in the audit trail");
    app.stop().await;
}

#[tokio::test]
async fn nobody_writes_pictures_past_the_doors() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    an_alert_with_picture(&app, &device, "C-A1", "p1", &a_picture(1)).await;
    for (role, statement) in [
        (
            "ioc_app",
            "insert into camera_alert_snapshot (alert_id, area_id, width_px, height_px, size_bytes, taken_in_at) values (1, 1, 1, 1, 1, now())",
        ),
        ("ioc_app", "update camera_alert_snapshot set sha256 = null"),
        ("ioc_app", "delete from camera_alert_snapshot"),
        ("ioc_app", "select write_camera_alert_snapshots('{1}', '{null}', '{null}', '{null}', '{1}', '{1}', '{1}', now())"),
        ("ioc_feed", "select alert_id from camera_alert_snapshot"),
        ("ioc_feed", "select sha256 from camera_alert_snapshot"),
    ] {
        let mut connection = app.database.connect(role).await;
        assert!(connection.execute(statement).await.is_err(), "{role} may run: {statement}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_picture_of_ours_is_left_out_and_its_alert_is_in() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let whole = a_picture(1);
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend(60_000_u32.to_be_bytes());
    bomb.extend(b"\x08\x02\0\0\0\0\0\0\0\0\0\0\0IEND\0\0\0\0");
    let sent: Vec<(Vec<u8>, &str)> = vec![
        (EICAR.to_vec(), "ingest.snapshot_refused"),
        ([whole.as_slice(), EICAR].concat(), "ingest.snapshot_refused"),
        (whole[..whole.len() / 2].to_vec(), "ingest.snapshot_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec(), "ingest.snapshot_refused"),
        (Vec::new(), "ingest.snapshot_refused"),
        (bomb, "ingest.snapshot_too_large"),
        ([whole.as_slice(), &vec![0; 6 * 1024 * 1024]].concat(), "ingest.snapshot_too_large"),
    ];
    let mut batch: Vec<Value> =
        sent.iter().enumerate().map(|(nth, (picture, _))| with_picture(an_alert("C-A1", &format!("e{nth}"), "theft"), picture)).collect();
    let mut no_base64 = an_alert("C-A1", "e8", "theft");
    no_base64["snapshot_base64"] = json!("<not base64>");
    batch.push(no_base64);
    batch.push(with_picture(an_alert("C-none", "e9", "theft"), &whole));
    batch.push(with_picture(an_alert("C-A1", "e10", "theft"), &whole));
    let answer = device.report(&Value::from(batch)).await;
    assert_eq!((answer.accepted, answer.rejected.len()), (9, 1));
    let expected: Vec<(usize, &str)> = sent.iter().map(|(_, code)| *code).chain(["ingest.snapshot_refused"]).enumerate().collect();
    assert_eq!(left_out(&answer), expected);
    let told = serde_json::to_string(&answer).unwrap();
    assert!(!told.contains("EICAR") && !told.contains("<not"), "{told}");

    for file in stored(&app) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(bytes.starts_with(&[0xFF, 0xD8, 0xFF]) && !bytes.windows(5).any(|part| part == b"EICAR"), "{}", file.display());
    }
    assert_eq!(stored(&app).len(), 2, "the picture that was taken, and its thumbnail");
    let with: CameraAlertList = app.sign_in("police-a").await.read("/api/camera-alerts?kind=theft&limit=50").await;
    assert_eq!(with.alerts.iter().filter(|alert| alert.has_snapshot).count(), 1);
    app.stop().await;
}

#[tokio::test]
async fn of_a_batch_so_many_pictures_are_taken_and_the_rest_when_it_comes_again() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let batch = Value::from_iter((0..34).map(|nth| with_picture(an_alert("C-A1", &format!("e{nth}"), "crowd"), &a_picture(nth))));
    let answer = device.report(&batch).await;
    assert_eq!((answer.accepted, left_out(&answer)), (34, vec![(32, "ingest.too_many_snapshots"), (33, "ingest.too_many_snapshots")]));
    let rest = Value::from(batch.as_array().unwrap()[32..].to_vec());
    let answer = device.report(&rest).await;
    assert_eq!((answer.accepted, answer.duplicate, left_out(&answer)), (2, 0, vec![]), "known alerts, new pictures");
    let answer = device.report(&rest).await;
    assert_eq!((answer.accepted, answer.duplicate), (0, 2), "word for word, picture for picture");
    app.stop().await;
}

#[tokio::test]
async fn a_picture_is_stored_once_however_many_alerts_have_it() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let police = app.sign_in("police-a").await;
    let first = an_alert_with_picture(&app, &device, "C-A1", "p1", &a_picture(1)).await;
    let second = an_alert_with_picture(&app, &device, "C-A2", "p1", &a_picture(1)).await;
    assert_eq!(stored(&app).len(), 2, "one picture, one thumbnail");
    let bytes = async |id: i64| police.get(&door(id)).await.bytes().await.unwrap();
    assert_eq!(bytes(first).await, bytes(second).await);

    // A better one of the same alert takes its place.
    let answer = device.report(&with_picture(an_alert("C-A1", "p1", "theft"), &a_picture(2))).await;
    assert_eq!((answer.accepted, left_out(&answer)), (1, vec![]));
    assert_eq!(stored(&app).len(), 4);
    assert_ne!(bytes(first).await, bytes(second).await);
    app.stop().await;
}

#[tokio::test]
async fn the_picture_on_which_somebody_acted_stays_and_none_grows_younger() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let police = app.sign_in("police-a").await;
    let bytes = async |id: i64| police.get(&door(id)).await.bytes().await.unwrap();
    let again = async |external_id: &str, seed: u64| {
        let answer = device.report(&with_picture(an_alert("C-A1", external_id, "theft"), &a_picture(seed))).await;
        left_out(&answer).into_iter().map(|(_, code)| code.to_owned()).collect::<Vec<_>>()
    };
    let handled = an_alert_with_picture(&app, &device, "C-A1", "handled", &a_picture(1)).await;
    let open = an_alert_with_picture(&app, &device, "C-A1", "open", &a_picture(2)).await;
    let seen = bytes(handled).await;
    assert!(police.post(&format!("/api/camera-alerts/{handled}/take"), &json!({}), None).await.status().is_success());
    assert_eq!(again("handled", 3).await, ["ingest.snapshot_settled"]);
    assert_eq!(again("handled", 1).await, Vec::<String>::new(), "the same is no other");
    // Given to somebody else afterwards, it was seen all the same.
    let me = police.read::<Visitor>("/api/who").await.session.unwrap().account_id;
    let assign = police.request(Method::POST, &format!("/api/camera-alerts/{handled}/assign")).header(header::IF_MATCH, "\"1\"");
    assert!(police.send(assign.json(&json!({"account_id": me}))).await.status().is_success());
    assert_eq!(again("handled", 3).await, ["ingest.snapshot_settled"]);
    assert_eq!(bytes(handled).await, seen);

    let mut owner = app.database.connect("ioc_owner").await;
    owner.execute("update camera_alert_snapshot set taken_in_at = now() - interval '31 days'").await.unwrap();
    let before = bytes(open).await;
    assert_eq!(again("open", 4).await, Vec::<String>::new());
    assert_ne!(bytes(open).await, before, "nobody has acted on it yet: the better one takes its place");
    let (media, pool) = (Media::open(&data_dir(&app)).unwrap(), as_job(&app).await);
    assert_eq!(forget_old(&pool, &media, Utc::now(), 30).await.unwrap(), 2, "its time did not begin again");
    assert_eq!(police.get(&door(open)).await.status(), StatusCode::NOT_FOUND);
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_picture_is_asked_about_each_time_and_leaves_an_entry_when_it_leaves_the_house() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let (police, operator) = (app.sign_in("police-a").await, app.sign_in("operator-a").await);
    let id = an_alert_with_picture(&app, &device, "C-A1", "p1", &a_picture(1)).await;
    let answer = police.get(&door(id)).await;
    let of = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    assert_eq!((of("content-type"), of("cache-control")), ("image/jpeg".to_owned(), "private, no-cache".to_owned()));
    assert_eq!((of("x-content-type-options"), of("vary")), ("nosniff".to_owned(), "Cookie".to_owned()));
    assert_eq!(of("content-security-policy"), "default-src 'none'; sandbox");
    let etag = of("etag");
    let whole = answer.bytes().await.unwrap();

    let again = police.send(police.request(Method::GET, &door(id)).header(header::IF_NONE_MATCH, &etag)).await;
    assert_eq!((again.status(), again.bytes().await.unwrap().len()), (StatusCode::NOT_MODIFIED, 0));
    let guessed = operator.send(operator.request(Method::GET, &door(id)).header(header::IF_NONE_MATCH, &etag)).await;
    assert_eq!(guessed.status(), StatusCode::NOT_FOUND, "whoever knows the hash learns nothing");
    let thumbnail = police.get(&format!("{}?size=thumbnail", door(id))).await.bytes().await.unwrap();
    assert!(thumbnail.len() < whole.len() / 2 && jpeg_size(&thumbnail) == THUMBNAIL_PX);
    assert_eq!(jpeg_size(&whole), (640, 360));
    assert_eq!(police.get(&format!("{}?size=poster", door(id))).await.status(), StatusCode::BAD_REQUEST);

    let trail: AuditTrail = police.read("/api/audit").await;
    let looks: Vec<_> = trail.entries.iter().filter(|entry| entry.action == "open_snapshot").collect();
    assert_eq!(looks.iter().map(|entry| (entry.subject_id, entry.outcome)).collect::<Vec<_>>(), [(Some(id), AuditOutcome::Allowed)]);
    let trail: AuditTrail = operator.read("/api/audit").await;
    let refused = trail.entries.iter().find(|entry| entry.action == "open_snapshot" && entry.login.as_deref() == Some("operator-a"));
    assert_eq!(refused.map(|entry| entry.outcome), Some(AuditOutcome::Refused));
    app.stop().await;
}

/// Width and height as a JPEG's frame header says them.
fn jpeg_size(bytes: &[u8]) -> (u32, u32) {
    let at = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline frame");
    let number = |at: usize| u32::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    (number(at + 7), number(at + 5))
}

#[tokio::test]
async fn a_picture_goes_when_its_time_is_over_unless_somebody_holds_it() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let police = app.sign_in("police-a").await;
    let held = an_alert_with_picture(&app, &device, "C-A1", "held", &a_picture(1)).await;
    let shared = an_alert_with_picture(&app, &device, "C-A1", "shared", &a_picture(1)).await;
    let alone = an_alert_with_picture(&app, &device, "C-A2", "alone", &a_picture(2)).await;
    assert_eq!(summary(step(&police, held, "hold", "ngắn").await).await, "422 camera_alerts.hold_reason_required");
    assert_eq!(summary(step(&police, held, "release", REASON).await).await, "409 camera_alerts.snapshot_not_held");
    let answer = step(&police, held, "hold", &format!("{REASON}, CCCD 001299012345")).await;
    let kept: CameraAlertCard = answer.json().await.unwrap();
    let hold = kept.snapshot.and_then(|snapshot| snapshot.held).expect("it is held");
    assert_eq!((hold.by.as_deref(), hold.reason.as_str()), (Some("Cán bộ police-a"), format!("{REASON}, CCCD •••").as_str()));
    assert_eq!(kept.entries.len(), 0, "those who read the record may not learn of the picture");

    let (media, pool) = (Media::open(&data_dir(&app)).unwrap(), as_job(&app).await);
    let in_days = |days: i64| Utc::now() + TimeDelta::days(days);
    assert_eq!(forget_old(&pool, &media, in_days(3650), 30).await.unwrap(), 0, "whatever moment is given, the last day stays");
    age(&app, 29).await;
    assert_eq!(forget_old(&pool, &media, Utc::now(), 30).await.unwrap(), 0);
    age(&app, 2).await;
    assert_eq!(forget_old(&pool, &media, Utc::now(), 30).await.unwrap(), 2);
    assert_eq!(stored(&app).len(), 2, "what is held, and what shared its files");
    assert_eq!(police.get(&door(held)).await.status(), StatusCode::OK);
    for gone in [shared, alone] {
        assert_eq!(summary(police.get(&door(gone)).await).await, "404 not_found");
        let card = card(&police, gone).await;
        assert!(card.has_snapshot == Some(false) && card.snapshot.unwrap().removed_at.is_some(), "the card can say where it went");
        assert_eq!(summary(step(&police, gone, "hold", REASON).await).await, "404 not_found", "too late");
    }

    // What comes again: nothing is taken over what is held, nor back once it is gone.
    let report = |external_id: &str, camera: &str| with_picture(an_alert(camera, external_id, "theft"), &a_picture(3));
    let answer = device.report(&json!([report("held", "C-A1"), report("alone", "C-A2")])).await;
    assert_eq!(left_out(&answer), [(0, "ingest.snapshot_held"), (1, "ingest.snapshot_too_old")]);

    assert_eq!(step(&police, held, "release", REASON).await.status(), StatusCode::OK);
    assert_eq!(forget_old(&pool, &media, Utc::now(), 30).await.unwrap(), 1);
    assert_eq!(police.get(&door(held)).await.status(), StatusCode::NOT_FOUND);
    // The two that were refused lie there without a row, as after a crash; a day later they are swept.
    assert_eq!(stored(&app).len(), 2);
    assert_eq!(sweep(&pool, &media, Utc::now()).await.unwrap(), 0, "they may belong to a transaction that is still open");
    assert_eq!(sweep(&pool, &media, in_days(2)).await.unwrap(), 2);
    assert_eq!(stored(&app).len(), 0);

    let trail: AuditTrail = police.read("/api/audit").await;
    let steps: Vec<_> =
        trail.entries.iter().filter(|entry| entry.action.ends_with("_snapshot") && entry.action != "open_snapshot").collect();
    assert_eq!(steps.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["release_snapshot", "hold_snapshot"]);
    assert_eq!(steps[0].reason.as_deref(), Some(REASON));
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_sweep_leaves_what_rows_name_and_an_old_picture_that_comes_again() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    let police = app.sign_in("police-a").await;
    let (media, pool) = (Media::open(&data_dir(&app)).unwrap(), as_job(&app).await);
    let id = an_alert_with_picture(&app, &device, "C-A1", "p1", &a_picture(1)).await;
    assert_eq!(sweep(&pool, &media, Utc::now() + TimeDelta::days(2)).await.unwrap(), 0);
    // Its files go with the first alert and are there again with the next.
    age(&app, 31).await;
    forget_old(&pool, &media, Utc::now(), 30).await.unwrap();
    assert_eq!(stored(&app).len(), 0);
    let again = an_alert_with_picture(&app, &device, "C-A1", "p2", &a_picture(1)).await;
    assert_eq!((police.get(&door(id)).await.status(), police.get(&door(again)).await.status()), (StatusCode::NOT_FOUND, StatusCode::OK));
    pool.close().await;
    app.stop().await;
}

#[tokio::test]
async fn the_doctor_misses_a_picture_that_a_row_names() {
    let app = TestApp::start().await;
    let device = TestDevice::add(&app, "hop-1", "A").await;
    an_alert_with_picture(&app, &device, "C-A1", "p1", &a_picture(1)).await;
    let config = app.database.config(app.dir.path());
    let database = Database::open(&config).await.unwrap();
    let looked = async || {
        let findings = doctor::examine(&config, Ok(&database), Utc::now()).await;
        findings.into_iter().find(|finding| finding.what == "pictures").map(|finding| (finding.state, finding.detail)).unwrap()
    };
    let (state, detail) = looked().await;
    assert!(state == State::Good && detail.contains("2 files") && detail.contains("30 days"), "{detail}");
    std::fs::remove_file(&stored(&app)[0]).unwrap();
    let (state, detail) = looked().await;
    assert!(state == State::Bad && detail.contains("1 of 2 files are missing") && detail.contains("restore"), "{detail}");
    app.stop().await;
}
