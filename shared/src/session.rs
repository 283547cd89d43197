//! Signing in and who is signed in: roles, appointments, what the caller may do.
//! What each role may see is decided by the server's access matrix, not here.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::area::{AreaId, AreaKind};

/// A column of the access matrix. `Public` is everybody who has not signed in; the others are given by appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Public,
    TdpHead,
    Leader,
    Operator,
    Police,
    OneStop,
    Landlord,
    Admin,
}

impl Role {
    pub const ALL: [Role; 8] =
        [Role::Public, Role::TdpHead, Role::Leader, Role::Operator, Role::Police, Role::OneStop, Role::Landlord, Role::Admin];

    /// The name on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Role::Public => "public",
            Role::TdpHead => "tdp_head",
            Role::Leader => "leader",
            Role::Operator => "operator",
            Role::Police => "police",
            Role::OneStop => "one_stop",
            Role::Landlord => "landlord",
            Role::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Role::ALL.into_iter().find(|role| role.name() == name).ok_or(UnknownName)
    }
}

/// Something that a role may do within the areas of its appointment; derived from the access matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Counts of people and households per TDP.
    SeePopulationPerTdp,
    /// Exact counts, filtered as one likes.
    SeeExactPopulation,
    /// Household points on the map, without names.
    SeeHouseholds,
    /// A household with its residents by name; audited.
    OpenHouseholds,
    /// National id and phone with most digits hidden.
    SeeMaskedNationalId,
    /// National id and phone in full; always with a stated reason.
    SeeFullNationalId,
    /// Boarding houses with their rooms and the number of tenants.
    SeeBoardingHouses,
    /// Tenants of boarding houses by name; audited.
    OpenTenants,
    /// Where cameras stand and look.
    SeeCameras,
    /// What cameras reported.
    SeeCameraAlerts,
    /// The pictures that came with an alert.
    SeeCameraSnapshots,
    SeeIncidents,
    SeeCitizenReports,
    /// Who looked at what, in the areas of the appointment.
    ReadAuditOfArea,
    ReadWholeAudit,
    ManageAccounts,
    /// Where cameras stand and look, and what they are called.
    EditCameras,
    /// Open places, and businesses in their public facts.
    EditOpenMap,
    /// Where households and boarding houses stand; never who lives there.
    PlaceHomes,
    /// Taking, handing over, noting, closing and reopening what cameras reported.
    HandleCameraAlerts,
    /// The plate that a camera read; audited, with a stated reason.
    SeePlates,
    /// How severe an alert is and whose, by kind, place and hour.
    EditAlertRules,
    /// What devices sent and could not be taken in.
    SeeQuarantine,
    /// Who is on duty for alerts, and how long they have to answer.
    EditDuty,
    /// Where a recorder shows a camera.
    LinkRecorders,
}

impl Permission {
    pub const ALL: [Permission; 25] = [
        Permission::SeePopulationPerTdp,
        Permission::SeeExactPopulation,
        Permission::SeeHouseholds,
        Permission::OpenHouseholds,
        Permission::SeeMaskedNationalId,
        Permission::SeeFullNationalId,
        Permission::SeeBoardingHouses,
        Permission::OpenTenants,
        Permission::SeeCameras,
        Permission::SeeCameraAlerts,
        Permission::SeeCameraSnapshots,
        Permission::SeeIncidents,
        Permission::SeeCitizenReports,
        Permission::ReadAuditOfArea,
        Permission::ReadWholeAudit,
        Permission::ManageAccounts,
        Permission::EditCameras,
        Permission::EditOpenMap,
        Permission::PlaceHomes,
        Permission::HandleCameraAlerts,
        Permission::SeePlates,
        Permission::EditAlertRules,
        Permission::SeeQuarantine,
        Permission::EditDuty,
        Permission::LinkRecorders,
    ];

    /// The name on the wire, in the layer catalogue and in row-level security policies.
    pub fn name(self) -> &'static str {
        match self {
            Permission::SeePopulationPerTdp => "see_population_per_tdp",
            Permission::SeeExactPopulation => "see_exact_population",
            Permission::SeeHouseholds => "see_households",
            Permission::OpenHouseholds => "open_households",
            Permission::SeeMaskedNationalId => "see_masked_national_id",
            Permission::SeeFullNationalId => "see_full_national_id",
            Permission::SeeBoardingHouses => "see_boarding_houses",
            Permission::OpenTenants => "open_tenants",
            Permission::SeeCameras => "see_cameras",
            Permission::SeeCameraAlerts => "see_camera_alerts",
            Permission::SeeCameraSnapshots => "see_camera_snapshots",
            Permission::SeeIncidents => "see_incidents",
            Permission::SeeCitizenReports => "see_citizen_reports",
            Permission::ReadAuditOfArea => "read_audit_of_area",
            Permission::ReadWholeAudit => "read_whole_audit",
            Permission::ManageAccounts => "manage_accounts",
            Permission::EditCameras => "edit_cameras",
            Permission::EditOpenMap => "edit_open_map",
            Permission::PlaceHomes => "place_homes",
            Permission::HandleCameraAlerts => "handle_camera_alerts",
            Permission::SeePlates => "see_plates",
            Permission::EditAlertRules => "edit_alert_rules",
            Permission::SeeQuarantine => "see_quarantine",
            Permission::EditDuty => "edit_duty",
            Permission::LinkRecorders => "link_recorders",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Permission {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Permission::ALL.into_iter().find(|permission| permission.name() == name).ok_or(UnknownName)
    }
}

/// A role or permission that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownName;

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such role or permission")
    }
}

impl std::error::Error for UnknownName {}

/// What `POST /api/session` takes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub login: String,
    pub password: String,
    /// Six digits of the authenticator app; asked for by the problem `accounts.code_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A password must not reach a log by way of `{:?}`.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("login", &self.login).finish_non_exhaustive()
    }
}

/// Who is signed in: what `POST` and `GET /api/session` answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// What rows name the person by.
    pub account_id: i64,
    pub login: String,
    pub display_name: String,
    /// Roles held now, each once.
    pub roles: Vec<Role>,
    /// The areas of the appointments (what lies below them is reached too), each once.
    pub areas: Vec<SessionArea>,
    pub appointments: Vec<SessionAppointment>,
    /// What may be done in some area at least.
    pub permissions: Vec<Permission>,
    /// Opening a household or resident asks for a reason somewhere in reach (header `Access-Reason`).
    pub reason_needed: bool,
    pub expires_at: DateTime<Utc>,
    /// An account of the demonstration.
    pub demo: bool,
}

/// Who is in front of the screen: what `GET /api/who` answers. Nobody is an answer, not a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Visitor {
    /// None: nobody is signed in.
    pub session: Option<SessionInfo>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionArea {
    pub id: AreaId,
    pub code: String,
    pub name: String,
    pub kind: AreaKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionAppointment {
    pub role: Role,
    pub area_id: AreaId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

/// What `DELETE /api/sessions` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionsEnded {
    /// How many sessions were open, this one included.
    pub ended: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_serde_names() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
            assert_eq!(role.name().parse(), Ok(role));
        }
        for permission in Permission::ALL {
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
            assert_eq!(permission.name().parse(), Ok(permission));
        }
    }

    #[test]
    fn a_password_does_not_show_in_debug_output() {
        let request = SignIn { login: "trucban".into(), password: "phuong-canh".into(), code: Some("123456".into()) };
        let shown = format!("{request:?}");
        assert!(shown.contains("trucban") && !shown.contains("phuong") && !shown.contains("123456"));
    }
}
