//! All SQL of accounts and sessions. Requests come as `ioc_app`, which reaches these tables through functions that
//! apply the rules; the command line comes as owner.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use shared::area::{AreaId, AreaKind};
use shared::session::{Role, SessionArea};
use sqlx::{FromRow, PgConnection, PgPool};
use tracing::warn;
use uuid::Uuid;

use super::caller::{Account, Appointment};
use super::sign_in::Candidate;
use super::{Caller, SessionToken};

/// Puts the caller's token and the request's id into the transaction, where policies and triggers find them.
pub async fn carry(transaction: &mut PgConnection, token: Option<&SessionToken>, request_id: Uuid) -> sqlx::Result<()> {
    sqlx::query("select set_config('ioc.session_token', $1, true), set_config('ioc.request_id', $2, true)")
        .bind(token.map_or("", SessionToken::secret))
        .bind(request_id.to_string())
        .execute(transaction)
        .await?;
    Ok(())
}

#[derive(FromRow)]
struct CallerRow {
    session_id: i64,
    account_id: i64,
    login: String,
    display_name: String,
    is_demo: bool,
    expires_at: DateTime<Utc>,
    role: Option<String>,
    area_id: Option<i32>,
    until_at: Option<DateTime<Utc>>,
    subtree: Vec<i32>,
}

/// Whose session it is, with the appointments of now and the areas below each; nothing for a token that is not alive.
///
/// One statement, so that areas and appointments are of the same moment.
pub async fn find_caller(app: &PgPool, token_hash: &[u8; 32]) -> sqlx::Result<Option<Caller>> {
    let rows: Vec<CallerRow> = sqlx::query_as(
        "with recursive who as (select * from who_is($1)),
         below (root, id) as (
            select distinct area_id, area_id from who where area_id is not null
            union
            select b.root, a.id from area a join below b on a.parent_id = b.id)
         select w.*, array(select b.id from below b where b.root = w.area_id) as subtree from who w",
    )
    .bind(token_hash.as_slice())
    .fetch_all(app)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let account = Account {
        id: first.account_id,
        session_id: first.session_id,
        login: first.login.clone(),
        display_name: first.display_name.clone(),
        is_demo: first.is_demo,
        session_expires_at: first.expires_at,
    };
    Ok(Some(Caller::new(account, rows.into_iter().filter_map(appointment).collect())))
}

/// An account without appointments comes as one row without role and area.
fn appointment(row: CallerRow) -> Option<Appointment> {
    let (name, area_id) = (row.role?, row.area_id?);
    match name.parse() {
        Ok(role) => Some(Appointment { role, area_id, until: row.until_at, subtree: row.subtree.into_iter().collect() }),
        Err(_) => {
            warn!(account.id = row.account_id, role = name, "an appointment has a role that this version does not know; it is left aside");
            None
        }
    }
}

/// The area's code, name and kind, for showing where somebody is appointed.
pub async fn areas(connection: &mut PgConnection, ids: &[i32]) -> sqlx::Result<Vec<SessionArea>> {
    let rows: Vec<(i32, String, String, String)> =
        sqlx::query_as("select id, code, name, kind from area where id = any($1) order by id").bind(ids).fetch_all(connection).await?;
    let areas = rows.into_iter().filter_map(|(id, code, name, kind)| {
        let kind = match kind.as_str() {
            "province" => AreaKind::Province,
            "ward" => AreaKind::Ward,
            "tdp" => AreaKind::Tdp,
            _ => return None,
        };
        Some(SessionArea { id: AreaId(id), code, name, kind })
    });
    Ok(areas.collect())
}

#[derive(FromRow)]
struct CandidateRow {
    account_id: i64,
    password_hash: String,
    totp_secret_encrypted: Option<Vec<u8>>,
    totp_last_step: Option<i64>,
    is_demo: bool,
    disabled_at: Option<DateTime<Utc>>,
    locked_until: Option<DateTime<Utc>>,
    roles: Vec<String>,
}

/// The account behind a login, for signing in.
pub async fn find_candidate(app: &PgPool, login: &str) -> sqlx::Result<Option<Candidate>> {
    let row: Option<CandidateRow> = sqlx::query_as(
        "select account_id, password_hash, totp_secret_encrypted, totp_last_step, is_demo, disabled_at, locked_until, roles
         from find_account_to_sign_in($1)",
    )
    .bind(login)
    .fetch_optional(app)
    .await?;
    Ok(row.map(|row| Candidate {
        account_id: row.account_id,
        password_hash: row.password_hash,
        totp_secret_encrypted: row.totp_secret_encrypted,
        totp_last_step: row.totp_last_step,
        is_demo: row.is_demo,
        disabled_at: row.disabled_at,
        locked_until: row.locked_until,
        roles: row.roles.iter().filter_map(|role| role.parse().ok()).collect(),
    }))
}

