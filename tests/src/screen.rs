//! A screen as a program: subscribes to `/live`, reads tiles where it is told to, and keeps what it was given.
//! It deliberately knows nothing but the wire: a test holds what it keeps against what the database lets its account read.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value};
use shared::live::{ClientFrame, Extent, LiveRow, Position, ServerFrame};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::header},
};

use crate::{app::TestClient, tile_reader};

/// Every point is in the tiles of this zoom.
const ZOOM: u8 = 16;

/// One row as the screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub at: Option<[f64; 2]>,
    /// Without those that are null: tiles do not carry them.
    pub properties: Map<String, Value>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Screen {
    pub name: String,
    pub client: TestClient,
    pub topics: Vec<String>,
    /// West, south, east, north: where the screen reads tiles.
    bounds: [f64; 4],
    socket: Option<Socket>,
    pub position: Option<Position>,
    begun: BTreeSet<String>,
    pub tables: BTreeMap<String, BTreeMap<i64, Shown>>,
    /// Every frame but pings, in the order they came.
    pub heard: Vec<ServerFrame>,
    pub pings: usize,
    /// Close codes, in the order they came.
    pub closed: Vec<u16>,
}

impl Screen {
    pub fn new(name: &str, client: TestClient, topics: &[&str], bounds: [f64; 4]) -> Self {
        Self {
            name: name.to_owned(),
            client,
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            bounds,
            socket: None,
            position: None,
            begun: BTreeSet::new(),
            tables: BTreeMap::new(),
            heard: Vec::new(),
            pings: 0,
            closed: Vec::new(),
        }
    }

    /// Connects, continuing where it was if it had everything by then.
    pub async fn connect(&mut self) {
        let since = self.position.clone().filter(|_| self.topics.iter().all(|topic| self.begun.contains(topic)));
        if since.is_none() {
            self.forget();
        }
        self.connect_silently().await;
        self.say(&ClientFrame::Subscribe { topics: self.topics.clone(), bbox: None, since }).await;
    }

    /// Connects without saying anything.
    pub async fn connect_silently(&mut self) {
        self.socket = Some(open(&self.client, None).await.expect("the socket opens"));
    }

    pub fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// The line is cut, without a word.
    pub fn lose_connection(&mut self) {
        self.socket = None;
    }

    /// Begins as somebody else.
    pub fn become_client(&mut self, client: TestClient) {
        self.client = client;
        self.lose_connection();
        self.forget();
    }

    pub async fn say(&mut self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).expect("frames are plain data");
        self.say_text(&text).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        let socket = self.socket.as_mut().expect("connected");
        // A socket that the server has just closed shows that on the next reading.
        _ = socket.send(Message::text(text)).await;
    }

    /// Takes in what comes until nothing has come for `quiet`, or the socket closes.
    pub async fn listen(&mut self, quiet: Duration) {
        // Only the waiting is timed: a snapshot whose tiles are still being read must not be dropped half way.
        while let Some(socket) = self.socket.as_mut() {
            let Ok(message) = timeout(quiet, socket.next()).await else { break };
            self.heed(message).await;
        }
    }

    /// Takes in the next thing that comes.
    pub async fn next(&mut self) {
        let Some(socket) = self.socket.as_mut() else { return std::future::pending().await };
        let message = socket.next().await;
        self.heed(message).await;
    }

    async fn heed(&mut self, message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) {
        match message {
            Some(Ok(Message::Text(text))) => {
                let frame: ServerFrame = serde_json::from_str(&text).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
                self.take_in(frame).await;
            }
            Some(Ok(Message::Close(frame))) => {
                self.closed.push(frame.map_or(1005, |frame| frame.code.into()));
                self.socket = None;
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => self.socket = None,
        }
    }

    async fn take_in(&mut self, frame: ServerFrame) {
        match &frame {
            ServerFrame::Ping { position } => {
                self.pings += 1;
                self.position = Some(position.clone());
                return self.say(&ClientFrame::Pong {}).await;
            }
            ServerFrame::Snapshot { topic, position, rows } => {
                let table = match rows {
                    Some(rows) => rows.iter().map(shown).collect(),
                    None => self.tiles(topic).await,
                };
                self.tables.insert(topic.clone(), table);
                self.begun.insert(topic.clone());
                self.position = Some(position.clone());
            }
            ServerFrame::Delta { topic, position, upsert, remove } => {
                let table = self.tables.get_mut(topic).unwrap_or_else(|| panic!("{}: a delta of {topic} before its snapshot", self.name));
                for row in remove {
                    table.remove(&row.id);
                }
                table.extend(upsert.iter().map(shown));
                self.position = Some(position.clone());
            }
            ServerFrame::Resync { topics, position } => {
                let topics = if topics.is_empty() { self.begun.iter().cloned().collect() } else { topics.clone() };
                for topic in topics {
                    let table = self.tiles(&topic).await;
                    self.tables.insert(topic, table);
                }
                self.position = Some(position.clone());
            }
        }
        self.heard.push(frame);
    }

    /// What the tiles of a layer show to this caller now.
    pub async fn tiles(&self, topic: &str) -> BTreeMap<i64, Shown> {
        let [west, south, east, north] = self.bounds;
        let (left, top) = tile_reader::tile_of(ZOOM, west, north);
        let (right, bottom) = tile_reader::tile_of(ZOOM, east, south);
        let mut table = BTreeMap::new();
        for (x, y) in (left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y))) {
            let answer = self.client.send(self.client.request(Method::GET, &format!("/tiles/{topic}/{ZOOM}/{x}/{y}.mvt"))).await;
            match answer.status() {
                StatusCode::OK | StatusCode::NO_CONTENT => {}
                // To this caller there is no such layer.
                StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => return table,
                other => panic!("tile {topic}/{ZOOM}/{x}/{y}: {other}"),
            }
            let body = answer.bytes().await.expect("a tile arrives whole");
            let points = tile_reader::points(&body, ZOOM, x, y);
            table.extend(points.into_iter().map(|mut point| {
                // Counted of several rows, so in no frame and no column of one.
                point.properties.remove("house_households");
                (point.id, Shown { at: Some([point.lon, point.lat]), properties: without_nulls(point.properties) })
            }));
        }
        table
    }

    fn forget(&mut self) {
        self.position = None;
        self.begun.clear();
        self.tables.clear();
    }
}

/// A websocket with the client's cookie, from a page of `origin`; the answer's status where it was refused.
pub async fn open(client: &TestClient, origin: Option<&str>) -> Result<Socket, StatusCode> {
    let address = client.address("/live").replacen("http", "ws", 1);
    let mut request = address.into_client_request().expect("an address");
    if let Some(cookie) = &client.cookie {
        request.headers_mut().insert(header::COOKIE, cookie.parse().expect("a cookie is a header"));
    }
    if let Some(origin) = origin {
        request.headers_mut().insert(header::ORIGIN, origin.parse().expect("an origin is a header"));
    }
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(StatusCode::from_u16(answer.status().as_u16()).expect("a status")),
        Err(other) => panic!("the server did not answer: {other}"),
    }
}

fn shown(row: &LiveRow) -> (i64, Shown) {
    let at = match row.at {
        Some(Extent::Point(at)) => Some(at),
        _ => None,
    };
    (row.id, Shown { at, properties: without_nulls(row.properties.clone()) })
}

pub fn without_nulls(properties: Map<String, Value>) -> Map<String, Value> {
    properties.into_iter().filter(|(_, value)| !value.is_null()).collect()
}
