//! The peer for live frames: tokio-tungstenite that sends every connection what any of them says, and does nothing else.
//! It deliberately knows no account, no audience, no position and no database.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{Sender, channel};
use tokio_tungstenite::{
    accept_async,
    tungstenite::{Message, Utf8Bytes},
};

/// As a slow reader of ours, one that falls further behind is let go.
const WAITING: usize = 1024;

#[derive(clap::Args)]
pub struct Broadcast {
    #[arg(long)]
    listen: SocketAddr,
}

impl Broadcast {
    pub async fn serve(self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.listen).await?;
        let (everybody, _) = channel(WAITING);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(attend(stream, everybody.clone()));
        }
    }
}

async fn attend(stream: TcpStream, everybody: Sender<Utf8Bytes>) {
    let Ok(mut socket) = accept_async(stream).await else { return };
    let mut heard = everybody.subscribe();
    loop {
        tokio::select! {
            text = heard.recv() => {
                let Ok(text) = text else { return };
                if socket.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
            said = socket.next() => match said {
                // Nobody listening is no error.
                Some(Ok(Message::Text(text))) => _ = everybody.send(text),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            }
        }
    }
}
