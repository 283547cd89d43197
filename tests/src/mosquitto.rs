//! A real mosquitto on a port of its own, with what it keeps in a folder of its own; and whoever publishes there.
//! It deliberately knows no topic and no payload.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// As large a message as any device sends.
const LARGEST_PACKET_BYTES: usize = 32 * 1024 * 1024;
const LONG_ENOUGH: Duration = Duration::from_secs(20);

/// A running broker; it ends with this value.
pub struct Mosquitto {
    dir: TempDir,
    port: u16,
    by_tls: bool,
    running: Option<Child>,
}

/// What a broker shows, and whose certificates it asks for; all of it PEM.
pub struct BrokerTls<'a> {
    pub certificate: &'a str,
    pub key: &'a str,
    /// Who signs the certificates of its clients; none: it asks for none.
    pub clients: Option<&'a str>,
}

impl Mosquitto {
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// One that speaks TLS and nothing else.
    pub async fn start_by_tls(tls: BrokerTls<'_>) -> Self {
        Self::start_with(Some(tls)).await
    }

    async fn start_with(tls: Option<BrokerTls<'_>>) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the broker");
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        drop(listener);
        let folder = dir.path().display();
        let keep = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("its settings are written");
        // As docs/mqtt.md tells wards to set it, but for the listener.
        let mut settings = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\nautosave_interval 5\n\
             max_queued_messages 0\nmax_inflight_messages 1000\nlog_dest file {folder}/log\nuser root\n"
        );
        if let Some(BrokerTls { certificate, key, clients }) = &tls {
            keep("certificate.pem", certificate);
            keep("key.pem", key);
            settings += &format!("certfile {folder}/certificate.pem\nkeyfile {folder}/key.pem\n");
            if let Some(clients) = clients {
                keep("clients.pem", clients);
                settings += &format!("cafile {folder}/clients.pem\nrequire_certificate true\n");
            }
        }
        keep("mosquitto.conf", &settings);
        let mut broker = Self { dir, port, by_tls: tls.is_some(), running: None };
        broker.start_again().await;
        broker
    }

    /// With everything that it kept.
    pub async fn start_again(&mut self) {
        assert!(self.running.is_none(), "it is running");
        let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].into_iter().map(PathBuf::from).find(|path| path.exists());
        let child = Command::new(program.unwrap_or_else(|| "mosquitto".into()))
            .arg("-c")
            .arg(self.dir.path().join("mosquitto.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is installed (scripts/setup test)");
        self.running = Some(child);
        let answers = async {
            while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LONG_ENOUGH, answers).await.unwrap_or_else(|_| panic!("the broker does not start: {}", self.log()));
    }

    /// Ends it in good order: what it keeps is written.
    pub async fn stop(&mut self) {
        let mut child = self.running.take().expect("it is running");
        let asked = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().expect("kill is there");
        assert!(asked.success(), "the broker can be asked to end");
        let ended = tokio::task::spawn_blocking(move || child.wait());
        tokio::time::timeout(LONG_ENOUGH, ended).await.expect("the broker ends").expect("nobody interrupts").expect("it was our child");
    }

    /// For `IOC_MQTT_URL`.
    pub fn url(&self) -> String {
        let scheme = if self.by_tls { "mqtts" } else { "mqtt" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Publishes with QoS 1, over whatever happens to the broker in between.
pub struct Publisher {
    client: AsyncClient,
    taken: mpsc::UnboundedReceiver<()>,
    polling: JoinHandle<()>,
}

impl Publisher {
    pub fn connect(broker: &Mosquitto) -> Self {
        Self::connect_as(MqttOptions::new(format!("recorder-{}", uuid::Uuid::new_v4().simple()), "127.0.0.1", broker.port))
    }

    /// As these options say.
    pub fn connect_as(mut options: MqttOptions) -> Self {
        // Unacknowledged messages are sent again on the next connection only within a session that was kept.
        options.set_clean_session(false).set_max_packet_size(LARGEST_PACKET_BYTES, LARGEST_PACKET_BYTES);
        let (client, mut events) = AsyncClient::new(options, 1000);
        let (tell, taken) = mpsc::unbounded_channel();
        let polling = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::PubAck(_))) => {
                        if tell.send(()).is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        Self { client, taken, polling }
    }

    /// Comes back once the broker has all of them.
    pub async fn publish_all(&mut self, messages: impl IntoIterator<Item = (String, Vec<u8>)>) {
        self.send(messages, false).await;
    }

    /// A message that the broker keeps for whoever asks for its topic later.
    pub async fn keep(&mut self, topic: &str, payload: &[u8]) {
        self.send([(topic.to_owned(), payload.to_vec())], true).await;
    }

    async fn send(&mut self, messages: impl IntoIterator<Item = (String, Vec<u8>)>, is_kept: bool) {
        let mut sent = 0;
        for (topic, payload) in messages {
            self.client.publish(topic, QoS::AtLeastOnce, is_kept, payload).await.expect("the publisher runs");
            sent += 1;
        }
        for _ in 0..sent {
            tokio::time::timeout(LONG_ENOUGH, self.taken.recv()).await.expect("the broker takes it").expect("the publisher runs");
        }
    }

    pub async fn publish(&mut self, topic: &str, payload: impl ToString) {
        self.publish_all([(topic.to_owned(), payload.to_string().into_bytes())]).await;
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.polling.abort();
    }
}
