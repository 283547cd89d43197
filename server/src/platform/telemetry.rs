//! Logs (a sentence and fields, to standard error) and Prometheus metrics.
//! It deliberately has no place for personal data: no bodies, no query strings are logged.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
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

/// The process-wide metrics recorder; `render` is what `/metrics` answers.
pub fn metrics() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER
        .get_or_init(|| PrometheusBuilder::new().install_recorder().expect("nothing else installs a metrics recorder in this process"))
        .clone()
}
