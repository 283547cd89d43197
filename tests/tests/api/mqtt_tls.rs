//! The broker by TLS, with a real mosquitto and certificates made here: whoever the ward trusts is listened to, and nobody else.

use std::path::PathBuf;
use std::time::Duration;

use chrono::Utc;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use server::{
    app::doctor::{self, State},
    ingest::mqtt::reach,
    platform::{
        database::Database,
        mqtt_settings::{MqttSettings, TokenSource},
        mqtt_tls::TlsFiles,
    },
};
use tempfile::TempDir;
use tests::{
    app::TestApp,
    frigate::object,
    listening::{TOKEN, external_ids, is_connected, until_all_is_read, with_device},
    mosquitto::{BrokerTls, Mosquitto, Publisher},
    waiting::until,
};

/// Somebody who signs certificates.
struct Authority {
    pem: String,
    key_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
struct Signed {
    pem: String,
    key_pem: String,
}

impl Authority {
    fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let pem = params.self_signed(&key).unwrap().pem();
        let key_pem = key.serialize_pem();
        Self { pem, key_pem, issuer: Issuer::new(params, key) }
    }

    fn sign(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> Signed {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![purpose];
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Signed { pem, key_pem: key.serialize_pem() }
    }

    fn sign_broker(&self, name: &str) -> Signed {
        self.sign(name, ExtendedKeyUsagePurpose::ServerAuth)
    }
}

async fn broker_with(signed: &Signed, clients: Option<&str>) -> Mosquitto {
    Mosquitto::start_by_tls(BrokerTls { certificate: &signed.pem, key: &signed.key_pem, clients }).await
}

fn trusting(broker: &Mosquitto, dir: &TempDir, authority: &str) -> MqttSettings {
    let ca = kept(dir, "ca.pem", authority);
    read(broker, TlsFiles { ca: Some(ca), ..TlsFiles::default() })
}

fn kept(dir: &TempDir, name: &str, text: &str) -> PathBuf {
    let file = dir.path().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn read(broker: &Mosquitto, files: TlsFiles) -> MqttSettings {
    MqttSettings::read(&broker.url(), TokenSource::Given(TOKEN.into()), files).unwrap()
}

fn recorder(settings: &MqttSettings) -> Publisher {
    Publisher::connect_as(settings.options("recorder").unwrap())
}

async fn doctor_says(app: &TestApp, settings: &MqttSettings) -> (State, String) {
    let mut config = app.database.config(app.dir.path());
    config.mqtt = Some(settings.clone());
    let database = Database::open(&config).await.unwrap();
    let findings = doctor::examine(&config, Ok(&database), Utc::now()).await;
    let found = findings.into_iter().find(|finding| finding.what == "mqtt").unwrap();
    (found.state, found.line())
}

#[tokio::test]
async fn an_event_arrives_by_tls() {
    let (ward, dir) = (Authority::named("Phường"), tempfile::tempdir().unwrap());
    let broker = broker_with(&ward.sign_broker("127.0.0.1"), None).await;
    let settings = trusting(&broker, &dir, &ward.pem);
    let app = with_device(settings.clone()).await;
    until("the server listens", async || is_connected(&app).await).await;
    let mut publisher = recorder(&settings);
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "person")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["o1"]);
    let (state, line) = doctor_says(&app, &settings).await;
    assert!(state == State::Good && line.contains("a certificate that is trusted"), "{line}");
    app.stop().await;
}

#[tokio::test]
async fn a_broker_whom_nobody_vouches_for_is_refused_until_somebody_does() {
    let (ward, other, dir) = (Authority::named("Phường"), Authority::named("Người lạ"), tempfile::tempdir().unwrap());
    let broker = broker_with(&other.sign_broker("127.0.0.1"), None).await;
    let settings = trusting(&broker, &dir, &ward.pem);
    let app = with_device(settings.clone()).await;
    let theirs = tempfile::tempdir().unwrap();
    let mut publisher = recorder(&trusting(&broker, &theirs, &other.pem));
    publisher.publish("frigate/events", object("new", "o1", "C-A1", "person")).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!is_connected(&app).await);
    assert_eq!(external_ids(&app).await, Vec::<String>::new());
    let (state, line) = doctor_says(&app, &settings).await;
    assert!(state == State::Bad && line.contains("IOC_MQTT_CA_FILE"), "{line}");

    // Mended without a restart of ours.
    kept(&dir, "ca.pem", &other.pem);
    until("the server listens", async || is_connected(&app).await).await;
    publisher.publish("frigate/events", object("new", "o2", "C-A1", "person")).await;
    until_all_is_read(&app, &mut publisher).await;
    assert_eq!(external_ids(&app).await, ["o2"]);
    app.stop().await;
}

#[tokio::test]
async fn a_broker_that_asks_who_we_are_is_told() {
    let (ward, dir) = (Authority::named("Phường"), tempfile::tempdir().unwrap());
    let broker = broker_with(&ward.sign_broker("127.0.0.1"), Some(&ward.pem)).await;
    let us = ward.sign("ioc.phuong", ExtendedKeyUsagePurpose::ClientAuth);
    let unknown = trusting(&broker, &dir, &ward.pem);
    let known = read(
        &broker,
        TlsFiles {
            ca: unknown.tls.as_ref().and_then(|files| files.ca.clone()),
            certificate: Some(kept(&dir, "ioc.pem", &us.pem)),
            key: Some(kept(&dir, "ioc.key", &us.key_pem)),
        },
    );
    let app = with_device(unknown).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!is_connected(&app).await, "nobody said who we are");
    app.stop().await;
    let app = with_device(known).await;
    until("the server listens", async || is_connected(&app).await).await;
    app.stop().await;
}

#[tokio::test]
async fn a_certificate_is_good_by_its_authority_and_name_or_because_it_is_the_wards_own() {
    let (ward, dir) = (Authority::named("Phường"), tempfile::tempdir().unwrap());
    let refusal = async |settings: &MqttSettings| reach(settings).await.map_err(|cause| format!("{cause:#}")).unwrap_err();

    let elsewhere = broker_with(&ward.sign_broker("broker.phuong"), None).await;
    let why = refusal(&trusting(&elsewhere, &dir, &ward.pem)).await;
    assert!(why.contains("another name than 127.0.0.1"), "{why}");

    // As `openssl req -x509` signs: by itself, as an authority, for no name at all.
    let alone = Signed { pem: ward.pem.clone(), key_pem: ward.key_pem.clone() };
    let alone = broker_with(&alone, None).await;
    reach(&trusting(&alone, &dir, &ward.pem)).await.unwrap();
    let other = Authority::named("Người lạ");
    for untrusting in [trusting(&alone, &dir, &other.pem), read(&alone, TlsFiles::default())] {
        let why = refusal(&untrusting).await;
        assert!(why.contains("IOC_MQTT_CA_FILE"), "{why}");
    }

    let plain = Mosquitto::start().await;
    let address = plain.url().replace("mqtt://", "mqtts://");
    let files = TlsFiles { ca: Some(dir.path().join("ca.pem")), ..TlsFiles::default() };
    let why = refusal(&MqttSettings::read(&address, TokenSource::Given(TOKEN.into()), files).unwrap()).await;
    assert!(why.contains("8883"), "never in the open: {why}");
}
