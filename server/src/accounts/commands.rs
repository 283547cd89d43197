//! `ioc account add`, `appoint`, `reset`, `list`, `leave` and `end`: what an administrator does at the machine itself.
//! Passwords come from standard input or are made here; they are never arguments, which other users of the machine can read.

use std::io::{BufRead, Write};

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use shared::session::Role;
use sqlx::PgPool;

use super::db::{self, NewAccount};
use super::{audit, matrix, one_time_code, password};
use crate::platform::clock::Clock;
use crate::platform::secrets::Secrets;

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Adds an account and appoints it to a role in an area
    Add(AddAccount),
    /// Appoints an account to a further role or area
    Appoint(AppointAccount),
    /// Gives an account a new password (and a new authenticator secret), unlocks it and ends its sessions; lets one that has ended in again
    Reset(ResetAccount),
    /// Lists the accounts with their appointments
    List,
    /// Ends an account's appointment to one role in one area; what else it is appointed to goes on
    Leave(LeaveRole),
    /// Ends an account: all its appointments and sessions, at once; what it did stays in the record
    End(EndAccount),
}

#[derive(Debug, Args)]
pub struct AddAccount {
    /// Lower-case letters, digits, dot, dash, underscore
    pub login: String,
    /// The name that others see
    #[arg(long)]
    pub name: String,
    #[command(flatten)]
    pub appointment: AppointmentArgs,
    /// Read the password from the first line of standard input instead of making one
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Args)]
pub struct AppointAccount {
    pub login: String,
    #[command(flatten)]
    pub appointment: AppointmentArgs,
}

