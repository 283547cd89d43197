//! Listens at the MQTT broker: connects, stays connected, and acknowledges each message once what became of it is committed.
//! What a message means is `topics`' business and what becomes of it `taking_in`'s; an alert it decides nothing about.
//!
//! Nothing is lost on the way: the session at the broker outlives a connection (`clean_session = false`, one client id), messages are
//! asked for with QoS 1 and acknowledged by hand after the commit. What was not acknowledged (our crash, the broker's, a database
//! that is away) comes again, and a report that comes again doubles nothing.

mod broker;
mod objects;
mod presence;
mod recorder_cameras;
mod sights;
mod taking_in;
mod tally;
mod topics;
mod trouble;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use self::broker::reach;
pub use self::presence::Presence;
use self::taking_in::{Message, TakingIn};
use self::topics::Topics;
use super::{IngestState, db, device::DeviceToken};
use crate::platform::job::{Job, Outcome};
use crate::platform::mqtt_settings::MqttSettings;

/// As many messages are written in one transaction, at most: those that arrived while the one before was being written.
const MOST_AT_ONCE: usize = 500;
/// Messages that may wait here; a broker sends 20 (its `max_inflight_messages`) before it waits for us.
const WAITING_HERE: usize = 4096;
/// Every packet id of MQTT: an acknowledgement always finds room.
const ACKNOWLEDGEMENTS: usize = 65_536;
const KEEP_ALIVE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// One of several instances listens: two under one client id would push each other out. A dead one is followed after ten seconds.
const JOB: Job = Job { name: "ingest.mqtt", every: Duration::from_secs(1), lease: Duration::from_secs(10) };

/// Everything that listening needs.
pub struct Listener {
    state: IngestState,
    settings: MqttSettings,
    token_hash: [u8; 32],
    presence: Presence,
}

/// A message, and the connection on which it may be acknowledged.
struct Arrived {
    publish: Publish,
    connection: u64,
}

impl Listener {
    pub fn open(state: IngestState, settings: MqttSettings) -> anyhow::Result<Self> {
        let token = read_token(&settings)?;
        // What cannot be read now is better said now.
        settings.transport()?;
        let presence = Presence::new(state.clock.clone());
        Ok(Self { state, settings, token_hash: token.hash(), presence })
    }

    /// Whether it is connected, for whoever asks.
    pub fn presence(&self) -> Presence {
        self.presence.clone()
    }

    /// Listens until `stop`; of several instances of the server one at a time, which holds the lease as `ioc_job`. What arrives is
    /// written as a device's report is.
    pub async fn listen(self, job: PgPool, stop: CancellationToken) {
        loop {
            match JOB.run_once(&job, |_| self.follow(&stop)).await {
                Ok(Outcome::Done | Outcome::NotDue | Outcome::Failed | Outcome::Lost) => {}
                Err(cause) => warn!(%cause, "the database did not answer when the MQTT broker was to be listened to; trying again"),
            }
            self.presence.lost();
            if stop.run_until_cancelled(tokio::time::sleep(Duration::from_secs(1))).await.is_none() {
                return;
            }
        }
    }

    /// One turn of listening: ends with `stop` alone. A connection that is lost is made anew within.
    async fn follow(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        let Some((device_id, name)) = stop.run_until_cancelled(self.device()).await else { return Ok(()) };
        let (client, events) = AsyncClient::new(self.options(&name)?, ACKNOWLEDGEMENTS);
        let (inbox, arrived) = mpsc::channel(WAITING_HERE);
        let connection = AtomicU64::new(0);
        // Both are polled by this one task, in turn: an acknowledgement that is on its way when a connection ends cannot slip into
        // the next one, where its number may mean another message.
        tokio::select! {
            () = self.receive(&client, events, &inbox, &connection) => {}
            () = self.write(device_id, &client, arrived, &connection) => {}
            () = stop.cancelled() => {}
        }
        Ok(())
    }

    /// Id and name of the device in force, once there is one: the broker knows us by the name.
    async fn device(&self) -> (i64, String) {
        let mut pause = Pause::new();
        loop {
            match db::find_device(self.state.accounts.app_pool(), &self.token_hash).await {
                Ok(Some(device)) => return device,
                Ok(None) if pause.is_first() => {
                    warn!(
                        "no device in force has the token that speaks over MQTT; `ioc device add NAME` gives one. What recorders send waits at the broker"
                    );
                }
                Ok(None) => {}
                Err(cause) => warn!(%cause, "the database did not say whose the MQTT token is; trying again"),
            }
            pause.rest().await;
        }
    }

