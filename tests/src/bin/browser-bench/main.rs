//! Measures a server that is running in a real Chromium: first and second visits, frames while panning and, where it is given a
//! device's token, alerts on their way to the operations room. Those alerts stay: give it the token of a demonstration.

mod alerts;
mod frames;
mod visits;

use clap::Parser;
use serde::Serialize;
use serde_json::json;
use tests::browser::Browser;

/// Measures first and second visits, frames while panning beside plain MapLibre, and alerts on their way, in Chromium.
#[derive(Parser)]
struct Arguments {
    /// Scheme, host and port of a running server with a release bundle.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// Who looks at the map while it is panned; needs to reach the layer.
    #[arg(long, default_value = "trucban")]
    login: String,
    #[arg(long, default_value = "phuong-canh")]
    password: String,
    /// Runs of each; the middle one counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Where to pan: longitude, latitude, zoom.
    #[arg(long, default_value = "105.742,21.043,14")]
    view: String,
    /// The layer of points that is on the map besides the base map.
    #[arg(long, default_value = "household")]
    layer: String,
    /// The token of a device whose alerts are sent and waited for in the operations room; they stay in the record.
    #[arg(long)]
    device_token_file: Option<std::path::PathBuf>,
    #[arg(long, default_value_t = 300)]
    alerts: usize,
    #[arg(long, default_value_t = 10.0)]
    alerts_per_second: f64,
    /// Writes the figures as JSON, too.
    #[arg(long)]
    json: Option<std::path::PathBuf>,
}

#[derive(Serialize)]
struct Figures {
    visits: visits::Visits,
    frames: frames::Frames,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<alerts::Alerts>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let visits = visits::measure(&arguments.url, arguments.runs).await;
    print!("{visits}");
    let browser = Browser::open(&arguments.url).await;
    sign_in(&browser, &arguments.login, &arguments.password).await;
    let frames = frames::measure(&browser, &arguments.view, &arguments.layer, arguments.runs).await;
    print!("{frames}");
    let mut alerts = None;
    if let Some(token) = &arguments.device_token_file {
        let measured = alerts::measure(&browser, &arguments.url, token, arguments.alerts, arguments.alerts_per_second).await;
        print!("{measured}");
        alerts = Some(measured);
    }
    browser.close().await;
    if let Some(path) = arguments.json {
        let text = serde_json::to_string_pretty(&Figures { visits, frames, alerts }).expect("figures are JSON");
        std::fs::write(&path, text).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    }
}

async fn sign_in(browser: &Browser, login: &str, password: &str) {
    browser.go_to("/healthz").await;
    let status: u16 = browser
        .ask(
            "return fetch('/api/session', {method: 'POST', headers: {'content-type': 'application/json'},
               body: JSON.stringify({login: arguments[0], password: arguments[1]})}).then(answer => answer.status)",
            vec![json!(login), json!(password)],
        )
        .await;
    assert_eq!(status, 200, "{login} signs in");
}

/// The middle of an odd number of figures, the upper middle of an even one.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
