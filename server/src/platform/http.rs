//! What every answer and every write goes through: a request id, security headers, the check that a write comes from our
//! own pages. It deliberately knows no route.

use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::error::{ApiError, ApiResult};

/// Names one request in logs, in the change feed and in the audit trail. Made here: one sent by a client is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// The id given by [`identify`]; a new one outside it (a router under test).
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_else(|| Self(Uuid::now_v7()))
    }
}

/// Gives each request its id, and says it in the answer.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::now_v7());
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    let value = HeaderValue::from_str(&id.0.to_string()).expect("a uuid is ASCII");
    response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    response
}

/// Scripts, styles, fonts, workers and connections of our own origin, nothing inline; `wasm-unsafe-eval` compiles
/// WebAssembly and does not allow `eval`. MapLibre draws its icons from `data:` images.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // An address holds what a colleague looked at (area, selection); other sites learn nothing of it.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds the security headers that the answer does not set itself (open data may be read from anywhere).
pub async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SECURITY_HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Refuses writes and sockets that another site's page asked the browser to make.
pub async fn check_origin(request: Request, next: Next) -> Response {
    match comes_from_our_pages(request.method(), request.headers(), request.uri().authority().map(|a| a.as_str())) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A browser cannot be made to leave out `Origin` on a write or a socket, so a request with neither `Origin` nor
/// `Sec-Fetch-Site` comes from a program (a device, curl) that carries only credentials of its own: it is let through.
fn comes_from_our_pages(method: &Method, headers: &HeaderMap, authority: Option<&str>) -> ApiResult<()> {
    let is_socket = headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if method.is_safe() && !is_socket {
        return Ok(());
    }
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Err(foreign_origin());
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(authority);
    let origin = origin.to_str().ok().and_then(origin_authority);
    match (origin, host) {
        (Some((origin, default_port)), Some(host)) if same_authority(origin, host, default_port) => Ok(()),
        _ => Err(foreign_origin()),
    }
}

/// Host and port of an `Origin`, with its scheme's default port; nothing for `null` and other schemes.
fn origin_authority(origin: &str) -> Option<(&str, &'static str)> {
    let http = origin.strip_prefix("http://").map(|rest| (rest, ":80"));
    http.or_else(|| origin.strip_prefix("https://").map(|rest| (rest, ":443")))
}

/// Behind a proxy that ends TLS the scheme is not ours to compare; host and port are.
fn same_authority(origin: &str, host: &str, default_port: &str) -> bool {
    let bare = |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
    bare(origin) == bare(host)
}

/// Code: `foreign_origin`.
fn foreign_origin() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "this request was made by another site's page; open our own page and do it there",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        comes_from_our_pages(&method, &HeaderMap::from_iter(headers), None).is_ok()
    }

    #[test]
    fn our_own_page_may_write() {
        assert!(check(Method::POST, &[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(check(Method::POST, &[("origin", "https://phuong.example"), ("host", "phuong.example")]), "behind a proxy that ends TLS");
        assert!(check(Method::POST, &[("origin", "https://Phuong.example:443"), ("host", "phuong.example")]));
    }

    #[test]
    fn another_sites_page_may_not() {
        assert!(!check(Method::POST, &[("origin", "https://evil.example"), ("host", "127.0.0.1:8080")]));
        assert!(!check(Method::DELETE, &[("origin", "null"), ("host", "127.0.0.1:8080")]), "a sandboxed frame");
        assert!(!check(Method::POST, &[("origin", "http://127.0.0.1:9090"), ("host", "127.0.0.1:8080")]), "another port");
        assert!(!check(Method::POST, &[("sec-fetch-site", "cross-site"), ("host", "127.0.0.1:8080")]));
        assert!(!check(Method::POST, &[("sec-fetch-site", "same-site"), ("host", "a.gov.example")]), "a neighbour under the same domain");
        assert!(!check(Method::POST, &[("origin", "http://127.0.0.1:8080.evil.example"), ("host", "127.0.0.1:8080")]));
    }

    #[test]
    fn a_socket_is_checked_like_a_write() {
        let foreign = [("upgrade", "WebSocket"), ("origin", "https://evil.example"), ("host", "127.0.0.1:8080")];
        assert!(!check(Method::GET, &foreign));
        assert!(check(Method::GET, &foreign[1..]), "an ordinary GET may come from anywhere");
    }

    #[test]
    fn a_program_without_origin_may_write() {
        assert!(check(Method::POST, &[("host", "127.0.0.1:8080")]));
    }
}
