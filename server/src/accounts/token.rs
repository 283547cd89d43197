//! The secret of a session: made here, kept in the browser's cookie, known to the database only by its hash.
//! Whose it is, `db` asks; how long it lives, `sign_in` decides.

use std::fmt;

use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// `__Host-`: the browser takes it only with `Secure`, for this host alone and the whole site, so no neighbour can plant
/// one. On http://127.0.0.1 browsers count the connection as trustworthy and take and send it too.
pub const COOKIE: &str = "__Host-ioc";

/// 256 random bits, base64url. Never logged, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    pub fn generate() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// The token that a request's cookie carries; nothing where the cookie cannot be one of ours.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let ours = lines.flat_map(Cookie::split_parse).flatten().find(|cookie| cookie.name() == COOKIE)?;
        let value = ours.value();
        let looks_right = value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        looks_right.then(|| Self(value.to_owned()))
    }

    /// What the database keeps: SHA-256 of the token's text.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// For `ioc.session_token`, and nothing else.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }

    /// The cookie that carries it. `Strict` costs nothing: a page opened from a link elsewhere is static, and its own
    /// requests carry the cookie.
    pub(super) fn cookie(&self) -> Cookie<'static> {
        Cookie::build((COOKIE, self.0.clone())).path("/").secure(true).http_only(true).same_site(SameSite::Strict).build()
    }

    /// The cookie that makes the browser forget.
    pub(super) fn removal() -> Cookie<'static> {
        let mut cookie = Cookie::build((COOKIE, "")).path("/").secure(true).http_only(true).same_site(SameSite::Strict).build();
        cookie.make_removal();
        cookie
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn a_token_comes_back_from_its_cookie() {
        let token = SessionToken::generate();
        let sent = headers(&format!("theme=dark; {COOKIE}={}", token.secret()));
        assert_eq!(SessionToken::from_headers(&sent), Some(token));
    }

    #[test]
    fn what_cannot_be_a_token_never_reaches_the_database() {
        for value in ["", "short", &"x".repeat(44), &format!("{}'", "x".repeat(42))] {
            assert_eq!(SessionToken::from_headers(&headers(&format!("{COOKIE}={value}"))), None, "{value}");
        }
    }

    #[test]
    fn the_cookie_is_for_this_host_alone_and_out_of_reach_of_scripts() {
        let cookie = SessionToken::generate().cookie().to_string();
        for part in ["__Host-ioc=", "HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(part), "{part} is missing in {cookie}");
        }
        assert!(!cookie.contains("Domain"));
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = SessionToken::generate();
        assert!(!format!("{token:?}").contains(token.secret()));
    }
}
