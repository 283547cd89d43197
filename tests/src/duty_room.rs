//! The room where somebody is on duty: the small wards on a clock that the test moves, with the operator of ward A and a recorder.
//! It deliberately decides nothing about whose an alert is; it puts people on duty and waits for what the server makes of it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use server::platform::clock::{Clock, TestClock};
use shared::{camera_alert::CameraAlertCard, duty::Duty};
use tokio::time::{sleep, timeout};

use crate::{
    app::{TestApp, TestClient, body_of},
    device::{TestDevice, an_alert},
    handling,
};

pub const OPERATOR: &str = "Cán bộ operator-a";
pub const POLICE: &str = "Cán bộ police-a";
pub const LEADER: &str = "Cán bộ leader-a";
/// Longer than the job takes to look again.
pub const A_LOOK: Duration = Duration::from_millis(2500);

pub struct Room {
    pub app: TestApp,
    pub clock: Arc<TestClock>,
    pub operator: TestClient,
    pub device: TestDevice,
}

impl Room {
    pub async fn open() -> Self {
        // The present: sessions and received alerts are stamped by the database.
        // To the microsecond, as PostgreSQL keeps it.
        let clock = TestClock::at(DateTime::from_timestamp_micros(Utc::now().timestamp_micros()).expect("a moment"));
        let app = TestApp::start_at(clock.clone()).await;
        let operator = app.sign_in("operator-a").await;
        let device = TestDevice::add(&app, "hop-1", "A").await;
        Self { app, clock, operator, device }
    }

    /// With the operator asked first in ward A, and the police as the next step.
    pub async fn with_two_steps() -> Self {
        let room = Self::open().await;
        let ward = room.ward();
        room.put_on(ward, "operator-a", "first", None).await;
        room.put_on(ward, "police-a", "shift_lead", None).await;
        room
    }

    /// Ward A.
    pub fn ward(&self) -> i32 {
        self.app.ward().ward_a
    }

    /// What the server takes for the present.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A shift of eight hours that ends in half an hour.
    pub async fn a_duty(&self, area: i32, login: &str, step: &str, kinds: Option<&[&str]>) -> Value {
        let from = self.now() - TimeDelta::minutes(450);
        let until = from + TimeDelta::hours(8);
        json!({"area_id": area, "account_id": self.app.account(login).await, "from": from, "until": until, "step": step, "kinds": kinds})
    }

    pub async fn put_on(&self, area: i32, login: &str, step: &str, kinds: Option<&[&str]>) -> Duty {
        body_of(self.operator.post("/api/duty", &self.a_duty(area, login, step, kinds).await, None).await).await
    }

    /// Reports an alert and opens its card.
    pub async fn alert(&self, camera: &str, external_id: &str, kind: &str) -> CameraAlertCard {
        let answer = self.device.report(&an_alert(camera, external_id, kind)).await;
        assert_eq!(answer.accepted, 1, "{:?}", answer.rejected);
        let mut owner = self.app.database.connect("ioc_owner").await;
        let id: i64 = sqlx::query_scalar("select id from camera_alert where external_id = $1 and camera_code = $2")
            .bind(external_id)
            .bind(camera)
            .fetch_one(&mut owner)
            .await
            .expect("the alert is there");
        self.card(id).await
    }

    pub async fn card(&self, id: i64) -> CameraAlertCard {
        handling::card(&self.operator, id).await
    }

    /// Moves the clock to so long after a moment.
    pub fn go_to(&self, moment: Option<DateTime<Utc>>, after: TimeDelta) {
        let moment = moment.expect("somebody must answer until then");
        self.clock.advance(moment + after - self.now());
    }

    /// Lets the time pass in which an alert must be taken; the card, once it has gone up to this step.
    pub async fn goes_up(&self, card: &CameraAlertCard, step: i16) -> CameraAlertCard {
        self.go_to(card.alert.answer_due_at, TimeDelta::seconds(1));
        self.card_once(card.alert.id, |card| card.alert.escalation == step).await
    }

    /// The card, once it is as it should be.
    pub async fn card_once(&self, id: i64, is_so: impl Fn(&CameraAlertCard) -> bool) -> CameraAlertCard {
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
