//! Search sessions: a reason stated once covers the searches and looks of the next 15 minutes, and one entry records it.
//! It deliberately never learns the searched words; opening what was found is recorded one by one (`look`).

use shared::audit::SEARCH_REASON_LASTS_S;
use shared::session::Permission;
use sqlx::PgConnection;

use super::{Entry, Reason, db};
use crate::accounts::{AreaSet, Caller, Session, matrix};
use crate::platform::error::ApiResult;

/// Action of the entry that opens a search session.
const SEARCH_PEOPLE: &str = "search_people";

/// Where names may be searched now.
#[derive(Debug, Clone)]
pub struct SearchReach {
    pub areas: AreaSet,
    /// More would be found if a reason were stated (header `Access-Reason`).
    pub reason_needed: bool,
    /// This search opens a session: record it and commit before answering.
    pub begins: Option<Entry>,
}

/// A search session that is still open, as the trail holds it: so every server knows of it, and none has to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SearchSession {
    /// None for a search that needed no reason.
    pub reason: Option<Reason>,
}

/// Areas where the caller may search people by name now: where no reason is needed, and everywhere in reach once one was
/// stated, with this request or within the last 15 minutes.
pub async fn search_reach(db: &mut Session, stated: Option<Reason>) -> ApiResult<SearchReach> {
    let caller = db.caller().clone();
    let (Some(account_id), Some(area_id)) = (caller.account_id(), home_area(&caller)) else {
        return Ok(SearchReach { areas: AreaSet::default(), reason_needed: false, begins: None });
    };
    let open = open_session(db, account_id).await?;
    let begins = begins_session(open.as_ref(), stated.as_ref());
    let reason = stated.or_else(|| open.and_then(|session| session.reason));
    let areas = reach_with(&caller, reason.is_some());
    let reason_needed = areas != *caller.reach(Permission::OpenHouseholds);
    // Without a reason, and with nothing to look through, this is no search for people.
    let entry = (begins && !areas.is_empty()).then(|| session_entry(area_id, reason));
    Ok(SearchReach { areas, reason_needed, begins: entry })
}

/// The entry that opens a search session for `reason`.
pub(super) fn session_entry(area_id: i32, reason: Option<Reason>) -> Entry {
    Entry::new(SEARCH_PEOPLE).in_area(area_id).because(reason)
}

/// The account's newest search session, if it is still open. A reason that was stated is not lost behind a later search
/// without one.
pub(super) async fn open_session(connection: &mut PgConnection, account_id: i64) -> ApiResult<Option<SearchSession>> {
    let reason = db::recent_reason(connection, account_id, SEARCH_PEOPLE, SEARCH_REASON_LASTS_S).await?;
    Ok(reason.map(|text| SearchSession { reason: text.as_deref().and_then(Reason::parse) }))
}

/// Whether the trail must say that names are searched: nothing does yet, or not for this reason.
fn begins_session(open: Option<&SearchSession>, stated: Option<&Reason>) -> bool {
    match (open, stated) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(session), Some(stated)) => session.reason.as_ref().is_none_or(|known| *known != stated.masked()),
    }
}

fn reach_with(caller: &Caller, has_reason: bool) -> AreaSet {
    let permission = Permission::OpenHouseholds;
    if has_reason { caller.reach(permission).clone() } else { caller.reach_without_reason(permission).clone() }
}

/// The area whose trail shows the search: that of the first appointment that allows it.
fn home_area(caller: &Caller) -> Option<i32> {
    let mut appointments = caller.appointments().iter();
    appointments.find(|appointment| matrix::grants(appointment.role, Permission::OpenHouseholds)).map(|appointment| appointment.area_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn because(text: &str) -> Option<Reason> {
        Some(Reason::parse(text).unwrap())
    }

    #[test]
    fn one_entry_opens_a_session_and_another_reason_opens_the_next() {
        let reason = because("Xác minh cư trú");
        let open = SearchSession { reason: reason.clone() };
        assert!(begins_session(None, None));
        assert!(!begins_session(Some(&open), None));
        assert!(!begins_session(Some(&open), reason.as_ref()));
        assert!(begins_session(Some(&open), because("Tìm trẻ lạc").as_ref()));
        assert!(begins_session(Some(&SearchSession { reason: None }), reason.as_ref()), "the reason is new to the trail");
    }

    #[test]
    fn a_number_in_the_reason_does_not_open_a_session_each_time() {
        let stored = SearchSession { reason: because("Tìm người có CCCD •••") };
        assert!(!begins_session(Some(&stored), because("Tìm người có CCCD 001 299 012 345").as_ref()));
    }
}
