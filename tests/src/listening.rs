//! A server that listens at an MQTT broker for the cameras of ward A, and what has become of what was published there.
//! It deliberately publishes nothing by itself but the message that says all before it was read.

use std::ops::Range;
use std::sync::Arc;

use server::{
    accounts::SignInLimits,
    app::Running,
    platform::{
        clock::SystemClock,
        config::Config,
        database::Database,
        mqtt_settings::{MqttSettings, TokenSource},
        mqtt_tls::TlsFiles,
    },
};
use shared::{
    camera_alert::{CameraAlert, CameraAlertList},
    health::Readiness,
    ingest::QuarantineList,
};

use crate::{
    app::TestApp,
    device::an_alert,
    mosquitto::{Mosquitto, Publisher},
    waiting::until,
};

/// The token of the device that speaks over MQTT.
pub const TOKEN: &str = "mqtt-device-token-of-the-tests-0123456789-a";

pub fn settings(broker: &Mosquitto) -> MqttSettings {
    settings_with(broker, TOKEN.into())
}

pub fn settings_with(broker: &Mosquitto, token: String) -> MqttSettings {
    MqttSettings::read(&broker.url(), TokenSource::Given(token), TlsFiles::default()).expect("a broker's address and a token")
}

/// A server that listens at the broker.
pub async fn listening(broker: &Mosquitto) -> TestApp {
    let app = with_device(settings(broker)).await;
    until("the server listens", async || is_connected(&app).await).await;
    app
}

/// A server that tries to.
pub async fn with_device(settings: MqttSettings) -> TestApp {
    let app = TestApp::start_configured(|config, _| config.mqtt = Some(settings)).await;
    assert!(!is_connected(&app).await, "no device has the token yet");
    let mut owner = app.database.connect("ioc_owner").await;
    let add = "insert into device (name, area_id, token_hash) values ('frigate', $1, sha256(convert_to($2, 'UTF8')))";
    sqlx::query(add).bind(app.ward().ward_a).bind(TOKEN).execute(&mut owner).await.expect("a device is added");
    app
}

/// The same server again, on the same database.
pub async fn started_again(app: TestApp, broker: &Mosquitto, meanwhile: impl AsyncFnOnce(&TestApp)) -> TestApp {
    // Something to hold on to while no server listens: its own, without a broker.
    let app = on_the_same_database(app, |_| ()).await;
    meanwhile(&app).await;
    on_the_same_database(app, |config| config.mqtt = Some(settings(broker))).await
}

async fn on_the_same_database(app: TestApp, adjust: impl FnOnce(&mut Config)) -> TestApp {
    let TestApp { database, ward, running, dir } = app;
    running.stop().await;
    let mut config = database.config(dir.path());
    adjust(&mut config);
    let opened = Database::open(&config).await.expect("the test database opens");
    let running = Running::start(&config, &opened, Arc::new(SystemClock), SignInLimits::default()).await.expect("the server starts");
    TestApp { database, ward, running, dir }
}

pub async fn is_connected(app: &TestApp) -> bool {
    let ready: Readiness = app.public().read("/readyz").await;
    ready.mqtt.expect("a broker is set").connected
}

/// External ids of ward A's alerts that came over MQTT: all that the small wards do not begin with.
pub async fn external_ids(app: &TestApp) -> Vec<String> {
    let mut owner = app.database.connect("ioc_owner").await;
    let known = "select external_id from camera_alert where id not in ($1, $2, $3) order by external_id";
    let ward = app.ward();
    sqlx::query_scalar(known)
        .bind(ward.a1.camera_alert)
        .bind(ward.a2.camera_alert)
        .bind(ward.b1.camera_alert)
        .fetch_all(&mut owner)
        .await
        .expect("alerts are read")
}

/// Messages are taken in by their order: once this one is there, so is what became of all before it.
pub async fn until_all_is_read(app: &TestApp, publisher: &mut Publisher) {
    let last = format!("last-{}", uuid::Uuid::new_v4().simple());
    publisher.publish("ioc/camera-alerts", an_alert("C-A1", &last, "crowd")).await;
    until("the last message", async || external_ids(app).await.contains(&last)).await;
    let mut owner = app.database.connect("ioc_owner").await;
    let forget = sqlx::query("delete from camera_alert where external_id = $1").bind(&last);
    forget.execute(&mut owner).await.expect("the last message leaves no trace");
}

pub async fn alert_of(app: &TestApp, external_id: &str) -> Option<CameraAlert> {
    let mut owner = app.database.connect("ioc_owner").await;
    let id: Option<i64> = sqlx::query_scalar("select id from camera_alert where external_id = $1")
        .bind(external_id)
        .fetch_optional(&mut owner)
        .await
        .expect("alerts are read");
    let list: CameraAlertList = app.sign_in("operator-a").await.read("/api/camera-alerts?limit=200").await;
    list.alerts.into_iter().find(|alert| Some(alert.id) == id)
}

/// What of the broker's messages waits in the quarantine.
pub async fn waiting(app: &TestApp) -> QuarantineList {
    let mut list: QuarantineList = app.sign_in("operator-a").await.read("/api/ingest/quarantine").await;
    list.items.retain(|item| item.device_name.as_deref() == Some("frigate"));
    list
}

/// Messages with one alert each, whose external ids are `numbered`.
pub fn alerts(numbers: Range<usize>) -> Vec<(String, Vec<u8>)> {
    let message = |(number, id): (usize, String)| {
        let alert = an_alert(["C-A1", "C-A2"][number % 2], &id, "crowd");
        ("ioc/camera-alerts".to_owned(), alert.to_string().into_bytes())
    };
    numbers.clone().zip(numbered(numbers)).map(message).collect()
}

pub fn numbered(numbers: Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("m-{number:04}")).collect()
}