    fn options(&self, device_name: &str) -> anyhow::Result<MqttOptions> {
        // The same after every start, so that the broker keeps for us what comes while we are away.
        let mut options = self.settings.options(&format!("ioc-{device_name}"))?;
        options.set_clean_session(false).set_manual_acks(true).set_keep_alive(KEEP_ALIVE);
        Ok(options)
    }

    /// Keeps the connection, and hands on what arrives.
    async fn receive(&self, client: &AsyncClient, mut events: EventLoop, inbox: &mpsc::Sender<Arrived>, connection: &AtomicU64) {
        let broker = self.settings.address();
        let asked = Topics::new(&self.settings.prefix).filters();
        let mut pause = Pause::new();
        let mut said: Option<String> = None;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(answer))) => {
                    info!(
                        broker,
                        by_tls = self.settings.tls.is_some(),
                        session_was_kept = answer.session_present,
                        "connected to the MQTT broker"
                    );
                    (pause, said) = (Pause::new(), None);
                    // Also where the session was kept: it may be one of an earlier version, with other topics.
                    if let Err(cause) = client.try_subscribe_many(asked.clone()) {
                        error!(broker, %cause, "the topics could not be asked for");
                    }
                }
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    broker::check_subscriptions(&broker, &asked, &answer);
                    // Only now is anything sent to us.
                    self.presence.connected();
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let arrived = Arrived { publish, connection: connection.load(Ordering::Relaxed) };
                    if inbox.send(arrived).await.is_err() {
                        return;
                    }
                }
                Ok(_) => {}
                Err(cause) => {
                    connection.fetch_add(1, Ordering::Relaxed);
                    let was_connected = self.presence.lost();
                    let cause = broker::why(&cause, &self.settings, was_connected);
                    if said.as_ref() != Some(&cause) {
                        warn!(broker, cause, "no connection to the MQTT broker; trying again. What recorders send waits there");
                        said = Some(cause);
                    }
                    pause.rest().await;
                    // A certificate may have been renewed, or the right one put in place.
                    match self.settings.transport() {
                        Ok(transport) => _ = events.mqtt_options.set_transport(transport),
                        Err(cause) => warn!(broker, "the earlier certificates go on being used: {cause:#}"),
                    }
                }
            }
        }
    }

    /// Writes what arrived, and acknowledges it in its order.
    async fn write(&self, device_id: i64, client: &AsyncClient, mut arrived: mpsc::Receiver<Arrived>, connection: &AtomicU64) {
        let mut taking_in = TakingIn::new(&self.state, device_id, self.token_hash, &self.settings.prefix);
        let mut batch = Vec::with_capacity(MOST_AT_ONCE);
        loop {
            batch.clear();
            if arrived.recv_many(&mut batch, MOST_AT_ONCE).await == 0 {
                return;
            }
            let messages: Vec<Message<'_>> = batch.iter().map(|Arrived { publish, .. }| Message::of(publish)).collect();
            taking_in.take_in(&messages).await;
            let now = connection.load(Ordering::Relaxed);
            for Arrived { publish, .. } in batch.iter().filter(|arrived| arrived.connection == now) {
                if let Err(cause) = client.try_ack(publish) {
                    // It comes again with the next connection, and is known then.
                    error!(%cause, "a message that is written could not be acknowledged");
                }
            }
        }
    }
}

/// The name of the device whose token the settings hold, for `doctor`.
pub async fn device_of(settings: &MqttSettings, owner: &PgPool) -> anyhow::Result<String> {
    let token = read_token(settings)?;
    let name = db::name_of_device(&mut *owner.acquire().await?, &token.hash()).await?;
    name.context("no device in force has the token of the settings; `ioc device add NAME` gives one")
}

fn read_token(settings: &MqttSettings) -> anyhow::Result<DeviceToken> {
    DeviceToken::read(&settings.token()?)
        .context("the token of the MQTT device is none of ours; `ioc device add NAME` shows one, once: 43 letters and digits")
}

/// Longer from one failure to the next.
struct Pause {
    next: Duration,
}

impl Pause {
    fn new() -> Self {
        Self { next: FIRST_PAUSE }
    }

    fn is_first(&self) -> bool {
        self.next == FIRST_PAUSE
    }

    async fn rest(&mut self) {
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
    }
}
