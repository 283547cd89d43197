//! The simulator as a client of a server: what it reports is there once each, its officers answer through the doors, the page sets its
//! speed; and the 30 days that a demo ward begins with.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use reqwest::Method;
use serde_json::json;
use server::{
    accounts::SignInLimits,
    app::Running,
    demo::{
        self,
        live::{self, LiveArgs, Time},
    },
    ingest::commands::keep_demo_device,
    platform::{
        clock::{SystemClock, TestClock},
        database::Database,
        mqtt_settings::{MqttSettings, TokenSource},
        mqtt_tls::TlsFiles,
    },
};
use shared::{
    camera_alert::{AlertRulesList, CameraAlertCard, CameraAlertList},
    demo::DemoSpeed,
    health::Readiness,
    violation::{ViolationFigures, ViolationList},
};
use sqlx::PgPool;
use tests::{
    app::{TestApp, TestClient, summary},
    mosquitto::Mosquitto,
    waiting::until,
};

/// Reports of the simulator, not of the past that the ward was seeded with.
const PLAYED: &str = "from camera_alert where external_id not like 'past-%'";

pub(super) async fn owner(app: &TestApp) -> PgPool {
    PgPool::connect(&app.database.url("postgres")).await.expect("the test database answers")
}

pub(super) async fn count(owner: &PgPool, from: &str) -> i64 {
    sqlx::query_scalar(&format!("select count(*) {from}")).fetch_one(owner).await.unwrap_or_else(|cause| panic!("{cause}: {from}"))
}

pub(super) async fn token(app: &TestApp, owner: &PgPool) -> String {
    let path = app.dir.path().join("demo-device-token");
    keep_demo_device(owner, &path).await.expect("the demo has a device");
    std::fs::read_to_string(path).expect("its token is kept").trim().to_owned()
}

async fn set_speed(client: &TestClient, speed: u8) -> reqwest::Response {
    client.send(client.request(Method::PUT, "/api/demo/speed").json(&json!({"speed": speed}))).await
}

#[tokio::test]
async fn everything_the_simulator_reports_is_there_once_and_officers_answer_through_the_doors() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    let token = token(&app, &owner).await;
    // Its clock stands in the past and goes on by waiting: a morning at 2000 times the speed lasts a minute, and what officers
    // do afterwards some minutes more.
    let clock = TestClock::at(Utc::now() - TimeDelta::hours(3));
    let day = "2026-11-20".parse().ok();
    let args = LiveArgs { speed: 2000.0, day, from: "07:00:00".parse().unwrap(), ..LiveArgs::ordinary() };
    let mut play = live::enter(&args, &app.url(""), &token, None, Time::Simulated(clock.clone())).await.expect("the doors are open");
    play.go_on_until(|tally| tally.alerts >= 200).await;
    // The morning is over; what is open is answered.
    let operator = app.sign_in_demo("trucban").await;
    assert_eq!(set_speed(&operator, 1).await.status(), 200);
    play.set_speed(0.001);
    play.go_on_until(|tally| tally.closed >= 40 && tally.taken >= 60).await;
    // Whoever tries the ward is left something now and then; nobody sits there, and it is taken back.
    play.go_on_until(|tally| tally.asked >= 1 && tally.taken_back >= 1).await;

    let tally = play.tally().clone();
    assert!(tally.alerts >= 200 && tally.rejected == 0, "{tally:?}");
    assert_eq!(count(&owner, PLAYED).await, tally.alerts as i64, "each once: {tally:?}");
    assert_eq!(count(&owner, "from ingest_quarantine").await, 0);
    assert!(tally.known_already > 0, "a recorder that sends twice is told so: {tally:?}");
    let closed = count(&owner, &format!("{PLAYED} and status = 'closed' and handler_name like '%(mô phỏng)'")).await;
    assert!(closed >= 20, "{closed} for {tally:?}");
    let steps = "from camera_alert_entry e join camera_alert a on a.id = e.alert_id where a.external_id not like 'past-%'";
    let unsigned = count(&owner, &format!("{steps} and e.step in ('taken', 'closed', 'noted') and e.actor_name is null")).await;
    assert_eq!(unsigned, 0, "every step of a person bears their name");
    assert_eq!(count(&owner, &format!("{steps} and e.actor_name like '%(demo)'")).await, 0, "nobody finds the day done by oneself");
    // Of the past, what was left open is answered too, and may be asked of somebody.
    let desk = "from camera_alert_entry where actor_name = 'Trực ban ca (mô phỏng)'";
    let asked = format!("{desk} and step = 'assigned' and to_name in ('Trực ban (demo)', 'Công an phường (demo)')");
    assert_eq!(count(&owner, &asked).await, tally.asked as i64);
    let taken_back = format!("{desk} and step = 'taken' and from_name in ('Trực ban (demo)', 'Công an phường (demo)')");
    assert!(count(&owner, &taken_back).await >= tally.taken_back as i64);
    assert!(count(&owner, "from camera where status = 'online'").await > 40);
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn the_page_sets_how_fast_the_demonstration_plays_and_others_find_no_such_door() {
    let app = TestApp::demo().await;
    let (operator, police) = (app.sign_in_demo("trucban").await, app.sign_in_demo("congan").await);
    assert_eq!(operator.read::<DemoSpeed>("/api/demo/speed").await.speed, 1);
    assert_eq!(set_speed(&police, 10).await.status(), 200);
    assert_eq!(operator.read::<DemoSpeed>("/api/demo/speed").await.speed, 10);
    assert_eq!(summary(set_speed(&operator, 7).await).await, "422 edit.invalid");
    assert_eq!(operator.read::<DemoSpeed>("/api/demo/speed").await.speed, 10);
    assert_eq!(summary(set_speed(&app.public(), 0).await).await, "404 not_found");
    app.stop().await;

    // Ordinary accounts, of every role.
    let app = TestApp::start().await;
    for login in ["leader-a", "operator-a", "police-a", "tdp_head-a1", "admin-a", "landlord-a1"] {
        let client = app.sign_in(login).await;
        assert_eq!(summary(client.get("/api/demo/speed").await).await, "404 not_found", "{login}");
        assert_eq!(summary(set_speed(&client, 0).await).await, "404 not_found", "{login}");
    }
    assert_eq!(summary(app.public().get("/api/demo/speed").await).await, "404 not_found");
    app.stop().await;
}

