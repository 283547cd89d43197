//! Alerts by MQTT: Frigate events published through a real mosquitto with QoS 1, until the last of them is committed.
//! It deliberately speaks only as much MQTT 3.1.1 as publishing takes, so that the publisher costs next to nothing.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedReadHalf;
use tokio::sync::Semaphore;

use super::Stage;
use super::samples::{self, SampleAlert};
use crate::address;
use crate::load::median;
use crate::peers::{self, Peer};
use crate::report::{Line, Report};
use crate::{Run, Size};

const TOPIC: &str = "frigate/events";
const GOAL_PER_SECOND: f64 = 3_000.0;
/// Published, and not yet acknowledged by the broker.
const ON_THEIR_WAY: usize = 200;
/// What the broker hands us before it waits for an acknowledgement; its default of 20 would make every commit a small one.
const INFLIGHT: usize = 500;
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn measure(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let (alerts, rounds) = if run.size == Size::Full { (15_000, 3) } else { (1_500, 1) };
    let what = "camera alerts by MQTT: Frigate events through mosquitto, QoS 1, until the last is committed";
    let Some(broker) = mosquitto(stage).await? else {
        report.line(Line::unheld(what, "–", "mosquitto is not installed: nothing was measured"));
        return Ok(());
    };
    stage.clear().await?;
    let mut environment = stage.environment();
    environment.push(("IOC_MQTT_URL", format!("mqtt://{}", broker.address)));
    environment.push(("IOC_MQTT_DEVICE_TOKEN", stage.token.clone()));
    let _ours = peers::ours(&run.ioc, &environment, true).await?;
    let mut publisher = Publisher::connect(broker.address).await?;
    wait_until_heard(stage, &mut publisher).await?;
    let mut rates = Vec::new();
    // The first round warms up and does not count.
    for round in 0..=rounds {
        let events = payloads(stage, &samples::alerts("m", round * alerts, alerts, stage.cameras.len()));
        let last = last_alert(stage).await?;
        let begun = Instant::now();
        publisher.publish(&events).await?;
        while alerts_after(stage, last).await? < alerts as i64 {
            ensure!(begun.elapsed() < PATIENCE, "of {alerts} events {} became alerts", alerts_after(stage, last).await?);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if round == 0 {
            stage.settle().await?;
        } else {
            rates.push(alerts as f64 / begun.elapsed().as_secs_f64());
        }
    }
    let rate = median(rates);
    report.line(Line {
        what: what.into(),
        ours: format!("{rate:.0}/s"),
        against: format!("goal: {GOAL_PER_SECOND:.0}/s"),
        ratio: format!("{:.2} ×", rate / GOAL_PER_SECOND),
        goal: "≥ 1 ×".into(),
        is_met: Some(rate >= GOAL_PER_SECOND),
    });
    report.note(format!(
        "mosquitto stands on the same machine, with `max_inflight_messages {INFLIGHT}`: its default of 20 makes every commit a small one"
    ));
    Ok(())
}

/// A broker of our own on a free port; none where none is installed.
async fn mosquitto(stage: &Stage) -> anyhow::Result<Option<Peer>> {
    let Some(program) = ["mosquitto", "/usr/sbin/mosquitto"].into_iter().find(|program| Command::new(program).arg("-h").output().is_ok())
    else {
        return Ok(None);
    };
    let address = address::free()?;
    let file: PathBuf = stage.dir.join("mosquitto.conf");
    let (port, ip) = (address.port(), address.ip());
    let settings = [
        format!("listener {port} {ip}"),
        "allow_anonymous true".into(),
        "persistence false".into(),
        "max_queued_messages 0".into(),
        format!("max_inflight_messages {INFLIGHT}"),
        "log_type error".into(),
    ];
    std::fs::write(&file, settings.join("\n") + "\n")?;
    let mut command = Command::new(program);
    command.arg("-c").arg(&file);
    let mut broker = peers::spawn(command, address)?;
    peers::wait_until_it(&mut broker, Duration::from_secs(10), async |address| TcpStream::connect(address).await.is_ok())
        .await
        .context("mosquitto did not start")?;
    Ok(Some(broker))
}

fn payloads(stage: &Stage, alerts: &[SampleAlert]) -> Vec<String> {
    alerts.iter().map(|alert| alert.as_frigate_event(&stage.cameras).to_string()).collect()
}

/// Until the server has subscribed, a message is nobody's: the same one is published until it has become an alert.
async fn wait_until_heard(stage: &Stage, publisher: &mut Publisher) -> anyhow::Result<()> {
    let last = last_alert(stage).await?;
    let event = payloads(stage, &samples::alerts("m-first", 0, 1, stage.cameras.len()));
    let begun = Instant::now();
    while alerts_after(stage, last).await? == 0 {
        ensure!(begun.elapsed() < PATIENCE, "no event became an alert: the server does not listen at the broker");
        publisher.publish(&event).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

async fn last_alert(stage: &Stage) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(id), 0) from camera_alert").fetch_one(&stage.owner).await
}

async fn alerts_after(stage: &Stage, id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from camera_alert where id > $1").bind(id).fetch_one(&stage.owner).await
}

/// One connection to a broker that publishes with QoS 1.
struct Publisher {
    write: tokio::net::tcp::OwnedWriteHalf,
    /// A permit for each message that may be on its way; the broker's acknowledgement gives it back.
    places: Arc<Semaphore>,
    next: u16,
}

impl Publisher {
    async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        // Protocol level 4, a clean session, no keep-alive, an id that the broker shall choose.
        stream.write_all(&[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 0, 0, 0]).await?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await?;
        ensure!(answer == [0x20, 2, 0, 0], "the broker lets nobody in: {answer:?}");
        let (read, write) = stream.into_split();
        let places = Arc::new(Semaphore::new(ON_THEIR_WAY));
        tokio::spawn(count_acknowledged(read, places.clone()));
        Ok(Self { write, places, next: 1 })
    }

    /// Returns once the broker has acknowledged every message.
    async fn publish(&mut self, payloads: &[String]) -> anyhow::Result<()> {
        for payload in payloads {
            self.places.acquire().await.context("the broker hung up")?.forget();
            self.write.write_all(&publish_packet(TOPIC, self.next, payload)).await?;
            self.next = self.next.checked_add(1).unwrap_or(1);
        }
        let all = self.places.acquire_many(ON_THEIR_WAY as u32).await.context("the broker hung up")?;
        drop(all);
        Ok(())
    }
}

