//! One connection of `/live`: takes what the client says, passes on what the hub says, and notices when either is gone.
//! It deliberately decides nothing about what is heard.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use shared::live::{ClientFrame, REACH_CHANGED, SESSION_ENDED, ServerFrame};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::debug;

use super::{
    hub::{Ended, Hub, Line, Wish},
    view::{Ears, is_box},
};
use crate::accounts::{Accounts, Caller, SessionToken};

/// A client must say what it wants within this.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// How often the server says something and looks whether the session still holds.
const BEAT: Duration = Duration::from_secs(10);
/// A client that has been silent for three beats is gone.
const SILENCE: Duration = Duration::from_secs(35);
/// A client that does not take a frame for this long is gone.
const UNTAKEN: Duration = Duration::from_secs(30);
const MOST_TOPICS: usize = 64;

struct Connection {
    socket: WebSocket,
    hub: Hub,
    accounts: Accounts,
    token: Option<SessionToken>,
    caller: Caller,
    ears: Ears,
}

/// Why a connection is over.
enum Over {
    /// The client left, or cannot be reached.
    Gone,
    /// We hang up, and say why.
    Close(u16, &'static str),
}

pub async fn serve(socket: WebSocket, hub: Hub, accounts: Accounts, token: Option<SessionToken>, caller: Caller) {
    let ears = Ears::of(&caller);
    let mut connection = Connection { socket, hub, accounts, token, caller, ears };
    if let Err(Over::Close(code, reason)) = connection.run().await {
        debug!(code, reason, "a live connection is closed");
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // Whoever cannot be told is gone already.
        _ = timeout(UNTAKEN, connection.socket.send(Message::Close(Some(frame)))).await;
    }
}

impl Connection {
    async fn run(&mut self) -> Result<(), Over> {
        let first = timeout(FIRST_WORD, self.first_word()).await;
        let first = first.map_err(|_| Over::Close(close_code::POLICY, "subscribe within 10 seconds"))??;
        let ClientFrame::Subscribe { topics, bbox, since } = first else {
            return Err(Over::Close(close_code::POLICY, "subscribe first"));
        };
        let (mut wish, mut line) = self.subscribe(topics, bbox, since).await?;
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        let mut heard_at = Instant::now();
        loop {
            tokio::select! {
                frame = line.frames.recv() => match frame {
                    Some(text) => self.send(Message::Text(text)).await?,
                    None => line = self.rejoin(&wish, line.ended()).await?,
                },
                said = self.hear() => {
                    heard_at = Instant::now();
                    if let Some(ClientFrame::Subscribe { topics, bbox, since }) = said? {
                        (wish, line) = self.subscribe(topics, bbox, since).await?;
                    }
                }
                _ = beat.tick() => {
                    if heard_at.elapsed() > SILENCE {
                        return Err(Over::Gone);
                    }
                    self.look_again().await?;
                    self.beat(&line).await?;
                }
            }
        }
    }

    async fn first_word(&mut self) -> Result<ClientFrame, Over> {
        loop {
            if let Some(frame) = self.hear().await? {
                return Ok(frame);
            }
        }
    }

    async fn subscribe(
        &mut self,
        topics: Vec<String>,
        bounds: Option<[f64; 4]>,
        since: Option<shared::live::Position>,
    ) -> Result<(Wish, Line), Over> {
        if topics.len() > MOST_TOPICS {
            return Err(Over::Close(close_code::POLICY, "too many topics"));
        }
        if bounds.as_ref().is_some_and(|bounds| !is_box(bounds)) {
            return Err(Over::Close(close_code::POLICY, "bbox is west, south, east, north in degrees"));
        }
        let wish = Wish { topics, bounds };
        let line = match since {
            Some(since) => self.hub.join_since(&self.caller, &self.ears, &wish, &since).await,
            None => self.hub.join(&self.caller, &self.ears, &wish),
        };
        Ok((wish, line.ok_or(NOT_YET)?))
    }

    async fn rejoin(&mut self, wish: &Wish, ended: Ended) -> Result<Line, Over> {
        let line = match ended {
            Ended::BeginAnew => self.hub.join_anew(&self.caller, &self.ears, wish),
            Ended::LookAgain { since } => {
                self.look_again().await?;
                self.hub.join_since(&self.caller, &self.ears, wish, &since).await
            }
            Ended::ServerStops => return Err(Over::Close(close_code::AWAY, "the server stops; connect again in a moment")),
        };
        line.ok_or(NOT_YET)
    }

    /// Hangs up unless the caller is still who it was and reaches what it did.
    async fn look_again(&mut self) -> Result<(), Over> {
        if self.caller.is_public() {
            return Ok(());
        }
        let now = self.accounts.caller_of(self.token.as_ref()).await;
        let now = now.map_err(|_| Over::Close(close_code::AGAIN, "connect again in a moment"))?;
        if now.account_id() != self.caller.account_id() {
            return Err(Over::Close(SESSION_ENDED, "the session has ended"));
        }
        let ears = Ears::of(&now);
        if ears != self.ears {
            return Err(Over::Close(REACH_CHANGED, "your reach has changed; connect again"));
        }
        self.caller = now;
        Ok(())
    }

    /// Says something, so that a silent connection is a lost one: to the page by a frame, to its browser by a ping.
    async fn beat(&mut self, line: &Line) -> Result<(), Over> {
        self.send(Message::Ping(Default::default())).await?;
        if let Some(position) = line.level() {
            let ping = serde_json::to_string(&ServerFrame::Ping { position }).expect("frames are plain data");
            self.send(Message::Text(ping.into())).await?;
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Over> {
        match timeout(UNTAKEN, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over::Gone),
        }
    }

    /// The next thing the client says; none for what only shows that it is there.
    async fn hear(&mut self) -> Result<Option<ClientFrame>, Over> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                let frame = serde_json::from_str(&text);
                frame.map(Some).map_err(|_| Over::Close(close_code::POLICY, "not understood; say subscribe or pong"))
            }
            Some(Ok(Message::Binary(_))) => Err(Over::Close(close_code::UNSUPPORTED, "text frames only")),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Over::Gone),
        }
    }
}

const NOT_YET: Over = Over::Close(close_code::AGAIN, "the change feed has not begun; connect again in a moment");
