//! Alerts as a device sends them, and when their frames are in the hands of a page: the operations room, open in a real Chromium.
//! The clock begins before the server is asked, so what is told is more than commit to frame; both clocks are this machine's.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::browser::Browser;
use tokio::time::{MissedTickBehavior, interval, sleep};
use uuid::Uuid;

const GOAL_MS: f64 = 50.0;
/// Those before do not count: the room has only just been opened.
const WARM_UP: usize = 20;
/// After the last answer; a frame that takes longer is missing.
const PATIENCE: Duration = Duration::from_secs(3);

/// Beside the page's own socket, as that hears: which alerts, known by when they began, came when.
const LISTEN: &str = r#"
    window.heard = [];
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/live');
    const cameras = new Promise(told => {
        socket.onmessage = ({data}) => {
            const at = performance.timeOrigin + performance.now();
            const {snapshot, delta, ping} = JSON.parse(data);
            if (ping) socket.send('{"pong": {}}');
            if (snapshot?.topic === 'camera') told(snapshot.rows.map(row => row.properties.code));
            if (delta?.topic === 'camera_alert') for (const row of delta.upsert ?? []) heard.push({began: row.properties.started_at, at});
        };
    });
    return new Promise(open => { socket.onopen = open; }).then(() => {
        socket.send(JSON.stringify({subscribe: {topics: ['camera', 'camera_alert']}}));
        return cameras;
    });"#;

#[derive(Deserialize)]
struct Heard {
    began: DateTime<Utc>,
    /// Milliseconds since 1970.
    at: f64,
}

#[derive(Serialize)]
pub struct Alerts {
    sent: usize,
    per_second: f64,
    /// From the first byte sent by the device to the frame, milliseconds.
    to_frame: Vec<f64>,
    /// To the device's own answer.
    to_answer: Vec<f64>,
}

/// Sends alerts one by one at an even pace, of each camera in turn.
pub async fn measure(browser: &Browser, url: &str, token: &Path, count: usize, per_second: f64) -> Alerts {
    let token = std::fs::read_to_string(token).unwrap_or_else(|cause| panic!("{}: {cause}", token.display()));
    browser.go_to("/operations").await;
    browser.element(r#"[data-testid="live-state"][data-state="connected"]"#).await;
    let cameras: Vec<String> = browser.ask(LISTEN, vec![]).await;
    assert!(!cameras.is_empty(), "the ward has no camera that could report");

    let (client, door) = (Client::new(), format!("{url}/ingest/camera-alerts"));
    let mut turn = interval(Duration::from_secs_f64(1.0 / per_second));
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut sent, mut to_answer) = (HashMap::new(), Vec::new());
    // Begun at different moments a minute ago: that is what they are known by.
    let began = DateTime::from_timestamp(Utc::now().timestamp() - 60, 0).expect("a minute ago");
    for number in 0..WARM_UP + count {
        turn.tick().await;
        let began = began + TimeDelta::milliseconds(number as i64);
        let alert = json!({"camera": cameras[number % cameras.len()], "external_id": Uuid::now_v7(), "kind": "crowd", "started_at": began});
        let at = now_ms();
        let answer = client.post(&door).bearer_auth(token.trim()).json(&alert).send().await.expect("the server answers");
        let (status, said) = (answer.status(), answer.json::<Value>().await.expect("an answer is JSON"));
        assert!(status.is_success() && said["accepted"] == 1, "{status}: {said}");
        if number >= WARM_UP {
            to_answer.push(now_ms() - at);
            sent.insert(began, at);
        }
    }
    sleep(PATIENCE).await;
    let mut to_frame = HashMap::new();
    for Heard { began, at } in browser.ask::<Vec<Heard>>("return heard;", vec![]).await {
        if let Some(sent) = sent.get(&began) {
            // A row that is told once more, because somebody was given it, has been told already.
            to_frame.entry(began).or_insert(at - sent);
        }
    }
    assert_eq!(to_frame.len(), count, "each alert came to the page");
    Alerts { sent: count, per_second, to_frame: to_frame.into_values().collect(), to_answer }
}

fn now_ms() -> f64 {
    Utc::now().timestamp_micros() as f64 / 1000.0
}

fn percentile(figures: &[f64], share: f64) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures[((figures.len() - 1) as f64 * share).round() as usize]
}

impl fmt::Display for Alerts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let title = format!("{} alerts, {} a second", self.sent, self.per_second);
        writeln!(f, "{title:<28} {:>12} {:>12} {:>8}", "p50", "p99", "ratio")?;
        for (name, figures) in [("sent to answer, ms", &self.to_answer), ("sent to frame in page, ms", &self.to_frame)] {
            let (half, most) = (percentile(figures, 0.5), percentile(figures, 0.99));
            writeln!(f, "{name:<28} {half:>12.0} {most:>12.0} {:>8.2}", most / GOAL_MS)?;
        }
        writeln!(f, "ratio: of p99 to the goal of {GOAL_MS:.0} ms from commit to frame")
    }
}
