//! A screen that costs next to nothing: a websocket that subscribes and then only listens, and the files it takes to have many.
//! It deliberately keeps nothing of what it hears; whoever measures does.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use shared::live::ClientFrame;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, Utf8Bytes, client::IntoClientRequest, http::header},
};

pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub async fn open(address: SocketAddr, cookie: Option<&str>) -> anyhow::Result<Self> {
        let mut request = format!("ws://{address}/live").into_client_request()?;
        if let Some(cookie) = cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse()?);
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = client_async(request, stream).await.with_context(|| format!("{address} opens no websocket"))?;
        Ok(Self(socket))
    }

    /// Subscribes, and takes in the first word on each topic.
    pub async fn subscribe(&mut self, topics: &[&str]) -> anyhow::Result<()> {
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect::<Vec<_>>();
        let expected = topics.len();
        self.say(&serde_json::to_string(&ClientFrame::Subscribe { topics, bbox: None, since: None })?).await?;
        for _ in 0..expected {
            let frame = self.hear().await?;
            ensure!(frame.starts_with(r#"{"snapshot""#), "instead of a snapshot came {}", &frame[..frame.len().min(80)]);
        }
        Ok(())
    }

    pub async fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.0.send(Message::text(text)).await?)
    }

    /// The next text. Losing what waits here is losing nothing: it is taken from the socket only as it is handed out.
    pub async fn hear(&mut self) -> anyhow::Result<Utf8Bytes> {
        loop {
            match self.0.next().await.context("the websocket was closed")?? {
                Message::Text(text) => return Ok(text),
                Message::Close(why) => anyhow::bail!("the websocket was closed: {why:?}"),
                // Pings are answered by the library.
                _ => {}
            }
        }
    }
}

/// Lets this process, and the servers that it starts, keep as many files open as the machine allows.
pub fn allow_many(sockets: u64) -> anyhow::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = sockets + 512;
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    ensure!(
        maximum.is_none_or(|maximum| maximum >= wanted),
        "{sockets} websockets need {wanted} open files, and this shell allows {maximum:?}: raise it (`ulimit -Hn`), then run again"
    );
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).context("the limit of open files cannot be raised")
}
