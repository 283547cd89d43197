//! The audit trail as people read it, and how a reason travels in the header `Access-Reason`.
//! How entries are chained and signed is the server's business.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::area::AreaId;

/// Request header that carries why somebody's data is asked for.
///
/// A header holds ASCII, a reason is Vietnamese: it is UTF-8, percent-encoded ([`encode_reason`], in a browser
/// `encodeURIComponent`). Plain ASCII without `%` passes unchanged.
pub const ACCESS_REASON: &str = "Access-Reason";

/// Fewest characters (not bytes) of a reason that explains anything.
pub const REASON_MIN_CHARACTERS: usize = 8;
pub const REASON_MAX_CHARACTERS: usize = 500;

/// For how long one stated reason covers the searches that follow it, in seconds.
pub const SEARCH_REASON_LASTS_S: i64 = 15 * 60;

/// Percent-encodes what a header cannot carry, and `%` itself.
pub fn encode_reason(reason: &str) -> String {
    let mut encoded = String::with_capacity(reason.len());
    for byte in reason.bytes() {
        match byte {
            b'%' | 0..=0x1f | 0x7f.. => encoded.push_str(&format!("%{byte:02X}")),
            _ => encoded.push(byte as char),
        }
    }
    encoded
}

/// The reason that a header's bytes spell; nothing where they are not UTF-8. A `%` that begins no byte stands for itself.
pub fn decode_reason(header: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(header.len());
    let mut rest = header;
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2).and_then(hex_byte)).flatten();
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    Some((digit(digits[0])? * 16 + digit(digits[1])?) as u8)
}

/// What `GET /api/audit` answers, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditTrail {
    pub entries: Vec<AuditEntry>,
    /// Hand back as `cursor` for the entries before these; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Who asked for whose data, when, why, and whether it was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The login as it was then; absent for somebody who had not signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// For example `open_household`.
    pub action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_id: Option<AreaId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub outcome: AuditOutcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    Allowed,
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_ascii_passes_unchanged() {
        assert_eq!(encode_reason("Check of residence, case 12"), "Check of residence, case 12");
        assert_eq!(decode_reason(b"Check of residence, case 12").unwrap(), "Check of residence, case 12");
    }

    #[test]
    fn vietnamese_comes_back_as_it_went() {
        let encoded = encode_reason("Xác minh cư trú");
        assert_eq!(encoded, "X%C3%A1c minh c%C6%B0 tr%C3%BA");
        assert_eq!(decode_reason(encoded.as_bytes()).unwrap(), "Xác minh cư trú");
        assert_eq!(decode_reason("Xác minh cư trú".as_bytes()).unwrap(), "Xác minh cư trú", "raw UTF-8 bytes are read too");
    }

    #[test]
    fn a_lone_percent_sign_stands_for_itself() {
        assert_eq!(decode_reason(b"100% sure").unwrap(), "100% sure");
        assert_eq!(decode_reason(b"100%").unwrap(), "100%");
        assert_eq!(decode_reason(b"%ff"), None, "not UTF-8");
    }

    proptest! {
        #[test]
        fn any_reason_survives_the_header(reason in ".*") {
            let encoded = encode_reason(&reason);
            prop_assert!(encoded.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(decode_reason(encoded.as_bytes()), Some(reason));
        }
    }
}
