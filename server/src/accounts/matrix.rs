//! Who may see what: one table, read by routes, tiles, live, search and (through `role_permission`) row-level security.
//! It does not know who a caller is: `caller` puts roles and areas together.

use std::collections::BTreeSet;

pub use shared::session::{Permission, Role};
use sqlx::{PgConnection, PgPool};

/// A row of the matrix: a kind of thing to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// Base map, businesses' public facts, open places, queue length.
    OpenMap,
    /// Counts of people and households.
    Population,
    /// Household points on the map, without names.
    HouseholdPoints,
    /// A household and its residents by name.
    Residents,
    /// National id and phone.
    NationalId,
    /// Tenants of boarding houses.
    Tenants,
    Cameras,
    /// Alerts and incidents.
    Incidents,
    CitizenReports,
    AuditTrail,
    Accounts,
    /// Moving, turning and naming camera points.
    EditingCameras,
    /// Moving and correcting open places and businesses.
    EditingOpenMap,
    /// Moving the points of households and boarding houses.
    PlacingHomes,
    /// Taking, handing over and closing camera alerts.
    HandlingAlerts,
    /// Plates that cameras read.
    Plates,
    /// Grading and routing alerts; what devices sent and could not be taken in.
    KeepingAlerts,
    /// Who is on duty, and how long they have to answer.
    KeepingDuty,
    /// Where recorders show cameras.
    LinkingRecorders,
}

/// What a role may have of a thing, within the areas of its appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    No,
    Yes,
    /// Only what the caller owns, entered or did.
    Own,
    /// A number, never where or who.
    CountOnly,
    /// The one monthly table that everybody gets (k >= 5, suppressed).
    OpenTable,
    PerTdp,
    Exact,
    /// By name; every look is audited.
    Audited,
    /// By name, once a reason is stated; every look is audited.
    WithReason,
    /// Most digits hidden.
    Masked,
    /// Hidden, until a reason is stated.
    MaskedUntilReason,
    /// Shown once a reason is stated, otherwise not at all.
    FullWithReason,
    Positions,
    PositionsAndAlerts,
    PositionsAlertsSnapshots,
    /// Of everybody, in the areas of the appointment.
    InArea,
    /// Everything, everywhere.
    Whole,
}

impl Thing {
    pub const ALL: [Thing; 19] = [
        Thing::OpenMap,
        Thing::Population,
        Thing::HouseholdPoints,
        Thing::Residents,
        Thing::NationalId,
        Thing::Tenants,
        Thing::Cameras,
        Thing::Incidents,
        Thing::CitizenReports,
        Thing::AuditTrail,
        Thing::Accounts,
        Thing::EditingCameras,
        Thing::EditingOpenMap,
        Thing::PlacingHomes,
        Thing::HandlingAlerts,
        Thing::Plates,
        Thing::KeepingAlerts,
        Thing::KeepingDuty,
        Thing::LinkingRecorders,
    ];
}

/// The access matrix. Rows are things, columns roles in the order of [`Role::ALL`].
#[rustfmt::skip]
fn row(thing: Thing) -> [Answer; 8] {
    use Answer::*;
    match thing {
        //                          public     tdp_head           leader              operator            police                    one_stop   landlord   admin
        Thing::OpenMap         => [Yes,       Yes,               Yes,                Yes,                Yes,                      Yes,       Yes,       Yes],
        Thing::Population      => [OpenTable, Exact,             Exact,              Exact,              Exact,                    PerTdp,    OpenTable, OpenTable],
        Thing::HouseholdPoints => [No,        Yes,               Yes,                Yes,                Yes,                      No,        No,        No],
        Thing::Residents       => [No,        Audited,           WithReason,         WithReason,         WithReason,               No,        No,        No],
        Thing::NationalId      => [No,        MaskedUntilReason, Masked,             Masked,             FullWithReason,           No,        Own,       No],
        Thing::Tenants         => [No,        Audited,           CountOnly,          CountOnly,          WithReason,               No,        Own,       No],
        Thing::Cameras         => [CountOnly, Positions,         PositionsAndAlerts, PositionsAndAlerts, PositionsAlertsSnapshots, No,        No,        Positions],
        // A TDP head sees an incident that was assigned to that person: the incident's own rule, not this table's.
        Thing::Incidents       => [No,        No,                Yes,                Yes,                Yes,                      No,        No,        No],
        Thing::CitizenReports  => [Own,       Yes,               Yes,                Yes,                Yes,                      No,        No,        No],
        Thing::AuditTrail      => [No,        Own,               InArea,             InArea,             Own,                      Own,       Own,       Whole],
        Thing::Accounts        => [No,        No,                No,                 No,                 No,                       No,        No,        Yes],
        // Whoever keeps the record edits it. A leader decides and police rely on it: neither rewrites it; who stands in is
        // appointed operator as well.
        Thing::EditingCameras  => [No,        No,                No,                 Yes,                No,                       No,        No,        Yes],
        Thing::EditingOpenMap  => [No,        No,                No,                 Yes,                No,                       No,        No,        No],
        Thing::PlacingHomes    => [No,        Yes,               No,                 Yes,                No,                       No,        No,        No],
        // A leader who sees an alert that nobody takes must be able to give it to somebody.
        Thing::HandlingAlerts  => [No,        No,                Yes,                Yes,                Yes,                      No,        No,        No],
        Thing::Plates          => [No,        No,                No,                 No,                 WithReason,               No,        No,        No],
        Thing::KeepingAlerts   => [No,        No,                No,                 Yes,                No,                       No,        No,        No],
        // The roster is the leader's to sign and the operator's to keep.
        Thing::KeepingDuty     => [No,        No,                Yes,                Yes,                No,                       No,        No,        No],
        // An address inside the network: whoever installs it names it, whoever may see pictures opens it.
        Thing::LinkingRecorders => [No,       No,                No,                 No,                 No,                       No,        No,        Yes],
    }
}

