//! Who makes a request: an account with its appointments, or the public; and what follows from the access matrix.
//! It opens no transaction (`session` does) and reads no cookie by itself (`Accounts` does).

use std::sync::{Arc, LazyLock};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use super::area_set::AreaSet;
use super::matrix::{self, Permission, Role};
use super::{Accounts, SessionToken};
use crate::platform::error::{ApiError, ApiResult};

/// Whoever asks. As an extractor it costs no transaction; tiles use it alone.
#[derive(Debug, Clone)]
pub struct Caller(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    account: Option<Account>,
    appointments: Vec<Appointment>,
    /// By `Permission as usize`.
    reach: Vec<AreaSet>,
    reach_without_reason: Vec<AreaSet>,
}

/// The account of a session that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: i64,
    pub session_id: i64,
    pub login: String,
    pub display_name: String,
    pub is_demo: bool,
    pub session_expires_at: DateTime<Utc>,
}

/// A role in an area, now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    pub role: Role,
    pub area_id: i32,
    pub until: Option<DateTime<Utc>>,
    /// The area and all below it.
    pub subtree: AreaSet,
}

impl Caller {
    /// Nobody in particular: whoever has not signed in.
    pub fn public() -> Self {
        // Asked for by every open tile, and the same each time.
        static PUBLIC: LazyLock<Caller> = LazyLock::new(|| Caller::build(None, Vec::new()));
        PUBLIC.clone()
    }

    pub fn new(account: Account, appointments: Vec<Appointment>) -> Self {
        Self::build(Some(account), appointments)
    }

    fn build(account: Option<Account>, appointments: Vec<Appointment>) -> Self {
        let reach_of = |counts: &dyn Fn(Role, Permission) -> bool| -> Vec<AreaSet> {
            Permission::ALL
                .into_iter()
                .map(|permission| {
                    let holding = appointments.iter().filter(|appointment| counts(appointment.role, permission));
                    holding.flat_map(|appointment| appointment.subtree.iter().copied()).collect()
                })
                .collect()
        };
        let reach = reach_of(&matrix::grants);
        let reach_without_reason =
            reach_of(&|role, permission| matrix::grants(role, permission) && !matrix::needs_reason(role, permission));
        Self(Arc::new(Inner { account, appointments, reach, reach_without_reason }))
    }

    pub fn is_public(&self) -> bool {
        self.0.account.is_none()
    }

    pub fn account(&self) -> Option<&Account> {
        self.0.account.as_ref()
    }

    pub fn account_id(&self) -> Option<i64> {
        self.account().map(|account| account.id)
    }

    pub fn appointments(&self) -> &[Appointment] {
        &self.0.appointments
    }

