//! Answers that a browser keeps and asks about again: an ETag with the answer, and 304 while it still holds.
//! It deliberately says nothing about what may be kept: the handler does, which knows for whom the answer is.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::ApiResult;

const JSON: (HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

/// A body as JSON, with an ETag of its bytes; 304 and no body for whoever has them. `keep` is the `Cache-Control`.
///
/// Without an ETag a browser that asks again first throws away what it has, and has nothing left when no server answers.
pub fn revalidated(headers: &HeaderMap, keep: &'static str, body: &impl Serialize) -> ApiResult<Response> {
    let bytes = serde_json::to_vec(body).map_err(anyhow::Error::from)?;
    let etag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&bytes)[..16]));
    let mut response = if names_etag(headers, &etag) { StatusCode::NOT_MODIFIED.into_response() } else { ([JSON], bytes).into_response() };
    let etag = HeaderValue::from_str(&etag).expect("hexadecimal digits are ASCII");
    response.headers_mut().extend([
        (header::ETAG, etag),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (header::VARY, HeaderValue::from_static("Cookie")),
    ]);
    Ok(response)
}

/// Whether `If-None-Match` names this answer (weak comparison, RFC 9110 13.1.2).
pub fn names_etag(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|list| list.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}
