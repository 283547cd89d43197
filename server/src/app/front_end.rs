//! The bundle of the screens as files, with their compressed twins.
//! It deliberately renders nothing: every page is the same index, and the browser draws it.

use std::path::Path;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

/// Files under `dist`; any other address that looks like a page gets the index, and the screens find their way by it.
pub fn files(dist: &Path) -> Router {
    let index = dist.join("index.html");
    let pages =
        if index.exists() { Router::new().fallback_service(ServeFile::new(index)) } else { Router::new().fallback(explain_missing_bundle) };
    let files = ServeDir::new(dist).precompressed_br().append_index_html_on_directories(true).fallback(pages);
    Router::new().fallback_service(
        ServiceBuilder::new()
            // Files keep their names between versions, so a browser asks each time; an unchanged one costs a 304.
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache")))
            .service(files),
    )
}

async fn explain_missing_bundle(uri: Uri) -> Response {
    if uri.path().contains('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = "<!doctype html><meta charset=utf-8><title>Phường IOC</title><p>Chưa có giao diện: chạy <code>cargo run -p xtask -- frontend</code>.\
        <p>The front end bundle is missing: run <code>cargo run -p xtask -- frontend</code>, or set IOC_DIST_DIR.";
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}
