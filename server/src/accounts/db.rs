//! All SQL of accounts and sessions. Requests come as `ioc_app`, which reaches these tables through functions that
//! apply the rules; the command line comes as owner.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, PgPool};
use tracing::warn;
use uuid::Uuid;

use super::caller::{Account, Appointment};
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
