//! Signing in: from a login and a password to an open session, or to a refusal that tells nobody which logins exist.
//! Passwords, codes and limits have their own files; here is the order in which they are asked.

use std::net::IpAddr;

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use shared::audit::AuditOutcome;
use shared::session::{Role, SignIn};
use tokio::time::{Instant, sleep_until};
use tracing::info;
use uuid::Uuid;

use super::{Accounts, SessionToken, audit, db, matrix, one_time_code};
use crate::platform::error::{ApiError, ApiResult};

/// An account as signing in needs it.
#[derive(Debug)]
pub struct Candidate {
    pub account_id: i64,
    pub password_hash: String,
    pub totp_secret_encrypted: Option<Vec<u8>>,
    pub totp_last_step: Option<i64>,
    pub is_demo: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub locked_until: Option<DateTime<Utc>>,
    pub roles: Vec<Role>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// Wrong password, unknown login, disabled account: nobody learns which.
    Mismatch,
    Locked(DateTime<Utc>),
    CodeRequired,
    CodeMismatch,
    NotEnrolled,
}

/// Where an attempt comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    pub request_id: Uuid,
    /// The session this browser had; the new one replaces it.
    pub previous: Option<SessionToken>,
}

/// Opens a session for whoever proves to be `request.login`.
pub async fn sign_in(accounts: &Accounts, request: &SignIn, origin: Origin) -> ApiResult<SessionToken> {
    let started = Instant::now();
    let login = request.login.trim().to_lowercase();
    accounts.attempts().admit(origin.address, &login)?;
    let refusal = match attempt(accounts, &login, request, &origin).await? {
        Ok(token) => return Ok(token),
        Err(refusal) => refusal,
    };
    sleep_until(started + accounts.attempts().limits().refusal_takes).await;
    Err(answer(refusal, accounts.now()))
}

async fn attempt(accounts: &Accounts, login: &str, request: &SignIn, origin: &Origin) -> ApiResult<Result<SessionToken, Refusal>> {
    let candidate = db::find_candidate(accounts.app_pool(), login).await?;
    let locked_until = match &candidate {
        Some(candidate) => candidate.locked_until,
        None => accounts.attempts().unknown_login_locked_until(login),
    };
    if let Some(until) = still_locked(locked_until, accounts.now()) {
        return Ok(Err(Refusal::Locked(until)));
    }
    let stored = candidate.as_ref().map(|candidate| candidate.password_hash.as_str());
    let password_matches = accounts.passwords().check(&request.password, stored).await?;
    let account_id = candidate.as_ref().map(|candidate| candidate.account_id);
    let Some(candidate) = candidate.filter(|candidate| password_matches && may_sign_in(candidate, accounts.is_demo())) else {
        return Ok(Err(failed(accounts, login, account_id, Refusal::Mismatch, origin).await?));
    };
    let step = match check_code(accounts, login, &candidate, request.code.as_deref())? {
        Ok(step) => step,
        Err(Refusal::CodeMismatch) => return Ok(Err(failed(accounts, login, account_id, Refusal::CodeMismatch, origin).await?)),
        Err(refusal) => return Ok(Err(refusal)),
    };
    open(accounts, &candidate, step, origin).await
}

fn still_locked(locked_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    locked_until.filter(|until| now < *until)
}

fn may_sign_in(candidate: &Candidate, demo: bool) -> bool {
    candidate.disabled_at.is_none() && (demo || !candidate.is_demo)
}

/// Whether a second factor is asked: of roles that need one, and of whoever has enrolled. Never in demo mode, whose
/// password everybody knows.
fn asks_code(candidate: &Candidate, demo: bool) -> bool {
    !demo && (candidate.totp_secret_encrypted.is_some() || candidate.roles.iter().any(|role| matrix::needs_code(*role)))
}

/// The time step that the code used up; none where no code is asked.
fn check_code(accounts: &Accounts, login: &str, candidate: &Candidate, code: Option<&str>) -> anyhow::Result<Result<Option<i64>, Refusal>> {
    if !asks_code(candidate, accounts.is_demo()) {
        return Ok(Ok(None));
    }
    let Some(encrypted) = &candidate.totp_secret_encrypted else { return Ok(Err(Refusal::NotEnrolled)) };
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else { return Ok(Err(Refusal::CodeRequired)) };
    let secret = accounts.secrets().decrypt(encrypted, &db::totp_context(login))?;
    let step = one_time_code::matched_step(&secret, login, code, accounts.now())?;
    let fresh = step.filter(|step| candidate.totp_last_step.is_none_or(|last| last < *step));
    Ok(fresh.map(Some).ok_or(Refusal::CodeMismatch))
}

