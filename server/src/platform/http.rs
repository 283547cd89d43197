//! What every answer and every write goes through: a request id, security headers, problem details, the check that a
//! write comes from our own pages. It deliberately knows no route.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use uuid::Uuid;

use super::error::{ApiError, ApiResult};
use super::telemetry;

/// Names one request in logs, in the change feed and in the audit trail. Made here: one sent by a client is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// The id given by [`attend`]; a new one outside it (a router under test).
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or_else(|| Self(Uuid::now_v7()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}

/// Where a request comes from, for limits.
///
/// Believed of the connection itself. Only a proxy on this machine (a loopback peer) is believed about others: the last
/// `X-Forwarded-For` is the one it added.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Served without connection info (a router under test) everybody shares one address: strict, not lax.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(Ipv4Addr::UNSPECIFIED.into(), |info| info.0.ip());
        Ok(Self(client_address(peer, &parts.headers)))
    }
}

fn client_address(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    if peer.to_canonical().is_loopback() { forwarded().unwrap_or(peer) } else { peer }
}

/// What every request goes through: it gets its id and is counted, a write must come from our own pages, what the framework
/// refuses or a panic breaks off is said as a problem, the answer gets the security headers and says the id. One step, because each step by itself
/// would cost every tile another box and another copy of all that stands below it.
pub async fn attend(mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId(Uuid::now_v7());
    request.extensions_mut().insert(id);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let authority = request.uri().authority().map(|authority| authority.as_str());
    let mut response = match comes_from_our_pages(request.method(), request.headers(), authority) {
        Ok(()) => match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => as_problem(response).await,
            Err(_) => ApiError::from(anyhow::anyhow!("a handler panicked")).into_response(),
        },
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in security_headers(headers) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let mut text = Uuid::encode_buffer();
    let value = HeaderValue::from_str(id.0.hyphenated().encode_lower(&mut text)).expect("a uuid is ASCII");
    headers.insert(HeaderName::from_static("x-request-id"), value);
    telemetry::count_request(route.as_ref().map_or("other", MatchedPath::as_str), response.status(), begun.elapsed());
    response
}

/// Scripts, styles, fonts, workers and connections of our own origin, nothing inline; `wasm-unsafe-eval` compiles
/// WebAssembly and does not allow `eval`. MapLibre draws its icons from `data:` images.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// For every answer, unless it sets them itself (open data may be read from anywhere).
const OF_ANSWERS: [(HeaderName, &str); 2] =
    [(header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (HeaderName::from_static("cross-origin-resource-policy"), "same-origin")];

/// For what a browser may open as a page.
const OF_PAGES: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    // An address holds what a colleague looked at (area, selection); other sites learn nothing of it.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), "geolocation=(self), camera=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// A page's headers weigh half a kilobyte: what can never be a page (a vendor's type, which `nosniff` makes sure of: tiles,
/// spreadsheets) goes without.
fn security_headers(headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, &'static str)> + use<> {
    let is_never_a_page = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/vnd."));
    OF_ANSWERS.into_iter().chain(OF_PAGES.into_iter().filter(move |_| !is_never_a_page))
}

/// Longest plain refusal that is carried over into a problem.
const PLAIN_BYTES: usize = 4096;

/// Says in RFC 9457 what the framework refuses in plain text (a body that is no JSON, a method that a route lacks).
async fn as_problem(response: Response) -> Response {
    let is_refusal = response.status().is_client_error() || response.status().is_server_error();
    let is_plain = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/plain");
    if !is_refusal || !response.headers().get(header::CONTENT_TYPE).is_none_or(is_plain) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, PLAIN_BYTES).await.ok().and_then(|bytes| String::from_utf8(bytes.into()).ok());
    let code = plain_refusal_code(parts.status);
    let detail = text.filter(|text| !text.is_empty()).unwrap_or_else(|| parts.status.to_string());
    let (problem, body) = ApiError::new(parts.status, code, detail).into_response().into_parts();
    let mut response = Response::from_parts(parts, Body::new(body));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    // What the refusal already said of itself (`Allow`, `Retry-After`) stays.
    response.headers_mut().extend(problem.headers);
    response
}

fn plain_refusal_code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timeout",
        status if status.is_server_error() => "internal",
        _ => "bad_request",
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
    use axum::{Router, middleware, routing::get};
    use tower::ServiceExt;

    fn check(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        comes_from_our_pages(&method, &HeaderMap::from_iter(headers), None).is_ok()
    }

    async fn answer(router: Router) -> Response {
        let request = Request::get("/").body(Body::empty()).unwrap();
        router.layer(middleware::from_fn(attend)).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_said_as_a_problem() {
        async fn panics() {
            panic!("on purpose")
        }
        let response = answer(Router::new().route("/", get(panics))).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert!(response.headers().contains_key("x-request-id") && response.headers().contains_key(header::CONTENT_SECURITY_POLICY));
    }

    #[tokio::test]
    async fn only_what_can_never_be_a_page_goes_without_a_pages_headers() {
        for (kind, is_page) in [("text/html", true), ("application/json", true), ("application/vnd.mapbox-vector-tile", false)] {
            let response = answer(Router::new().route("/", get(move || async move { ([(header::CONTENT_TYPE, kind)], "...") }))).await;
            for (name, value) in OF_ANSWERS {
                assert_eq!(response.headers()[&name], value, "{kind}");
            }
            for (name, _) in OF_PAGES {
                assert_eq!(response.headers().contains_key(&name), is_page, "{kind}: {name}");
            }
        }
    }

    #[test]
    fn only_a_proxy_on_this_machine_speaks_for_others() {
        let told =
            HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static("198.51.100.1, 192.0.2.7"))]);
        let (loopback, stranger): (IpAddr, IpAddr) = ([127, 0, 0, 1].into(), [203, 0, 113, 5].into());
        assert_eq!(client_address(loopback, &told), IpAddr::from([192, 0, 2, 7]), "what the proxy added, not what it was sent");
        assert_eq!(client_address(stranger, &told), stranger);
        assert_eq!(client_address(loopback, &HeaderMap::new()), loopback);
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