/// Counts a failed attempt; until when the account is locked now, if it is.
pub async fn record_failure(
    connection: &mut PgConnection,
    account_id: i64,
    lock_after: i32,
    lock_for: TimeDelta,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar("select record_failed_sign_in($1, $2, make_interval(secs => $3))")
        .bind(account_id)
        .bind(lock_after)
        .bind(lock_for.as_seconds_f64())
        .fetch_one(connection)
        .await
}

pub async fn open_session(
    connection: &mut PgConnection,
    account_id: i64,
    token: &SessionToken,
    lives_for: TimeDelta,
    address: IpAddr,
    used_totp_step: Option<i64>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar("select open_session($1, $2, make_interval(secs => $3), $4::text::inet, $5)")
        .bind(account_id)
        .bind(token.hash().as_slice())
        .bind(lives_for.as_seconds_f64())
        .bind(address.to_string())
        .bind(used_totp_step)
        .fetch_one(connection)
        .await
}

/// Ends the caller's session, or all sessions of the caller's account; how many.
pub async fn end_sessions(connection: &mut PgConnection, everywhere: bool) -> sqlx::Result<i32> {
    sqlx::query_scalar("select end_sessions($1)").bind(everywhere).fetch_one(connection).await
}

/// What a second factor's secret is encrypted for.
pub fn totp_context(login: &str) -> String {
    format!("account.totp_secret {login}")
}

/// An account to be. As owner.
pub struct NewAccount<'a> {
    pub login: &'a str,
    pub display_name: &'a str,
    pub password_hash: &'a str,
    pub totp_secret_encrypted: Option<&'a [u8]>,
    pub is_demo: bool,
}

pub async fn add_account(connection: &mut PgConnection, account: &NewAccount<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into account (login, display_name, password_hash, totp_secret_encrypted, is_demo)
         values ($1, $2, $3, $4, $5) returning id",
    )
    .bind(account.login)
    .bind(account.display_name)
    .bind(account.password_hash)
    .bind(account.totp_secret_encrypted)
    .bind(account.is_demo)
    .fetch_one(connection)
    .await
}

/// An account as the command line sees it.
#[derive(Debug)]
pub struct KnownAccount {
    pub id: i64,
    pub is_demo: bool,
    pub has_code: bool,
    pub has_ended: bool,
    /// Roles of appointments that have not ended.
    pub roles: Vec<Role>,
}

pub async fn find_account(connection: &mut PgConnection, login: &str) -> sqlx::Result<Option<KnownAccount>> {
    let row: Option<(i64, bool, bool, bool, Vec<String>)> = sqlx::query_as(
        "select id, is_demo, totp_secret_encrypted is not null, disabled_at is not null,
            array(select distinct role from appointment p where p.account_id = a.id and (until_at is null or until_at > clock_timestamp()))
         from account a where login = $1",
    )
    .bind(login)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(id, is_demo, has_code, has_ended, roles)| KnownAccount {
        id,
        is_demo,
        has_code,
        has_ended,
        roles: roles.iter().filter_map(|role| role.parse().ok()).collect(),
    }))
}

pub async fn demo_account(connection: &mut PgConnection, login: &str) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select id from account where login = $1 and is_demo").bind(login).fetch_optional(connection).await
}

/// Disables them and ends their sessions; how many were in force.
pub async fn disable_demo_accounts(connection: &mut PgConnection) -> sqlx::Result<u64> {
    sqlx::query(
        "update session s set ended_at = clock_timestamp() from account a where a.id = s.account_id and a.is_demo and s.ended_at is null",
    )
    .execute(&mut *connection)
    .await?;
    let done =
        sqlx::query("update account set disabled_at = clock_timestamp() where is_demo and disabled_at is null").execute(connection).await?;
    Ok(done.rows_affected())
}

/// Demo accounts in force with an appointment of today.
pub async fn count_appointed_demo_accounts(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from account a where a.is_demo and a.disabled_at is null and exists (select from appointment p
            where p.account_id = a.id and p.from_at <= clock_timestamp() and (p.until_at is null or p.until_at > clock_timestamp()))",
    )
    .fetch_one(connection)
    .await
}

pub async fn is_appointed(connection: &mut PgConnection, account_id: i64, role: Role, area_id: i32) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from appointment where account_id = $1 and role = $2 and area_id = $3
            and (until_at is null or until_at > clock_timestamp()))",
    )
    .bind(account_id)
    .bind(role.name())
    .bind(area_id)
    .fetch_one(connection)
    .await
}