    /// Roles held now, each once; `Public` for whoever has not signed in.
    pub fn roles(&self) -> Vec<Role> {
        if self.is_public() {
            return vec![Role::Public];
        }
        let mut roles: Vec<Role> = self.0.appointments.iter().map(|appointment| appointment.role).collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// Areas where the caller holds `permission`, those below an appointment's area included.
    pub fn reach(&self, permission: Permission) -> &AreaSet {
        &self.0.reach[permission as usize]
    }

    /// Of [`Caller::reach`], the areas where no reason has to be stated.
    pub fn reach_without_reason(&self, permission: Permission) -> &AreaSet {
        &self.0.reach_without_reason[permission as usize]
    }

    /// Whether a look that `permission` allows in `area_id` must state a reason.
    pub fn needs_reason(&self, permission: Permission, area_id: i32) -> bool {
        !self.reach_without_reason(permission).contains(area_id)
    }

    pub fn may(&self, permission: Permission) -> bool {
        !self.reach(permission).is_empty()
    }

    pub fn may_in(&self, permission: Permission, area_id: i32) -> bool {
        self.reach(permission).contains(area_id)
    }

    /// Refuses whoever holds `permission` nowhere.
    pub fn require(&self, permission: Permission) -> ApiResult<()> {
        self.require_account()?;
        if self.may(permission) { Ok(()) } else { Err(ApiError::forbidden()) }
    }

    /// Refuses whoever does not hold `permission` in `area_id`. Out of reach does not exist: 404.
    pub fn require_in(&self, permission: Permission, area_id: i32) -> ApiResult<()> {
        self.require(permission)?;
        if self.may_in(permission, area_id) { Ok(()) } else { Err(ApiError::not_found()) }
    }

    /// Refuses the public.
    pub fn require_account(&self) -> ApiResult<&Account> {
        self.account().ok_or_else(ApiError::sign_in_required)
    }

    /// From when on this must be read again: the session or an appointment ends.
    pub(super) fn holds_until(&self) -> Option<DateTime<Utc>> {
        let ends = self.0.appointments.iter().filter_map(|appointment| appointment.until);
        ends.chain(self.account().map(|account| account.session_expires_at)).min()
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Accounts: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let accounts = Accounts::from_ref(state);
        let token = SessionToken::from_headers(&parts.headers);
        accounts.caller_of(token.as_ref()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    const WARD: i32 = 1;
    const TDP_3: i32 = 13;
    const TDP_4: i32 = 14;

    fn account() -> Account {
        let session_expires_at = Utc.with_ymd_and_hms(2026, 11, 21, 18, 0, 0).unwrap();
        Account { id: 5, session_id: 9, login: "x".into(), display_name: "X".into(), is_demo: false, session_expires_at }
    }

    fn appointed(role: Role, area_id: i32, subtree: &[i32]) -> Appointment {
        Appointment { role, area_id, until: None, subtree: subtree.iter().copied().collect() }
    }

    #[test]
    fn the_public_reaches_nothing_and_is_asked_to_sign_in() {
        let public = Caller::public();
        assert_eq!(public.roles(), [Role::Public]);
        for permission in Permission::ALL {
            assert!(public.reach(permission).is_empty());
            assert_eq!(public.require(permission).unwrap_err().code(), "sign_in_required");
        }
    }

    #[test]
    fn reach_follows_the_role_into_the_subtree_of_its_area() {
        let police = Caller::new(account(), vec![appointed(Role::Police, WARD, &[WARD, TDP_3, TDP_4])]);
        assert!(police.may_in(Permission::OpenTenants, TDP_4));
        assert_eq!(police.require(Permission::ManageAccounts).unwrap_err().code(), "forbidden");
        let head = Caller::new(account(), vec![appointed(Role::TdpHead, TDP_3, &[TDP_3])]);
        assert_eq!(head.require_in(Permission::OpenHouseholds, TDP_4).unwrap_err().code(), "not_found");
    }

    #[test]
    fn two_appointments_keep_their_own_rules() {
        let deputy =
            Caller::new(account(), vec![appointed(Role::TdpHead, TDP_3, &[TDP_3]), appointed(Role::Leader, WARD, &[WARD, TDP_3, TDP_4])]);
        assert!(!deputy.needs_reason(Permission::OpenHouseholds, TDP_3), "head of this TDP");
        assert!(deputy.needs_reason(Permission::OpenHouseholds, TDP_4), "leader only");
        assert_eq!(deputy.reach(Permission::OpenTenants).as_slice(), [TDP_3]);
        assert_eq!(deputy.roles(), [Role::TdpHead, Role::Leader]);
    }

    #[test]
    fn a_caller_holds_until_the_first_end() {
        let mut appointment = appointed(Role::Operator, WARD, &[WARD]);
        assert_eq!(Caller::new(account(), vec![appointment.clone()]).holds_until(), Some(account().session_expires_at));
        let relieved = Utc.with_ymd_and_hms(2026, 11, 21, 12, 0, 0).unwrap();
        appointment.until = Some(relieved);
        assert_eq!(Caller::new(account(), vec![appointment]).holds_until(), Some(relieved));
    }
}
