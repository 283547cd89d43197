//! The peer for cached tiles: axum that answers the same bytes from memory and does nothing else.
//! It deliberately has no layer, no header of ours and no session.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::{Router, body::Bytes, http::header, routing::get, serve::ListenerExt};

#[derive(clap::Args)]
pub struct Constant {
    #[arg(long)]
    listen: SocketAddr,
    /// Answered at /0, /1, …
    files: Vec<PathBuf>,
}

impl Constant {
    pub async fn serve(self) -> anyhow::Result<()> {
        let mut router = Router::new();
        for (number, file) in self.files.iter().enumerate() {
            let bytes = Bytes::from(std::fs::read(file)?);
            let answer = move || std::future::ready(([(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")], bytes.clone()));
            router = router.route(&format!("/{number}"), get(answer));
        }
        let listener = tokio::net::TcpListener::bind(self.listen).await?.tap_io(|connection| _ = connection.set_nodelay(true));
        Ok(axum::serve(listener, router).await?)
    }
}
