//! The reason behind a look: stated with the request, or stated within the last quarter of an hour.
//! It deliberately does not decide who needs one; the access matrix does.

use shared::audit::SEARCH_REASON_LASTS_S;
use sqlx::PgConnection;

use super::{AccessReason, Entry, Reason};
use crate::accounts::{Session, matrix::Permission};
use crate::platform::error::ApiResult;

/// A stated reason holds this long for further looks by the same account (DESIGN: a search session).
const SEARCH_SESSION_S: f64 = SEARCH_REASON_LASTS_S as f64;
/// Action of the entry that opens a search session; searching by name opens the same one (`search`).
const STATE_REASON: &str = "search_people";

/// Why the caller looks at something in `area_id` that takes `permission`.
///
/// None where the caller needs no reason there. A reason that comes with the request opens a search session, with an audit
/// entry of its own; without one, the reason of the session still open counts. Neither: refused with 422 and `code`.
pub async fn reason_for_look(
    db: &mut Session,
    permission: Permission,
    area_id: i32,
    stated: &AccessReason,
    code: &'static str,
) -> ApiResult<Option<Reason>> {
    if !db.caller().needs_reason(permission, area_id) {
        return Ok(stated.optional());
    }
    let account_id = db.caller().require_account()?.id;
    let open = find_open_session(db, account_id).await?;
    if let Some(open) = open.filter(|open| stated.optional().is_none_or(|stated| stated == *open)) {
        return Ok(Some(open));
    }
    let reason = stated.required(code)?;
    db.record(&Entry::new(STATE_REASON).in_area(area_id).because(Some(reason.clone()))).await?;
    Ok(Some(reason))
}

/// The reason of the account's search session that is still open, as the trail holds it (own entries are always readable).
async fn find_open_session(db: &mut PgConnection, account_id: i64) -> sqlx::Result<Option<Reason>> {
    let stated: Option<String> = sqlx::query_scalar(
        "select reason from audit_entry
         where account_id = $1 and action = $2 and outcome = 'allowed' and reason is not null and at > clock_timestamp() - make_interval(secs => $3)
         order by id desc limit 1",
    )
    .bind(account_id)
    .bind(STATE_REASON)
    .bind(SEARCH_SESSION_S)
    .fetch_optional(db)
    .await?;
    Ok(stated.as_deref().and_then(Reason::parse))
}
