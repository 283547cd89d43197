//! The second factor: time-based one-time codes (RFC 6238) of an authenticator app.
//! It keeps nothing: secrets are stored encrypted by `db`, and the database remembers which step was used last.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret, Totp};

const ISSUER: &str = "Phuong IOC";

/// 160 bits, as RFC 4226 recommends.
pub fn new_secret() -> [u8; 20] {
    rand::random()
}

/// The time step of `code`, if it is one of now (30 s, one step early or late); nothing otherwise. The caller refuses a
/// step that was used before.
pub fn matched_step(secret: &[u8], login: &str, code: &str, now: DateTime<Utc>) -> anyhow::Result<Option<i64>> {
    let seconds = u64::try_from(now.timestamp())?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    Ok(generator(secret, login)?.check(&digits, seconds).map(|step| step as i64))
}

/// The `otpauth://` address that an authenticator app takes, as text or drawn as a QR code.
pub fn enrolment_url(secret: &[u8], login: &str) -> anyhow::Result<String> {
    generator(secret, login)?.to_url().map_err(|cause| anyhow!("no enrolment address: {cause}"))
}

/// The secret as people type it into an app.
pub fn spelled_out(secret: &[u8]) -> String {
    Secret::new(secret.into()).to_base32()
}

fn generator(secret: &[u8], login: &str) -> anyhow::Result<Totp> {
    Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_issuer(Some(ISSUER))
        .with_account_name(login)
        .build()
        .map_err(|cause| anyhow!("a one-time code cannot be made: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: secret "12345678901234567890", SHA-1; its eight digits end in these six.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_of_the_standard_are_accepted() {
        for (seconds, code) in [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")] {
            assert_eq!(matched_step(SECRET, "congan", code, at(seconds)).unwrap(), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_holds_one_step_early_or_late_and_no_longer() {
        assert_eq!(matched_step(SECRET, "congan", "005 924", at(1234567890 + 30)).unwrap(), Some(41152263));
        assert_eq!(matched_step(SECRET, "congan", "005924", at(1234567890 + 90)).unwrap(), None);
        assert_eq!(matched_step(SECRET, "congan", "", at(1234567890)).unwrap(), None);
        assert_eq!(matched_step(SECRET, "congan", "００５９２４", at(1234567890)).unwrap(), None);
    }

    #[test]
    fn the_enrolment_address_names_account_and_issuer() {
        let url = enrolment_url(SECRET, "congan").unwrap();
        assert!(url.starts_with("otpauth://totp/") && url.contains("congan") && url.contains("issuer=Phuong"), "{url}");
        assert!(url.contains(&spelled_out(SECRET)), "{url}");
    }
}