#[tokio::test]
async fn recorders_behind_a_broker_send_their_pictures_too() {
    let broker = Mosquitto::start().await;
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    let token = token(&app, &owner).await;
    let settings = MqttSettings::read(&broker.url(), TokenSource::Given(token.clone()), TlsFiles::default()).unwrap();
    let TestApp { database, ward, running, dir } = app;
    running.stop().await;
    let mut config = database.config(dir.path());
    (config.demo, config.mqtt) = (true, Some(settings.clone()));
    let opened = Database::open(&config).await.unwrap();
    let running = Running::start(&config, &opened, Arc::new(SystemClock), SignInLimits::default()).await.unwrap();
    let app = TestApp { database, ward, running, dir };
    let listens = async || app.public().read::<Readiness>("/readyz").await.mqtt.is_some_and(|mqtt| mqtt.connected);
    until("the server listens", listens).await;

    let clock = TestClock::at(Utc::now() - TimeDelta::hours(3));
    let day = "2026-11-20".parse().ok();
    let args = LiveArgs { speed: 20.0, day, from: "07:00:00".parse().unwrap(), ..LiveArgs::ordinary() };
    let mut play = live::enter(&args, &app.url(""), &token, Some(&settings), Time::Simulated(clock)).await.expect("the doors are open");
    play.go_on_until(|tally| tally.alerts >= 40).await;
    let behind_broker = "camera_code ~ '[02468]$' and external_id not like 'past-%'";
    let with_picture = format!("from camera_alert a join camera_alert_snapshot s on s.alert_id = a.id where {behind_broker}");
    until("pictures", async || count(&owner, &with_picture).await >= 5).await;
    assert_eq!(count(&owner, "from ingest_quarantine").await, 0);
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_paused_page_pauses_the_simulator() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    let token = token(&app, &owner).await;
    assert_eq!(set_speed(&app.sign_in_demo("lanhdao").await, 0).await.status(), 200);
    let clock = TestClock::at(Utc::now() - TimeDelta::hours(3));
    let begun = server::platform::clock::Clock::now(clock.as_ref());
    let args = LiveArgs { speed: 2000.0, ..LiveArgs::ordinary() };
    let mut play = live::enter(&args, &app.url(""), &token, None, Time::Simulated(clock.clone())).await.expect("the doors are open");
    let watch = clock.clone();
    play.go_on_until(move |_| server::platform::clock::Clock::now(watch.as_ref()) - begun > TimeDelta::minutes(3)).await;
    assert_eq!((play.tally().alerts, play.tally().taken), (0, 0));
    assert_eq!(count(&owner, PLAYED).await, 0);
    owner.close().await;
    app.stop().await;
}