pub async fn appoint(
    connection: &mut PgConnection,
    account_id: i64,
    role: Role,
    area_id: i32,
    until: Option<DateTime<Utc>>,
    basis: &str,
) -> sqlx::Result<()> {
    sqlx::query("insert into appointment (account_id, role, area_id, until_at, basis) values ($1, $2, $3, $4, $5)")
        .bind(account_id)
        .bind(role.name())
        .bind(area_id)
        .bind(until)
        .bind(basis)
        .execute(connection)
        .await?;
    Ok(())
}

/// New password, neither locked nor ended any more, every session ended; a new second factor where one is given, the old one kept
/// otherwise.
pub async fn reset_account(
    connection: &mut PgConnection,
    account_id: i64,
    password_hash: &str,
    totp_secret_encrypted: Option<&[u8]>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update account set password_hash = $2, failed_attempts = 0, locked_until = null, disabled_at = null,
            totp_last_step = case when $3::bytea is null then totp_last_step end,
            totp_secret_encrypted = coalesce($3, totp_secret_encrypted)
         where id = $1",
    )
    .bind(account_id)
    .bind(password_hash)
    .bind(totp_secret_encrypted)
    .execute(&mut *connection)
    .await?;
    sqlx::query("update session set ended_at = clock_timestamp() where account_id = $1 and ended_at is null")
        .bind(account_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// An account with what it is appointed to, as `ioc account list` shows it.
#[derive(Debug, FromRow)]
pub struct ListedAccount {
    pub login: String,
    pub display_name: String,
    pub is_demo: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    pub locked_until: Option<DateTime<Utc>>,
    /// Of the appointment; none where there is none that has not ended.
    pub role: Option<String>,
    pub area_code: Option<String>,
    pub area_name: Option<String>,
    pub until_at: Option<DateTime<Utc>>,
}

/// All accounts by login, a row for each appointment that has not ended, and one row for whoever has none.
pub async fn list_accounts(connection: &mut PgConnection) -> sqlx::Result<Vec<ListedAccount>> {
    sqlx::query_as(
        "select a.login, a.display_name, a.is_demo, a.disabled_at, a.locked_until, p.role, r.code as area_code, r.name as area_name, p.until_at
         from account a
         left join appointment p on p.account_id = a.id and (p.until_at is null or p.until_at > clock_timestamp())
         left join area r on r.id = p.area_id
         order by a.login, r.code, p.role, p.id",
    )
    .fetch_all(connection)
    .await
}

/// Disables an account and ends its sessions; false: it was disabled already.
pub async fn disable_account(connection: &mut PgConnection, account_id: i64) -> sqlx::Result<bool> {
    sqlx::query("update session set ended_at = clock_timestamp() where account_id = $1 and ended_at is null")
        .bind(account_id)
        .execute(&mut *connection)
        .await?;
    let disabled = sqlx::query("update account set disabled_at = clock_timestamp() where id = $1 and disabled_at is null")
        .bind(account_id)
        .execute(connection)
        .await?;
    Ok(disabled.rows_affected() == 1)
}

/// Ends the account's appointments, or only those to this role in the area of this code; the areas of those that ended.
///
/// An area that was redrawn since has the code too, so the code is asked for and not the area of today. One that has not begun
/// ends as it begins.
pub async fn end_appointments(connection: &mut PgConnection, account_id: i64, only: Option<(Role, &str)>) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar(
        "update appointment p set until_at = greatest(clock_timestamp(), p.from_at + interval '1 microsecond')
         from area r
         where r.id = p.area_id and p.account_id = $1 and (p.until_at is null or p.until_at > clock_timestamp())
           and ($2::text is null or p.role = $2 and r.code = $3)
         returning p.area_id",
    )
    .bind(account_id)
    .bind(only.map(|(role, _)| role.name()))
    .bind(only.map(|(_, code)| code))
    .fetch_all(connection)
    .await
}

pub async fn area_by_code(connection: &mut PgConnection, code: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar("select id from area where code = $1 and valid_to is null").bind(code).fetch_optional(connection).await
}

/// The current TDPs of a ward in the order of their numbers: codes of one ward differ in their last digits.
pub async fn tdps_of(connection: &mut PgConnection, ward_area_id: i32) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar("select id from area where parent_id = $1 and kind = 'tdp' and valid_to is null order by length(code), code, id")
        .bind(ward_area_id)
        .fetch_all(connection)
        .await
}