#[derive(Debug, Args)]
pub struct AppointmentArgs {
    /// tdp_head, leader, operator, police, one_stop, landlord or admin
    #[arg(long, value_parser = parse_role)]
    pub role: Role,
    /// Code of the area; whatever lies below it is reached too
    #[arg(long)]
    pub area: String,
    /// The decision that appoints, e.g. "QĐ 12/2026"
    #[arg(long)]
    pub basis: String,
    /// Last day of the appointment, YYYY-MM-DD; open-ended unless given
    #[arg(long)]
    pub until: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub struct ResetAccount {
    pub login: String,
    /// Read the password from the first line of standard input instead of making one
    #[arg(long)]
    pub password_stdin: bool,
    /// Keep the authenticator app that is enrolled
    #[arg(long)]
    pub keep_code: bool,
}

#[derive(Debug, Args)]
pub struct LeaveRole {
    pub login: String,
    /// tdp_head, leader, operator, police, one_stop, landlord or admin
    #[arg(long, value_parser = parse_role)]
    pub role: Role,
    /// Code of the area of the appointment
    #[arg(long)]
    pub area: String,
}

#[derive(Debug, Args)]
pub struct EndAccount {
    pub login: String,
}

fn parse_role(name: &str) -> Result<Role, String> {
    match name.parse() {
        Ok(Role::Public) | Err(_) => Err("roles are tdp_head, leader, operator, police, one_stop, landlord, admin".into()),
        Ok(role) => Ok(role),
    }
}

/// Runs a command as owner; what the administrator must hand on is written to `out`, once.
pub async fn run(
    owner: &PgPool,
    secrets: &Secrets,
    clock: &dyn Clock,
    command: AccountCommand,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match command {
        AccountCommand::Add(command) => add(owner, secrets, clock, command, input, out).await,
        AccountCommand::Appoint(command) => appoint(owner, clock, command, out).await,
        AccountCommand::Reset(command) => reset(owner, secrets, command, input, out).await,
        AccountCommand::List => list(owner, clock, out).await,
        AccountCommand::Leave(command) => leave(owner, command, out).await,
        AccountCommand::End(command) => end(owner, command, out).await,
    }
}

async fn add(
    owner: &PgPool,
    secrets: &Secrets,
    clock: &dyn Clock,
    command: AddAccount,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let AddAccount { login, name, appointment, password_stdin } = command;
    let password = choose_password(password_stdin, input)?;
    let code = matrix::needs_code(appointment.role).then(one_time_code::new_secret);
    let sealed = code.map(|secret| secrets.encrypt(&secret, &db::totp_context(&login)));
    let password_hash = password::hash(password.text()).await?;
    let mut transaction = owner.begin().await?;
    let account = NewAccount {
        login: &login,
        display_name: name.trim(),
        password_hash: &password_hash,
        totp_secret_encrypted: sealed.as_deref(),
        is_demo: false,
    };
    let account_id = match db::add_account(&mut transaction, &account).await {
        Err(sqlx::Error::Database(cause)) if cause.is_unique_violation() => {
            bail!("there is an account {login} already; `ioc account appoint` gives it another role, `ioc account reset` a new password")
        }
        Err(sqlx::Error::Database(cause)) if cause.is_check_violation() => {
            bail!(
                "{login:?} cannot be a login: 2 to 64 lower-case letters, digits, dots, dashes, underscores; and the name must not be empty"
            )
        }
        other => other?,
    };
    appoint_to(&mut transaction, account_id, &appointment, clock.now()).await?;
    transaction.commit().await?;
    writeln!(out, "Account {login} is {} in {}.", appointment.role, appointment.area)?;
    hand_over(out, &login, &password, code.as_ref().map(|secret| secret.as_slice()))
}

async fn appoint(owner: &PgPool, clock: &dyn Clock, command: AppointAccount, out: &mut dyn Write) -> anyhow::Result<()> {
    let AppointAccount { login, appointment } = command;
    let mut transaction = owner.begin().await?;
    let account = find(&mut transaction, &login).await?;
    appoint_to(&mut transaction, account.id, &appointment, clock.now()).await?;
    transaction.commit().await?;
    writeln!(out, "Account {login} is {} in {}.", appointment.role, appointment.area)?;
    if account.has_ended {
        writeln!(out, "This account has ended and cannot sign in: run `ioc account reset {login}` to let it in again.")?;
    } else if matrix::needs_code(appointment.role) && !account.has_code {
        writeln!(out, "This role signs in with an authenticator app and none is enrolled: run `ioc account reset {login}`.")?;
    }
    Ok(())
}

async fn reset(
    owner: &PgPool,
    secrets: &Secrets,
    command: ResetAccount,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let ResetAccount { login, password_stdin, keep_code } = command;
    let password = choose_password(password_stdin, input)?;
    let password_hash = password::hash(password.text()).await?;
    let mut transaction = owner.begin().await?;
    let account = find(&mut transaction, &login).await?;
    if account.is_demo {
        bail!("{login} is a demo account; its password is meant to be known");
    }
    let asks_code = account.has_code || account.roles.iter().any(|role| matrix::needs_code(*role));
    let code = (asks_code && !(keep_code && account.has_code)).then(one_time_code::new_secret);
    let sealed = code.map(|secret| secrets.encrypt(&secret, &db::totp_context(&login)));
    db::reset_account(&mut transaction, account.id, &password_hash, sealed.as_deref()).await?;
    transaction.commit().await?;
    writeln!(out, "Account {login} has a new password; it is unlocked, and signed out everywhere.")?;
    hand_over(out, &login, &password, code.as_ref().map(|secret| secret.as_slice()))
}

/// A line for each appointment, and one for whoever has none.
async fn list(owner: &PgPool, clock: &dyn Clock, out: &mut dyn Write) -> anyhow::Result<()> {
    for account in db::list_accounts(&mut *owner.acquire().await?).await? {
        let appointment = match (&account.role, &account.area_code, &account.area_name) {
            (Some(role), Some(code), Some(name)) => format!("{role} in {code} {name}"),
            _ => "no appointment".to_owned(),
        };
        let until = account.until_at.map_or(String::new(), |at| format!(", until {}", said(at)));
        let state = match (account.disabled_at, account.locked_until) {
            (Some(at), _) => format!("ended {}", said(at)),
            (None, Some(at)) if at > clock.now() => format!("locked until {}", said(at)),
            (None, _) if account.is_demo => "demo".to_owned(),
            (None, _) => "in force".to_owned(),
        };
        writeln!(out, "{}\t{}\t{appointment}{until}\t{state}", account.login, account.display_name)?;
    }
    Ok(())
}

async fn leave(owner: &PgPool, command: LeaveRole, out: &mut dyn Write) -> anyhow::Result<()> {
    let LeaveRole { login, role, area } = command;
    let mut transaction = owner.begin().await?;
    let account = find(&mut transaction, &login).await?;
    let ended = db::end_appointments(&mut transaction, account.id, Some((role, &area))).await?;
    if ended.is_empty() {
        bail!("{login} is not {role} in {area}; `ioc account list` shows what is in force");
    }
    record(&mut transaction, "end_appointment", account.id, &ended).await?;
    transaction.commit().await?;
    writeln!(out, "Account {login} is no longer {role} in {area}.")?;
    if db::find_account(&mut *owner.acquire().await?, &login).await?.is_some_and(|account| account.roles.is_empty()) {
        writeln!(out, "It has no appointment left: `ioc account end {login}` ends it, `ioc account appoint {login}` gives it another.")?;
    }
    Ok(())
}

async fn end(owner: &PgPool, command: EndAccount, out: &mut dyn Write) -> anyhow::Result<()> {
    let EndAccount { login } = command;
    let mut transaction = owner.begin().await?;
    let account = find(&mut transaction, &login).await?;
    let areas = db::end_appointments(&mut transaction, account.id, None).await?;
    if !db::disable_account(&mut transaction, account.id).await? && areas.is_empty() {
        bail!("account {login} has ended already; `ioc account reset {login}` and `ioc account appoint {login}` let it in again");
    }
    record(&mut transaction, "end_account", account.id, &areas).await?;
    transaction.commit().await?;
    writeln!(out, "Account {login} has ended: signed out everywhere, no appointment left. What it did stays in the record.")?;
    writeln!(out, "If alerts or duties stand in its name, give them to somebody on /alerts and /duty.")?;
    Ok(())
}

/// Remembered in the trail of every area where it counted, and in the whole trail where it counted nowhere.
async fn record(connection: &mut sqlx::PgConnection, action: &'static str, account_id: i64, areas: &[i32]) -> anyhow::Result<()> {
    let entry = || audit::Entry::new(action).about("account", account_id);
    let mut entries: Vec<audit::Entry> = areas.iter().map(|area| entry().in_area(*area)).collect();
    if entries.is_empty() {
        entries.push(entry());
    }
    audit::record_all(connection, &entries)
        .await
        .map_err(|cause| anyhow::anyhow!("the audit trail takes no entry, so nothing was changed: {cause:?}"))
}

fn said(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

async fn find(connection: &mut sqlx::PgConnection, login: &str) -> anyhow::Result<db::KnownAccount> {
    let account = db::find_account(connection, login).await?;
    account.with_context(|| format!("there is no account {login}; `ioc account add` makes one"))
}

async fn appoint_to(
    connection: &mut sqlx::PgConnection,
    account_id: i64,
    appointment: &AppointmentArgs,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let area_id = db::area_by_code(connection, &appointment.area).await?.with_context(|| {
        format!("there is no current area with the code {}; `select code, name from area` lists them", appointment.area)
    })?;
    let until = appointment.until.map(|day| end_of(day, now)).transpose()?;
    db::appoint(connection, account_id, appointment.role, area_id, until, &appointment.basis).await?;
    Ok(())
}

/// The end of a day as people in the ward count it: Việt Nam is seven hours ahead of UTC all year.
fn end_of(day: NaiveDate, now: DateTime<Utc>) -> anyhow::Result<DateTime<Utc>> {
    let next = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).context("--until is too far away")?;
    let end = next.and_local_timezone(chrono_tz::Asia::Ho_Chi_Minh).single().context("--until is no day")?.with_timezone(&Utc);
    if end <= now {
        bail!("--until {day} has passed");
    }
    Ok(end)
}

/// A password and whether its owner has yet to be told.
enum Password {
    Given(String),
    Made(String),
}

impl Password {
    fn text(&self) -> &str {
        match self {
            Self::Given(text) | Self::Made(text) => text,
        }
    }
}

fn choose_password(from_input: bool, input: &mut dyn BufRead) -> anyhow::Result<Password> {
    if !from_input {
        return Ok(Password::Made(password::generate()));
    }
    let mut line = String::new();
    input.read_line(&mut line).context("no password could be read from standard input")?;
    let given = line.trim_end_matches(['\r', '\n']);
    if given.chars().count() < password::MIN_CHARACTERS {
        bail!("a password has at least {} characters; three or four words are easy to remember", password::MIN_CHARACTERS);
    }
    Ok(Password::Given(given.to_owned()))
}

fn hand_over(out: &mut dyn Write, login: &str, password: &Password, code: Option<&[u8]>) -> anyhow::Result<()> {
    if let Password::Made(password) = password {
        writeln!(out, "Password (shown this once): {password}")?;
    }
    if let Some(secret) = code {
        writeln!(out, "Authenticator app (shown this once): {}", one_time_code::enrolment_url(secret, login)?)?;
        writeln!(out, "or type this key into the app: {}", one_time_code::spelled_out(secret))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn an_appointment_ends_with_the_day_in_the_ward() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).unwrap();
        let last_day = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap();
        assert_eq!(end_of(last_day, now).unwrap(), Utc.with_ymd_and_hms(2026, 12, 31, 17, 0, 0).unwrap());
        assert!(end_of(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(), now).is_err());
    }

    #[test]
    fn a_short_password_is_refused_and_a_made_one_is_shown_once() {
        let refusal = choose_password(true, &mut "phuong-canh\n".as_bytes()).err().unwrap().to_string();
        assert!(refusal.contains("at least 12"), "{refusal}");
        let given = choose_password(true, &mut "bốn từ dễ nhớ\r\n".as_bytes()).unwrap();
        assert_eq!(given.text(), "bốn từ dễ nhớ");
        let mut shown = Vec::new();
        hand_over(&mut shown, "congan2", &given, None).unwrap();
        assert!(shown.is_empty(), "whoever gave it knows it");
        let made = choose_password(false, &mut "".as_bytes()).unwrap();
        hand_over(&mut shown, "congan2", &made, Some(&[7; 20])).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains(made.text()) && shown.contains("otpauth://totp/"), "{shown}");
    }

    #[test]
    fn the_public_is_not_a_role_to_appoint_to() {
        assert!(parse_role("public").is_err() && parse_role("boss").is_err());
        assert_eq!(parse_role("police"), Ok(Role::Police));
    }
}
