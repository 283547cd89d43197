//! A device that reports: the secret it carries, known to the database by its hash only, and who it turns out to be.
//! It has no session and no role; what it may write is decided by the functions it writes through.

use std::fmt;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{IngestState, db};
use crate::accounts::Accounts;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::http::ClientAddress;

/// 256 random bits, base64url. Shown once, never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceToken(String);

impl DeviceToken {
    pub fn generate() -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    /// The token of a text, if it can be one of ours.
    pub fn read(text: &str) -> Option<Self> {
        let looks_right = text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        looks_right.then(|| Self(text.to_owned()))
    }

    fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") { Self::read(token.trim()) } else { None }
    }

    /// What the database keeps: SHA-256 of the token's text.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// For whoever installs the device, once.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}

/// Whoever sends this request, once its token was found to be in force. As an extractor it stands before the body, so that a
/// stranger's body is not even read.
#[derive(Debug, Clone)]
pub struct Device {
    pub id: i64,
    pub name: String,
    pub token_hash: [u8; 32],
}

impl FromRequestParts<IngestState> for Device {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &IngestState) -> ApiResult<Self> {
        if let Some(token) = DeviceToken::from_headers(&parts.headers) {
            let token_hash = token.hash();
            if let Some((id, name)) = db::find_device(Accounts::from_ref(state).app_pool(), &token_hash).await? {
                return Ok(Self { id, name, token_hash });
            }
        }
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, state).await;
        state.limits.count_wrong_token(address)?;
        Err(token_refused())
    }
}

/// Code: `ingest.token_refused`.
pub fn token_refused() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "ingest.token_refused",
        "no device in force has this token; send Authorization: Bearer TOKEN (`ioc device add NAME` gives one)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_token_comes_as_bearer_in_any_case() {
        let token = DeviceToken::generate();
        let sent = |text: String| {
            DeviceToken::from_headers(&HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&text).unwrap())]))
        };
        assert_eq!(sent(format!("Bearer {}", token.secret())), Some(token.clone()));
        assert_eq!(sent(format!("bearer  {}", token.secret())), Some(token.clone()));
        assert_eq!(sent(format!("Basic {}", token.secret())), None);
        assert_eq!(sent(token.secret().to_owned()), None);
        assert_eq!(sent(format!("Bearer {}x", token.secret())), None);
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = DeviceToken::generate();
        assert!(!format!("{token:?}").contains(token.secret()));
    }
}