/// Counts a failed attempt; at the last one allowed, the answer is the lock.
async fn failed(accounts: &Accounts, login: &str, account_id: Option<i64>, refusal: Refusal, origin: &Origin) -> ApiResult<Refusal> {
    let limits = accounts.attempts().limits();
    let locked_until = match account_id {
        Some(account_id) => {
            let mut transaction = accounts.app_pool().begin().await?;
            let until = db::record_failure(&mut transaction, account_id, limits.lock_after, limits.lock_for).await?;
            db::carry(&mut transaction, None, origin.request_id).await?;
            audit::record_sign_in(&mut transaction, account_id, AuditOutcome::Refused).await?;
            transaction.commit().await?;
            until
        }
        // Not in the trail: what was typed as a login may be a password.
        None => accounts.attempts().unknown_login_failed(login),
    };
    Ok(still_locked(locked_until, accounts.now()).map_or(refusal, Refusal::Locked))
}

async fn open(accounts: &Accounts, candidate: &Candidate, step: Option<i64>, origin: &Origin) -> ApiResult<Result<SessionToken, Refusal>> {
    let token = SessionToken::generate();
    let lives_for = accounts.attempts().limits().session_lives_for;
    let mut transaction = accounts.app_pool().begin().await?;
    if let Some(previous) = &origin.previous {
        db::carry(&mut transaction, Some(previous), origin.request_id).await?;
        db::end_sessions(&mut transaction, false).await?;
    }
    let account_id = candidate.account_id;
    match db::open_session(&mut transaction, account_id, &token, lives_for, origin.address, step).await {
        // Two attempts with one code at the same moment: the database lets one of them in.
        Err(sqlx::Error::Database(cause)) if cause.constraint() == Some("totp_code_used_once") => {
            return Ok(Err(Refusal::CodeMismatch));
        }
        other => other?,
    };
    db::carry(&mut transaction, Some(&token), origin.request_id).await?;
    audit::record_sign_in(&mut transaction, account_id, AuditOutcome::Allowed).await?;
    transaction.commit().await?;
    info!(account.id = account_id, "somebody signed in");
    Ok(Ok(token))
}

fn answer(refusal: Refusal, now: DateTime<Utc>) -> ApiError {
    let unauthorized = |code, detail: &str| ApiError::new(StatusCode::UNAUTHORIZED, code, detail);
    match refusal {
        Refusal::Mismatch => unauthorized("accounts.sign_in_refused", "login and password do not match; check both and try again"),
        Refusal::Locked(until) => {
            ApiError::new(StatusCode::LOCKED, "accounts.locked", "too many wrong attempts; the account is locked for a while")
                .until(until, now)
        }
        Refusal::CodeRequired => unauthorized(
            "accounts.code_required",
            "this account also asks for the six digits of its authenticator app; send them as `code`",
        ),
        Refusal::CodeMismatch => {
            unauthorized("accounts.code_refused", "the six digits are not those of now, or were used before; wait for the next ones")
        }
        Refusal::NotEnrolled => ApiError::new(
            StatusCode::FORBIDDEN,
            "accounts.code_not_enrolled",
            "this role signs in with an authenticator app and none is enrolled; an administrator runs `ioc account reset`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap()
    }

    fn candidate(roles: &[Role]) -> Candidate {
        Candidate {
            account_id: 1,
            password_hash: String::new(),
            totp_secret_encrypted: None,
            totp_last_step: None,
            is_demo: false,
            disabled_at: None,
            locked_until: None,
            roles: roles.to_vec(),
        }
    }

    #[test]
    fn demo_accounts_exist_in_demo_mode_only() {
        let demo = Candidate { is_demo: true, ..candidate(&[Role::Leader]) };
        assert!(may_sign_in(&demo, true) && !may_sign_in(&demo, false));
        let disabled = Candidate { disabled_at: Some(now()), ..candidate(&[]) };
        assert!(!may_sign_in(&disabled, true));
    }

    #[test]
    fn who_is_asked_for_a_code() {
        for (role, asked) in
            [(Role::Police, true), (Role::Leader, true), (Role::Admin, true), (Role::TdpHead, false), (Role::Operator, false)]
        {
            assert_eq!(asks_code(&candidate(&[role]), false), asked, "{role}");
            assert!(!asks_code(&candidate(&[role]), true), "{role} in demo mode");
        }
        let enrolled = Candidate { totp_secret_encrypted: Some(vec![1]), ..candidate(&[Role::OneStop]) };
        assert!(asks_code(&enrolled, false), "whoever enrolled is asked");
    }

    #[test]
    fn a_lock_ends_when_it_says() {
        assert_eq!(still_locked(Some(now()), now()), None);
        assert_eq!(still_locked(Some(now() + TimeDelta::seconds(1)), now()), Some(now() + TimeDelta::seconds(1)));
        assert_eq!(still_locked(None, now()), None);
    }
}
