//! Logs (a sentence and fields, to standard error) and Prometheus metrics.
//! It deliberately has no place for personal data: no bodies, no query strings are logged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use axum::http::StatusCode;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging; `IOC_LOG` takes a tracing filter, `IOC_LOG_FORMAT=json` prints JSON lines.
pub fn start_logging() {
    let filter = EnvFilter::try_from_env("IOC_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=error"));
    let as_json = std::env::var("IOC_LOG_FORMAT").is_ok_and(|format| format == "json");
    let registry = tracing_subscriber::registry().with(filter);
    let started = if as_json {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().with_target(false).with_writer(std::io::stderr)).try_init()
    };
    // Tests start several servers in one process: the first one's logging serves all.
    drop(started);
}

/// What a histogram counts, by how its name ends, and the upper bounds of its buckets. Buckets of several servers can be added up.
const BUCKETS: [(&str, &[f64]); 3] = [
    ("_seconds", &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]),
    ("_bytes", &[256.0, 1024.0, 4096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0]),
    ("_changes", &[1.0, 2.0, 5.0, 10.0, 50.0, 200.0, 1000.0, 5000.0]),
];

/// The process-wide metrics recorder; `render` is what `/metrics` answers.
pub fn metrics() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let described = BUCKETS.into_iter().try_fold(PrometheusBuilder::new(), |builder, (ending, bounds)| {
                builder.set_buckets_for_metric(Matcher::Suffix(ending.to_owned()), bounds)
            });
            let described = described.expect("each kind of histogram has buckets");
            described.install_recorder().expect("nothing else installs a metrics recorder in this process")
        })
        .clone()
}

/// Puts what histograms recorded into their buckets, every few seconds. Until then each value is held by itself, and where
/// nobody asks for `/metrics` they would be held for ever.
pub async fn keep_metrics_short() {
    let mut every = tokio::time::interval(Duration::from_secs(5));
    loop {
        every.tick().await;
        metrics().run_upkeep();
    }
}

/// Counts and times a request by its route, never by its address: addresses can hold what somebody looked for.
pub fn count_request(route: &str, status: StatusCode, took: Duration) {
    thread_local! {
        /// Looking a metric up by its labels costs more than many an answer: each thread keeps those it has met.
        static MET: RefCell<HashMap<String, Met>> = RefCell::default();
    }
    MET.with_borrow_mut(|met| {
        if !met.contains_key(route) {
            let seconds = metrics::histogram!("ioc_request_seconds", "route" => route.to_owned());
            met.insert(route.to_owned(), Met { seconds, by_status: HashMap::new() });
        }
        let Some(Met { seconds, by_status }) = met.get_mut(route) else { return };
        seconds.record(took.as_secs_f64());
        let count = by_status.entry(status).or_insert_with(
            || metrics::counter!("ioc_requests_total", "route" => route.to_owned(), "status" => status.as_u16().to_string()),
        );
        count.increment(1);
    });
}

/// The metrics of one route.
struct Met {
    seconds: Histogram,
    by_status: HashMap<StatusCode, Counter>,
}
