//! A recorder whose clock is wrong: known by what it reports, told to the operator and by the doctor, over once it is set. What is
//! reported late because a line was cut is no wrong clock.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::{
    app::doctor::{self, Finding},
    platform::{
        clock::{Clock, TestClock},
        database::Database,
    },
};
use shared::{
    camera_alert::CameraAlertList,
    ingest::{WrongClock, WrongClocks},
};
use tests::{
    app::{TestApp, TestClient},
    device::TestDevice,
};

/// The small wards on a clock that the test moves, with the operator of ward A and a recorder there.
struct Room {
    app: TestApp,
    clock: Arc<TestClock>,
    operator: TestClient,
    device: TestDevice,
}

impl Room {
    async fn open() -> Self {
        let clock = TestClock::at(DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a moment"));
        let app = TestApp::start_at(clock.clone()).await;
        let operator = app.sign_in("operator-a").await;
        let device = TestDevice::add(&app, "hop-1", "A").await;
        Self { app, clock, operator, device }
    }

    fn alert(&self, camera: &str, external_id: &str, late_by: TimeDelta) -> Value {
        json!({"camera": camera, "external_id": external_id, "kind": "theft", "started_at": self.clock.now() - late_by})
    }

    /// Three alerts of a recorder in half an hour, each as late as the others.
    async fn report_for_a_while(&self, camera: &str, names: &str, late_by: TimeDelta) {
        for n in 0..3 {
            let answer = self.device.report(&self.alert(camera, &format!("{names}-{n}"), late_by)).await;
            assert_eq!(answer.accepted, 1, "{:?}", answer.rejected);
            self.clock.advance(TimeDelta::minutes(12));
        }
    }

    async fn wrong(&self) -> Vec<WrongClock> {
        self.operator.read::<WrongClocks>("/api/ingest/clocks").await.wrong
    }

    async fn doctor(&self) -> Vec<String> {
        let config = self.app.database.config(self.app.dir.path());
        let database = Database::open(&config).await.unwrap();
        let findings = doctor::examine(&config, Ok(&database), self.clock.now()).await;
        findings.iter().filter(|finding| finding.what == "device clocks").map(Finding::line).collect()
    }
}

#[tokio::test]
async fn a_clock_that_is_eight_days_behind_is_told_until_it_is_set() {
    let room = Room::open().await;
    assert!(room.wrong().await.is_empty());
    assert!(room.doctor().await[0].contains("bore the right time"));

    room.report_for_a_while("C-A1", "slow", TimeDelta::days(8)).await;
    // As the ward knows it: open, in nobody's name, no time running.
    let list: CameraAlertList = room.operator.read("/api/camera-alerts?status=new&kind=theft").await;
    assert!(list.alerts.len() == 3 && list.alerts.iter().all(|alert| alert.answer_due_at.is_none()), "{list:?}");

    let wrong = room.wrong().await;
    let [clock] = wrong.as_slice() else { panic!("{wrong:?}") };
    assert_eq!((clock.device_name.as_str(), clock.behind_s, clock.reports), ("hop-1", 8 * 86_400, 3));
    assert!(clock.asks_nobody() && clock.cameras.is_empty());
    let told = room.doctor().await;
    assert!(told.len() == 1 && told[0].starts_with("BAD") && told[0].contains("hop-1 runs 8 days behind"), "{told:?}");
    assert!(told[0].contains("asks nobody") && told[0].contains("NTP"), "{told:?}");

    // Somebody sets it.
    room.device.report(&room.alert("C-A1", "right", TimeDelta::seconds(5))).await;
    assert!(room.wrong().await.is_empty(), "one report of now, and it is over");
    room.app.stop().await;
}

#[tokio::test]
async fn a_backlog_is_late_and_no_wrong_clock() {
    let room = Room::open().await;
    for n in 0..6 {
        // Thirty days, told oldest first in an hour.
        let batch: Vec<Value> =
            (0..5).map(|part| room.alert("C-A1", &format!("old-{n}-{part}"), TimeDelta::hours(720 - (n * 5 + part) * 24))).collect();
        room.device.report(&json!(batch)).await;
        room.clock.advance(TimeDelta::minutes(11));
    }
    assert!(room.wrong().await.is_empty());
    let told = room.doctor().await;
    assert!(told.len() == 1 && told[0].starts_with("ok") && told[0].contains("hop-1 up to"), "{told:?}");
    room.app.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_told_with_what_it_costs() {
    let room = Room::open().await;
    let answer = room.device.report(&room.alert("C-A1", "early", -TimeDelta::hours(7))).await;
    assert_eq!(answer.rejected[0].code, "ingest.bad_time");
    let wrong = room.wrong().await;
    let [clock] = wrong.as_slice() else { panic!("{wrong:?}") };
    assert!(clock.behind_s == -7 * 3600 && clock.is_refused() && !clock.asks_nobody(), "{clock:?}");
    let told = room.doctor().await;
    assert!(told[0].starts_with("BAD") && told[0].contains("7 h ahead") && told[0].contains("as if it were UTC"), "{told:?}");
    // A report that is wrong beside others that are right is the report's fault.
    room.clock.advance(TimeDelta::minutes(20));
    room.device.report(&json!([room.alert("C-A1", "a", TimeDelta::zero()), room.alert("C-A1", "b", -TimeDelta::days(1))])).await;
    assert!(room.wrong().await.is_empty());
    room.app.stop().await;
}

#[tokio::test]
async fn a_camera_whose_time_a_box_passes_on_is_named_and_states_tell_the_time_too() {
    let room = Room::open().await;
    for n in 0..3 {
        let batch = json!([
            room.alert("C-A1", &format!("right-{n}"), TimeDelta::zero()),
            room.alert("c-a2", &format!("slow-{n}"), TimeDelta::hours(7))
        ]);
        assert_eq!(room.device.report(&batch).await.accepted, 2);
        room.clock.advance(TimeDelta::minutes(12));
    }
    let wrong = room.wrong().await;
    assert!(wrong.len() == 1 && wrong[0].cameras == ["C-A2"] && !wrong[0].asks_nobody(), "{wrong:?}");

    let other = TestDevice::add(&room.app, "hop-2", "A").await;
    for _ in 0..3 {
        let at = room.clock.now() - TimeDelta::days(9);
        other.report_status(&json!([{"camera": "C-A1", "status": "online", "at": at}])).await;
        room.clock.advance(TimeDelta::minutes(12));
    }
    let wrong = room.wrong().await;
    assert!(wrong.len() == 2 && wrong[1].device_name == "hop-2" && wrong[1].asks_nobody(), "{wrong:?}");
    room.app.stop().await;
}

#[tokio::test]
async fn clocks_are_for_who_sees_the_quarantine_of_that_area() {
    let room = Room::open().await;
    room.report_for_a_while("C-A1", "slow", TimeDelta::days(8)).await;
    let neighbour = room.app.sign_in("operator-b").await;
    assert!(neighbour.read::<WrongClocks>("/api/ingest/clocks").await.wrong.is_empty());
    assert_eq!(room.app.public().get("/api/ingest/clocks").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(room.app.sign_in("police-a").await.get("/api/ingest/clocks").await.status(), StatusCode::FORBIDDEN);
    room.app.stop().await;
}
