//! The bundle of the screens as files, with their compressed twins, and how long a browser may keep each.
//! It deliberately renders nothing: every page is the same index, and the browser draws it.

use std::path::Path;
use std::sync::Arc;

use axum::{
    Router,
    extract::{RawPathParams, Request, State},
    http::{HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
};
use tower::ServiceBuilder;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

/// `/v/{version}/app/frontend.js` is `app/frontend.js` of that version and never anything else, so it may be kept for ever.
const VERSIONED: &str = "/v/{version}";
/// In the bundle: its version, as `xtask frontend` computes it from every file.
const VERSION_FILE: &str = "version";

const KEEP: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept, and asked about each time: an unchanged file costs a 304.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Files under `dist`; any other address that looks like a page gets the index, and the screens find their way by it.
pub fn files(dist: &Path) -> Router {
    let index = dist.join("index.html");
    let pages =
        if index.exists() { Router::new().fallback_service(ServeFile::new(index)) } else { Router::new().fallback(explain_missing_bundle) };
    let files = ServeDir::new(dist).precompressed_br().append_index_html_on_directories(true);
    // A file that a version lacks is missing, and no page.
    let versioned =
        ServiceBuilder::new().layer(middleware::from_fn_with_state(Arc::<Path>::from(dist), say_how_long_to_keep)).service(files.clone());
    let asked_about =
        ServiceBuilder::new().layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, ASK)).service(files.fallback(pages));
    Router::new().nest_service(VERSIONED, versioned).fallback_service(asked_about)
}

/// A page from before an update may still ask for its own version: it gets today's file, but must not keep it under that name.
async fn say_how_long_to_keep(State(dist): State<Arc<Path>>, path: RawPathParams, request: Request, next: Next) -> Response {
    let asked = path.iter().find(|(name, _)| *name == "version").map(|(_, version)| version.to_owned());
    // Read each time: a bundle may be built anew while the server runs, and a version is asked for on first visits only.
    let present = tokio::fs::read_to_string(dist.join(VERSION_FILE)).await.ok();
    let mut response = next.run(request).await;
    let is_that_version = asked.is_some() && asked.as_deref() == present.as_deref().map(str::trim);
    let is_there = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let keep = if is_that_version && is_there { KEEP } else { ASK };
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    response
}

async fn explain_missing_bundle(uri: Uri) -> Response {
    if uri.path().contains('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = "<!doctype html><meta charset=utf-8><title>Phường IOC</title><p>Chưa có giao diện: chạy <code>cargo run -p xtask -- frontend</code>.\
        <p>The front end bundle is missing: run <code>cargo run -p xtask -- frontend</code>, or set IOC_DIST_DIR.";
    (StatusCode::SERVICE_UNAVAILABLE, Html(page)).into_response()
}
