//! Why somebody's data is asked for: read from the header `Access-Reason` and held to its rules.
//! It deliberately does not judge whether the reason is a good one; people who read the trail do.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use shared::audit::{ACCESS_REASON, REASON_MAX_CHARACTERS, REASON_MIN_CHARACTERS, decode_reason};
use unicode_normalization::UnicodeNormalization;

use crate::platform::error::{ApiError, ApiResult};

/// A stated reason, long enough to mean something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the trail keeps it: runs of nine digits or more (identity and phone numbers) are masked. The database masks them
    /// by the same rule (`append_audit`), for whoever writes there without us.
    pub fn masked(&self) -> Self {
        let mut masked = String::with_capacity(self.0.len());
        let mut rest = self.0.as_str();
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, from) = rest.split_at(start);
            let (end, digits) = digit_run(from);
            masked.push_str(before);
            masked.push_str(if digits >= LONG_RUN { "•••" } else { &from[..end] });
            rest = &from[end..];
        }
        masked.push_str(rest);
        Self(masked)
    }

    /// Trims, composes (NFC) and counts characters. Nothing for a text that explains nothing: too short, too long, or the
    /// same character again and again.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().filter(|c| !c.is_control()).collect();
        let length = text.chars().count();
        let varied = text.chars().any(|c| !text.starts_with(c));
        ((REASON_MIN_CHARACTERS..=REASON_MAX_CHARACTERS).contains(&length) && varied).then_some(Self(text))
    }
}

/// Digits of a number that may be somebody's.
const LONG_RUN: usize = 9;

/// How far a run of digits goes, single blanks, dots and dashes between them included; and how many digits it has.
fn digit_run(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut end, mut digits) = (1, 1);
    loop {
        let separator = usize::from(bytes.get(end).is_some_and(|byte| b" .-".contains(byte)));
        if !is_digit(end + separator) {
            return (end, digits);
        }
        (end, digits) = (end + separator + 1, digits + 1);
    }
}

/// The header as it came, if it came: an extractor that never refuses, because whether a reason is needed depends on whom
/// the caller asks for.
#[derive(Debug, Clone, Default)]
pub struct AccessReason(Option<String>);

impl AccessReason {
    /// The stated reason, or none: for looks that need none. One that breaks the rules counts as none.
    pub fn optional(&self) -> Option<Reason> {
        self.0.as_deref().and_then(Reason::parse)
    }

    /// The stated reason, or 422 with `code`.
    pub fn required(&self, code: &'static str) -> ApiResult<Reason> {
        self.optional().ok_or_else(|| {
            let detail = format!(
                "state why, in {REASON_MIN_CHARACTERS} to {REASON_MAX_CHARACTERS} characters, in the header {ACCESS_REASON} (UTF-8, percent-encoded)"
            );
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for AccessReason {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(ACCESS_REASON);
        Ok(Self(header.and_then(|value| decode_reason(value.as_bytes()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_characters_are_counted_as_people_count() {
        assert!(Reason::parse("Xác minh").is_some(), "eight characters, ten bytes");
        assert!(Reason::parse("cư trú ").is_none());
        assert_eq!(Reason::parse("  Xa\u{301}c  minh\ncư trú ").unwrap().as_str(), "Xác minh cư trú");
    }

    #[test]
    fn padding_is_not_a_reason() {
        for text in ["        ", "........", "aaaaaaaaaaaa", "x", "\u{0}\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}"] {
            assert_eq!(Reason::parse(text), None, "{text:?}");
        }
        assert_eq!(Reason::parse(&"ab ".repeat(300)), None, "too long");
    }

    #[test]
    fn long_numbers_are_masked_and_short_ones_kept() {
        let masked = |text: &str| Reason::parse(text).unwrap().masked().0;
        assert_eq!(masked("Tìm người có CCCD 001 299 012 345, gọi 0999.777.123"), "Tìm người có CCCD •••, gọi •••");
        assert_eq!(masked("theo đơn số 12, ngõ 34/6, 21-11-2026"), "theo đơn số 12, ngõ 34/6, 21-11-2026");
        assert_eq!(masked("số 123456789"), "số •••");
        assert_eq!(masked("12345  67890"), "12345 67890".replace("12345 67890", "•••"), "blanks were joined before");
    }

    #[test]
    fn a_missing_reason_is_answered_with_the_code_asked_for() {
        let refusal = AccessReason::default().required("residents.reason_required").unwrap_err();
        assert_eq!((refusal.status().as_u16(), refusal.code()), (422, "residents.reason_required"));
    }
}
