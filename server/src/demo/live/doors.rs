//! The public doors as the simulator's people and devices use them: HTTP with a device's token, or with a session of one's own.
//! It deliberately decides nothing; it says what came of a request, and whether trying again later makes sense.

use chrono::TimeDelta;
use geo::Point;
use reqwest::header::{COOKIE, IF_MATCH, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::camera::{CameraList, CameraStatus};
use shared::demo::DemoSpeed;
use shared::ingest::{IngestAnswer, ReportedAlert, ReportedStatus};
use shared::problem::Problem;
use shared::search::{SearchKind, SearchResults};
use shared::session::SignIn;

use crate::accounts::demo::PASSWORD;
use crate::demo::day::{Landmark, SceneCamera, Table};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Why nothing came of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody answers, or not now: the same again later.
    #[error("{0}")]
    Away(String),
    #[error("{status} {code}: {detail}")]
    Refused { status: u16, code: String, detail: String },
}

/// How long to wait after each failure in a row: twice as long, up to a minute.
#[derive(Debug, Default)]
pub(super) struct Enough(u32);

impl Enough {
    pub fn is_first(&self) -> bool {
        self.0 == 0
    }

    pub fn wait(&mut self) -> TimeDelta {
        self.0 += 1;
        TimeDelta::seconds(1 << (self.0 - 1).min(6)).min(TimeDelta::minutes(1))
    }
}

/// A camera as an officer sees it.
pub(super) struct SeenCamera {
    pub scene: SceneCamera,
    pub is_offline: bool,
}

/// The doors of devices, and the way to all others.
#[derive(Clone)]
pub(super) struct Doors {
    http: reqwest::Client,
    server: String,
    token: String,
}

impl Doors {
    pub fn new(server: &str, token: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { http, server: server.trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    pub async fn report(&self, alerts: &[ReportedAlert]) -> Result<IngestAnswer, Trouble> {
        self.push("/ingest/camera-alerts", alerts).await
    }

    pub async fn report_status(&self, states: &[ReportedStatus]) -> Result<IngestAnswer, Trouble> {
        self.push("/ingest/camera-status", states).await
    }

    async fn push<T: Serialize>(&self, path: &str, items: &[T]) -> Result<IngestAnswer, Trouble> {
        let request = self.request(Method::POST, path).bearer_auth(&self.token).json(items);
        read(answer(request).await?).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.server))
    }
}

/// An officer of the demonstration in front of a screen; a copy is another window of the same session.
#[derive(Clone)]
pub(super) struct SignedIn {
    doors: Doors,
    pub login: &'static str,
    /// `name=value` of the session's cookie.
    cookie: Option<String>,
}

impl SignedIn {
    pub fn of(doors: &Doors, login: &'static str) -> Self {
        Self { doors: doors.clone(), login, cookie: None }
    }

    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Trouble> {
        self.ask(Method::GET, path, None::<&()>, None).await
    }

    /// `version`: what was seen, where a step that came between should stop this one.
    pub async fn post<T: DeserializeOwned>(&mut self, path: &str, body: &impl Serialize, version: Option<i32>) -> Result<T, Trouble> {
        self.ask(Method::POST, path, Some(body), version).await
    }

    /// Signs in first where that is needed, and once more where the session has ended.
    async fn ask<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        version: Option<i32>,
    ) -> Result<T, Trouble> {
        loop {
            let was_signed_in = self.cookie.is_some();
            let cookie = match &self.cookie {
                Some(cookie) => cookie.clone(),
                None => self.sign_in().await?,
            };
            let mut request = self.doors.request(method.clone(), path).header(COOKIE, cookie);
            if let Some(body) = body {
                request = request.json(body);
            }
            if let Some(version) = version {
                request = request.header(IF_MATCH, format!("\"{version}\""));
            }
            match answer(request).await {
                Err(Trouble::Refused { status: 401, .. }) if was_signed_in => self.cookie = None,
                answered => return read(answered?).await,
            }
        }
    }

    async fn sign_in(&mut self) -> Result<String, Trouble> {
        let who = SignIn { login: self.login.to_owned(), password: PASSWORD.to_owned(), code: None };
        let answered = answer(self.doors.request(Method::POST, "/api/session").json(&who)).await?;
        let cookie = answered.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        let cookie = cookie.map(str::to_owned).ok_or_else(|| Trouble::Away("signing in brought no session".to_owned()))?;
        self.cookie = Some(cookie.clone());
        Ok(cookie)
    }

    /// The cameras, and the places that tell what they look at.
    pub async fn look_around(&mut self, table: &Table) -> Result<(Vec<SeenCamera>, Vec<Landmark>), Trouble> {
        let (mut cameras, mut cursor) = (Vec::new(), String::new());
        loop {
            let page: CameraList = self.get(&format!("/api/cameras?limit=100{cursor}")).await?;
            cameras.extend(page.cameras.into_iter().map(|camera| SeenCamera {
                is_offline: camera.status == CameraStatus::Offline,
                scene: SceneCamera {
                    code: camera.code,
                    name: camera.name,
                    at: camera.lon.zip(camera.lat).map(|(lon, lat)| Point::new(lon, lat)),
                },
            }));
            match page.next_cursor {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut landmarks = Vec::new();
        for word in table.places.values().flat_map(|place| &place.beside) {
            let search = shared::search::SearchRequest { q: word.clone(), limit: Some(20), near: None };
            let found: SearchResults = self.post("/api/search", &search, None).await?;
            let places = found.results.into_iter().filter(|result| result.kind == SearchKind::Place);
            landmarks.extend(places.filter_map(|place| Some(Landmark { name: place.title, at: Point::new(place.lon?, place.lat?) })));
        }
        Ok((cameras, landmarks))
    }

    /// How fast the page of the demonstration wants it; 1 where the server has no such door.
    pub async fn speed_of_page(&mut self) -> Result<f64, Trouble> {
        match self.get::<DemoSpeed>("/api/demo/speed").await {
            Ok(speed) => Ok(f64::from(speed.speed)),
            Err(Trouble::Refused { status: 404, .. }) => Ok(1.0),
            Err(trouble) => Err(trouble),
        }
    }
}

/// An answer of success; anything else is a trouble.
async fn answer(request: RequestBuilder) -> Result<Response, Trouble> {
    let answer = request.send().await.map_err(|cause| away(&cause))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let problem: Option<Problem> = answer.json().await.ok();
    let (code, detail) =
        problem.map_or_else(|| ("no problem document".to_owned(), String::new()), |problem| (problem.code, problem.detail));
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Trouble::Away(format!("{status} {code}")));
    }
    Err(Trouble::Refused { status: status.as_u16(), code, detail })
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T, Trouble> {
    answer.json().await.map_err(|cause| away(&cause))
}

/// In few words: reqwest names the whole address.
fn away(cause: &reqwest::Error) -> Trouble {
    let what = if cause.is_connect() {
        "no connection"
    } else if cause.is_timeout() {
        "no answer in time"
    } else if cause.is_decode() {
        "an answer that cannot be read"
    } else {
        "the connection broke"
    };
    Trouble::Away(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_finds_nobody_waits_longer_each_time_up_to_a_minute() {
        let mut enough = Enough::default();
        assert!(enough.is_first());
        let waits: Vec<i64> = (0..9).map(|_| enough.wait().num_seconds()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
