//! Passwords: hashed with argon2id, checked off the request threads, a few at a time.
//! It deliberately knows no account; what a wrong password leads to is decided in `sign_in`.

use std::sync::OnceLock;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, anyhow};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::http::StatusCode;
use rand::seq::IndexedRandom;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::platform::error::{ApiError, ApiResult};

/// Fewest characters of a password that people choose.
pub const MIN_CHARACTERS: usize = 12;
/// Beyond this it is not a password but an attempt to keep us busy.
const MAX_BYTES: usize = 1024;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Letters and digits that are not mistaken for one another when read out or copied by hand.
const LEGIBLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// An argon2id hash (19 MiB, 2 passes: OWASP's figures) as PHC string.
pub async fn hash(password: &str) -> anyhow::Result<String> {
    let password = normalise(password);
    spawn_blocking(move || hash_now(&password)).await?
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let hash = Argon2::default().hash_password(password.as_bytes()).map_err(|cause| anyhow!("hashing a password failed: {cause}"))?;
    Ok(hash.to_string())
}

/// Keyboards compose Vietnamese letters differently; the same password is the same whichever was used.
fn normalise(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// A password of about 99 bits that can be read out over the telephone.
pub fn generate() -> String {
    let mut rng = rand::rng();
    let mut group = || -> String { (0..5).map(|_| *LEGIBLE.choose(&mut rng).expect("letters") as char).collect() };
    [group(), group(), group(), group()].join("-")
}

/// Checks passwords, as many at once as there are processors: each takes 19 MiB and tens of milliseconds.
pub struct Checker {
    turns: Semaphore,
    nobody: OnceLock<String>,
}

impl Default for Checker {
    fn default() -> Self {
        Self { turns: Semaphore::new(available_parallelism().map_or(2, Into::into)), nobody: OnceLock::new() }
    }
}

impl Checker {
    /// Whether `password` is the one that was hashed. Without a hash (an unknown login) the same work is done for nothing,
    /// so that the time taken does not tell.
    pub async fn check(&self, password: &str, stored: Option<&str>) -> ApiResult<bool> {
        let turn = timeout(LONGEST_WAIT, self.turns.acquire()).await.map_err(|_| busy())?.context("nobody closes the turns")?;
        let hash = match stored {
            Some(hash) => hash.to_owned(),
            None => self.nobody().await?,
        };
        let is_somebody = stored.is_some();
        let password = normalise(password);
        let matches = spawn_blocking(move || -> anyhow::Result<bool> {
            let hash = PasswordHash::new(&hash).map_err(|cause| anyhow!("a stored password hash is damaged: {cause}"))?;
            let fits = password.len() <= MAX_BYTES;
            let tried = if fits { password.as_bytes() } else { b"" };
            Ok(Argon2::default().verify_password(tried, &hash).is_ok() && fits)
        })
        .await
        .context("checking a password was cut short")??;
        drop(turn);
        Ok(matches && is_somebody)
    }

    /// The hash of a password that nobody has.
    async fn nobody(&self) -> anyhow::Result<String> {
        if let Some(hash) = self.nobody.get() {
            return Ok(hash.clone());
        }
        let hash = hash(&generate()).await?;
        Ok(self.nobody.get_or_init(|| hash).clone())
    }

    /// Prepares the stand-in for unknown logins, so that not even the first one takes longer.
    pub async fn warm_up(&self) -> anyhow::Result<()> {
        self.nobody().await.map(drop)
    }
}

/// Code: `accounts.busy`.
fn busy() -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "accounts.busy", "too many people are signing in at this moment; try again shortly")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let stored = hash("mật khẩu của tôi").await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        let checker = Checker::default();
        assert!(checker.check("mật khẩu của tôi", Some(&stored)).await.unwrap());
        assert!(!checker.check("mật khẩu của toi", Some(&stored)).await.unwrap());
        assert!(!checker.check(&"x".repeat(5000), Some(&stored)).await.unwrap());
        assert!(!checker.check("mật khẩu của tôi", None).await.unwrap());
    }

    #[tokio::test]
    async fn decomposed_letters_are_the_same_password() {
        let stored = hash("mật khẩu của tôi").await.unwrap();
        let decomposed: String = "mật khẩu của tôi".nfd().collect();
        assert!(Checker::default().check(&decomposed, Some(&stored)).await.unwrap());
    }

    #[test]
    fn generated_passwords_are_legible_and_differ() {
        let password = generate();
        assert_eq!(password.len(), 23);
        assert!(password.bytes().all(|b| b == b'-' || LEGIBLE.contains(&b)));
        assert_ne!(password, generate());
    }
}
