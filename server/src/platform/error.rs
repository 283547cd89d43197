//! What a refused request answers: a status, a stable code and a sentence that helps the next person.
//! It deliberately never shows the cause of a failure of ours; that is logged once, here.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use shared::{edit::Conflict, problem::Problem};
use sqlx::postgres::PgDatabaseError;
use tracing::{error, warn};

pub type ApiResult<T> = Result<T, ApiError>;

/// A refusal with its stable code, or a failure of ours.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    until: Option<DateTime<Utc>>,
    retry_after_s: Option<u64>,
    conflict: Option<Box<Conflict>>,
    /// Logged where the answer is made, never sent.
    cause: Option<anyhow::Error>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), until: None, retry_after_s: None, conflict: None, cause: None }
    }

    /// Code: `not_found`. Also what lies outside the caller's reach: to them it does not exist.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "nothing here that you may see; check the address, or sign in")
    }

    /// Code: `sign_in_required`.
    pub fn sign_in_required() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign_in_required", "sign in first (POST /api/session)")
    }

    /// Code: `forbidden`.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "your role may not do this; ask for an appointment that may")
    }

    /// Code: `bad_request`.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", detail)
    }

    /// Until when the refusal holds; also sent as `Retry-After`.
    pub fn until(mut self, until: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self.retry_after_s = Some((until - now).num_seconds().max(1).unsigned_abs());
        self
    }

    /// What is in force instead of what an edit was made from.
    pub fn with_conflict(mut self, conflict: Conflict) -> Self {
        self.conflict = Some(Box::new(conflict));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    fn internal(cause: anyhow::Error) -> Self {
        let mut failure =
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something failed on our side; try again, and tell us if it stays");
        failure.cause = Some(cause);
        failure
    }

    fn unavailable(cause: anyhow::Error) -> Self {
        let mut failure =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "database_unavailable", "the database does not answer; try again in a moment");
        failure.retry_after_s = Some(2);
        failure.cause = Some(cause);
        failure
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(cause: sqlx::Error) -> Self {
        match cause {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => Self::unavailable(cause.into()),
            cause if policy_refused(&cause) => {
                // Said here too: a handler that forgot to ask would look the same.
                warn!(%cause, "row-level security refused a write that the handler had allowed; an appointment ended meanwhile?");
                Self::forbidden()
            }
            cause if cannot_be_kept(&cause) => {
                // Said here too: a value of our own that PostgreSQL does not know would look the same. Its sentence repeats no value.
                warn!(%cause, "a request holds a text or a moment that PostgreSQL cannot keep");
                Self::bad_request("a text or a moment in the request cannot be kept: a NUL in it, or a year that no calendar has")
            }
            cause => Self::internal(cause.into()),
        }
    }
}

/// Whether a value is none of PostgreSQL's: a NUL in a text (22021, in JSON 22P05), or a moment out of its years (22008). Rules of
/// domains name the field where they look at one; whatever passes them by is the client's doing all the same.
fn cannot_be_kept(cause: &sqlx::Error) -> bool {
    let code = cause.as_database_error().and_then(|refusal| refusal.code());
    matches!(code.as_deref(), Some("22021" | "22P05" | "22008"))
}

/// Whether a policy refused a write: the caller lost the appointment (or the session) after the handler had asked the matrix.
///
/// A new row is refused aloud (`with check`), a standing one passed over, which `database::written` tells as a row that was not
/// found. A grant that is missing has the same SQLSTATE as the former, 42501, and is a fault of ours; what tells them apart is the
/// routine, because the sentence comes in the database's language.
fn policy_refused(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::RowNotFound => true,
        sqlx::Error::Database(refusal) => refusal
            .try_downcast_ref::<PgDatabaseError>()
            .is_some_and(|refusal| refusal.code() == "42501" && refusal.routine() == Some("ExecWithCheckOptions")),
        _ => false,
    }
}

/// Whether a statement broke the constraint of this name.
pub fn broke(cause: &sqlx::Error, constraint: &str) -> bool {
    cause.as_database_error().and_then(|refusal| refusal.constraint()) == Some(constraint)
}

impl From<anyhow::Error> for ApiError {
    fn from(cause: anyhow::Error) -> Self {
        Self::internal(cause)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            error!(code = self.code, cause = format!("{cause:#}"), "a request failed");
        }
        let problem = Problem {
            kind: "about:blank".into(),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.into(),
            until: self.until,
            conflict: self.conflict,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_a_policy_passed_over_is_forbidden_and_a_fault_of_ours_is_not() {
        let answer = |cause: sqlx::Error| {
            let refusal = ApiError::from(cause);
            (refusal.status().as_u16(), refusal.code())
        };
        assert_eq!(answer(sqlx::Error::RowNotFound), (403, "forbidden"));
        assert_eq!(answer(sqlx::Error::ColumnNotFound("x".into())), (500, "internal"));
        assert_eq!(answer(sqlx::Error::PoolClosed), (503, "database_unavailable"));
    }
}
