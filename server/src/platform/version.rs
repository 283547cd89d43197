//! Versions of rows over HTTP: the `If-Match` that an edit must carry and the `ETag` that an answer has (RFC 9110, 13.1.1).
//! What two versions differ in, and who made the newer one, is not known here.

use std::convert::Infallible;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::{ApiError, ApiResult};

/// The header as it came, if it came: an extractor that never refuses, so that whoever may not edit learns that first.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<HeaderValue>);

impl IfMatch {
    /// The version that the edit was made from; 428 `version_required` where none is named.
    pub fn required(&self) -> ApiResult<i32> {
        let Some(header) = &self.0 else {
            let detail = "name the version that you edit in the header If-Match, for example \"7\"; every row says its own";
            return Err(ApiError::new(StatusCode::PRECONDITION_REQUIRED, "version_required", detail));
        };
        let version = header.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse().ok());
        version.ok_or_else(|| ApiError::bad_request("If-Match must name one version, such as \"7\""))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(header::IF_MATCH).cloned()))
    }
}

/// A row with its version as `ETag`.
#[derive(Debug)]
pub struct Versioned<T> {
    pub version: i32,
    pub row: T,
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, format!("\"{}\"", self.version))], Json(self.row)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_with_and_without_quotes() {
        let read = |text: &'static str| IfMatch(Some(HeaderValue::from_static(text))).required();
        assert_eq!(read("\"7\"").unwrap(), 7);
        assert_eq!(read("7").unwrap(), 7);
        for wrong in ["*", "W/\"7\"", "\"6\", \"7\"", ""] {
            assert_eq!(read(wrong).unwrap_err().status(), StatusCode::BAD_REQUEST, "{wrong:?}");
        }
        assert_eq!(IfMatch::default().required().unwrap_err().code(), "version_required");
    }
}
