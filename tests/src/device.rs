//! A device as a program: its token from the command line, its reports through its doors.
//! It deliberately knows nothing of what becomes of them.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::ingest::commands::{self, AddDevice, DeviceCommand};
use shared::ingest::IngestAnswer;

use crate::{
    app::{TestApp, TestClient, body_of},
    cluster::TestDatabase,
};

pub struct TestDevice {
    client: TestClient,
    pub token: String,
}

impl TestDevice {
    /// Adds a device as `ioc device add NAME --area CODE` does.
    pub async fn add(app: &TestApp, name: &str, area: &str) -> Self {
        Self { client: app.public(), token: add_device(&app.database, name, area).await }
    }

    pub async fn send(&self, path: &str, body: impl Into<reqwest::Body>) -> Response {
        let request = self.client.request(Method::POST, path).header("content-type", "application/json");
        self.client.send(request.bearer_auth(&self.token).body(body)).await
    }

    /// The answer of a 200 to alerts.
    pub async fn report(&self, alerts: &Value) -> IngestAnswer {
        self.accepted("/ingest/camera-alerts", alerts).await
    }

    /// The answer of a 200 to states of cameras.
    pub async fn report_status(&self, states: &Value) -> IngestAnswer {
        self.accepted("/ingest/camera-status", states).await
    }

    async fn accepted(&self, path: &str, body: &Value) -> IngestAnswer {
        body_of(self.send(path, body.to_string()).await).await
    }
}

/// Adds a device as `ioc device add NAME --area CODE` does; its token.
pub async fn add_device(database: &TestDatabase, name: &str, area: &str) -> String {
    let command = DeviceCommand::Add(AddDevice { name: name.to_owned(), area: Some(area.to_owned()) });
    let said = run_on(database, command).await;
    said.split("shown this once): ").nth(1).expect("the token is shown").trim().to_owned()
}

/// What a device command says.
pub async fn run(app: &TestApp, command: DeviceCommand) -> String {
    run_on(&app.database, command).await
}

async fn run_on(database: &TestDatabase, command: DeviceCommand) -> String {
    let owner = database.pool("postgres").await;
    let mut said = Vec::new();
    commands::run(&owner, command, &mut said).await.expect("the command succeeds");
    owner.close().await;
    String::from_utf8(said).expect("it speaks UTF-8")
}

/// What a device is told: how many were new or changed, how many known, and by place and code what was not taken in.
pub fn said(answer: &IngestAnswer) -> (usize, usize, Vec<(usize, &str)>) {
    let rejected = answer.rejected.iter().map(|note| (note.index, note.code.as_str())).collect();
    (answer.accepted, answer.duplicate, rejected)
}

/// An alert of a camera, begun ten minutes ago.
pub fn an_alert(camera: &str, external_id: &str, kind: &str) -> Value {
    let started_at = chrono::Utc::now() - chrono::TimeDelta::minutes(10);
    json!({"camera": camera, "external_id": external_id, "kind": kind, "started_at": started_at})
}
