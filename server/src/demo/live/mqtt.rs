//! The recorders' way through a broker, where IOC_MQTT_URL names one: messages shaped as Frigate's `events`.
//! It deliberately keeps no session and answers for nothing: what the broker took at QoS 1 is the broker's.

use std::time::Duration;

use rumqttc::{AsyncClient, MqttOptions, QoS};
use serde_json::{Value, json};
use shared::camera_alert::AlertKind;
use shared::ingest::ReportedAlert;

use super::doors::Trouble;
use crate::platform::mqtt_settings::MqttSettings;

/// Messages under way at once; more wait.
const UNDER_WAY: usize = 100;
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Broker {
    client: AsyncClient,
    topic: String,
}

impl Broker {
    /// Goes on trying in the background for as long as the play lasts.
    pub fn reach(settings: &MqttSettings) -> Self {
        let mut options = MqttOptions::new(format!("ioc-demo-{}", std::process::id()), &settings.host, settings.port);
        if let Some((user, password)) = &settings.credentials {
            options.set_credentials(user, password);
        }
        let topic = format!("{}/events", settings.prefix);
        let (client, mut events) = AsyncClient::new(options, UNDER_WAY);
        tokio::spawn(async move {
            loop {
                if events.poll().await.is_err() {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        });
        Self { client, topic }
    }

    /// Every second camera hangs on a recorder that speaks MQTT; the others report by HTTP.
    pub fn carries(camera: &str) -> bool {
        camera.bytes().last().is_some_and(|last| last % 2 == 0)
    }

    pub async fn publish(&self, report: &ReportedAlert) -> Result<(), Trouble> {
        let message = message(report).to_string();
        let published = tokio::time::timeout(PATIENCE, self.client.publish(&self.topic, QoS::AtLeastOnce, false, message)).await;
        match published {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Trouble::Away("the broker's connection is gone".to_owned())),
            Err(_) => Err(Trouble::Away("the broker takes nothing".to_owned())),
        }
    }
}

/// The alert as Frigate would tell it: what it tracks as a label, what it means as the zone that was entered.
fn message(report: &ReportedAlert) -> Value {
    let seconds = |at: chrono::DateTime<chrono::Utc>| at.timestamp_micros() as f64 / 1e6;
    let tracked = json!({
        "id": report.external_id,
        "camera": report.camera,
        "frame_time": seconds(report.ended_at.unwrap_or(report.started_at)),
        "label": label(report.kind),
        "sub_label": null,
        "top_score": report.confidence,
        "score": report.confidence,
        "false_positive": false,
        "start_time": seconds(report.started_at),
        "end_time": report.ended_at.map(seconds),
        "box": report.in_picture,
        "current_zones": [report.kind.name()],
        "entered_zones": [report.kind.name()],
        "has_snapshot": false,
        "has_clip": false,
        "stationary": false,
        "path_data": report.path.as_ref().map(|path| path.iter().map(|place| json!([place, seconds(report.started_at)])).collect::<Vec<_>>()),
        "recognized_license_plate": report.plate,
    });
    let step = if report.ended_at.is_some() { "end" } else { "new" };
    json!({"type": step, "before": tracked, "after": tracked})
}

fn label(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Crowd
        | AlertKind::Theft
        | AlertKind::Harassment
        | AlertKind::Intrusion
        | AlertKind::StreetMarket
        | AlertKind::Encroachment => "person",
        AlertKind::OversizeLorry => "truck",
        AlertKind::IllegalParking | AlertKind::IllegalStopping | AlertKind::WantedVehicle | AlertKind::Collision => "car",
        AlertKind::FireOrSmoke => "fire",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::frigate;

    #[test]
    fn what_is_told_in_frigates_words_is_read_back_as_it_was_meant() {
        for kind in AlertKind::ALL {
            let report = ReportedAlert {
                camera: "C08".into(),
                external_id: "1795312800.000000-abcdef".into(),
                kind,
                severity: None,
                started_at: "2026-11-22T01:00:00Z".parse().unwrap(),
                ended_at: Some("2026-11-22T01:05:00Z".parse().unwrap()),
                confidence: Some(0.75),
                plate: None,
                in_picture: Some([10.0, 20.0, 110.0, 220.0]),
                path: Some(vec![[60.0, 220.0], [64.0, 230.0]]),
                snapshot_base64: None,
            };
            let read = frigate::event(&message(&report)).unwrap();
            assert_eq!(read, frigate::Message::Alert(Box::new(report)), "{kind:?}");
        }
    }
}
