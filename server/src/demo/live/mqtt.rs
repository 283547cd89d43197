//! The recorders' way through a broker, where IOC_MQTT_URL names one: messages shaped as Frigate's `events` and its snapshots.
//! It deliberately keeps no session and answers for nothing: what the broker took at QoS 1 is the broker's.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use rumqttc::{AsyncClient, QoS};
use serde_json::{Value, json};
use shared::camera_alert::AlertKind;
use shared::ingest::ReportedAlert;

use super::doors::Trouble;
use crate::ingest::frigate;
use crate::platform::mqtt_settings::MqttSettings;

/// Messages under way at once; more wait.
const UNDER_WAY: usize = 100;
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Broker {
    client: AsyncClient,
    prefix: String,
}

impl Broker {
    /// Goes on trying in the background for as long as the play lasts.
    pub fn reach(settings: &MqttSettings) -> anyhow::Result<Self> {
        let options = settings.options(&format!("ioc-demo-{}", std::process::id()))?;
        let prefix = settings.prefix.clone();
        let (client, mut events) = AsyncClient::new(options, UNDER_WAY);
        tokio::spawn(async move {
            loop {
                if events.poll().await.is_err() {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        });
        // As Frigate does when it begins: what an earlier one had in view is gone.
        client.try_publish(format!("{prefix}/available"), QoS::AtLeastOnce, true, "online")?;
        Ok(Self { client, prefix })
    }

    /// Every second camera hangs on a recorder that speaks MQTT; the others report by HTTP.
    pub fn carries(camera: &str) -> bool {
        camera.bytes().last().is_some_and(|last| last % 2 == 0)
    }

    pub async fn publish(&self, report: &ReportedAlert) -> Result<(), Trouble> {
        for Told { topic, payload, is_kept } in tell(report) {
            let publish = self.client.publish(format!("{}/{topic}", self.prefix), QoS::AtLeastOnce, is_kept, payload);
            match tokio::time::timeout(PATIENCE, publish).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(Trouble::Away("the broker's connection is gone".to_owned())),
                Err(_) => return Err(Trouble::Away("the broker takes nothing".to_owned())),
            }
        }
        Ok(())
    }
}

/// A message, its topic below the prefix.
struct Told {
    topic: String,
    payload: Vec<u8>,
    /// By the broker, for whoever asks later: as Frigate sends pictures.
    is_kept: bool,
}

/// What Frigate would send of an alert: the event, then the picture of what is in view.
fn tell(report: &ReportedAlert) -> Vec<Told> {
    let event = Told { topic: "events".to_owned(), payload: message(report).to_string().into_bytes(), is_kept: false };
    let picture = report.snapshot_base64.as_ref().and_then(|text| BASE64_STANDARD.decode(text).ok());
    let picture =
        picture.map(|payload| Told { topic: frigate::snapshot_topic(&report.camera, label(report.kind)), payload, is_kept: true });
    std::iter::once(event).chain(picture).collect()
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
        "has_snapshot": report.snapshot_base64.is_some(),
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
        // Nothing is tracked where nothing is seen.
        AlertKind::CameraSilent => "camera",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kind: AlertKind) -> ReportedAlert {
        ReportedAlert {
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
        }
    }

    #[test]
    fn what_is_told_in_frigates_words_is_read_back_as_it_was_meant() {
        for kind in AlertKind::ALL {
            let report = report(kind);
            let read = frigate::event(&message(&report)).unwrap();
            assert_eq!(read, frigate::Message::Alert(Box::new(report)), "{kind:?}");
        }
    }

    #[test]
    fn the_picture_follows_its_event_on_the_topic_of_camera_and_label() {
        assert_eq!(tell(&report(AlertKind::Theft)).len(), 1, "without one there is none");
        for kind in AlertKind::ALL {
            let seen = ReportedAlert { ended_at: None, snapshot_base64: Some(BASE64_STANDARD.encode(b"JPEG")), ..report(kind) };
            let [event, picture] = <[Told; 2]>::try_from(tell(&seen)).ok().unwrap();
            let sight = frigate::sight(&serde_json::from_slice(&event.payload).unwrap()).unwrap();
            assert!(event.topic == "events" && !event.is_kept && !sight.is_over);
            assert_eq!(frigate::read_snapshot_topic(&picture.topic), Some((sight.camera.as_str(), sight.label.as_str())));
            assert_eq!((&picture.payload[..], picture.is_kept), (&b"JPEG"[..], true));
        }
    }
}