async fn count_acknowledged(mut read: OwnedReadHalf, places: Arc<Semaphore>) {
    let mut packet = [0; 4];
    // PUBACK is the only packet that a broker sends to whoever only publishes.
    while read.read_exact(&mut packet).await.is_ok() && packet[..2] == [0x40, 2] {
        places.add_permits(1);
    }
    places.close();
}

/// PUBLISH with QoS 1 (MQTT 3.1.1, 3.3).
fn publish_packet(topic: &str, id: u16, payload: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(topic.len() + payload.len() + 4);
    body.extend((topic.len() as u16).to_be_bytes());
    body.extend(topic.as_bytes());
    body.extend(id.to_be_bytes());
    body.extend(payload.as_bytes());
    let mut packet = vec![0x32];
    let mut length = body.len();
    loop {
        let (low, rest) = ((length % 128) as u8, length / 128);
        packet.push(if rest > 0 { low | 0x80 } else { low });
        length = rest;
        if length == 0 {
            break;
        }
    }
    packet.extend(body);
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_says_its_length_in_sevens() {
        let packet = publish_packet("a/b", 258, &"x".repeat(200));
        // 2 + 3 + 2 + 200 = 207 = 79 + 1 × 128.
        assert_eq!(packet[..10], [0x32, 0x80 | 79, 1, 0, 3, b'a', b'/', b'b', 1, 2]);
        assert_eq!(packet.len(), 3 + 207);
        assert_eq!(publish_packet("a", 1, "x")[..2], [0x32, 6]);
    }
}
