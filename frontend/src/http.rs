//! Requests to our own API: shared types in, shared types or a [`Failure`] out.
//! What to say to the person about a failure is the screen's business; live changes come through `live`.

use chrono::{DateTime, Utc};
use gloo_net::http::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::edit::Conflict;
use shared::problem::Problem;
use web_sys::RequestCache;

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// No answer at all: no network, or the server is away.
    #[error("no answer from the server")]
    Unreachable,
    /// The server refused; `code` is stable and has a sentence in every language.
    #[error("{status} {code}: {detail}")]
    Refused {
        status: u16,
        code: String,
        detail: String,
        /// Until when the refusal holds, where it passes by itself (a lock, a limit).
        until: Option<DateTime<Utc>>,
        /// Somebody was faster: what is in force instead.
        conflict: Option<Box<Conflict>>,
    },
    /// The answer is not what this version of the screens understands.
    #[error("unexpected answer: {0}")]
    Unreadable(String),
}

impl Failure {
    /// The stable code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Failure::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self {
            Failure::Refused { until, .. } => *until,
            _ => None,
        }
    }

    pub fn conflict(&self) -> Option<Box<Conflict>> {
        match self {
            Failure::Refused { conflict, .. } => conflict.clone(),
            _ => None,
        }
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Failure::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether asking again may bring an answer; what was refused for good is refused again.
    pub fn may_pass(&self) -> bool {
        self.status().is_none_or(|status| status >= 500 || status == 429)
    }
}

pub type Answer<T> = Result<T, Failure>;

pub async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    Call::new(Method::GET, path).receive().await
}

/// The answer, and whether it is the one that this browser kept from an earlier visit, for want of a server. Only what
/// everybody may see is kept.
pub async fn get_or_kept<T: DeserializeOwned>(path: &str) -> (Answer<T>, bool) {
    match get(path).await {
        Err(Failure::Unreachable) => (Call::new(Method::GET, path).kept_will_do().receive().await, true),
        answer => (answer, false),
    }
}

/// A file of our own that is no JSON.
pub async fn get_text(path: &str) -> Answer<String> {
    Call::new(Method::GET, path).answer().await
}

pub async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Answer<T> {
    Call::new(Method::POST, path).body(body)?.receive().await
}

/// A request that needs more than a path and a body.
pub struct Call {
    builder: RequestBuilder,
    body: Option<String>,
}

impl Call {
    pub fn new(method: Method, path: &str) -> Call {
        Call { builder: RequestBuilder::new(path).method(method).header("Accept", "application/json"), body: None }
    }

    /// Why a person or household is opened; the server writes it into the audit trail. Percent-encoded, because a
    /// header cannot carry Vietnamese letters.
    pub fn access_reason(self, reason: &str) -> Call {
        let encoded = String::from(js_sys::encode_uri_component(reason));
        self.header("Access-Reason", &encoded)
    }

    pub fn header(mut self, name: &str, value: &str) -> Call {
        self.builder = self.builder.header(name, value);
        self
    }

    fn kept_will_do(mut self) -> Call {
        self.builder = self.builder.cache(RequestCache::ForceCache);
        self
    }

    pub fn body(mut self, body: &impl Serialize) -> Answer<Call> {
        let text = serde_json::to_string(body).map_err(|error| Failure::Unreadable(error.to_string()))?;
        self.body = Some(text);
        Ok(self.header("Content-Type", "application/json"))
    }

    pub async fn receive<T: DeserializeOwned>(self) -> Answer<T> {
        let text = self.answer().await?;
        // An empty answer (204) reads as `()`.
        let text = if text.is_empty() { "null" } else { &text };
        serde_json::from_str(text).map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// The body as text, for what is no JSON.
    pub async fn answer(self) -> Answer<String> {
        let response = self.send().await?;
        let text = response.text().await.map_err(|_| Failure::Unreachable)?;
        if response.ok() { Ok(text) } else { Err(refusal(&response, &text)) }
    }

    /// The body as it is, for a file.
    pub async fn bytes(self) -> Answer<Vec<u8>> {
        let response = self.send().await?;
        if response.ok() {
            return response.binary().await.map_err(|_| Failure::Unreachable);
        }
        let text = response.text().await.map_err(|_| Failure::Unreachable)?;
        Err(refusal(&response, &text))
    }

    async fn send(self) -> Answer<Response> {
        let request = match self.body {
            Some(body) => self.builder.body(body),
            None => self.builder.build(),
        };
        let request = request.map_err(|error| Failure::Unreadable(error.to_string()))?;
        request.send().await.map_err(|_| Failure::Unreachable)
    }
}

/// Reads RFC 9457 problem details; an answer from something in between (a proxy) has none.
fn refusal(response: &Response, text: &str) -> Failure {
    let status = response.status();
    match serde_json::from_str::<Problem>(text) {
        Ok(Problem { code, detail, until, conflict, .. }) => Failure::Refused { status, code, detail, until, conflict },
        Err(_) => Failure::Refused { status, code: format!("http.{status}"), detail: String::new(), until: None, conflict: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_for_good_is_not_asked_again() {
        let refused = |status| Failure::Refused { status, code: "some".into(), detail: String::new(), until: None, conflict: None };
        let may_pass = [refused(429), refused(500), refused(503), Failure::Unreachable];
        assert!(may_pass.iter().all(Failure::may_pass));
        assert!([refused(401), refused(403), refused(404), refused(409)].iter().all(|failure| !failure.may_pass()));
    }
}
