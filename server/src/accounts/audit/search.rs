//! Searching for people by name: one reason covers a search session of 15 minutes, one entry records it.
//! It deliberately never learns the searched words; opening what was found is recorded one by one elsewhere.

use shared::audit::SEARCH_REASON_LASTS_S;
use shared::session::Permission;

use super::{Entry, Reason, db};
use crate::accounts::{AreaSet, Caller, Session};
use crate::platform::error::ApiResult;

/// Where names may be searched now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchReach {
    pub areas: AreaSet,
    /// More would be found if a reason were stated (header `Access-Reason`).
    pub reason_needed: bool,
}

/// Areas where the caller may search people by name now: where no reason is needed, and everywhere in reach once one was
/// stated within the last 15 minutes. A search that begins is recorded in `db`: commit before answering.
pub async fn search_reach(db: &mut Session, reason: Option<&Reason>) -> ApiResult<SearchReach> {
    let permission = Permission::OpenHouseholds;
    let caller = db.caller().clone();
    let (Some(account_id), Some(area_id)) = (caller.account_id(), home_area(&caller, permission)) else {
        return Ok(SearchReach { areas: AreaSet::default(), reason_needed: false });
    };
    let free = caller.reach_without_reason(permission);
    let asks_reason = free != caller.reach(permission);
    let began = db::searched_since(db, account_id, reason.map(Reason::as_str), SEARCH_REASON_LASTS_S).await?;
    let may_begin = !asks_reason || reason.is_some();
    if !began && may_begin {
        db.record(&Entry::new("search_people").in_area(area_id).because(reason.cloned())).await?;
    }
    // Somebody who needs a reason in one area and none in another is recorded only with one, or by what is opened.
    let covered = began || may_begin;
    let areas = if covered { caller.reach(permission) } else { free };
    Ok(SearchReach { areas: areas.clone(), reason_needed: !covered })
}

/// The area whose trail shows the search: that of the first appointment that allows it.
fn home_area(caller: &Caller, permission: Permission) -> Option<i32> {
    let mut appointments = caller.appointments().iter();
    appointments.find(|appointment| crate::accounts::matrix::grants(appointment.role, permission)).map(|appointment| appointment.area_id)
}