/// What `role` may have of `thing`.
pub fn answer(role: Role, thing: Thing) -> Answer {
    row(thing)[role as usize]
}

/// Which answers of the matrix grant a permission.
fn granted_by(permission: Permission) -> (Thing, &'static [Answer]) {
    use Answer::*;
    match permission {
        Permission::SeePopulationPerTdp => (Thing::Population, &[PerTdp, Exact]),
        Permission::SeeExactPopulation => (Thing::Population, &[Exact]),
        Permission::SeeHouseholds => (Thing::HouseholdPoints, &[Yes]),
        Permission::OpenHouseholds => (Thing::Residents, &[Audited, WithReason]),
        Permission::SeeMaskedNationalId => (Thing::NationalId, &[Masked, MaskedUntilReason]),
        Permission::SeeFullNationalId => (Thing::NationalId, &[MaskedUntilReason, FullWithReason]),
        Permission::SeeBoardingHouses => (Thing::Tenants, &[CountOnly, Audited, WithReason]),
        Permission::OpenTenants => (Thing::Tenants, &[Audited, WithReason]),
        Permission::SeeCameras => (Thing::Cameras, &[Positions, PositionsAndAlerts, PositionsAlertsSnapshots]),
        Permission::SeeCameraAlerts => (Thing::Cameras, &[PositionsAndAlerts, PositionsAlertsSnapshots]),
        Permission::SeeCameraSnapshots => (Thing::Cameras, &[PositionsAlertsSnapshots]),
        Permission::SeeIncidents => (Thing::Incidents, &[Yes]),
        Permission::SeeCitizenReports => (Thing::CitizenReports, &[Yes]),
        Permission::ReadAuditOfArea => (Thing::AuditTrail, &[InArea]),
        Permission::ReadWholeAudit => (Thing::AuditTrail, &[Whole]),
        Permission::ManageAccounts => (Thing::Accounts, &[Yes]),
        Permission::EditCameras => (Thing::EditingCameras, &[Yes]),
        Permission::EditOpenMap => (Thing::EditingOpenMap, &[Yes]),
        Permission::PlaceHomes => (Thing::PlacingHomes, &[Yes]),
        Permission::HandleCameraAlerts => (Thing::HandlingAlerts, &[Yes]),
        Permission::SeePlates => (Thing::Plates, &[WithReason]),
        Permission::EditAlertRules => (Thing::KeepingAlerts, &[Yes]),
        Permission::SeeQuarantine => (Thing::KeepingAlerts, &[Yes]),
        Permission::EditDuty => (Thing::KeepingDuty, &[Yes]),
        Permission::LinkRecorders => (Thing::LinkingRecorders, &[Yes]),
    }
}

/// Whether `role` holds `permission` in the areas of its appointment.
pub fn grants(role: Role, permission: Permission) -> bool {
    let (thing, granting) = granted_by(permission);
    granting.contains(&answer(role, thing))
}

/// Whether looks that `permission` allows `role` must state a reason.
pub fn needs_reason(role: Role, permission: Permission) -> bool {
    let (thing, _) = granted_by(permission);
    match answer(role, thing) {
        Answer::WithReason => grants(role, permission),
        Answer::MaskedUntilReason | Answer::FullWithReason => permission == Permission::SeeFullNationalId,
        _ => false,
    }
}

