//! The reason behind a look: stated with the request, or stated within the last quarter of an hour.
//! It deliberately does not decide who needs one; the access matrix does.

use super::search::{open_session, session_entry};
use super::{AccessReason, Reason};
use crate::accounts::{Session, matrix::Permission};
use crate::platform::error::ApiResult;

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
    let open = open_session(db, account_id).await?.and_then(|session| session.reason);
    if let Some(open) = open.filter(|open| stated.optional().is_none_or(|stated| stated.masked() == *open)) {
        return Ok(Some(open));
    }
    let reason = stated.required(code)?;
    db.record(&session_entry(area_id, Some(reason.clone()))).await?;
    Ok(Some(reason))
}
