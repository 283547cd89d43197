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
    // A proxy on this machine says for whom it asks.
    let public = app.public();
    let from = |address: &'static str| public.send(public.request(Method::GET, "/metrics").header("x-forwarded-for", address));
    assert_eq!(from("203.0.113.5").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(from("127.0.0.1, 203.0.113.5").await.status(), StatusCode::NOT_FOUND, "what a stranger says of itself is not believed");
    assert_eq!(from("127.0.0.1").await.status(), StatusCode::OK);
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_api_address_is_a_problem_document() {
    let app = TestApp::start().await;
    assert_eq!(tests::app::summary(app.public().get("/api/nothing").await).await, "404 not_found");
    app.stop().await;
}
