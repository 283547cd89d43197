//! The body of every refused request: RFC 9457 problem details with a stable code.
//! It deliberately holds no translation; screens translate the code.

use serde::{Deserialize, Serialize};

use crate::edit::Conflict;

/// `application/problem+json` (RFC 9457) with our stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: the code says which problem it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    pub status: u16,
    /// What happened, to which thing, what to do.
    pub detail: String,
    /// Stable, `domain.what_happened`; the screen translates it.
    pub code: String,
    /// Until when a lock or a limit holds, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<chrono::DateTime<chrono::Utc>>,
    /// With `edit.conflict`: what is in force instead, and who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Box<Conflict>>,
}