#[tokio::test]
async fn a_demo_ward_begins_with_thirty_days_of_alerts_and_gets_them_once() {
    let app = TestApp::demo().await;
    let owner = owner(&app).await;
    let all = count(&owner, "from camera_alert").await;
    assert!((3_700..=5_000).contains(&all), "{all} in thirty days");
    for (what, wrong) in [
        (
            "open for longer than a few hours",
            "from camera_alert where status <> 'closed' \
            and started_at < (select max(started_at) from camera_alert) - interval '5 hours'",
        ),
        (
            "closed without an entry that says so",
            "from camera_alert a where status = 'closed' and not exists \
            (select from camera_alert_entry e where e.alert_id = a.id and e.step = 'closed' and e.outcome = a.outcome and e.at = a.closed_at)",
        ),
        ("closed by nobody", "from camera_alert where status = 'closed' and handler_name is null"),
        ("steps of people without their name", "from camera_alert_entry where step in ('taken', 'noted', 'closed') and actor_name is null"),
        ("steps before the alert", "from camera_alert_entry e join camera_alert a on a.id = e.alert_id where e.at < a.started_at"),
        (
            "not where their camera is",
            "from camera_alert a join camera c on c.id = a.camera_id where a.area_id <> c.area_id or not a.geom = c.geom",
        ),
        ("plates that could be somebody's", "from camera_alert_plate where plate not like '00A-%'"),
        (
            "counted otherwise than done",
            "from camera_alert a where steps <> (select count(*) from camera_alert_entry e where e.alert_id = a.id)",
        ),
    ] {
        assert_eq!(count(&owner, wrong).await, 0, "{what}");
    }
    assert_eq!(count(&owner, "from camera_alert where legal_basis is not null and fine_vnd > 0 and outcome = 'handled'").await, 36);
    let shares = |severity: &str| format!("from camera_alert where severity = '{severity}'");
    assert!(count(&owner, &shares("critical")).await * 100 <= all * 5);
    assert!(count(&owner, &shares("high")).await * 100 <= all * 15);
    let in_order = "from (select id, started_at, lag(started_at) over (order by substr(code, 3)::bigint) as before from camera_alert) o where started_at < before";
    assert_eq!(count(&owner, in_order).await, 0, "codes rise with time");
    let enabled = count(&owner, "from pg_trigger where tgname = 'sign_alert_entry' and tgenabled = 'O'").await;
    assert_eq!(enabled, 1, "steps are signed again");

    // Cameras of a ward that was made today have not been silent for weeks.
    let long_silent = "from camera where status = 'offline' and status_at < clock_timestamp() - interval '30 days'";
    assert_eq!(count(&owner, long_silent).await, 0);
    assert!(count(&owner, "from camera where status = 'offline'").await > 0);

    let args = demo::PastArgs { area: demo::terrain::load::WARD_CODE.into(), seed: 1 };
    assert_eq!(demo::bring_past(&owner, &args).await.unwrap(), 0, "a ward that has alerts keeps them");
    assert_eq!(count(&owner, "from camera_alert").await, all);

    let operator = app.sign_in_demo("trucban").await;
    let closed: CameraAlertList = operator.read("/api/camera-alerts?status=closed&limit=200").await;
    assert_eq!(closed.alerts.len(), 200);
    let card: CameraAlertCard = operator.read(&format!("/api/camera-alerts/{}", closed.alerts[0].id)).await;
    assert!(card.entries.iter().all(|entry| entry.by.is_some() || entry.to.is_some()), "{card:?}");
    assert!(!card.same_camera.is_empty(), "a month of its camera stands beside it");

    // 109 violations in three months, so a third of them in one; what was only reminded is no violation.
    let figures: ViolationFigures = operator.read("/api/violations/figures").await;
    let (counts, list) = (figures.total, operator.read::<ViolationList>("/api/violations?limit=200").await);
    assert_eq!((figures.months.len(), counts.found, counts.violations, list.violations.len()), (3, all, 36, 36));
    assert!(counts.handled > 2_000 && counts.fines == 36, "{counts:?}");
    let rules: AlertRulesList = operator.read("/api/alert-rules").await;
    let said: Vec<_> = rules.areas.iter().map(|area| (area.rules.len(), area.editable)).collect();
    assert_eq!(said, [(3, true)]);
    owner.close().await;
    app.stop().await;
}
