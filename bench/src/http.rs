//! A client that costs next to nothing: one kept connection, requests written whole, answers read by their length.
//! It deliberately knows no redirect, no chunks and no compression; servers under measurement send none of these.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MOST_HEADERS: usize = 32;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What was answered; the body lies in the connection's buffer.
pub struct Answer<'a> {
    pub status: u16,
    head: &'a [u8],
    pub body: &'a [u8],
}

impl Answer<'_> {
    pub fn header(&self, name: &str) -> Option<String> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        response.parse(self.head).ok()?;
        let found = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        String::from_utf8(found.value.to_vec()).ok()
    }
}

/// A GET, as it goes over the wire.
pub fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n").into_bytes()
}

/// A POST of a JSON body.
pub fn post(path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
        .into_bytes()
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address} does not answer"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(1 << 20) })
    }

    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the connection was closed");
            if let Some(head) = Head::parse(&self.buffer)? {
                break head;
            }
        };
        let Head { status, bytes, body_bytes } = head;
        while self.buffer.len() < bytes + body_bytes {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            ensure!(read > 0, "the answer was cut short");
        }
        Ok(Answer { status, head: &self.buffer[..bytes], body: &self.buffer[bytes..bytes + body_bytes] })
    }

    /// The body of a 200.
    pub async fn body(&mut self, request: &[u8]) -> anyhow::Result<Vec<u8>> {
        let answer = self.ask(request).await?;
        ensure!(answer.status == 200, "{} answered {}", String::from_utf8_lossy(request).lines().next().unwrap_or(""), answer.status);
        Ok(answer.body.to_vec())
    }
}

/// What the beginning of an answer says of the rest.
struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// Nothing while it has not come whole.
    fn parse(buffer: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(bytes) = response.parse(buffer)? else { return Ok(None) };
        let status = response.code.context("no status line")?;
        let body_bytes = match status {
            204 | 304 => 0,
            _ => {
                let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
                std::str::from_utf8(length.context("an answer without a length")?.value)?.parse()?
            }
        };
        Ok(Some(Self { status, bytes, body_bytes }))
    }
}
