//! Frames to a thousand websockets, beside a server that does nothing but send everybody what somebody says: in turns, with the
//! same frames and the same clients. It deliberately begins at a write to the database on our side, and at a word said on the peer's.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::samples;
use super::{Stage, send};
use crate::http::Connection;
use crate::load::median;
use crate::peers::{self, sign_in};
use crate::report::{Line, Report};
use crate::sockets::{Socket, allow_many};
use crate::{Run, Size};

const CLIENTS: usize = 1_000;
/// Frames published at once: two topics that alternate, so that each change is a frame of its own. Twice as many are still not gathered
/// into fewer (`live::frames`), where the feed reads two bursts together.
const BURST: usize = 30;
/// Bursts on their way while the slowest client still reads an earlier one; a queue of ours holds 256 frames.
const AHEAD: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);
const GOAL: f64 = 0.5;

pub async fn measure(run: &Run, stage: &Stage, report: &mut Report) -> anyhow::Result<()> {
    let (bursts, rounds) = if run.size == Size::Full { (15, 4) } else { (4, 1) };
    stage.clear().await?;
    // Two servers' clients, and the servers inherit the limit.
    allow_many(2 * CLIENTS as u64)?;
    let ours = peers::ours(&run.ioc, &stage.environment(), true).await?;
    let one = samples::alerts("w", 0, 1, stage.cameras.len());
    send(&mut Connection::open(ours.address).await?, &stage.report(&one), 1).await?;
    let writer = Writer::of(stage).await?;
    // What is told of the one alert shall be over before anybody listens.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let cookie = sign_in(ours.address, "trucban").await?;
    let mut our_crowd = Crowd::gather(ours.address, Some(&cookie), &writer.rows).await?;
    let bare = peers::broadcast().await?;
    let mut bare_crowd = Crowd::gather(bare.address, None, &writer.rows).await?;

    // What our server sends first is what the peer is given to send.
    our_crowd.turn(1, async || writer.burst().await).await?;
    let frames = our_crowd.sample.lock().expect("nobody panics with it").clone();
    ensure!(frames.len() == BURST, "{} frames of a burst of {BURST} were kept", frames.len());
    let speaker = Speaker::to(bare.address).await?;

    let (mut rates, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    // The first round warms up and does not count.
    for round in 0..=rounds {
        let mine = our_crowd.turn(bursts, async || writer.burst().await).await?;
        let theirs = bare_crowd.turn(bursts, async || speaker.say(&frames)).await?;
        if round > 0 {
            rates[0].push(mine);
            rates[1].push(theirs);
            ratios.push(mine / theirs);
        }
    }
    let ratio = median(ratios);
    let bytes = frames.iter().map(|frame| frame.len()).sum::<usize>() / frames.len();
    report.line(Line {
        what: format!("frames to {CLIENTS} websocket clients, from a write in the database ({bytes} bytes each)"),
        ours: format!("{:.0}/s", median(rates[0].clone())),
        against: format!("bare tokio-tungstenite broadcast: {:.0}/s", median(rates[1].clone())),
        ratio: format!("{:.0} %", ratio * 100.0),
        goal: format!("≥ {:.0} %", GOAL * 100.0),
        is_met: Some(ratio >= GOAL),
    });
    Ok(())
}

/// Clients of one server that count the frames they get.
struct Crowd {
    counts: Arc<Vec<AtomicU64>>,
    /// The first frames that the first of them got.
    sample: Arc<Mutex<Vec<Utf8Bytes>>>,
    clients: JoinSet<anyhow::Result<()>>,
    published: u64,
}

impl Crowd {
    /// With a cookie they subscribe, as our server wants it; without one they only listen. Frames that tell of none of `rows` do not
    /// count: a background job may have changed something else.
    async fn gather(address: SocketAddr, cookie: Option<&str>, rows: &[String; 2]) -> anyhow::Result<Self> {
        let counts: Arc<Vec<AtomicU64>> = Arc::new((0..CLIENTS).map(|_| AtomicU64::new(0)).collect());
        let sample = Arc::new(Mutex::new(Vec::new()));
        let mut clients = JoinSet::new();
        for place in 0..CLIENTS {
            let mut socket = Socket::open(address, cookie).await?;
            if cookie.is_some() {
                socket.subscribe(&["camera", "camera_alert"]).await?;
            }
            let (counts, sample, rows) = (counts.clone(), sample.clone(), rows.clone());
            clients.spawn(async move {
                loop {
                    let text = socket.hear().await?;
                    if text.starts_with(r#"{"delta""#) && rows.iter().any(|row| text.contains(row)) {
                        if place == 0 {
                            keep(&sample, &text);
                        }
                        counts[place].fetch_add(1, Ordering::Relaxed);
                    }
                    ensure!(!text.starts_with(r#"{"resync""#), "a client fell behind and was told to begin anew");
                }
            });
        }
        Ok(Self { counts, sample, clients, published: 0 })
    }

    /// Frames per second, until the last client has the last of them.
    async fn turn(&mut self, bursts: usize, publish: impl AsyncFn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
        let before = self.published;
        let begun = Instant::now();
        for burst in 0..bursts {
            let had = burst.saturating_sub(AHEAD - 1) * BURST;
            self.wait_for(before + had as u64).await?;
            publish().await?;
            self.published += BURST as u64;
        }
        self.wait_for(self.published).await?;
        let frames = bursts * BURST * CLIENTS;
        Ok(frames as f64 / begun.elapsed().as_secs_f64())
    }

    /// Until every client has had so many frames in all.
    async fn wait_for(&mut self, frames: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let least = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).min().unwrap_or(0);
            if least >= frames {
                return Ok(());
            }
            if let Some(ended) = self.clients.try_join_next() {
                ended??;
                bail!("a client stopped listening");
            }
            ensure!(begun.elapsed() < PATIENCE, "of {frames} frames the slowest client has {least}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn keep(sample: &Mutex<Vec<Utf8Bytes>>, text: &Utf8Bytes) {
    let mut sample = sample.lock().expect("nobody panics with it");
    if sample.len() < BURST {
        sample.push(text.clone());
    }
}

/// Writes a burst of changes in one transaction, as an operator's day would in minutes.
struct Writer<'a> {
    stage: &'a Stage,
    burst: String,
    /// How a frame names the two rows.
    rows: [String; 2],
}

impl<'a> Writer<'a> {
    async fn of(stage: &'a Stage) -> anyhow::Result<Self> {
        let alert: i64 = sqlx::query_scalar("select max(id) from camera_alert").fetch_one(&stage.owner).await?;
        let camera: i64 = sqlx::query_scalar("select min(id) from camera").fetch_one(&stage.owner).await?;
        let pair = format!(
            "update camera_alert set note_count = note_count + 1 where id = {alert}; \
             update camera set heading_deg = (coalesce(heading_deg, 0)::integer + 1) % 360 where id = {camera}; "
        );
        let rows = [alert, camera].map(|id| format!(r#"{{"id":{id},"#));
        Ok(Self { stage, burst: pair.repeat(BURST / 2), rows })
    }

    async fn burst(&self) -> anyhow::Result<()> {
        Ok(sqlx::raw_sql(&self.burst).execute(&self.stage.owner).await.map(drop)?)
    }
}

/// Says frames to the peer, over a connection of its own, which hears them too.
struct Speaker(mpsc::UnboundedSender<Utf8Bytes>);

impl Speaker {
    async fn to(address: SocketAddr) -> anyhow::Result<Self> {
        let mut socket = Socket::open(address, None).await?;
        let (sender, mut words) = mpsc::unbounded_channel::<Utf8Bytes>();
        tokio::spawn(async move {
            loop {
                let is_open = tokio::select! {
                    word = words.recv() => match word {
                        Some(word) => socket.say(&word).await.is_ok(),
                        None => false,
                    },
                    heard = socket.hear() => heard.is_ok(),
                };
                if !is_open {
                    return;
                }
            }
        });
        Ok(Self(sender))
    }

    fn say(&self, frames: &[Utf8Bytes]) -> anyhow::Result<()> {
        for frame in frames {
            self.0.send(frame.clone())?;
        }
        Ok(())
    }
}