/// Roles that sign in with a second factor: those who reach people's data of a whole ward, or everybody's rights.
pub fn needs_code(role: Role) -> bool {
    matches!(role, Role::Police | Role::Leader | Role::Admin)
}

pub fn expected_rows() -> BTreeSet<(String, String)> {
    let pairs = Role::ALL.into_iter().flat_map(|role| Permission::ALL.map(|permission| (role, permission)));
    pairs
        .filter(|(role, permission)| *role != Role::Public && grants(*role, *permission))
        .map(|(role, permission)| (role.name().to_owned(), permission.name().to_owned()))
        .collect()
}

/// Writes the matrix where row-level security reads it. Returns how many rows were added or taken away.
///
/// Called by `ioc migrate`, as owner.
pub async fn sync(owner: &PgPool) -> sqlx::Result<u64> {
    let (roles, permissions): (Vec<String>, Vec<String>) = expected_rows().into_iter().unzip();
    let mut transaction = owner.begin().await?;
    let removed = sqlx::query(
        "delete from role_permission g where not exists (
            select from unnest($1::text[], $2::text[]) as w (role, permission)
            where w.role = g.role and w.permission = g.permission)",
    )
    .bind(&roles)
    .bind(&permissions)
    .execute(&mut *transaction)
    .await?;
    let added =
        sqlx::query("insert into role_permission (role, permission) select * from unnest($1::text[], $2::text[]) on conflict do nothing")
            .bind(&roles)
            .bind(&permissions)
            .execute(&mut *transaction)
            .await?;
    transaction.commit().await?;
    Ok(removed.rows_affected() + added.rows_affected())
}

/// Where the database's copy of the matrix differs from the table above, in words; empty when they agree.
///
/// `serve` refuses to start on a difference (the database would show more or less than the code says); `doctor` lists them.
pub async fn check(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let stored: Vec<(String, String)> = sqlx::query_as("select role, permission from role_permission").fetch_all(connection).await?;
    let stored = BTreeSet::from_iter(stored);
    let expected = expected_rows();
    let missing = expected.difference(&stored).map(|(role, permission)| format!("{role} lacks {permission}"));
    let extra = stored.difference(&expected).map(|(role, permission)| format!("{role} has {permission} and should not"));
    Ok(missing.chain(extra).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_stand_in_the_order_of_the_roles() {
        for (column, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, column, "{role}");
        }
    }

    #[test]
    fn the_public_holds_no_permission() {
        for permission in Permission::ALL {
            assert!(!grants(Role::Public, permission), "{permission}");
        }
    }

    #[test]
    fn every_permission_is_held_by_somebody_and_not_by_everybody() {
        for permission in Permission::ALL {
            let holders = Role::ALL.into_iter().filter(|role| grants(*role, permission)).count();
            assert!((1..7).contains(&holders), "{permission} is held by {holders} roles");
        }
    }

    #[test]
    fn who_opens_a_household_without_a_reason() {
        let without: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|role| grants(*role, Permission::OpenHouseholds) && !needs_reason(*role, Permission::OpenHouseholds))
            .collect();
        assert_eq!(without, [Role::TdpHead]);
    }

    #[test]
    fn a_full_national_id_always_takes_a_reason() {
        for role in Role::ALL {
            assert_eq!(grants(role, Permission::SeeFullNationalId), needs_reason(role, Permission::SeeFullNationalId), "{role}");
        }
    }

    #[test]
    fn nobody_edits_what_that_role_may_not_see() {
        for role in Role::ALL {
            assert!(!grants(role, Permission::EditCameras) || grants(role, Permission::SeeCameras), "{role}");
            let homes = grants(role, Permission::SeeHouseholds) && grants(role, Permission::SeeBoardingHouses);
            assert!(!grants(role, Permission::PlaceHomes) || homes, "{role}");
            for alerts in [
                Permission::HandleCameraAlerts,
                Permission::SeePlates,
                Permission::EditAlertRules,
                Permission::SeeQuarantine,
                Permission::EditDuty,
            ] {
                assert!(!grants(role, alerts) || grants(role, Permission::SeeCameraAlerts), "{role}: {alerts}");
            }
        }
    }

    #[test]
    fn opening_includes_seeing_where_it_is() {
        for role in Role::ALL {
            assert!(!grants(role, Permission::OpenHouseholds) || grants(role, Permission::SeeHouseholds), "{role}");
            assert!(!grants(role, Permission::OpenTenants) || grants(role, Permission::SeeBoardingHouses), "{role}");
        }
    }
}
