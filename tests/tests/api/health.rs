//! Whether a server says that it can serve, what it counts and to whom it tells that.
//! What the doctor finds is `doctor`'s.

use reqwest::{Method, StatusCode};
use shared::health::Readiness;
use tests::app::TestApp;

#[tokio::test]
async fn a_started_server_is_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.public().get("/healthz").await.status(), StatusCode::OK);
    let ready: Readiness = app.public().read("/readyz").await;
    assert!(ready.is_ready(), "{ready:?}");
    app.stop().await;
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_name_no_address() {
    let app = TestApp::start().await;
    app.public().get("/api/businesses/1").await;
    let metrics = app.public().get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("ioc_requests_total{route=\"/api/businesses/{id}\""), "{metrics}");
    assert!(metrics.contains("ioc_request_seconds_bucket{route=\"/api/businesses/{id}\",le=\"10\"}"), "{metrics}");
    for histogram in metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter(|line| !line.ends_with("counter") && !line.ends_with("gauge"))
    {
        assert!(
            histogram.ends_with("histogram"),
            "{histogram}: servers' summaries cannot be added up; telemetry's BUCKETS names what it counts"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn metrics_are_handed_to_nobody_for_whom_a_proxy_on_this_machine_asks() {
    let app = TestApp::start().await;
    let asked = app.public().request(Method::GET, "/metrics").header("X-Forwarded-For", "198.51.100.7");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_api_address_is_a_problem_document() {
    let app = TestApp::start().await;
    assert_eq!(tests::app::summary(app.public().get("/api/nothing").await).await, "404 not_found");
    app.stop().await;
}
