//! A server in this process on a database of its own, and clients that talk to it as browsers and programs do.
//! Its tables start with the two small wards; `TestApp::empty` starts with none.

use std::{num::NonZeroU32, sync::Arc};

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;
use server::{
    accounts::SignInLimits,
    app::Running,
    platform::{
        clock::{SharedClock, SystemClock},
        config::Config,
        database::Database,
    },
};
use shared::{health::Readiness, problem::Problem};
use tempfile::TempDir;

use crate::{
    cluster::TestDatabase,
    small_ward::{self, SmallWard},
    waiting::until,
};

pub struct TestApp {
    pub database: TestDatabase,
    pub ward: Option<SmallWard>,
    pub running: Running,
    pub dir: TempDir,
}

impl TestApp {
    /// With the two small wards.
    pub async fn start() -> Self {
        Self::start_with(true, |_, _| ()).await
    }

    /// With the two small wards, and settings or limits that the test is about.
    pub async fn start_configured(adjust: impl FnOnce(&mut Config, &mut SignInLimits)) -> Self {
        Self::start_with(true, adjust).await
    }

    /// With the two small wards, on a clock that the test moves. It should begin at the present: the database has a clock of
    /// its own.
    pub async fn start_at(clock: SharedClock) -> Self {
        Self::start_on(clock, true, |_, _| ()).await
    }

    /// With migrated, empty tables.
    pub async fn empty() -> Self {
        Self::start_with(false, |_, _| ()).await
    }

    /// With the demo ward, and its accounts let in.
    pub async fn demo() -> Self {
        let dir = tempfile::tempdir().expect("a folder for the server's data");
        let database = TestDatabase::seeded(&Config::for_tests(dir.path()).data_dir).await;
        let mut config = database.config(dir.path());
        config.demo = true;
        let opened = Database::open(&config).await.expect("the test database opens");
        let running = Running::start(&config, &opened, Arc::new(SystemClock), SignInLimits::default()).await.expect("the server starts");
        Self { database, ward: None, running, dir }.once_searchable().await
    }

    async fn start_with(wards: bool, adjust: impl FnOnce(&mut Config, &mut SignInLimits)) -> Self {
        Self::start_on(Arc::new(SystemClock), wards, adjust).await
    }

    async fn start_on(clock: SharedClock, wards: bool, adjust: impl FnOnce(&mut Config, &mut SignInLimits)) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the server's data");
        let database = TestDatabase::create().await;
        let mut config = database.config(dir.path());
        // Tests sign in more often than people, all from one address.
        let plenty = NonZeroU32::new(100_000).expect("not zero");
        let mut limits = SignInLimits { per_address_per_minute: plenty, per_login_per_minute: plenty, ..SignInLimits::default() };
        adjust(&mut config, &mut limits);
        let ward = if wards {
            // The rows are there before the server starts, as on any ordinary day; the keys are the server's own.
            let secrets = server::platform::secrets::Secrets::open(&config.data_dir).expect("keys are made");
            Some(small_ward::build(&mut database.connect("ioc_owner").await, &secrets).await.expect("the small wards are built"))
        } else {
            None
        };
        let opened = Database::open(&config).await.expect("the test database opens");
        let running = Running::start(&config, &opened, clock, limits).await.expect("the server starts");
        Self { database, ward, running, dir }.once_searchable().await
    }

    /// A server answers before it has read what can be searched for; tests begin after it.
    async fn once_searchable(self) -> Self {
        until("everything can be found", async || {
            self.public().get("/readyz").await.json::<Readiness>().await.is_ok_and(|said| said.search)
        })
        .await;
        self
    }

    pub fn ward(&self) -> &SmallWard {
        self.ward.as_ref().expect("this app was started with the small wards")
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address)
    }

    /// Somebody who has not signed in.
    pub fn public(&self) -> TestClient {
        TestClient { base: format!("http://{}", self.running.address), http: reqwest::Client::new(), cookie: None }
    }

    /// Signs in through the door; the login is one of the small wards', such as `police-a`.
    pub async fn sign_in(&self, login: &str) -> TestClient {
        self.sign_in_with(login, small_ward::PASSWORD).await
    }

    /// Signs in an account of the demo ward.
    pub async fn sign_in_demo(&self, login: &str) -> TestClient {
        self.sign_in_with(login, "phuong-canh").await
    }

    async fn sign_in_with(&self, login: &str, password: &str) -> TestClient {
        let mut client = self.public();
        let answer = try_to_sign_in(&client, login, password, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{login} signs in");
        let cookie = answer.headers().get(header::SET_COOKIE).expect("signing in sets the cookie").to_str().expect("a cookie is text");
        client.cookie = Some(cookie.split(';').next().expect("a cookie has a first part").to_owned());
        client
    }

    /// Id of an account by its login.
    pub async fn account(&self, login: &str) -> i64 {
        let mut owner = self.database.connect("ioc_owner").await;
        let found = sqlx::query_scalar("select id from account where login = $1").bind(login).fetch_one(&mut owner).await;
        found.unwrap_or_else(|cause| panic!("the account {login}: {cause}"))
    }

    /// Stops the server and drops the database.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// Talks to the server, with or without a session.
#[derive(Clone)]
pub struct TestClient {
    base: String,
    http: reqwest::Client,
    /// `name=value` of the session cookie.
    pub cookie: Option<String>,
}

impl TestClient {
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, self.address(path));
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Response {
        request.send().await.expect("the server answers")
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    /// GET with a stated reason.
    pub async fn get_because(&self, path: &str, reason: &str) -> Response {
        self.send(self.request(Method::GET, path).header("Access-Reason", shared::audit::encode_reason(reason))).await
    }

    /// An edit made from `version`; none: without saying from which.
    pub async fn edit(&self, path: &str, version: Option<i32>, edit: serde_json::Value) -> Response {
        self.write(Method::PATCH, path, version, &edit).await
    }

    /// A write that names the version which was seen; none: without naming one.
    pub async fn write(&self, method: Method, path: &str, seen: Option<i32>, body: &impl serde::Serialize) -> Response {
        let request = self.request(method, path).json(body);
        self.send(match seen {
            Some(seen) => request.header(header::IF_MATCH, format!("\"{seen}\"")),
            None => request,
        })
        .await
    }

    /// POST of a JSON body, with a stated reason where there is one.
    pub async fn post(&self, path: &str, body: &impl serde::Serialize, reason: Option<&str>) -> Response {
        let request = self.request(Method::POST, path).json(body);
        self.send(match reason {
            Some(reason) => request.header("Access-Reason", shared::audit::encode_reason(reason)),
            None => request,
        })
        .await
    }

    /// The body of a 200.
    pub async fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "GET {path}");
        answer.json().await.expect("the body is what its type says")
    }
}

/// The body of a 200.
pub async fn body_of<T: DeserializeOwned>(answer: Response) -> T {
    let status = answer.status();
    let text = answer.text().await.expect("an answer is text");
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).expect("the body is what its type says")
}

/// Tries to sign in through the door, with a one-time code where there is one.
pub async fn try_to_sign_in(client: &TestClient, login: &str, password: &str, code: Option<&str>) -> Response {
    client.post("/api/session", &serde_json::json!({"login": login, "password": password, "code": code}), None).await
}

/// `"<status> <code>"` of a refusal, for snapshots.
pub async fn summary(answer: Response) -> String {
    let status = answer.status().as_u16();
    let problem: Problem = answer.json().await.expect("a refusal is a problem document");
    assert_eq!(problem.status, status);
    format!("{status} {}", problem.code)
}
