//! The bundle of the screens: which of its files browsers may keep, and for how long.

use reqwest::{Response, header};
use tests::app::TestApp;

/// A bundle of one page and one file, as `xtask frontend` lays it out.
async fn with_bundle(version: &str) -> (TestApp, tempfile::TempDir) {
    let dist = tempfile::tempdir().expect("a folder for the bundle");
    std::fs::create_dir(dist.path().join("app")).unwrap();
    for (name, content) in [("index.html", "<!doctype html>"), ("app/frontend.js", "export {}"), ("version", version)] {
        std::fs::write(dist.path().join(name), content).unwrap();
    }
    let folder = dist.path().to_owned();
    (TestApp::start_configured(move |config, _| config.dist_dir = folder).await, dist)
}

fn kept(answer: &Response) -> (u16, &str) {
    let keep = answer.headers().get(header::CACHE_CONTROL).map_or("", |value| value.to_str().expect("a header is text"));
    (answer.status().as_u16(), keep)
}

#[tokio::test]
async fn a_file_is_kept_for_ever_under_its_own_version_only() {
    let (app, dist) = with_bundle("0123456789abcdef").await;
    let visitor = app.public();
    let of = async |path: &str| visitor.get(path).await;

    let file = of("/v/0123456789abcdef/app/frontend.js").await;
    assert_eq!(kept(&file), (200, "public, max-age=31536000, immutable"));
    assert_eq!(kept(&of("/app/frontend.js").await), (200, "no-cache"));
    // A page from before an update gets what there is, and may not keep it under the old name.
    assert_eq!(kept(&of("/v/fedcba9876543210/app/frontend.js").await), (200, "no-cache"));
    // What a version lacks is missing: a page in its place would be kept for ever.
    assert_eq!(kept(&of("/v/0123456789abcdef/app/gone.js").await), (404, "no-store"));

    // The bundle is built anew while the server runs.
    std::fs::write(dist.path().join("version"), "fedcba9876543210\n").unwrap();
    assert_eq!(kept(&of("/v/0123456789abcdef/app/frontend.js").await), (200, "no-cache"));
    assert_eq!(kept(&of("/v/fedcba9876543210/app/frontend.js").await), (200, "public, max-age=31536000, immutable"));
    app.stop().await;
}

#[tokio::test]
async fn pages_are_asked_about_each_time() {
    let (app, _dist) = with_bundle("0123456789abcdef").await;
    for page in ["/", "/operations", "/households", "/index.html"] {
        let answer = app.public().get(page).await;
        assert_eq!(kept(&answer), (200, "no-cache"), "{page}");
        assert_eq!(answer.text().await.unwrap(), "<!doctype html>", "{page}");
    }
    app.stop().await;
}

#[tokio::test]
async fn only_what_is_open_to_everybody_may_be_kept_of_the_list_of_layers() {
    let app = TestApp::start().await;
    assert_eq!(kept(&app.public().get("/api/layers").await), (200, "public, no-cache"));
    assert_eq!(kept(&app.sign_in("operator-a").await.get("/api/layers").await), (200, "private, no-store"));
    app.stop().await;
}
